#include "inventory/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/yaml_document.h"

namespace drover {
namespace {

constexpr YamlRules kRules{.depth = 100, .foreign = true};

struct Document {
  std::string_view text;
  int line = 1;
  int column = 0;  ///< that its first line is short of
};

/// "---", also with something behind it, at the beginning of a line.
bool separates(std::string_view line) {
  return line.starts_with("---") && (line.size() == 3 || line[3] == ' ' || line[3] == '\t' ||
                                     line[3] == '\r' || line[3] == '#');
}

/// Where the document behind "---" begins: in the same line, if there is more than a comment.
size_t begin_behind(std::string_view line) {
  const size_t first = line.find_first_not_of(" \t\r", 3);
  return first == line.npos || line[first] == '#' ? line.size() + 1 : 3;
}

std::vector<Document> split(std::string_view text) {
  std::vector<Document> documents;
  size_t begin = 0;
  int begin_line = 1;
  int begin_column = 0;
  int number = 1;
  for (size_t from = 0; from < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    if (separates(line)) {
      documents.push_back({text.substr(begin, from - begin), begin_line, begin_column});
      const size_t behind = begin_behind(line);
      const bool same = behind < line.size();
      begin = std::min(from + behind, text.size());
      begin_line = same ? number : number + 1;
      begin_column = same ? static_cast<int>(behind) : 0;
    }
    from = end + 1;
  }
  documents.push_back({text.substr(begin), begin_line, begin_column});
  return documents;
}

/// Nothing but comments.
bool is_empty(std::string_view text) {
  for (size_t from = 0; from < text.size();) {
    const size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != line.npos && line[first] != '#') return false;
    from = end + 1;
  }
  return true;
}

std::string text_of(const YamlValue* map, std::string_view key) {
  const YamlValue* value = map == nullptr ? nullptr : map->find(key);
  return value == nullptr ? "" : value->text;
}

/// What is wrong in it, the API server says.
std::vector<std::string> defined_by(const YamlValue& root) {
  const YamlValue* spec = root.find("spec");
  const YamlValue* versions = spec == nullptr ? nullptr : spec->find("versions");
  if (versions == nullptr) return {};
  std::vector<std::string> kinds;
  for (const YamlValue& version : versions->items) {
    kinds.push_back(fmt::format("{}/{}/{}", text_of(spec, "group"), text_of(&version, "name"),
                                text_of(spec->find("names"), "kind")));
  }
  return kinds;
}

class Reader {
 public:
  Reader(const std::string& file, Diagnostics& problems) : file_(file), problems_(problems) {}

  std::optional<Manifest> read(const Document& document) {
    line_ = document.line;
    column_ = document.column;
    Diagnostics own;
    const auto root = read_yaml(document.text, file_, own, kRules);
    for (Diagnostic& each : own) {
      if (each.line == 1) each.column += column_;
      if (each.line > 0) each.line += line_ - 1;
      problems_.push_back(std::move(each));
    }
    if (!root || !own.empty()) return std::nullopt;
    Manifest manifest{.text = std::string(document.text), .line = line_};
    const auto version = word(*root, "apiVersion", "");
    const auto kind = word(*root, "kind", "");
    const YamlValue* metadata = root->find("metadata");
    if (metadata == nullptr) complain(root->place, "metadata is missing");
    const auto name = metadata == nullptr ? std::nullopt : word(*metadata, "name", "metadata.");
    if (metadata != nullptr && metadata->find("namespace") != nullptr)
      manifest.ns = word(*metadata, "namespace", "metadata.").value_or("");
    if (!version || !kind || !name) return std::nullopt;
    if (*kind == "List") {
      complain(root->place, "a List is not supported",
               "write its items as documents of their own, with --- between them");
      return std::nullopt;
    }
    manifest.api_version = *version;
    manifest.kind = *kind;
    manifest.name = *name;
    if (*kind == "CustomResourceDefinition") manifest.defines = defined_by(*root);
    return manifest;
  }

 private:
  void complain(YamlPlace place, std::string message, std::string remedy = {}) {
    const int column = place.column + (place.line == 1 ? column_ : 0);
    problems_.push_back(
        {file_, place.line + line_ - 1, column, std::move(message), std::move(remedy)});
  }

  std::optional<std::string> word(const YamlValue& map, std::string_view key,
                                  std::string_view path) {
    const YamlValue* value = map.find(key);
    const bool good =
        value != nullptr && value->kind == YamlValue::Kind::Scalar && !value->text.empty();
    if (good) return value->text;
    complain(value == nullptr ? map.place : value->place,
             fmt::format("{}{} {}", path, key, value == nullptr ? "is missing" : "is no word"));
    return std::nullopt;
  }

  const std::string& file_;
  Diagnostics& problems_;
  int line_ = 1;
  int column_ = 0;
};

}  // namespace

std::string Manifest::full_name() const {
  return fmt::format("{} {}{}", kind, ns.empty() ? "" : ns + "/", name);
}

std::variant<std::vector<Manifest>, Diagnostics> read_manifests(std::string_view text,
                                                                const std::string& file) {
  Diagnostics problems;
  Reader reader(file, problems);
  std::vector<Manifest> manifests;
  for (const Document& document : split(text)) {
    if (is_empty(document.text)) continue;
    if (auto manifest = reader.read(document)) manifests.push_back(std::move(*manifest));
  }
  if (problems.empty() && manifests.empty())
    problems.push_back({.file = file, .message = "there is no object in it"});
  if (!problems.empty()) return problems;
  return manifests;
}

}  // namespace drover
