#include "examples/sandbox/api/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>

#include "inventory/base/digest.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr std::array kFields = {
    "metadata.name", "metadata.namespace",  "spec.nodeName",       "spec.unschedulable",
    "status.phase",  "involvedObject.kind", "involvedObject.name", "type",
    "reason"};

std::string key_of(const json& item) {
  const json& meta = item.at("metadata");
  return meta.value("namespace", "") + "/" + meta.at("name").get<std::string>();
}

// What stands there as text; nothing is "", and an absent flag false.
std::string field_of(const json& item, const std::string& field) {
  std::string pointer = "/" + field;
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  const json::json_pointer at(pointer);
  if (!item.contains(at)) return field == "spec.unschedulable" ? "false" : "";
  const json& value = item.at(at);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void select_by_fields(const std::string& selector, std::vector<json>& items) {
  std::istringstream parts(selector);
  for (std::string part; std::getline(parts, part, ',');) {
    const bool differs = part.find("!=") != part.npos;
    const size_t equals = part.find('=');
    if (equals == part.npos) throw std::invalid_argument("invalid selector: '" + part + "'");
    std::string field = part.substr(0, differs ? equals - 1 : equals);
    const std::string value = part.substr(part.find_first_not_of('=', equals) == part.npos
                                              ? part.size()
                                              : part.find_first_not_of('=', equals));
    if (std::find(kFields.begin(), kFields.end(), field) == kFields.end())
      throw std::invalid_argument("field label not supported: " + field);
    std::erase_if(items,
                  [&](const json& item) { return (field_of(item, field) == value) == differs; });
  }
}

void select_by_labels(const std::string& text, std::vector<json>& items) {
  const Selector selector = parse_label_selector(text);
  std::erase_if(items, [&](const json& item) {
    return !selector.matches(item.at("metadata").value("labels", Labels()));
  });
}

std::string token(long revision, const std::string& next) {
  return base64_encode(json{{"v", "meta.k8s.io/v1"}, {"rv", revision}, {"start", next}}.dump());
}

std::string start_of(const std::string& text) {
  const auto decoded = base64_decode(text);
  const json read = decoded ? json::parse(*decoded, nullptr, false) : json();
  if (!read.is_object() || !read.contains("start"))
    throw std::invalid_argument("continue key is not valid");
  return read.at("start");
}

size_t limit_of(const Query& query) {
  const std::string text = query.get("limit").value_or("0");
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos)
    throw std::invalid_argument("limit is no number");
  return std::stoul(text);
}

// Leaves one page of the items, and says in `metadata` how to go on.
void cut_page(const Query& query, long revision, std::vector<json>& items, json& metadata) {
  if (const auto from = query.get("continue"); from && !from->empty()) {
    const std::string start = start_of(*from);
    std::erase_if(items, [&](const json& item) { return key_of(item) < start; });
  }
  const size_t limit = limit_of(query);
  if (limit == 0 || items.size() <= limit) return;
  metadata["continue"] = token(revision, key_of(items[limit]));
  const bool selected = query.get("labelSelector") || query.get("fieldSelector");
  if (!selected) metadata["remainingItemCount"] = items.size() - limit;
  items.resize(limit);
}

}  // namespace

Answer list_of(const Call& call, const std::string& kind, const std::string& api_version,
               std::vector<json> items) {
  if (const auto fields = call.query.get("fieldSelector")) select_by_fields(*fields, items);
  if (const auto labels = call.query.get("labelSelector")) select_by_labels(*labels, items);
  std::sort(items.begin(), items.end(),
            [](const json& a, const json& b) { return key_of(a) < key_of(b); });
  json metadata = {{"resourceVersion", std::to_string(call.world.revision)}};
  cut_page(call.query, call.world.revision, items, metadata);
  return {200,
          {{"kind", kind + "List"},
           {"apiVersion", api_version},
           {"metadata", std::move(metadata)},
           {"items", std::move(items)}}};
}

}  // namespace drover::sandbox
