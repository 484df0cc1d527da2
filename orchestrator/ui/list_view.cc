#include "orchestrator/ui/list_view.h"

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "inventory/yaml_of_json.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kCell = 1000;

ordered_json head(std::string_view kind, const ListStyle& style) {
  return {{"v", 1}, {"kind", kind}, {"cluster", style.cluster}};
}

std::string one_line(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string list_document(std::string_view kind, const std::vector<std::string>& items,
                          const ListStyle& style) {
  ordered_json json = head(kind, style);
  json["items"] = ordered_json::array();
  for (const std::string& item : items) json["items"].push_back(ordered_json::parse(item));
  return document_as(one_line(json), style.format);
}

std::string watch_document(std::string_view kind, const std::string& fields,
                           const ListStyle& style) {
  ordered_json json = head(kind, style);
  json.update(ordered_json::parse(fields));
  const std::string line = one_line(json);
  return style.format == OutputFormat::Yaml ? "---\n" + yaml_of_json(line) : line;
}

std::string document_as(const std::string& json, OutputFormat format) {
  return format == OutputFormat::Yaml ? yaml_of_json(json) : json;
}

std::string cell_text(const std::string& text) {
  return join(split_words(sanitise(text, kCell)), " ");
}

}  // namespace drover::orchestrator
