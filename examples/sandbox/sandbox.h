#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "examples/sandbox/api/api_server.h"
#include "examples/sandbox/control/commands.h"
#include "examples/sandbox/control/control_server.h"
#include "examples/sandbox/node/node.h"
#include "examples/sandbox/node/power.h"
#include "examples/sandbox/options.h"
#include "examples/sandbox/sandbox_folder.h"

namespace drover::sandbox {

/// A make-believe cluster that runs as long as this object lives, and as long as the thread that
/// made it.
class Sandbox {
 public:
  /// `tool`: the program that stands in for the nodes' tools. Throws std::runtime_error when
  /// something of it cannot be made; nothing is left running then.
  Sandbox(const UpOptions& options, const std::filesystem::path& tool);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  const std::filesystem::path& folder() const { return folder_.path(); }
  const std::vector<Node*>& nodes() const { return listed_; }
  /// What there is and what to type, for the one who started it.
  std::string ready_text() const;

 private:
  void make_nodes(const UpOptions& options, const std::filesystem::path& tool);
  void make_api(const UpOptions& options);
  Commands commands();

  SandboxFolder folder_;
  Pump pump_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Node*> listed_;  ///< the same
  std::optional<ApiServer> api_;
  std::optional<Power> power_;
  std::optional<ControlServer> control_;
};

}  // namespace drover::sandbox
