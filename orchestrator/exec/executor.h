#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/history.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/pause_question.h"
#include "orchestrator/exec/step_runner.h"
#include "orchestrator/lock/lease_age.h"
#include "orchestrator/state/journal.h"
#include "plans/plan_state.h"
#include "plans/rollout/opening.h"

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

/// What a run heeds besides its plan. All that is named must outlive the executor.
struct RunSurroundings {
  remote::Clock* clock = nullptr;     ///< nullptr: the machine's own
  plans::TimeZone zone;               ///< of the plan's maintenance window
  PauseQuestion* question = nullptr;  ///< nullptr: there is nobody to ask
  bool watches_nodes = false;         ///< NodesSeen will come: no worker is taken before one
  /// Called once, when nothing more will be done to the cluster and before the journal says that
  /// the run has ended: whoever dies in between leaves a run that can be resumed, and nothing held.
  std::function<void()> before_end = {};
};

/// The loop: start what may start, wait for one message, note it, repeat. One thread; everything it
/// decides from stands in PlanState and in its own members. Nothing reaches a node or the API
/// unless the journal has its intent and the lease has been renewed since its last failure, and not
/// long ago (S4, S14).
class Executor {
 public:
  /// All references must outlive it.
  Executor(const plans::Plan& plan, RunName run, History history, Journal& journal,
           EventLog& events, StepRunner& runner, Mailbox& mailbox, RunSurroundings around = {});
  /// Blocks until the run ends: done, failed, interrupted, paused, cancelled, the lock lost, or
  /// nothing more may begin for now.
  RunEnd run();
  /// Begins nothing: gives back the nodes on which nothing was changed, and ends the run for good.
  RunEnd cancel();

 private:
  void work();
  void launch();
  void begin(const plans::Step& step, plans::Notes notes = {});
  void give_back();
  void give_back(const plans::Step& uncordon);
  void end_giving_back(const plans::Step& step, StepStatus status);
  bool may_be_given_back(const std::string& node) const;
  bool all_given_back() const;
  void mark_waiting();
  void unmark_waiting();
  void begin_marking(const plans::Step& preflight, plans::Notes notes);
  bool is_marking(const plans::Step& step, StepResult& result);
  void end_marking();
  void take(AskPermit& ask);
  void take(EffectEnded& ended);
  void take(Waiting& waiting);
  void take(Noticed& noticed);
  void take(StepEnded& ended);
  void take(LeaseRenewed& renewed);
  void take(LeaseFailed& failed);
  void take(LeaseLost& lost);
  void take(NodesSeen& seen);
  void take(PauseAnswered& answered);
  void take(Interrupt&);
  void take(PauseRun&);
  void take(CancelRun&);

  bool waits();
  bool waits_for(const plans::Hold& hold);
  bool waits_for_person(plans::Pause pause);
  bool waits_at_most(std::chrono::seconds patience, const std::string& what);
  void announce(const std::string& reason);
  bool stop_here(std::string reason);
  std::string closed_text() const;
  plans::Moment moment();
  bool put_off(const plans::Step& step, const StepResult& result);

  void grant(AskPermit& ask);
  void refuse_parked();
  std::optional<Error> no_more_effects() const;
  bool record(Record record);
  void record_end(const plans::Step& step, int number, const StepResult& result);
  bool stopping() const {
    return interrupted_ || paused_ || cancelled_ || lock_lost_ || journal_broken_ ||
           !stopped_by_.empty();
  }
  RunEnd how_it_ended() const;
  bool try_again(const plans::Step& step, const StepResult& result);
  RunEnd finish();
  std::string next_step(const RunEnd& end) const;
  bool had_its_turn(const std::string& node, const std::vector<std::string>& left) const;
  StepRef ref(const std::string& step) const;

  const plans::Plan& plan_;
  RunName run_;
  History history_;
  Journal& journal_;
  EventLog& events_;
  StepRunner& runner_;
  Mailbox& mailbox_;
  RunSurroundings around_;
  remote::SystemClock system_clock_;
  remote::Clock& clock_;
  plans::PlanState state_;
  std::map<std::string, const plans::Step*> uncordons_;  ///< by node
  std::map<std::string, int> tries_;                     ///< attempts that this process began
  std::vector<AskPermit> parked_;  ///< permits that wait for the lease to be renewed
  LeaseAge lease_;
  bool interrupted_ = false;
  bool paused_ = false;
  bool cancelled_ = false;
  bool lock_lost_ = false;
  std::string lost_how_;
  bool journal_broken_ = false;
  bool failed_ = false;
  std::string stopped_by_;             ///< why nothing more may begin for now; "": it may
  std::string stopped_at_;             ///< the pause of the plan file that it is; "": none
  bool window_closed_ = false;         ///< it is the maintenance window
  std::optional<plans::Pause> asked_;  ///< the question that stands
  std::string announced_;              ///< the wait that was told of last
  std::optional<remote::Instant> idle_since_;
  bool nodes_seen_ = false;
  std::vector<std::string> down_told_;
  plans::Opening opening_;
  std::chrono::sys_seconds opening_from_{};  ///< opening_ holds from here until it changes
  bool opening_known_ = false;
  std::set<std::string> giving_back_;
  std::map<std::string, std::string> blocked_by_;  ///< of nodes that were put off
  std::vector<std::string> would_change_;          ///< steps that only looked, and are not so
  std::string marking_;      ///< cluster/preflight while only the pending taint is its matter
  bool marks_left_ = false;  ///< they were to be taken away, and may not have been
};

}  // namespace drover::orchestrator
