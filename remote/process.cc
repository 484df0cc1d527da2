#include "remote/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>

#include "inventory/base/text.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

extern "C" char** environ;  // NOLINT: POSIX has it in no header

namespace drover::remote {
namespace {

Error process_error(ErrorKind kind, std::string message) {
  return {.kind = kind, .message = std::move(message)};
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return process_error(ErrorKind::Internal, fmt::format("no pipe: {}", std::strerror(errno)));
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

std::vector<std::string> environment(const ProcessSpec& spec) {
  std::map<std::string, std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text(*each);
    const size_t mark = text.find('=');
    if (mark != text.npos) all[std::string(text.substr(0, mark))] = text.substr(mark + 1);
  }
  for (const auto& [name, value] : spec.env) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + '=' + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// The attributes of a child: nothing of Drover's signals, streams or process group.
class Start {
 public:
  Start(const Pipe& out, const Pipe& err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err.write.get(), STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Start() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;

  Result<pid_t> run(const ProcessSpec& spec) {
    std::vector<std::string> words = {spec.command};
    words.insert(words.end(), spec.args.begin(), spec.args.end());
    std::vector<std::string> lines = environment(spec);
    pid_t pid = -1;
    const int failed = posix_spawnp(&pid, spec.command.c_str(), &actions_, &attributes_,
                                    pointers(words).data(), pointers(lines).data());
    if (failed == 0) return pid;
    return process_error(ErrorKind::File,
                         fmt::format("cannot be started: {}", std::strerror(failed)));
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

/// A child until it is waited for; killed with its group when it is not.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid), fd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~Child() {
    if (pid_ < 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int fd() const { return fd_.get(); }
  /// After it has ended.
  std::optional<int> wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    return std::nullopt;
  }

 private:
  pid_t pid_;
  UniqueFd fd_;
};

/// Takes what is there; false at the stream's end.
bool take(int fd, std::string& text, size_t most) {
  std::array<char, 8192> buffer;
  while (text.size() <= most) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<size_t>(count));
    } else if (count == 0 || errno != EINTR) {
      return count < 0 && errno == EAGAIN;
    }
  }
  return true;
}

int poll_patience(std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<long long>(left.count(), 0, 60'000));
}

}  // namespace

Result<ProcessResult> run_process(const ProcessSpec& spec, std::chrono::milliseconds patience,
                                  std::stop_token stop) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  DROVER_TRY_ASSIGN(Pipe out, make_pipe());
  DROVER_TRY_ASSIGN(Pipe err, make_pipe());
  const Wake wake;
  const std::stop_callback wake_on_stop(stop, [&wake] { wake.signal(); });
  DROVER_TRY_ASSIGN(const pid_t pid, Start(out, err).run(spec));
  Child child(pid);
  out.write.reset();
  err.write.reset();
  ProcessResult result;
  while (true) {
    std::array<pollfd, 4> polled = {{{child.fd(), POLLIN, 0},
                                     {wake.fd(), POLLIN, 0},
                                     {out.read.get(), POLLIN, 0},
                                     {err.read.get(), POLLIN, 0}}};
    ::poll(polled.data(), polled.size(), poll_patience(deadline));
    // What it printed before it ended is there when its end is seen; a process that it leaves
    // behind may hold the streams open and is not waited for.
    if (out.read.get() >= 0 && !take(out.read.get(), result.out, spec.most_output))
      out.read.reset();
    if (err.read.get() >= 0 && !take(err.read.get(), result.err, spec.most_output))
      err.read.reset();
    if (stop.stop_requested())
      return process_error(ErrorKind::Cancelled, "stopped before it ended");
    if (std::max(result.out.size(), result.err.size()) > spec.most_output)
      return process_error(ErrorKind::Api,
                           fmt::format("it printed more than {} bytes", spec.most_output));
    if ((polled[0].revents & POLLIN) != 0) {
      result.exit_code = child.wait();
      return result;
    }
    if (std::chrono::steady_clock::now() >= deadline)
      return process_error(ErrorKind::Timeout, "it did not end in time and was killed");
  }
}

}  // namespace drover::remote
