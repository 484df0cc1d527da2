#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// A program to start: its words, and which of our descriptors it finds under which number. Its
/// streams are /dev/null where nothing else is said. It gets a process group of its own, so that
/// Ctrl-C at a terminal reaches only the sandbox, and nothing of the sandbox's environment.
struct Program {
  std::vector<std::string> words;                ///< the first one is the path of the program
  std::vector<std::pair<int, int>> descriptors;  ///< ours, its number
};

/// A process that was started here; killed and waited for when this goes away.
class Child {
 public:
  Child() = default;
  /// Throws std::runtime_error when it cannot be started.
  explicit Child(const Program& program);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  bool running() const { return pid_ > 0; }
  /// Readable when it has ended.
  int end_fd() const { return end_.get(); }
  void kill();
  /// Until it has ended; its status as waitpid gives it.
  int wait();

 private:
  pid_t pid_ = -1;
  remote::UniqueFd end_;
};

/// Runs a program to its end. Throws with what it printed on stderr when it fails.
void run(const std::vector<std::string>& words);

/// The same, and what it prints on stdout.
std::string output_of(const std::vector<std::string>& words);

/// A pipe: what is written to the second comes out of the first. Both are closed on exec.
std::pair<remote::UniqueFd, remote::UniqueFd> make_pipe();

/// All that comes until the end.
std::string read_all(int fd);

}  // namespace drover::sandbox
