#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "plans/steps/kind.h"
#include "plans/steps/scope.h"
#include "plans/timestamp.h"

/// The control-plane gate of design 1.3: when a control plane that was restarted may be called
/// well. A node's Ready and one good answer of /readyz come too early by far (observed.md, trap 1).
namespace drover::plans {

/// Places of the gate's answers, once it asks everything.
enum GateQuery : size_t {
  kReadyz,
  kStaticPods,
  kSchedulerLease,
  kManagerLease,
  kKubeadmConfigMap,
  kCorednsConfigMap,
  kGateQueries,  ///< how many they are
};

struct Gate {
  std::string node;                     ///< Kubernetes node name
  std::vector<std::string> components;  ///< its static pods, by label `component`
  std::string tag;                      ///< wanted of Kubernetes' own images; empty: any

  /// The static pods are expected to be restarted: each container must have started after `since`,
  /// or be the same one for 20 s of this attempt; leases count when renewed after that start.
  bool restarted = false;
  std::optional<Timestamp> since;  ///< by the node's clock; absent: not known
  Seconds readyz_for{0};           ///< how long /readyz must have said ok, round after round
};

/// Puts into a step what gate_of() reads back.
void describe_gate(Step& step, const Scope& scope, const Host& host);
Gate gate_of(const Step& step);

/// True when this round asks all of GateQuery. An API server that does not answer is asked for
/// /readyz only, or each round would wait for six time-outs one after the other.
bool gate_asks_all(const Attempt& attempt);
Queries gate_queries(const Gate& gate, const Attempt& attempt);

struct GateView {
  std::vector<std::string> missing;       ///< each completes "waiting for ..."; shortest first
  std::chrono::milliseconds pause{1000};  ///< until the next round
  Notes remember;
};

/// Never fails: in a control plane that comes up, refusals pass too (S18). The step's deadline ends
/// it.
GateView judge_gate(const Gate& gate, const Attempt& attempt, const Answers& answers);

/// The notes of a gate, and of its hold, that begin anew: before a command that restarts what the
/// gate looks at.
Notes forget_gate();

/// The decision of one round of a gate that is a step of its own.
Decision decide_gate(const Gate& gate, const Attempt& attempt, const Answers& answers,
                     const std::string& message);

/// After a failure that passes: the gate, held 10 s, and then `error` with leave for another
/// attempt.
Decision retry_behind_gate(const Step& step, const Attempt& attempt, const Answers& answers,
                           const Error& error);

/// What of the static pods is not at the gate's tag yet: "kube-apiserver at v1.34.4". etcd has a
/// version of its own; kubeadm swaps it before the others, so that they vouch for it.
std::vector<std::string> not_at_tag(const Gate& gate, const std::vector<Pod>& pods);

}  // namespace drover::plans
