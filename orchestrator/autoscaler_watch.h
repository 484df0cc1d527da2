#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "inventory/cluster/autoscaler.h"
#include "orchestrator/list_watch.h"
#include "plans/hpa/request.h"

namespace drover::orchestrator {

/// Autoscalers as they change, for a ListWatch: each version once, and what has gone, also when it
/// went while nobody watched. One thread.
class AutoscalerWatch final : public WatchedList {
 public:
  using Show = std::function<void(const Autoscaler&, bool gone)>;

  AutoscalerWatch(plans::AutoscalerQuery query, Show show)
      : query_(std::move(query)), show_(std::move(show)) {}

  std::string what() const override { return "autoscalers"; }
  ApiRequest list() const override { return plans::list_autoscalers(query_); }
  ApiRequest watch(std::string_view version) const override {
    return plans::watch_autoscalers(query_, version);
  }
  Result<std::string> take_list(std::string_view body) override;
  Status take(const WatchLine& line) override;

 private:
  void show_once(const Autoscaler& hpa);

  const plans::AutoscalerQuery query_;
  const Show show_;
  std::map<std::string, Autoscaler> seen_;  ///< by UID
};

}  // namespace drover::orchestrator
