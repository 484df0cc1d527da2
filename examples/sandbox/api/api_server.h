#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "examples/sandbox/control/commands.h"
#include "examples/sandbox/world/machine.h"
#include "examples/sandbox/world/moment.h"

namespace drover::sandbox {

/// The API of the make-believe cluster: TLS on 127.0.0.1, one port for each control plane, client
/// certificates. It knows the requests that Drover sends; any other is answered 501 and remembered.
/// It follows the files of its machines: while a control plane's API server would be away, its port
/// refuses connections. All functions may be called from any thread.
class ApiServer {
 public:
  struct Setup {
    std::filesystem::path folder;   ///< pki/ and api.jsonl are made there
    std::vector<Machine> machines;  ///< one control plane at least; their files are there already
    double speed = 1;               ///< how many times faster than real; 0: as fast as possible
    unsigned seed = 1;              ///< of names and UIDs
    std::function<Moment()> clock = {};  ///< default: the system's
  };

  /// std::runtime_error: why it cannot serve.
  explicit ApiServer(Setup setup);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// Of the first control plane, or of the one named.
  int port() const;
  int port(const std::string& control_plane) const;
  /// kubeadm's admin.conf with that port.
  std::string admin_conf() const;
  std::string admin_conf(const std::string& control_plane) const;

  /// The machine has lost its power or its cable; it has both again. `rebooted`: what ran on it has
  /// ended meanwhile.
  void lost(const std::string& node);
  void back(const std::string& node, bool rebooted);

  /// api, budget, workload, pod, namespace, lock, patch-node, strike, state: see
  /// examples/sandbox/README.md.
  Commands commands();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace drover::sandbox
