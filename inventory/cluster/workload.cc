#include "inventory/cluster/workload.h"

#include <fmt/format.h>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

Workload read_workload(const JsonField& object, std::string_view kind) {
  Workload workload;
  workload.kind = kind;
  const JsonField metadata = object["metadata"];
  workload.ns = metadata["namespace"].text();
  workload.name = metadata["name"].text();
  const JsonField spec = object["spec"];
  for (const JsonField& container : spec["template"]["spec"]["containers"].items()) {
    workload.images.push_back(container["image"].text());
  }
  const JsonField status = object["status"];
  if (kind != "DaemonSet") {
    workload.wanted = spec["replicas"].number(1);
    workload.updated = status["updatedReplicas"].number();
    workload.available = status["availableReplicas"].number();
  } else {
    workload.wanted = status["desiredNumberScheduled"].number();
    workload.updated = status["updatedNumberScheduled"].number();
    workload.available = status["numberAvailable"].number();
  }
  workload.observed =
      status["observedGeneration"].big_number() >= metadata["generation"].big_number();
  return workload;
}

Status known(std::string_view kind) {
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet") return {};
  Error error;
  error.kind = ErrorKind::Internal;
  error.message = fmt::format("\"{}\" is no kind of workload", kind);
  return error;
}

}  // namespace

Result<Workload> parse_workload(std::string_view json, std::string_view kind) {
  DROVER_TRY(known(kind));
  return parse_object(json, kind,
                      [kind](const JsonField& object) { return read_workload(object, kind); });
}

Result<std::vector<Workload>> parse_workload_list(std::string_view json, std::string_view kind) {
  DROVER_TRY(known(kind));
  return parse_list(json, kind,
                    [kind](const JsonField& object) { return read_workload(object, kind); });
}

}  // namespace drover
