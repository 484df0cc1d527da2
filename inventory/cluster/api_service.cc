#include "inventory/cluster/api_service.h"

#include "inventory/cluster/json.h"

namespace drover {
namespace {

ApiService read_api_service(const JsonField& object) {
  ApiService service;
  service.name = object["metadata"]["name"].text();
  for (const JsonField& condition : object["status"]["conditions"].items()) {
    if (condition["type"].text() != "Available") continue;
    service.available = condition["status"].text() == "True";
    if (!service.available) service.reason = condition["reason"].text();
  }
  return service;
}

}  // namespace

Result<std::vector<ApiService>> parse_api_service_list(std::string_view json) {
  return parse_list(json, "APIService", read_api_service);
}

}  // namespace drover
