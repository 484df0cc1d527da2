#include "plans/packages/apt_sources.h"

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "plans/packages/apt_text.h"

namespace drover::plans {
namespace {

struct Source {
  RepositoryLine line;
  std::vector<std::string> uris;
};

// `deb [options] URI suite components`
void read_one_line(const RepositoryLine& line, std::vector<Source>& sources) {
  const std::vector<std::string> words = split_words(line.text);
  if (words.empty() || words.front() != "deb") return;
  size_t at = 1;
  if (at < words.size() && words[at].front() == '[') {
    while (at < words.size() && words[at].back() != ']') ++at;
    ++at;
  }
  if (at < words.size()) sources.push_back({line, {comparable_uri(words[at])}});
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

// One paragraph of a deb822 file.
class Stanza {
 public:
  void add(const RepositoryLine& line) {
    if (line.text.front() == '#') return;
    std::string_view value = line.text;
    if (value.front() != ' ' && value.front() != '\t') {
      const size_t colon = value.find(':');
      if (colon == value.npos) return;
      field_ = lower(trim(value.substr(0, colon)));
      value.remove_prefix(colon + 1);
    }
    const std::vector<std::string> words = split_words(value);
    if (field_ == "types") binary_ = std::find(words.begin(), words.end(), "deb") != words.end();
    if (field_ == "enabled" && !words.empty()) enabled_ = !no(lower(words.front()));
    if (field_ != "uris" || words.empty()) return;
    Source source{line, {}};
    for (const std::string& word : words) source.uris.push_back(comparable_uri(word));
    sources_.push_back(std::move(source));
  }

  void end(std::vector<Source>& sources) {
    if (enabled_ && binary_) sources.insert(sources.end(), sources_.begin(), sources_.end());
    *this = Stanza();
  }

 private:
  static bool no(const std::string& word) {
    return word == "no" || word == "false" || word == "without" || word == "off" ||
           word == "disable" || word == "0";
  }

  std::string field_;
  bool enabled_ = true;
  bool binary_ = false;
  std::vector<Source> sources_;
};

std::vector<Source> read_sources(const std::vector<RepositoryLine>& all) {
  std::vector<Source> sources;
  Stanza stanza;
  std::string file;
  for (const RepositoryLine& line : all) {
    if (line.file != file) stanza.end(sources);
    file = line.file;
    if (!is_deb822(file)) {
      read_one_line(line, sources);
    } else if (trim(line.text).empty()) {
      stanza.end(sources);
    } else {
      stanza.add(line);
    }
  }
  stanza.end(sources);
  return sources;
}

template <class Wanted>
std::vector<RepositoryLine> lines_with(const std::vector<Source>& sources, Wanted wanted) {
  std::vector<RepositoryLine> lines;
  for (const Source& source : sources) {
    if (std::any_of(source.uris.begin(), source.uris.end(), wanted)) lines.push_back(source.line);
  }
  return lines;
}

}  // namespace

std::vector<RepositoryLine> kubernetes_lines(const std::vector<RepositoryLine>& all,
                                             const std::vector<OfferRow>& rows,
                                             const std::map<std::string, std::string>& installed) {
  std::set<std::string> of_installed;
  std::set<std::string> of_any;
  for (const OfferRow& row : rows) {
    if (row.name != "kubeadm" && row.name != "kubelet") continue;
    of_any.insert(row.uri);
    const auto revision = installed.find(row.name);
    if (revision != installed.end() && revision->second == row.revision) {
      of_installed.insert(row.uri);
    }
  }
  const std::vector<Source> sources = read_sources(all);
  const auto in = [](const std::set<std::string>& uris) {
    return [&uris](const std::string& uri) { return uris.count(uri) > 0; };
  };
  std::vector<RepositoryLine> lines = lines_with(sources, in(of_installed));
  if (lines.empty()) lines = lines_with(sources, in(of_any));
  if (lines.empty()) {
    lines = lines_with(sources, [](const std::string& uri) {
      return uri.find("core:/stable:/v1.") != std::string::npos;
    });
  }
  return lines;
}

}  // namespace drover::plans
