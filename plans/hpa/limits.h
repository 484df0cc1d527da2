#pragma once

#include <optional>
#include <vector>

#include "plans/hpa/proposal.h"

/// What becomes of a proposal: stabilisation, the policies of the behaviour, and minimum and
/// maximum, as the HorizontalPodAutoscaler's controller applies them.
namespace drover::plans {

struct Recommendation {
  Timestamp at;
  int replicas = 0;
  bool at_least = false;  ///< it may have been more: what an event tells was cut by limits
};

/// A change that the controller has made.
struct ScaleChange {
  Timestamp at;
  int change = 0;       ///< pods; negative: taken away
  bool certain = true;  ///< otherwise it was as much or more; 0: not even its direction is known
};

/// What the controller has in its memory, as far as it can be known from outside.
struct ScaleHistory {
  std::vector<Recommendation> recommendations;
  std::vector<ScaleChange> changes;
};

/// The rules with their defaults filled in.
ScaleRules up_rules(const Autoscaler& hpa);
ScaleRules down_rules(const Autoscaler& hpa, const ScaleSettings& settings);

/// How well it is known what a period began with.
enum class Began { Exactly, AtMost, AtLeast, About };

struct PolicyBound {
  ScalePolicy policy;
  Began began = Began::Exactly;
  int began_with = 0;  ///< replicas at the beginning of its period
  int bound = 0;       ///< replicas that it allows now

  bool certain() const { return began == Began::Exactly; }
};

enum class ScaleLimit {
  None,
  UpRate,    ///< ScaleUpLimit: it would grow faster than it may
  DownRate,  ///< ScaleDownLimit
  Most,      ///< TooManyReplicas
  Least,     ///< TooFewReplicas
};

struct Limited {
  int stabilised = 0;                    ///< of the proposal, after the windows
  std::optional<Recommendation> holder;  ///< that is the cause when it differs
  std::optional<Timestamp> held_until;   ///< when that one leaves its window
  ScaleLimit limit = ScaleLimit::None;
  bool disabled = false;            ///< by selectPolicy Disabled
  std::vector<PolicyBound> bounds;  ///< of the direction it goes, with a behaviour
  std::optional<size_t> decisive;   ///< of `bounds`: the one that was selected
  int replicas = 0;                 ///< what the controller sets
};

/// `wanted`: what the workload wants now; `proposed`: the largest of its metrics' proposals.
Limited limit_scaling(const Autoscaler& hpa, int wanted, int proposed, const ScaleHistory& history,
                      const ScaleSettings& settings, Timestamp now);

}  // namespace drover::plans
