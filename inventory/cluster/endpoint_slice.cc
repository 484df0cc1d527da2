#include "inventory/cluster/endpoint_slice.h"

#include "inventory/cluster/json.h"

namespace drover {
namespace {

EndpointSlice read_slice(const JsonField& object) {
  EndpointSlice slice;
  const JsonField metadata = object["metadata"];
  slice.ns = metadata["namespace"].text();
  slice.name = metadata["name"].text();
  for (const JsonField& endpoint : object["endpoints"].items()) {
    const JsonField ready = endpoint["conditions"]["ready"];
    if (!ready.present() || ready.flag()) ++slice.ready;  // not known counts as ready, says the API
  }
  return slice;
}

}  // namespace

Result<std::vector<EndpointSlice>> parse_endpoint_slice_list(std::string_view json) {
  return parse_list(json, "EndpointSlice", read_slice);
}

}  // namespace drover
