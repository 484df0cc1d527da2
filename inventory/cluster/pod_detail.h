#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/condition.h"
#include "inventory/cluster/pod.h"

/// A Pod as somebody looks at it when something is wrong. Times are RFC 3339, "" when unknown.
namespace drover {

/// How a container ended.
struct ContainerEnd {
  int exit_code = 0;
  int signal = 0;       ///< 0: by none that is known
  std::string reason;   ///< Completed, Error, OOMKilled, ...
  std::string message;  ///< its own last words
  std::string started;
  std::string finished;
};

struct ContainerDetail {
  enum class Kind {
    App,
    Init,       ///< runs to its end before those
    Sidecar,    ///< starts before those and stays
    Ephemeral,  ///< put in by `kubectl debug`
  };
  enum class State { Unknown, Waiting, Running, Ended };

  std::string name;
  std::string image;
  Kind kind = Kind::App;
  bool startup_probe = false;
  bool readiness_probe = false;
  bool liveness_probe = false;

  std::string id;  ///< of the runtime; "": it has not been made yet
  State state = State::Unknown;
  std::string reason;   ///< of Waiting: CrashLoopBackOff, ErrImagePull, ...
  std::string message;  ///< likewise
  std::string running_since;
  std::optional<ContainerEnd> end;       ///< of Ended
  std::optional<ContainerEnd> last_end;  ///< how it ended before it was started again
  bool ready = false;
  bool started = false;  ///< its startup probe has passed, or it has none and runs
  int restarts = 0;
};

struct PodVolume {
  std::string name;
  std::string kind;   ///< emptyDir, hostPath, persistentVolumeClaim, ...: the key of its source
  std::string claim;  ///< PersistentVolumeClaim that it stands for; "": none
};

struct PodDetail {
  Pod pod;
  std::string created;
  std::string deleted;            ///< when it is to be gone, since it is being deleted
  std::string reason;             ///< of the pod as a whole: Evicted, NodeLost, ...
  std::string message;            ///< likewise
  std::string default_container;  ///< the one that its author would look at first; "": not said
  std::vector<ObjectCondition> conditions;
  std::vector<ContainerDetail> containers;  ///< App first, then as they are started
  std::vector<PodVolume> volumes;

  const ContainerDetail* find(std::string_view container) const;
};

PodDetail read_pod_detail(const JsonField& object);
Result<PodDetail> parse_pod_detail(std::string_view json);
Result<std::vector<PodDetail>> parse_pod_details(std::string_view pod_list);

}  // namespace drover
