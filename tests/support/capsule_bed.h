#pragma once

#include <poll.h>

#include <sstream>
#include <stdexcept>
#include <string>

#include "remote/ssh/ssh_node.h"
#include "tests/support/sshd.h"

namespace drover::test {

/// An sshd and one node on it with a capsule folder of its own.
struct CapsuleBed {
  explicit CapsuleBed(const std::string& config = {}, const std::string& furnish = "true")
      : sshd(config, "ed25519", furnish), node(sshd.target(), capsules()) {}

  std::string capsules() const { return sshd.file("var/steps"); }
  std::string in_capsule(const std::string& id, const std::string& name) const {
    return capsules() + "/" + id + "/" + name;
  }
  remote::SshNode another() const { return remote::SshNode(sshd.target(), capsules()); }
  remote::CapsuleState::Kind kind(const std::string& id) { return node.state(id, {}).value().kind; }
  pid_t supervisor(const std::string& id) const {
    std::istringstream started(test::read_file(in_capsule(id, "started")));
    std::string boot;
    pid_t pid = -1;
    started >> boot >> pid;
    return pid;
  }

  Sshd sshd;
  remote::SshNode node;
};

/// A command for a capsule.
inline Command change(const std::string& script,
                      std::chrono::seconds timeout = std::chrono::seconds(30)) {
  return {script, true, timeout};
}

/// Waits for what another process is about to do.
template <class Condition>
void await(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("awaited in vain");
    poll(nullptr, 0, 2);
  }
}

inline CommandResult must(Result<CommandResult> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace drover::test
