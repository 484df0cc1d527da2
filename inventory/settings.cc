#include "inventory/settings.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/text.h"
#include "inventory/yaml_document.h"

namespace drover {
namespace {

std::string value_text(const YamlValue& value) {
  if (value.kind == YamlValue::Kind::Scalar) return value.text;
  if (value.kind == YamlValue::Kind::Null) return "null";
  std::vector<std::string> parts;
  for (const YamlValue& item : value.items) parts.push_back(value_text(item));
  for (const YamlEntry& entry : value.entries) {
    parts.push_back(fmt::format("{}: {}", entry.key, value_text(entry.value)));
  }
  const bool list = value.kind == YamlValue::Kind::List;
  return (list ? "[" : "{") + join(parts, ", ") + (list ? "]" : "}");
}

void collect(const YamlValue& value, const std::string& path,
             std::map<std::string, std::string>& settings) {
  if (value.kind != YamlValue::Kind::Map || (value.entries.empty() && !path.empty())) {
    settings[path] = value_text(value);
    return;
  }
  for (const YamlEntry& entry : value.entries) {
    collect(entry.value, path.empty() ? entry.key : path + "." + entry.key, settings);
  }
}

}  // namespace

std::map<std::string, std::string> settings_of(std::string_view text) {
  std::map<std::string, std::string> settings;
  Diagnostics ignored;
  const auto root = read_yaml(text, "", ignored);
  if (root) collect(*root, "", settings);
  return settings;
}

std::string Edit::str() const {
  const auto or_none = [](const std::string& value) {
    return value.empty() ? std::string("(not set)") : sanitise(value, 120);
  };
  return fmt::format("{}: {} → {}", sanitise(path, 120), or_none(before), or_none(after));
}

std::vector<Edit> edits_between(std::string_view before, std::string_view after) {
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (auto& [path, value] : settings_of(before)) both[path].first = value;
  for (auto& [path, value] : settings_of(after)) both[path].second = value;
  std::vector<Edit> edits;
  for (auto& [path, values] : both) {
    if (values.first != values.second) edits.push_back({path, values.first, values.second});
  }
  return edits;
}

}  // namespace drover
