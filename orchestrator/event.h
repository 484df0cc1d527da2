#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/base/error.h"
#include "plans/plan.h"

/// What a run tells the world (design 1.4). The core never prints: it emits these, views render
/// them.
namespace drover::orchestrator {

enum class StepStatus { Succeeded, Skipped, Failed, Unknown, Cancelled };
enum class RunStatus { Succeeded, Failed, Interrupted, Refused };

constexpr bool went_well(StepStatus status) {
  return status == StepStatus::Succeeded || status == StepStatus::Skipped;
}
std::string_view status_name(StepStatus status);  ///< "succeeded", ...
std::string_view status_name(RunStatus status);
std::string_view error_kind_name(ErrorKind kind);  ///< "host-key", ...: in events and the journal

/// The step an event is about: its id, kind name and inventory host ("" for cluster steps).
struct StepRef {
  std::string id;
  std::string kind;
  std::string node;
};

struct RunStarted {
  std::string cluster;
  std::string target;
  std::string command;  ///< plan, apply, resume
};
struct PlanMade {
  plans::Plan plan;
  std::vector<std::string> done = {};  ///< ids of steps that an earlier process of the run did
};
struct StepStarted {
  StepRef step;
  int attempt = 1;
};
struct StepProgress {
  StepRef step;
  int attempt = 1;
  std::string waiting_for;
};
struct StepFinished {
  StepRef step;
  int attempt = 1;
  StepStatus status = StepStatus::Succeeded;
  double duration_s = 0;
  std::string message;
  Error error;  ///< when failed or unknown
};
struct DrainChanged {
  StepRef step;
  std::vector<std::string> pods;
  std::string message;
};
/// The step's node was given back and comes again at the end, or was left over.
struct StepDeferred {
  StepRef step;
  int attempt = 1;
  std::vector<std::string> blocked_by;
  bool comes_again = true;
};
struct Warning {
  std::string code;
  std::string message;
};
struct RunPaused {
  std::string reason;
};
struct RunFinished {
  RunStatus status = RunStatus::Succeeded;
  int exit_code = 0;
  std::vector<std::string> left;  ///< ids of steps not done
  std::string message;            ///< for a person: what to do next
};

struct Event {
  std::uint64_t seq = 0;  ///< from 1, without gaps within a run
  std::string time;       ///< RFC 3339 UTC with milliseconds
  std::string run;        ///< run id; "" for a plan that is not a run
  std::variant<RunStarted, PlanMade, StepStarted, StepProgress, StepFinished, DrainChanged,
               StepDeferred, Warning, RunPaused, RunFinished>
      what;
};

/// Receives events, on the coordinator's thread only.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on(const Event& event) = 0;
  /// Time passes without events, about once a second; `time` as in Event.
  virtual void tick(const std::string& /*time*/) {}
};

}  // namespace drover::orchestrator
