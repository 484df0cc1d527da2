#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "inventory/base/result.h"

namespace drover::orchestrator {

/// One durable line of a run's journal (S4). `type` is one of
///   run-begun      fields: schema, drover, run, cluster, cluster_uid, plan_id, command, files
///   run-resumed    fields: drover, edit.N, retry
///   step-begun     the step's intent, before its first effect
///   effect-intent  fields: effect (number in the attempt), command (index) and capsule, or request
///                  (index) and params; before.* = what must be put back (S10)
///   effect-outcome fields: effect, exit_code | status | error
///   step-ended     fields: status, message, duration_s, note.* = notes for later steps
///   step-deferred  fields: blocked_by; the step's node is to be given back and comes again
///   pause-ended    fields: pause; a person let the run go on
///   run-ended      fields: status, exit_code, reason, pause (which one it stopped at)
struct Record {
  std::uint64_t seq = 0;  ///< from 1; append() sets it
  std::string time;       ///< RFC 3339 UTC; append() sets it
  std::string type;
  std::string step;  ///< empty for run records
  int attempt = 0;
  std::map<std::string, std::string> fields;
};

/// The run's memory. One thread.
class Journal {
 public:
  virtual ~Journal() = default;
  /// Returns when the record is durable; after an Error nothing may be done that it announced.
  virtual Status append(Record record) = 0;
};

}  // namespace drover::orchestrator
