#include "examples/sandbox/tools/repository.h"

#include <algorithm>
#include <cctype>

#include "examples/sandbox/tools/node_files.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

// "v1.34" of an address with that part; "" of any other.
std::string minor_in(const std::string& uri) {
  const std::string front = "/v1.";
  const size_t at = uri.find(front);
  if (at == std::string::npos) return "";
  size_t end = at + front.size();
  while (end < uri.size() && std::isdigit(static_cast<unsigned char>(uri[end]))) ++end;
  const bool whole = end > at + front.size() && (end == uri.size() || uri[end] == '/');
  return whole ? uri.substr(at + 1, end - at - 1) : "";
}

void add(std::vector<Repository>& list, std::string uri, const std::string& suite) {
  while (uri.ends_with('/')) uri.pop_back();
  const std::string minor = minor_in(uri);
  if (!minor.empty()) list.push_back({uri, suite, minor});
}

// `deb [options] URI SUITE`
void read_line(const std::string& line, std::vector<Repository>& list) {
  std::vector<std::string> words = split_words(line);
  if (words.empty() || words.front() != "deb") return;
  size_t at = 1;
  if (at < words.size() && words[at].starts_with('[')) {
    while (at < words.size() && !words[at].ends_with(']')) ++at;
    ++at;
  }
  if (at + 1 < words.size()) add(list, words[at], words[at + 1]);
}

// One paragraph of a deb822 file.
struct Stanza {
  std::vector<std::string> types, uris, suites;
  bool enabled = true;

  std::vector<std::string>* field(const std::string& name) {
    if (name == "types") return &types;
    if (name == "uris") return &uris;
    return name == "suites" ? &suites : nullptr;
  }

  void end(std::vector<Repository>& list) {
    const bool binary = std::find(types.begin(), types.end(), "deb") != types.end();
    for (const std::string& uri : uris) {
      for (const std::string& suite : suites) {
        if (binary && enabled) add(list, uri, suite);
      }
    }
    *this = Stanza();
  }
};

void read_paragraphs(const std::vector<std::string>& lines, std::vector<Repository>& list) {
  Stanza stanza;
  std::vector<std::string>* field = nullptr;
  for (const std::string& line : lines) {
    if (trim(line).empty()) {
      stanza.end(list);
      continue;
    }
    if (line.starts_with('#')) continue;
    std::string value = line;
    if (!line.starts_with(' ') && !line.starts_with('\t')) {
      const size_t colon = line.find(':');
      if (colon == std::string::npos) continue;
      std::string name = line.substr(0, colon);
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      value = line.substr(colon + 1);
      field = stanza.field(name);
      if (name == "enabled") stanza.enabled = trim(value) != "no";
    }
    if (field == nullptr) continue;
    for (std::string& word : split_words(value)) field->push_back(std::move(word));
  }
  stanza.end(list);
}

void read_source_file(const std::string& path, std::vector<Repository>& list) {
  const std::vector<std::string> lines = read_lines(path);
  if (path.ends_with(".sources")) return read_paragraphs(lines, list);
  for (const std::string& line : lines) read_line(line, list);
}

}  // namespace

std::string Repository::shown() const { return suite == "/" ? uri + " " : uri + ' ' + suite; }

std::string Repository::folder() const {
  return uri.substr(std::string("file:").size()) + (suite == "./" ? "/." : "");
}

std::vector<Repository> repositories(const AptCall& apt) {
  std::vector<Repository> list;
  read_source_file(apt.setting("Dir::Etc::sourcelist", "/etc/apt/sources.list"), list);
  const std::string parts = apt.setting("Dir::Etc::sourceparts", "/etc/apt/sources.list.d");
  for (const std::string& name : names_in(parts)) {
    if (name.ends_with(".list") || name.ends_with(".sources")) {
      read_source_file(parts + '/' + name, list);
    }
  }
  return list;
}

std::string lists_folder(const AptCall& apt) {
  return apt.setting("Dir::State::lists", in_state("lists"));
}

std::vector<Repository> with_lists(const AptCall& apt) {
  const std::vector<std::string> read = read_lines(lists_folder(apt) + "/minor");
  std::vector<Repository> list = repositories(apt);
  std::erase_if(list, [&](const Repository& one) {
    return std::find(read.begin(), read.end(), one.minor) == read.end();
  });
  return list;
}

}  // namespace drover::sandbox
