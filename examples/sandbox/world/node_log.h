#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/world/machine.h"
#include "examples/sandbox/world/moment.h"

namespace drover::sandbox {

inline constexpr std::array kComponents = {"etcd", "kube-apiserver", "kube-controller-manager",
                                           "kube-scheduler"};

/// A line of a node's own record of what began to run there.
struct Began {
  std::string component;  ///< of the control plane; empty where the file is about one thing only
  std::string version;    ///< "v1.34.4"
  Moment at;
};

/// A time in which a machine could not be reached: switched off, starting again, or its cable cut.
struct Outage {
  Moment lost;
  std::optional<Moment> back;
  bool rebooted = false;  ///< all that ran on it ended
  bool noticed = false;   ///< it lasted so long that the node was called NotReady
};

/// What a node's files tell about it; its stand-ins for tools write them.
struct NodeLog {
  std::vector<Began> kubelets;        ///< `kubelet`: each start
  std::vector<Began> control_planes;  ///< `control-plane`: each upgrade of it that came to its end
  std::vector<Began> static_pods;     ///< `static-pods`: each manifest of it that was replaced
  std::vector<Began> stopped;         ///< `stopped`: each container of it that was stopped
  std::string boot_id;
  /// Components of its control plane whose manifests were taken out of the kubelet's folder.
  std::vector<std::string> away = {};
};

/// Reads them. A line that is still being written is left for the next time; a file that is not
/// there is empty. std::runtime_error: a line is not to be understood.
NodeLog read_node_log(const Machine& machine);

/// Keeps what was read until one of the files is another, or longer, than it was: to ask is cheap.
/// Not for several threads at once.
class KnownNodeLog {
 public:
  /// std::runtime_error as above.
  const NodeLog& read(const Machine& machine);

 private:
  std::string seen_;  ///< number, size and time of each file
  NodeLog log_;
};

/// The lines of a text file of the node below /var/lib/sandbox, none if it is not there.
std::vector<std::string> node_lines(const Machine& machine, const std::string& name);

}  // namespace drover::sandbox
