#include "orchestrator/ui/list_view.h"

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "inventory/yaml_of_json.h"
#include "orchestrator/ui/json_line.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kCell = 1000;

ordered_json head(std::string_view kind, const ListStyle& style) {
  return {{"v", 1}, {"kind", kind}, {"cluster", style.cluster}};
}

}  // namespace

std::string list_document(std::string_view kind, const std::vector<std::string>& items,
                          const ListStyle& style) {
  ordered_json json = head(kind, style);
  json["items"] = ordered_json::array();
  for (const std::string& item : items) json["items"].push_back(ordered_json::parse(item));
  return document_as(json_line(json), style.format);
}

std::string watch_document(std::string_view kind, const std::string& fields,
                           const ListStyle& style) {
  ordered_json json = head(kind, style);
  json.update(ordered_json::parse(fields));
  const std::string line = json_line(json);
  return style.format == OutputFormat::Yaml ? "---\n" + yaml_of_json(line) : line;
}

std::string document_as(const std::string& json, OutputFormat format) {
  return format == OutputFormat::Yaml ? yaml_of_json(json) : json;
}

std::string cell_text(const std::string& text) {
  return join(split_words(sanitise(text, kCell)), " ");
}

}  // namespace drover::orchestrator
