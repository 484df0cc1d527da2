#pragma once

#include <map>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "remote/ssh/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// The private root of one node of the sandbox, in which scripts are run without a connection.
/// Every run is a boot of its own: what it leaves running ends with it, and its files stay.
class ToolRoom {
 public:
  enum class Kind { ControlPlane, Worker };
  explicit ToolRoom(Kind kind = Kind::ControlPlane, const std::string& name = "");

  /// By root's shell. Throws when it is not over in time.
  CommandResult run(const std::string& script) const;
  /// The output of a script that must end with 0.
  std::string out(const std::string& script) const;

  /// Paths below the node's root: "etc/hosts".
  std::string read(const std::string& path) const;
  void write(const std::string& path, const std::string& text) const;
  bool exists(const std::string& path) const;
  std::vector<std::string> names(const std::string& folder) const;
  /// The same below /var/lib/sandbox.
  std::string state(const std::string& name) const { return read(kState + name); }
  void set_state(const std::string& name, const std::string& text) const {
    write(kState + name, text);
  }
  /// A rule for its tools; its id.
  std::string fault(const std::string& action, int nth, const std::string& text) const;
  /// Lines of `starts`, each without its capsule.
  std::vector<std::string> starts() const;

  /// The source file names the repository of this minor from now on, and its index was read.
  void point_to(const std::string& minor) const;
  /// The API server listens no more.
  void stop_api() { api_.reset(); }

  std::string path(const std::string& name) const { return root_.file(name); }

 private:
  static constexpr const char* kState = "var/lib/sandbox/";

  TempDir root_;
  std::string name_;
  remote::UniqueFd api_;
};

/// examples/sandbox/recorded/commands/NAME
std::string recording(const std::string& name);

/// What differs from run to run in what kubeadm prints, replaced by marks: random names, moments,
/// klog's fronts.
std::string without_run(const std::string& text);

}  // namespace drover::test
