#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "orchestrator/event.h"
#include "orchestrator/told_api.h"

namespace drover::orchestrator {

/// What became of one node of a node command.
struct NodeResult {
  std::string host;
  std::string node;    ///< Kubernetes node name
  std::string status;  ///< "drained", "already-cordoned", "failed", "unfinished", "not-begun", ...
  std::vector<std::string> evicted;  ///< ns/pod that went, in order
  Error error;                       ///< when failed
};

/// Collects what a node command did, for its one line of JSON and its exit code.
class NodeReport final : public EventSink, public EvictionSink {
 public:
  void on(const Event& event) override;
  void evicting(const std::string&, const std::string&, bool) override {}
  void not_evicted(const std::string&, const std::string&, const std::string&) override {}
  void gone(const std::string& node, const std::string& pod, bool deleted) override;

  /// In the plan's order. Call when the run has ended.
  std::vector<NodeResult> results() const;
  const RunFinished& end() const { return end_; }
  /// Steps failed, and all of them because a pod may not be evicted.
  bool only_refused() const;

 private:
  struct Seen {
    std::string node;
    std::size_t steps = 0;
    std::set<std::string> done;  ///< ids of steps
    bool begun = false;
    std::string word;  ///< of the newest step that says something
    std::vector<Error> errors;
  };
  void take(const PlanMade& event);
  void take(const StepStarted& event);
  void take(const StepFinished& event);
  void take(const StepDeferred& event);
  void take(const RunFinished& event) { end_ = event; }
  template <class Other>
  void take(const Other&) {}

  std::vector<std::string> hosts_;
  std::map<std::string, Seen> seen_;  ///< by host
  RunFinished end_;
  mutable std::mutex mutex_;  ///< of what follows
  std::map<std::string, std::vector<std::string>> gone_;
};

}  // namespace drover::orchestrator
