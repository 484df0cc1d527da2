#include "inventory/cluster/lease.h"

#include "inventory/cluster/json.h"

namespace drover {
namespace {

Lease read_lease(const JsonField& object) {
  Lease lease;
  const JsonField metadata = object["metadata"];
  lease.ns = metadata["namespace"].text();
  lease.name = metadata["name"].text();
  lease.resource_version = metadata["resourceVersion"].text();
  const JsonField spec = object["spec"];
  lease.holder = spec["holderIdentity"].text();
  lease.renew_time = spec["renewTime"].text();
  lease.acquire_time = spec["acquireTime"].text();
  lease.duration_seconds = spec["leaseDurationSeconds"].number();
  lease.transitions = spec["leaseTransitions"].number();
  return lease;
}

}  // namespace

Result<Lease> parse_lease(std::string_view json) { return parse_object(json, "Lease", read_lease); }

Result<std::vector<Lease>> parse_lease_list(std::string_view json) {
  return parse_list(json, "Lease", read_lease);
}

}  // namespace drover
