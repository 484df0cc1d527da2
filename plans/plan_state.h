#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "plans/plan.h"
#include "plans/rollout/worker_window.h"

namespace drover::plans {

/// A moment of a run, as far as it decides what may begin.
struct Moment {
  std::chrono::nanoseconds now{0};  ///< on a clock that only goes on
  /// How long the maintenance window stays open, 0 when it is closed; absent: there is none.
  std::optional<std::chrono::seconds> window_left;
  bool nodes_seen = true;  ///< it is known which workers are down
};

/// Where a plan file may want a person's word.
enum class Pause { AfterControlPlane, AfterCanary };
inline constexpr std::array kPauses = {Pause::AfterControlPlane, Pause::AfterCanary};
std::string_view pause_name(Pause pause);  ///< "after_control_plane", as the file has it

/// Why nothing new begins although something is left.
struct Hold {
  enum class Kind {
    None,    ///< nothing is left that could begin
    Rest,    ///< pause.between_nodes
    Window,  ///< the maintenance window is closed, or too short for what is left
    Pause,   ///< a person's word is due
    Down,    ///< workers that are down by themselves use a budget up
    Unseen,  ///< it is not known yet which workers are down
  };
  Kind kind = Kind::None;
  std::chrono::nanoseconds until{0};  ///< of Rest: on the clock of Moment::now
  Pause pause = Pause::AfterCanary;   ///< of Pause
};

/// What earlier processes of a run left.
struct Progress {
  std::set<std::string> kept;      ///< ids of steps that are done: they count as soon as they may
  std::set<std::string> windows;   ///< nodes that are out of service: each holds its slot
  std::set<std::string> changed;   ///< nodes on which something was changed
  std::set<std::string> deferred;  ///< nodes that were put off: their turns come last, one by one
  std::set<std::string> pauses;    ///< names of pauses that a person has ended
};

/// How far a run is: which steps may start now (S1, S6, S7). Pure; no time, no effects.
class PlanState {
 public:
  enum class Outcome { Succeeded, Failed };

  /// `plan` must outlive it.
  explicit PlanState(const Plan& plan, const Progress& before = {});
  PlanState(const PlanState&) = delete;
  PlanState& operator=(const PlanState&) = delete;

  const Step& step(std::string_view id) const;

  /// A step that may start now; nullptr when there is none. When too much has failed only chains
  /// already inside their disruption window go on, so that nobody else is left half done.
  const Step* next(const Moment& moment);
  /// Why next() has nothing. Of use while nothing runs.
  Hold hold(const Moment& moment) const;

  void start(std::string_view id);
  void end(std::string_view id, Outcome outcome, const Moment& moment = {});
  /// In place of end(), for the drain of a worker on which nothing was changed: the node is to be
  /// given back, and its turn comes once more after all others have ended theirs.
  void put_off(std::string_view id);
  /// A step out of its turn: it runs, but is not done by it.
  void start_out_of_turn() { ++running_; }
  void end_out_of_turn() { --running_; }
  /// In place of end_out_of_turn(), for a node's uncordon.
  void end_giving_back(const std::string& node, Outcome outcome);

  /// Exactly these nodes, by Kubernetes name, were seen down.
  void see_down(const std::set<std::string>& nodes) { window_.see_down(nodes); }
  void end_pause(Pause pause) { pauses_ended_.insert(pause); }

  bool running() const { return running_ > 0; }
  bool failed() const { return failed_ > 0; }
  /// So much has failed that nothing new begins.
  bool halted() const;
  /// Every step has succeeded.
  bool complete() const { return done_ == entries_.size(); }
  size_t done() const { return done_; }
  /// Ids of steps that have not succeeded, in the plan's order.
  std::vector<std::string> left() const;
  /// Nodes whose disruption window is open: cordoned or later, and not settled.
  const std::set<std::string>& open_nodes() const { return open_; }
  bool is_worker(const std::string& node) const { return !control_planes_.contains(node); }
  /// Nodes whose last turn was put off.
  const std::set<std::string>& left_over() const { return left_over_; }
  const WorkerWindow& workers() const { return window_; }

 private:
  enum class State { Waiting, Running, Succeeded, Failed };
  struct Entry {
    const Step* step = nullptr;
    State state = State::Waiting;
    size_t missing = 0;  ///< needs that have not succeeded
    std::vector<size_t> dependents = {};
  };

  size_t index_of(std::string_view id) const;
  void become_ready(size_t index);
  void unready(size_t index);
  void succeed(size_t index, const Moment& moment);
  void settle(const std::string& node, const Moment& moment);
  bool begins_turn(const Step& step) const;
  bool may_go_on(const Step& step, const Moment& moment) const;
  bool may_drain(const Step& step) const;
  void stop_running(const Step& step);
  bool fits(const std::string& node, const Moment& moment) const;
  std::optional<Pause> pause_due() const;
  bool all_others_done() const;
  const Step* next_worker(const Moment& moment) const;
  std::optional<Hold> worker_hold(const Moment& moment) const;

  const Plan& plan_;
  WorkerWindow window_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, size_t> index_;
  std::unordered_map<std::string, std::vector<size_t>> window_steps_;  ///< cordon and drain
  std::unordered_map<std::string, std::chrono::seconds> estimates_;
  std::unordered_set<std::string> control_planes_;
  std::set<size_t> ready_;  ///< waiting, with all they need; not workers that wait for a slot
  std::set<std::string> kept_;
  std::set<std::string> open_;   ///< nodes between the start of cordon and the end of settled
  std::set<std::string> begun_;  ///< nodes whose turn is not new any more
  std::set<std::string> changed_;
  std::multimap<std::chrono::nanoseconds, std::string> resting_;  ///< until -> settled node
  std::set<std::string> put_off_;    ///< nodes that are to be given back and come again
  std::set<std::string> deferred_;   ///< nodes that were put off once
  std::set<std::string> left_over_;  ///< and once more
  std::set<std::string> failed_workers_;
  std::set<Pause> pauses_ended_;
  size_t running_ = 0;
  int drains_ = 0;  ///< that run
  size_t done_ = 0;
  size_t failed_ = 0;
  bool beyond_repair_ = false;  ///< something failed that the whole run rests on
};

}  // namespace drover::plans
