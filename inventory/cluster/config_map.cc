#include "inventory/cluster/config_map.h"

#include "inventory/cluster/json.h"

namespace drover {

Result<ConfigMap> parse_config_map(std::string_view json) {
  return parse_object(json, "ConfigMap", [](const JsonField& object) {
    return ConfigMap{object["metadata"]["name"].text(), object["data"].text_map()};
  });
}

}  // namespace drover
