#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "plans/rollout/rollout.h"

namespace drover::plans {

/// The sliding window over the workers: who may be taken out of service next (S6). A worker is down
/// while it holds a slot and while it was seen down; never are more down than the common budget,
/// the budgets of its groups and the limit of its domain allow. One that is down anyway may be
/// taken whoever else is down, but never more slots are held than they allow: it may come back in
/// its turn. Before that stand the canaries, one after the other and alone, and the widths of the
/// ramp. Pure; each call costs what the number of different limits costs, not that of workers.
class WorkerWindow {
 public:
  explicit WorkerWindow(const Rollout& rollout);

  /// A worker that has steps. The lower `rank`, the sooner its turn comes.
  void add(const std::string& host, size_t rank);

  /// It waits for a slot.
  void want(const std::string& host);
  /// It got one, or holds one from before.
  void take(const std::string& host);
  /// Its slot is free again. It may want another one.
  void release(const std::string& host);
  /// It is at its end: counts for canary and ramp. The slot is released by itself.
  void settle() { ++settled_; }
  /// From now on its turn comes after everybody else's.
  void put_last(const std::string& host);
  /// Exactly these nodes, by Kubernetes name, were seen down.
  void see_down(const std::set<std::string>& nodes);

  /// The worker to take next, of those for which `fits` holds; "" when there is none now.
  const std::string& next(const std::function<bool(const std::string&)>& fits) const;

  bool holds(const std::string& host) const;
  bool anybody_wants() const { return wanting_ > 0; }
  bool canaries_left() const { return settled_ < rollout_.canary; }
  bool canaries_done() const { return rollout_.canary > 0 && settled_ >= rollout_.canary; }
  int held() const { return held_; }
  /// Workers that may hold slots at this point of the roll-out.
  int width() const;
  /// Workers that are down and hold no slot, in order of their names.
  std::vector<std::string> down_by_themselves() const;
  /// Would anything be free to start if those came back?
  bool waits_for_others() const;

 private:
  struct Limit {
    int most = 0;
    int used = 0;  ///< by workers that are down
    int held = 0;  ///< by workers that hold a slot, down or not
  };
  struct Worker {
    std::string host;
    std::vector<size_t> limits;  ///< indices, the common budget first
    size_t kind = 0;             ///< workers under the same limits are of one kind
    size_t rank = 0;
    bool last = false;
    bool holds = false;
    bool down = false;
    bool wants = false;
  };
  using Turn = std::pair<size_t, size_t>;  ///< rank, worker

  size_t index_of(const std::string& host);
  size_t add_worker(const std::string& host, const std::string& node, const std::string& domain);
  size_t kind_of(const std::vector<size_t>& limits);
  void join_groups();
  Turn turn_of(size_t worker) const;
  void queue(size_t worker);
  void unqueue(size_t worker);
  void occupy(size_t worker, int change);
  void hold(size_t worker, bool holds);
  bool has_room(const std::vector<size_t>& limits) const;
  bool has_slot(size_t worker) const;
  const std::string* first_that_fits(const std::set<Turn>& queue,
                                     const std::function<bool(const std::string&)>& fits,
                                     Turn& best) const;

  const Rollout& rollout_;
  std::vector<Limit> limits_;
  std::vector<Worker> workers_;
  std::unordered_map<std::string, size_t> by_host_;
  std::unordered_map<std::string, size_t> by_node_;
  std::map<std::string, size_t> domains_;        ///< -> limit
  std::map<std::vector<size_t>, size_t> kinds_;  ///< limits -> kind
  std::vector<const std::vector<size_t>*> kind_limits_;
  std::vector<std::set<Turn>> queues_;  ///< by kind: those that want, and are not down
  std::set<Turn> down_queue_;           ///< those that want, and are down anyway
  std::unordered_map<std::string, std::vector<size_t>> groups_of_;  ///< host -> limits
  std::set<size_t> down_;
  int held_ = 0;
  int wanting_ = 0;
  int settled_ = 0;
};

}  // namespace drover::plans
