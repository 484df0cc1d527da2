#include "plans/rollout/worker_window.h"

#include <algorithm>
#include <limits>

namespace drover::plans {
namespace {

constexpr size_t kCommon = 0;  // the limit that all are under
constexpr size_t kLast = std::numeric_limits<size_t>::max() / 2;

}  // namespace

WorkerWindow::WorkerWindow(const Rollout& rollout) : rollout_(rollout) {
  limits_.push_back({.most = rollout.budget});
  for (const GroupBudget& group : rollout.groups) {
    for (const std::string& host : group.hosts) groups_of_[host].push_back(limits_.size());
    limits_.push_back({.most = group.most});
  }
  for (const CountedWorker& worker : rollout.workers) {
    // One that is not in the inventory has no host name, and no steps.
    add_worker(worker.host.empty() ? "node " + worker.node : worker.host, worker.node,
               worker.domain);
  }
}

size_t WorkerWindow::add_worker(const std::string& host, const std::string& node,
                                const std::string& domain) {
  Worker worker{.host = host, .limits = {kCommon}};
  if (const auto groups = groups_of_.find(host); groups != groups_of_.end()) {
    worker.limits.insert(worker.limits.end(), groups->second.begin(), groups->second.end());
  }
  if (rollout_.per_domain > 0 && !domain.empty()) {
    const auto [at, fresh] = domains_.try_emplace(domain, limits_.size());
    if (fresh) limits_.push_back({.most = rollout_.per_domain});
    worker.limits.push_back(at->second);
  }
  worker.kind = kind_of(worker.limits);
  const size_t index = workers_.size();
  by_host_[host] = index;
  by_node_[node] = index;
  workers_.push_back(std::move(worker));
  return index;
}

size_t WorkerWindow::kind_of(const std::vector<size_t>& limits) {
  const auto [at, fresh] = kinds_.try_emplace(limits, queues_.size());
  if (fresh) {
    queues_.emplace_back();
    kind_limits_.push_back(&at->first);
  }
  return at->second;
}

size_t WorkerWindow::index_of(const std::string& host) {
  const auto found = by_host_.find(host);
  return found == by_host_.end() ? add_worker(host, host, "") : found->second;
}

void WorkerWindow::add(const std::string& host, size_t rank) {
  workers_[index_of(host)].rank = rank;
}

WorkerWindow::Turn WorkerWindow::turn_of(size_t index) const {
  const Worker& worker = workers_[index];
  return {worker.rank + (worker.last ? kLast : 0), index};
}

void WorkerWindow::queue(size_t index) {
  const Worker& worker = workers_[index];
  if (worker.wants) (worker.down ? down_queue_ : queues_[worker.kind]).insert(turn_of(index));
}

void WorkerWindow::unqueue(size_t index) {
  const Worker& worker = workers_[index];
  if (worker.wants) (worker.down ? down_queue_ : queues_[worker.kind]).erase(turn_of(index));
}

void WorkerWindow::want(const std::string& host) {
  const size_t index = index_of(host);
  if (workers_[index].wants) return;
  workers_[index].wants = true;
  ++wanting_;
  queue(index);
}

void WorkerWindow::occupy(size_t index, int change) {
  for (const size_t limit : workers_[index].limits) limits_[limit].used += change;
}

void WorkerWindow::hold(size_t index, bool holds) {
  Worker& worker = workers_[index];
  worker.holds = holds;
  held_ += holds ? 1 : -1;
  for (const size_t limit : worker.limits) limits_[limit].held += holds ? 1 : -1;
  if (!worker.down) occupy(index, holds ? 1 : -1);
}

void WorkerWindow::take(const std::string& host) {
  const size_t index = index_of(host);
  Worker& worker = workers_[index];
  unqueue(index);
  if (worker.wants) --wanting_;
  worker.wants = false;
  if (!worker.holds) hold(index, true);
}

void WorkerWindow::release(const std::string& host) {
  const size_t index = index_of(host);
  if (workers_[index].holds) hold(index, false);
}

void WorkerWindow::put_last(const std::string& host) {
  const size_t index = index_of(host);
  unqueue(index);
  workers_[index].last = true;
  queue(index);
}

void WorkerWindow::see_down(const std::set<std::string>& nodes) {
  std::set<size_t> seen;
  for (const std::string& node : nodes) {
    if (const auto found = by_node_.find(node); found != by_node_.end()) seen.insert(found->second);
  }
  const auto change = [&](size_t index, bool down) {
    Worker& worker = workers_[index];
    unqueue(index);
    worker.down = down;
    queue(index);
    if (!worker.holds) occupy(index, down ? 1 : -1);
  };
  for (const size_t index : down_) {
    if (!seen.contains(index)) change(index, false);
  }
  for (const size_t index : seen) {
    if (!down_.contains(index)) change(index, true);
  }
  down_ = std::move(seen);
}

bool WorkerWindow::has_room(const std::vector<size_t>& limits) const {
  return std::all_of(limits.begin(), limits.end(),
                     [&](size_t limit) { return limits_[limit].used < limits_[limit].most; });
}

bool WorkerWindow::has_slot(size_t index) const {
  const std::vector<size_t>& limits = workers_[index].limits;
  return std::all_of(limits.begin(), limits.end(),
                     [&](size_t limit) { return limits_[limit].held < limits_[limit].most; });
}

int WorkerWindow::width() const {
  if (canaries_left()) return 1;
  int left = settled_ - rollout_.canary;
  for (const int wide : rollout_.ramp) {
    if (left < wide) return wide;
    left -= wide;
  }
  return rollout_.budget;
}

const std::string* WorkerWindow::first_that_fits(
    const std::set<Turn>& queue, const std::function<bool(const std::string&)>& fits,
    Turn& best) const {
  for (const Turn& turn : queue) {
    if (turn >= best) return nullptr;
    if (!fits(workers_[turn.second].host)) continue;
    best = turn;
    return &workers_[turn.second].host;
  }
  return nullptr;
}

const std::string& WorkerWindow::next(const std::function<bool(const std::string&)>& fits) const {
  static const std::string kNobody;
  constexpr Turn kEnd{std::numeric_limits<size_t>::max(), 0};
  if (wanting_ == 0 || (canaries_left() && held_ > 0)) return kNobody;
  if (held_ >= width()) return kNobody;
  const std::string* chosen = nullptr;
  Turn best = kEnd;
  if (has_room({kCommon})) {
    for (size_t kind = 0; kind < queues_.size(); ++kind) {
      if (queues_[kind].empty() || !has_room(*kind_limits_[kind])) continue;
      if (const std::string* host = first_that_fits(queues_[kind], fits, best)) chosen = host;
    }
  }
  // Nobody is taken down by taking these, and they may need their own upgrade to come back; but
  // they are the likeliest to fail, so that all who are well go first.
  if (chosen == nullptr) {
    const auto free = [&](const std::string& host) {
      return has_slot(by_host_.at(host)) && fits(host);
    };
    chosen = first_that_fits(down_queue_, free, best);
  }
  return chosen == nullptr ? kNobody : *chosen;
}

bool WorkerWindow::holds(const std::string& host) const {
  const auto found = by_host_.find(host);
  return found != by_host_.end() && workers_[found->second].holds;
}

std::vector<std::string> WorkerWindow::down_by_themselves() const {
  std::vector<std::string> hosts;
  for (const size_t index : down_) {
    if (!workers_[index].holds) hosts.push_back(workers_[index].host);
  }
  std::sort(hosts.begin(), hosts.end());
  return hosts;
}

bool WorkerWindow::waits_for_others() const {
  if (wanting_ == 0 || held_ >= width()) return false;
  std::vector<int> freed(limits_.size(), 0);
  for (const size_t index : down_) {
    if (workers_[index].holds) continue;
    for (const size_t limit : workers_[index].limits) ++freed[limit];
  }
  for (size_t kind = 0; kind < queues_.size(); ++kind) {
    const auto& limits = *kind_limits_[kind];
    const bool would = std::all_of(limits.begin(), limits.end(), [&](size_t limit) {
      return limits_[limit].used - freed[limit] < limits_[limit].most;
    });
    if (!queues_[kind].empty() && would) return true;
  }
  return false;
}

}  // namespace drover::plans
