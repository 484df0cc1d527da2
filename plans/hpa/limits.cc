#include "plans/hpa/limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace drover::plans {
namespace {

using std::chrono::seconds;
using Select = ScaleRules::Select;

constexpr seconds kDefaultPeriod{15};
constexpr int kDefaultPods = 4;
constexpr int kAll = 100;

int clamped(double replicas) {
  constexpr double kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(replicas, -kMost, kMost));
}

/// Pods added since `from`, less those taken away; changes before it say nothing of the period.
void count_changes(const std::vector<ScaleChange>& changes, Timestamp from, PolicyBound& bound) {
  bool more = false;
  bool fewer = false;
  for (const ScaleChange& change : changes) {
    if (change.at <= from) continue;
    bound.began_with -= change.change;
    more = more || (!change.certain && change.change <= 0);
    fewer = fewer || (!change.certain && change.change >= 0);
  }
  if (more && fewer) bound.began = Began::About;
  if (more != fewer) bound.began = more ? Began::AtLeast : Began::AtMost;
}

PolicyBound bound_of(const ScalePolicy& policy, bool up, int wanted, const ScaleHistory& history,
                     Timestamp now) {
  PolicyBound bound{.policy = policy, .began_with = wanted};
  count_changes(history.changes, now - policy.period, bound);
  const double start = bound.began_with;
  const double share = static_cast<double>(policy.value) / kAll;
  if (!policy.percent) bound.bound = clamped(up ? start + policy.value : start - policy.value);
  // Upwards rounded up, as otherwise one pod would never become two.
  if (policy.percent)
    bound.bound = clamped(up ? std::ceil(start * (1 + share)) : std::trunc(start * (1 - share)));
  return bound;
}

/// Max selects the policy that lets it change most.
size_t decisive_of(const std::vector<PolicyBound>& bounds, bool up, Select select) {
  const bool highest = up == (select == Select::Max);
  const auto less = [](const PolicyBound& a, const PolicyBound& b) { return a.bound < b.bound; };
  const auto found = highest ? std::max_element(bounds.begin(), bounds.end(), less)
                             : std::min_element(bounds.begin(), bounds.end(), less);
  return static_cast<size_t>(found - bounds.begin());
}

/// How far the rules of one direction let it go; never past `wanted` the other way.
int rate_bound(const ScaleRules& rules, bool up, int wanted, const ScaleHistory& history,
               Timestamp now, Limited& limited) {
  if (rules.select == Select::Disabled) {
    limited.disabled = true;
    return wanted;
  }
  for (const ScalePolicy& policy : rules.policies) {
    limited.bounds.push_back(bound_of(policy, up, wanted, history, now));
  }
  if (limited.bounds.empty()) return wanted;
  limited.decisive = decisive_of(limited.bounds, up, rules.select);
  const int bound = limited.bounds[*limited.decisive].bound;
  return up ? std::max(bound, wanted) : std::min(bound, wanted);
}

/// The recommendation in the window that is furthest up, or down; nothing when none is beyond
/// `replicas`.
std::optional<Recommendation> extreme(const ScaleHistory& history, seconds window, Timestamp now,
                                      bool highest, int replicas) {
  std::optional<Recommendation> found;
  for (const Recommendation& each : history.recommendations) {
    if (each.at <= now - window || (!highest && each.at_least)) continue;
    const int least = found ? found->replicas : replicas;
    const bool further = highest ? each.replicas > least : each.replicas < least;
    // Of equal ones the youngest holds longest.
    const bool younger = found && each.replicas == found->replicas && each.at > found->at;
    if (further || younger) found = each;
  }
  return found;
}

void hold(Limited& limited, const std::optional<Recommendation>& holder, seconds window) {
  if (!holder) return;
  limited.holder = holder;
  limited.held_until = holder->at + window;
}

void stabilise(Limited& limited, int wanted, int proposed, seconds up, seconds down,
               const ScaleHistory& history, Timestamp now) {
  const auto lowest = extreme(history, up, now, false, proposed);
  const auto highest = extreme(history, down, now, true, proposed);
  const int least = lowest ? lowest->replicas : proposed;
  const int most = highest ? highest->replicas : proposed;
  limited.stabilised = std::min(std::max(wanted, least), most);
  if (limited.stabilised == proposed) return;
  if (proposed > limited.stabilised) hold(limited, lowest, up);
  if (proposed < limited.stabilised) hold(limited, highest, down);
}

/// Without a behaviour: twice as many at a time, and always four.
void apply_simple(const Autoscaler& hpa, int wanted, Limited& limited) {
  const int rate = std::max(clamped(2.0 * wanted), kDefaultPods);
  const int most = std::min(hpa.max, rate);
  limited.replicas = limited.stabilised;
  if (limited.stabilised < hpa.min) {
    limited.replicas = hpa.min;
    limited.limit = ScaleLimit::Least;
  } else if (limited.stabilised > most) {
    limited.replicas = most;
    limited.limit = hpa.max > rate ? ScaleLimit::UpRate : ScaleLimit::Most;
  }
}

void apply_rules(const Autoscaler& hpa, const ScaleRules& up, const ScaleRules& down, int wanted,
                 const ScaleHistory& history, Timestamp now, Limited& limited) {
  limited.replicas = limited.stabilised;
  if (limited.stabilised > wanted) {
    const int rate = rate_bound(up, true, wanted, history, now, limited);
    const int most = std::min(hpa.max, rate);
    if (limited.stabilised <= most) return;
    limited.replicas = most;
    limited.limit = hpa.max > rate ? ScaleLimit::UpRate : ScaleLimit::Most;
  } else if (limited.stabilised < wanted) {
    const int rate = rate_bound(down, false, wanted, history, now, limited);
    const int least = std::max(hpa.min, rate);
    if (limited.stabilised >= least) return;
    limited.replicas = least;
    limited.limit = hpa.min < rate ? ScaleLimit::DownRate : ScaleLimit::Least;
  }
}

}  // namespace

ScaleRules up_rules(const Autoscaler& hpa) {
  ScaleRules rules = hpa.up;
  if (!rules.window) rules.window = seconds(0);
  if (rules.policies.empty())
    rules.policies = {{false, kDefaultPods, kDefaultPeriod}, {true, kAll, kDefaultPeriod}};
  return rules;
}

ScaleRules down_rules(const Autoscaler& hpa, const ScaleSettings& settings) {
  ScaleRules rules = hpa.down;
  if (!rules.window) rules.window = settings.down_stabilization;
  if (rules.policies.empty()) rules.policies = {{true, kAll, kDefaultPeriod}};
  return rules;
}

Limited limit_scaling(const Autoscaler& hpa, int wanted, int proposed, const ScaleHistory& history,
                      const ScaleSettings& settings, Timestamp now) {
  const ScaleRules up = up_rules(hpa);
  const ScaleRules down = down_rules(hpa, settings);
  Limited limited;
  if (!hpa.has_behavior) {
    const seconds window = settings.down_stabilization;
    const auto highest = extreme(history, window, now, true, proposed);
    limited.stabilised = highest ? highest->replicas : proposed;
    hold(limited, highest, window);
    apply_simple(hpa, wanted, limited);
    return limited;
  }
  stabilise(limited, wanted, proposed, *up.window, *down.window, history, now);
  apply_rules(hpa, up, down, wanted, history, now, limited);
  return limited;
}

}  // namespace drover::plans
