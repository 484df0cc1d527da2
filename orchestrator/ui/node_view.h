#pragma once

#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "orchestrator/event.h"
#include "orchestrator/told_api.h"
#include "orchestrator/ui/views.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {

/// A node command as kubectl would tell it, line by line: `node/w1 cordoned`, `evicting pod ...`,
/// `node/w1 drained`; besides that, what is waited for when it lasts. Nodes by their Kubernetes
/// names. What went wrong goes to `err`.
class NodeView final : public EventSink, public EvictionSink {
 public:
  NodeView(std::FILE* out, std::FILE* err, TextStyle style) : out_(out), err_(err), style_(style) {}

  void on(const Event& event) override;
  void tick(const std::string& time) override;
  void evicting(const std::string& node, const std::string& pod, bool deletes) override;
  void not_evicted(const std::string& node, const std::string& pod,
                   const std::string& why) override;
  void gone(const std::string& node, const std::string& pod, bool deleted) override;

 private:
  struct Running {
    StepRef step;
    std::string waiting_for;
    plans::Timestamp waiting_since{};
    plans::Timestamp said{};
  };

  void take(const PlanMade& event);
  void take(const StepStarted& event);
  void take(const StepProgress& event);
  void take(const StepFinished& event);
  void take(const DrainChanged& event);
  void take(const StepDeferred& event);
  void take(const Warning& event);
  void take(const RunPaused& event);
  void take(const RunFinished& event);
  void take(const RunStarted&) {}

  std::string node(const StepRef& step) const;
  void say_what_lasts();
  void complain_of(const StepFinished& event);
  void print(std::FILE* to, const std::string& line);

  std::FILE* out_;
  std::FILE* err_;
  TextStyle style_;
  std::map<std::string, std::string> nodes_;  ///< inventory host -> Kubernetes node
  std::map<std::string, Running> running_;    ///< by step id
  plans::Timestamp now_{};
  std::mutex printing_;
};

}  // namespace drover::orchestrator
