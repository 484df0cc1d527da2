#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/version.h"
#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/rollout/rollout.h"
#include "plans/step.h"

namespace drover::plans {

enum class Severity { Blocker, Warning, Info };

/// One judgement of one check, about one subject.
struct Verdict {
  std::string check;  ///< id: lower-case-with-hyphens
  Severity severity = Severity::Info;
  std::string subject;  ///< host, node, pod, file or "cluster"
  std::string message;
  std::string remedy;     ///< what to do
  std::string override_;  ///< the key that overrides it, if anything may; empty: nothing may
};

/// What draining a node is foreseen to do.
struct ForeseenDrain {
  std::string node;
  std::vector<std::string> evicts;  ///< ns/pod
  std::vector<std::string>
      blocked_by;  ///< reasons that never pass by themselves: budget or filter, with pod
  std::vector<std::string>
      pending;  ///< budgets that allow nothing at this moment: will be waited for
  std::vector<std::string> ignores = {};        ///< ns/pod of DaemonSets, which stay
  std::vector<std::string> loses_data = {};     ///< ns/pod of those whose emptyDir volumes are lost
  std::vector<std::string> gone_for_good = {};  ///< ns/pod of those that no controller starts again
  /// ns/pod of those that are away from their eviction until they run elsewhere: the only one that
  /// its controller keeps.
  std::vector<std::string> single_replicas = {};
  /// Budgets that drain.disable_eviction passes by on this node (S11).
  std::vector<std::string> bypasses = {};
};

/// The whole of what will be done, and why: an upgrade, or a node command (plans/maintenance.h).
struct Plan {
  std::string id;       ///< sha256:... over the canonical JSON (design 1.4)
  std::string created;  ///< RFC 3339
  std::string cluster;
  std::string from;               ///< "1.33.13"
  std::string target;             ///< "1.34.4"; "" when it is no upgrade
  std::string work = {};          ///< what it does then: "node drain w1, w2"; "": an upgrade
  std::vector<std::string> hops;  ///< "1.34.4"
  std::string inventory;          ///< file that it was made with, as an absolute path
  std::string inventory_sha256;
  std::string plan_sha256;
  std::map<std::string, std::string> fingerprint;  ///< path -> value; sorted
  std::string preamble;                            ///< the frame in which node commands run
  Rollout rollout;                                 ///< how its workers are taken
  std::vector<Step> steps;                         ///< in an order in which they could be done
  std::vector<Verdict> verdicts;
  std::vector<ForeseenDrain> drains;

  bool blocked() const;
  const Step* find(std::string_view id) const;
};

}  // namespace drover::plans
