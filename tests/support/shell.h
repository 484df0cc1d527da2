#pragma once

#include <sys/types.h>

#include <string>

#include "inventory/base/command.h"
#include "tests/support/temp_dir.h"

/// Scripts for nodes, run here by /bin/sh against a private folder instead of a machine.
namespace drover::test {

/// A make-believe machine: bin/ has stand-ins and comes first in PATH; the script's own paths below
/// /boot, /etc, /proc, /run, /tmp and /var lead into the folder.
class ScriptRoom {
 public:
  ScriptRoom();

  /// An executable bin/NAME with that text behind `#!/bin/sh`.
  void program(const std::string& name, const std::string& text);
  /// A file below the folder, its parents made: "etc/os-release".
  void file(const std::string& name, const std::string& text);
  std::string read(const std::string& name) const;
  bool exists(const std::string& name) const;
  /// Names below a folder of the room, one a line.
  std::string list(const std::string& name) const;
  const std::string& path() const { return dir_.path(); }

  CommandResult run(const std::string& script) const;
  /// Starts it in a process group of its own and returns its process id.
  pid_t start(const std::string& script) const;
  CommandResult wait(pid_t pid) const;

 private:
  std::string rooted(const std::string& script) const;

  TempDir dir_;
};

/// What `/bin/sh -n` says of a script; "" when it is one.
std::string syntax_errors(const std::string& script);

}  // namespace drover::test
