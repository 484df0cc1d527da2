#pragma once

#include <map>
#include <string>
#include <vector>

#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/history.h"
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
  std::string how = "succeeded";       ///< the journal's word: ProcessEnd::status
  std::vector<std::string> left = {};  ///< ids of steps not done
  std::string message = {};            ///< for a person: what to do next
};

/// Which run it is, for its capsules and for the last line that a person reads.
struct RunName {
  std::string id;
  std::string resume_line;  ///< what to type to go on with it
};

/// The loop: start what may start, wait for one message, note it, repeat. One thread; everything it
/// decides from stands in PlanState and in its own members. Nothing reaches a node or the API
/// unless the journal has its intent and the lease has been renewed since its last failure (S4,
/// S14).
class Executor {
 public:
  /// All references must outlive it.
  Executor(const plans::Plan& plan, RunName run, History history, Journal& journal,
           EventLog& events, StepRunner& runner, Mailbox& mailbox);
  /// Blocks until the run ends: done, failed, interrupted, paused, cancelled, or the lock lost.
  RunEnd run();
  /// Begins nothing: gives back the nodes on which nothing was changed, and ends the run for good.
  RunEnd cancel();

 private:
  void work();
  void launch();
  void pass_kept();
  void begin(const plans::Step& step);
  void give_back();
  void take(AskPermit& ask);
  void take(EffectEnded& ended);
  void take(Waiting& waiting);
  void take(Noticed& noticed);
  void take(StepEnded& ended);
  void take(LeaseRenewed&);
  void take(LeaseFailed& failed);
  void take(LeaseLost& lost);
  void take(Interrupt&);
  void take(PauseRun&);
  void take(CancelRun&);

  void grant(AskPermit& ask);
  void refuse_parked();
  std::optional<Error> no_more_effects() const;
  bool record(Record record);
  bool stopping() const {
    return interrupted_ || paused_ || cancelled_ || lock_lost_ || journal_broken_;
  }
  RunEnd how_it_ended() const;
  bool try_again(const plans::Step& step, const StepResult& result);
  RunEnd finish();
  std::string next_step(const RunEnd& end) const;
  StepRef ref(const std::string& step) const;

  const plans::Plan& plan_;
  RunName run_;
  History history_;
  Journal& journal_;
  EventLog& events_;
  StepRunner& runner_;
  Mailbox& mailbox_;
  plans::PlanState state_;
  std::map<std::string, int> tries_;  ///< attempts that this process began
  std::vector<AskPermit> parked_;     ///< permits that wait for the lease to be renewed
  bool lease_fresh_ = true;
  bool interrupted_ = false;
  bool paused_ = false;
  bool cancelled_ = false;
  bool lock_lost_ = false;
  std::string lost_how_;
  bool journal_broken_ = false;
  bool failed_ = false;
  std::set<std::string> given_back_;
  std::vector<std::string> would_change_;  ///< steps that only looked, and are not so
};

}  // namespace drover::orchestrator
