#include "orchestrator/secrets/command_line.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "remote/secret.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

extern char** environ;

namespace drover::orchestrator {
namespace {

constexpr size_t kMostBytes = 64 * 1024;  // of a program that never breaks its line

Error failed(const std::vector<std::string>& command, const std::string& what) {
  return {.kind = ErrorKind::Authentication,
          .message = fmt::format("the command {} {}", command.front(), what),
          .remedy = "run it by hand: its first line must be the secret, its exit code 0"};
}

/// A running program and the pipe that it prints to.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    remote::wipe(printed_);
    if (pid_ < 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  /// 0, or the number of the error.
  int start(const std::vector<std::string>& command) {
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    out_.reset(ends[0]);
    const remote::UniqueFd theirs(ends[1]);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
    // Our threads block what ends us; it must still be able to end a program that waits.
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> argv;
    for (const std::string& argument : command) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    pid_t pid = -1;
    const int code = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code != 0) return code;
    pid_ = pid;
    exit_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    return exit_.get() < 0 ? errno : 0;
  }

  int out() const { return out_.get(); }
  int exit() const { return exit_.get(); }

  /// What is there to read now.
  void take() {
    char portion[4096];
    for (;;) {
      const ssize_t got = read(out_.get(), portion, sizeof portion);
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) out_.reset();
      if (got <= 0) break;
      const auto size = static_cast<size_t>(got);
      const size_t room = kMostBytes - std::min(kMostBytes, printed_.size());
      if (printed_.find('\n') == std::string::npos) append(portion, std::min(size, room));
    }
    explicit_bzero(portion, sizeof portion);
  }

  /// After it has ended: its status as waitpid gives it.
  int status() {
    int status = 0;
    waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }

  std::string first_line() {
    std::string line = printed_.substr(0, printed_.find('\n'));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }

 private:
  // Growing would leave a copy behind.
  void append(const char* bytes, size_t size) {
    if (printed_.capacity() < printed_.size() + size) {
      std::string larger;
      larger.reserve(std::max<size_t>(4096, 2 * (printed_.size() + size)));
      larger = printed_;
      remote::wipe(printed_);
      printed_ = std::move(larger);
    }
    printed_.append(bytes, size);
  }

  pid_t pid_ = -1;
  remote::UniqueFd out_;
  remote::UniqueFd exit_;
  std::string printed_;
};

}  // namespace

Result<std::string> first_line_of(const std::vector<std::string>& command,
                                  const remote::Limit& limit) {
  const remote::Wake wake;
  const std::stop_callback on_stop(limit.stop, [&wake] { wake.signal(); });
  Child child;
  if (const int code = child.start(command); code != 0) {
    return failed(command, "cannot be run: " + std::generic_category().message(code));
  }
  for (;;) {
    if (limit.stop.stop_requested()) {
      return Error{.kind = ErrorKind::Cancelled,
                   .message = fmt::format("cancelled while the command {} ran", command.front())};
    }
    if (std::chrono::steady_clock::now() >= limit.deadline)
      return failed(command, "did not end in time");
    pollfd polled[] = {{child.out(), POLLIN, 0}, {child.exit(), POLLIN, 0}, {wake.fd(), POLLIN, 0}};
    poll(polled, 3, remote::poll_timeout(limit.deadline));
    if (polled[0].revents != 0 || polled[1].revents != 0) child.take();
    if (polled[1].revents != 0) break;
  }
  const int status = child.status();
  if (WIFSIGNALED(status))
    return failed(command, fmt::format("ended by signal {}", WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) {
    return failed(command, fmt::format("ended with exit code {}", WEXITSTATUS(status)));
  }
  std::string line = child.first_line();
  if (line.empty()) return failed(command, "printed no line");
  return line;
}

}  // namespace drover::orchestrator
