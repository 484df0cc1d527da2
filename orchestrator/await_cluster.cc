#include "orchestrator/await_cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "remote/clock.h"

namespace drover::orchestrator {
namespace {

using Seconds = std::chrono::seconds;

bool open(const RunMemory& memory, const plans::Step& step) {
  const auto found = memory.steps.find(step.id);
  return found != memory.steps.end() && !found->second.done();
}

Result<ClusterIdentity> reach(Fleet& fleet, std::stop_token stop) {
  DROVER_TRY(fleet.open_api(stop));
  return gather_identity(*fleet.api(), stop);
}

std::string state_text(const Result<remote::CapsuleState>& state) {
  using Kind = remote::CapsuleState::Kind;
  if (!state) return "cannot be asked for: " + state.error().message;
  switch (state->kind) {
    case Kind::Running:
      return "still runs";
    case Kind::Done:
      return fmt::format("has ended with exit code {}", state->exit_code.value_or(-1));
    case Kind::Absent:
    case Kind::Prepared:
      return "was never started";
    case Kind::Lost:
      return "was killed";
    case Kind::Rebooted:
      return "was cut off by a reboot";
  }
  return "";
}

/// What the commands do whose outcome is not known: that is seen without the API.
std::string open_commands(const plans::Plan& plan, const RunMemory& memory, Fleet& fleet,
                          std::stop_token stop) {
  std::vector<std::string> texts;
  for (const plans::Step& step : plan.steps) {
    const auto found = memory.steps.find(step.id);
    if (found == memory.steps.end() || found->second.open.empty() || step.host.empty()) continue;
    const std::string& capsule = found->second.open.back().capsule;
    texts.push_back(fmt::format("the command of {} {}", step.id,
                                state_text(fleet.node(step.host)->state(capsule, stop))));
  }
  return join(texts, "; ");
}

}  // namespace

bool may_pass(ErrorKind kind) {
  return kind == ErrorKind::Unreachable || kind == ErrorKind::Timeout || kind == ErrorKind::Api;
}

bool is_out_of_reach(ErrorKind kind) { return may_pass(kind) || kind == ErrorKind::Authentication; }

Seconds patience_with_api(const plans::Plan& plan, const RunMemory& memory,
                          const Inventory& inventory) {
  Seconds patience{0};
  for (const plans::Step& step : plan.steps) {
    const Host* host = inventory.find(step.host.empty() ? step.node : step.host);
    const bool control_plane = host == nullptr || host->has(Role::ControlPlane);
    if (control_plane && open(memory, step)) patience = std::max(patience, step.timeout);
  }
  return patience;
}

Result<ClusterIdentity> await_cluster(const plans::Plan& plan, const RunMemory& memory,
                                      Fleet& fleet, EventLog& events, Seconds patience,
                                      std::stop_token stop) {
  constexpr Seconds kBetween{1};
  remote::SystemClock clock;
  const auto deadline = clock.now() + patience;
  std::string said;
  while (true) {
    auto identity = reach(fleet, stop);
    if (identity && identity->uid != memory.cluster_uid) {
      return Error{.kind = ErrorKind::File,
                   .message = fmt::format("this is another cluster than that of run {}: its "
                                          "kube-system UID is {}, the run's {}",
                                          memory.run, sanitise(identity->uid), memory.cluster_uid),
                   .remedy = "see the addresses in the inventory"};
    }
    if (identity || !may_pass(identity.error().kind)) return identity;
    const std::string doing = open_commands(plan, memory, fleet, stop);
    if (clock.now() >= deadline) {
      Error error = identity.error();
      error.kind = ErrorKind::Unreachable;
      if (!doing.empty()) error.message += "; " + doing;
      return error;
    }
    const std::string text =
        fmt::format("waiting up to {} for the API: {}{}{}", format_duration(patience),
                    identity.error().message, doing.empty() ? "" : "; ", doing);
    if (text != said) events.emit(Warning{"api-away", text});
    said = text;
    if (!clock.wait_until(clock.now() + kBetween, stop)) {
      return Error{.kind = ErrorKind::Cancelled, .message = "stopped by the operator"};
    }
  }
}

}  // namespace drover::orchestrator
