#include "examples/sandbox/node/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

/// What a child finds when it starts: none of our signals, streams or process group.
class Surroundings {
 public:
  explicit Surroundings(const Program& program) {
    posix_spawn_file_actions_init(&actions_);
    for (int stream = 0; stream <= STDERR_FILENO; ++stream) {
      posix_spawn_file_actions_addopen(&actions_, stream, "/dev/null", O_RDWR, 0);
    }
    for (const auto& [ours, number] : program.descriptors) {
      posix_spawn_file_actions_adddup2(&actions_, ours, number);
    }
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
  ~Surroundings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  pid_t start(std::vector<std::string> words) const {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    std::string path = "PATH=/usr/bin:/usr/sbin:/bin:/sbin";
    std::array<char*, 2> environment = {path.data(), nullptr};
    pid_t pid = -1;
    const int failed =
        posix_spawn(&pid, argv[0], &actions_, &attributes_, argv.data(), environment.data());
    if (failed == 0) return pid;
    throw std::runtime_error(fmt::format("{} cannot be started: {}", words[0], strerror(failed)));
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Child::Child(const Program& program)
    : pid_(Surroundings(program).start(program.words)),
      end_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))) {}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), end_(std::move(other.end_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(end_, other.end_);
  return *this;
}

Child::~Child() {
  if (!running()) return;
  kill();
  wait();
}

void Child::kill() {
  if (running()) ::kill(pid_, SIGKILL);
}

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  end_.reset();
  return status;
}

void run(const std::vector<std::string>& words) { output_of(words); }

std::string output_of(const std::vector<std::string>& words) {
  auto [out, out_end] = make_pipe();
  auto [said, stderr_end] = make_pipe();
  Child child({words, {{out_end.get(), STDOUT_FILENO}, {stderr_end.get(), STDERR_FILENO}}});
  out_end.reset();
  stderr_end.reset();
  // What is started here complains in a line or two, which the pipe holds until it is read.
  const std::string text = read_all(out.get());
  const std::string complaint = read_all(said.get());
  if (child.wait() == 0) return text;
  throw std::runtime_error(fmt::format("{} failed: {}", words[0], sanitise(trim(complaint))));
}

std::pair<remote::UniqueFd, remote::UniqueFd> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error(fmt::format("no pipe: {}", std::strerror(errno)));
  }
  return {remote::UniqueFd(ends[0]), remote::UniqueFd(ends[1])};
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
  }
}

}  // namespace drover::sandbox
