#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "examples/sandbox/node/child.h"
#include "examples/sandbox/node/farm.h"

namespace drover::sandbox {

/// What a node is made of while it has power.
struct Body {
  std::string name;
  std::filesystem::path folder;  ///< its private root
  Farm farm;
  std::filesystem::path tool;  ///< the program that stands in for its tools
};

/// A node that has power: namespaces of its own (processes, mounts, host name) in which nothing
/// runs yet but their first process. All that runs in it ends with this object, or with the thread
/// that made it.
class Holder {
 public:
  /// Returns when the node can be entered. Throws with what bwrap says when it cannot be made.
  explicit Holder(const Body& body);
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  /// The first process in there, by its number out here.
  pid_t init() const { return init_; }

  /// Starts sshd in the node for one connection, which it finds at its streams.
  Child serve(int connection) const;

 private:
  Child bwrap_;
  pid_t init_ = -1;
  remote::UniqueFd init_fd_;  ///< the same process, whatever becomes of its number
};

}  // namespace drover::sandbox
