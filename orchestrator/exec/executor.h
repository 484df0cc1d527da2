#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/step_runner.h"
#include "orchestrator/state/journal.h"
#include "plans/plan_state.h"

namespace drover::orchestrator {

/// The most attempts at a step whose kind allows another one (S4).
inline constexpr int kMaxAttempts = 3;

struct RunEnd {
  RunStatus status = RunStatus::Succeeded;
  int exit_code = 0;
};

/// The loop: start what may start, wait for one message, note it, repeat. One thread; everything it
/// decides from stands in PlanState and in its own members. Nothing reaches a node or the API
/// unless the journal has its intent and the lease has been renewed since its last failure (S4,
/// S14).
class Executor {
 public:
  /// All references must outlive it. `run` is the run id.
  Executor(const plans::Plan& plan, std::string run, Journal& journal, EventLog& events,
           StepRunner& runner, Mailbox& mailbox);
  /// Blocks until the run ends: done, failed, interrupted, or the lock lost.
  RunEnd run();

 private:
  void launch();
  void begin(const plans::Step& step, int number);
  void take(AskPermit& ask);
  void take(EffectEnded& ended);
  void take(Waiting& waiting);
  void take(Noticed& noticed);
  void take(StepEnded& ended);
  void take(LeaseRenewed&);
  void take(LeaseFailed& failed);
  void take(LeaseLost& lost);
  void take(Interrupt&);

  void grant(AskPermit& ask);
  void refuse_parked();
  std::optional<Error> no_more_effects() const;
  bool record(Record record);
  bool stopping() const { return interrupted_ || lock_lost_ || journal_broken_; }
  bool try_again(const plans::Step& step, const StepResult& result);
  RunEnd finish();
  std::string next_step(const RunEnd& end) const;
  StepRef ref(const std::string& step) const;

  const plans::Plan& plan_;
  std::string run_;
  Journal& journal_;
  EventLog& events_;
  StepRunner& runner_;
  Mailbox& mailbox_;
  plans::PlanState state_;
  std::map<std::string, int> attempts_;
  std::map<std::string, plans::Notes> notes_;
  std::vector<AskPermit> parked_;  ///< permits that wait for the lease to be renewed
  bool lease_fresh_ = true;
  bool interrupted_ = false;
  bool lock_lost_ = false;
  bool journal_broken_ = false;
  bool failed_ = false;
};

}  // namespace drover::orchestrator
