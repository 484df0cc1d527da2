#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/console.h"
#include "orchestrator/event.h"
#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/files.h"
#include "orchestrator/fleet.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/ui/views.h"
#include "plans/plan.h"
#include "remote/clock.h"

namespace drover::orchestrator {

/// How the steps of a run ended, by their ids.
class StepEnds final : public EventSink {
 public:
  void on(const Event& event) override {
    if (const auto* end = std::get_if<StepFinished>(&event.what)) ends_[end->step.id] = *end;
  }
  const std::map<std::string, StepFinished>& by_step() const { return ends_; }

 private:
  std::map<std::string, StepFinished> ends_;
};

/// What the commands have in common that are about control planes as a whole and run as an upgrade
/// does, journalled and under the cluster's lock: `etcd defrag`, `etcd restore`, `certs renew`.
/// Ctrl-C is listened to from its beginning. One thread.
class JournalledCommand {
 public:
  /// `command`: "etcd defrag", as the run is called. `invocation` must outlive it.
  JournalledCommand(const Invocation& invocation, const Console& console, Files files,
                    std::string command);

  const Inventory& inventory() const { return files_.inventory; }
  Fleet& fleet() { return fleet_; }
  std::stop_token stop() const { return stop_.get_token(); }
  const std::string& run() const { return run_; }
  const std::map<std::string, StepFinished>& ends() const { return ends_.by_step(); }

  /// Opens the API; which cluster it is and who holds its lock.
  Status identify(ClusterFacts& facts);
  /// By another run than this one.
  bool holds_elsewhere(const ClusterFacts& facts) const;

  // What a plan of this command says.
  std::string created();  ///< RFC 3339 with milliseconds: a lock may be as young as that
  std::string self(const ClusterFacts& facts) const;
  std::string inventory_path() const;

  /// "Go on?", unless --yes was said. False: no, or Ctrl-C.
  bool agreed();
  /// Takes the lock and runs the plan, about these hosts, to its end. `before_run` is done under
  /// the lock before there is a run to resume: what it fails with is the command's error.
  Result<int> execute(const plans::Plan& plan, const ClusterFacts& facts,
                      std::vector<std::string> hosts,
                      const std::function<Status()>& before_run = {});
  /// The exit code after a "no".
  int refused() const;

 private:
  std::vector<EventSink*> sinks();

  const Invocation& invocation_;
  const Console& console_;
  const Files files_;
  const std::string command_;
  remote::SystemClock clock_;
  const std::string run_;
  TextView view_;
  StepEnds ends_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
};

/// The inventory of such a command; nothing when it was complained of, and `code` is the exit code.
/// `look`: what to look at before --yes is said.
std::optional<Files> files_of(const Invocation& invocation, const Console& console,
                              const std::string& look, int& code);

}  // namespace drover::orchestrator
