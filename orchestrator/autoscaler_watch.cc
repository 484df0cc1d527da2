#include "orchestrator/autoscaler_watch.h"

#include <set>
#include <utility>

namespace drover::orchestrator {

Result<std::string> AutoscalerWatch::take_list(std::string_view body) {
  DROVER_TRY_ASSIGN(AutoscalerList list, parse_autoscaler_list(body));
  std::set<std::string> there;
  for (const Autoscaler& hpa : list.items) there.insert(hpa.uid);
  for (auto each = seen_.begin(); each != seen_.end();) {
    if (there.count(each->first) > 0) {
      ++each;
      continue;
    }
    show_(each->second, true);
    each = seen_.erase(each);
  }
  for (const Autoscaler& hpa : list.items) show_once(hpa);
  return std::move(list.resource_version);
}

Status AutoscalerWatch::take(const WatchLine& line) {
  DROVER_TRY_ASSIGN(const Autoscaler hpa,
                    read_object(line.object, "HorizontalPodAutoscaler", read_autoscaler));
  if (line.kind != WatchLine::Kind::Deleted) {
    show_once(hpa);
    return {};
  }
  seen_.erase(hpa.uid);
  show_(hpa, true);
  return {};
}

void AutoscalerWatch::show_once(const Autoscaler& hpa) {
  const auto [seen, fresh] = seen_.try_emplace(hpa.uid, hpa);
  if (!fresh && seen->second.resource_version == hpa.resource_version) return;
  seen->second = hpa;
  show_(hpa, false);
}

}  // namespace drover::orchestrator
