#pragma once

#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/world/moment.h"
#include "examples/sandbox/world/observed.h"
#include "examples/sandbox/world/selector.h"

namespace drover::sandbox {

struct Taint {
  std::string key;
  std::string value;
  std::string effect;  ///< NoSchedule, PreferNoSchedule, NoExecute
};

struct Toleration {
  std::string key;     ///< empty: every taint
  std::string effect;  ///< empty: every effect

  bool covers(const Taint& taint) const {
    return (key.empty() || key == taint.key) && (effect.empty() || effect == taint.effect);
  }
};

/// What a workload says of its pods.
struct PodSpec {
  Labels labels;
  std::string image;
  std::vector<Toleration> tolerations = {};
  bool empty_dir = false;              ///< has an emptyDir volume
  std::string volume = {};             ///< a PersistentVolume that is attached where the pod runs
  bool never_ready = false;            ///< its readiness probe fails
  bool never_ends = false;             ///< it ignores its termination
  Span starts = observed::kPodStarts;  ///< from its place on a node until Ready
  Span terminates = observed::kPodTerminates;  ///< from its deletion until it is gone

  bool tolerates(const Taint& taint) const;
};

struct Owner {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
};

/// What metrics-server measures of a pod.
struct PodUse {
  long cpu_m = 0;      ///< thousandths of a core
  long memory_mi = 0;  ///< MiB
};

/// A line that a pod's container wrote.
struct LogLine {
  Moment at;
  std::string text;
};

struct Pod {
  std::string ns;
  std::string name;
  std::string uid;
  PodSpec spec;
  std::optional<Owner> owner;
  std::string workload;  ///< name of what made it: a Deployment's, not its ReplicaSet's; or empty
  std::string node;      ///< empty: Pending
  Moment created;
  Moment started;  ///< when it came to the node, or its containers there started again
  bool ready = false;
  bool finished = false;  ///< phase Succeeded
  bool mirror = false;    ///< a static pod's reflection
  int starts = 0;         ///< container starts after the first
  std::optional<Moment> deleting;
  std::optional<Moment> evicted;    ///< by the eviction API, which says so in the pod's status
  std::optional<Moment> disrupted;  ///< its eviction has used its budget, and did not delete it
  std::vector<LogLine> log = {};
  PodUse use = {.cpu_m = 5, .memory_mi = 16};
  long revision = 0;

  std::string full_name() const { return ns + "/" + name; }
  const char* phase() const;
};

}  // namespace drover::sandbox
