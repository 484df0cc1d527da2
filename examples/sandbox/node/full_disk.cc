#include "examples/sandbox/node/full_disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "examples/sandbox/node/child.h"

namespace drover::sandbox {
namespace {

/// All texts that the forked child needs: it may allocate nothing, because other threads of this
/// program may have been amid an allocation when it was forked.
struct Texts {
  std::string path;
  std::string layer;  ///< a tiny file system of its own, for what is written over the full disk
  std::string upper;
  std::string work;
  std::string ballast;
  std::string options;
};

Texts texts_for(const std::string& path, int number) {
  const std::string layer = fmt::format("/.full/{}", number);
  Texts texts{path, layer, layer + "/upper", layer + "/work", layer + "/ballast-", ""};
  texts.options = fmt::format("lowerdir={},upperdir={},workdir={}", path, texts.upper, texts.work);
  if (::geteuid() != 0) texts.options += ",userxattr";
  return texts;
}

// What the child reports: the step that failed and its errno.
struct Failure {
  int step = 0;
  int number = 0;
};

bool enter(int init_fd) {
  // An ordinary user owns the node's user namespace and may do everything once inside it.
  if (::geteuid() != 0 && ::setns(init_fd, CLONE_NEWUSER) != 0) return false;
  return ::setns(init_fd, CLONE_NEWNS) == 0;
}

/// Uses up the layer's room: its blocks by one file, its entries by empty ones.
void use_up(const std::string& ballast) {
  static const std::array<char, 4096> block{};
  const int fd = ::open(ballast.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  while (::write(fd, block.data(), block.size()) > 0) {
  }
  ::close(fd);
  std::array<char, 64> name{};
  std::memcpy(name.data(), ballast.data(), ballast.size());
  for (char c = '!'; c <= '~'; ++c) {
    if (c == '/' || c == '.') continue;
    name[ballast.size()] = c;
    const int more = ::open(name.data(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (more < 0) return;
    ::close(more);
  }
}

Failure fill_in_child(int init_fd, const Texts& t) {
  if (!enter(init_fd)) return {1, errno};
  ::mkdir(t.layer.c_str(), 0700);
  if (::mount("full", t.layer.c_str(), "tmpfs", 0, "size=16k,nr_inodes=32") != 0) return {2, errno};
  if (::mkdir(t.upper.c_str(), 0755) != 0 || ::mkdir(t.work.c_str(), 0700) != 0) return {2, errno};
  struct stat below {};
  if (::stat(t.path.c_str(), &below) == 0) ::chmod(t.upper.c_str(), below.st_mode & 07777);
  if (::mount("full", t.path.c_str(), "overlay", 0, t.options.c_str()) != 0) return {3, errno};
  use_up(t.ballast);
  return {};
}

Failure free_in_child(int init_fd, const Texts& t) {
  if (!enter(init_fd)) return {1, errno};
  if (::umount2(t.path.c_str(), MNT_DETACH) != 0) return {4, errno};
  if (::umount2(t.layer.c_str(), MNT_DETACH) != 0) return {4, errno};
  return {};
}

constexpr std::array<const char*, 5> kSteps = {"", "enter the node", "make a small file system",
                                               "lay it over the folder", "take it away"};

/// Does it in a process of its own: a thread cannot enter another user namespace.
void in_node(pid_t init, const Texts& texts, Failure (*act)(int, const Texts&)) {
  const remote::UniqueFd init_fd(static_cast<int>(::syscall(SYS_pidfd_open, init, 0)));
  auto [read, write] = make_pipe();
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error(fmt::format("no process: {}", std::strerror(errno)));
  if (child == 0) {
    const Failure failure = act(init_fd.get(), texts);
    const bool told = ::write(write.get(), &failure, sizeof failure) == sizeof failure;
    ::_exit(told ? 0 : 1);
  }
  write.reset();
  Failure failure;
  const std::string report = read_all(read.get());
  ::waitpid(child, nullptr, 0);
  if (report.size() != sizeof failure) throw std::runtime_error("the node cannot be entered");
  std::memcpy(&failure, report.data(), sizeof failure);
  if (failure.step == 0) return;
  throw std::runtime_error(fmt::format("cannot {} for {}: {}",
                                       kSteps[static_cast<size_t>(failure.step)], texts.path,
                                       std::strerror(failure.number)));
}

}  // namespace

void fill_disk(pid_t init, const std::string& path, int number) {
  in_node(init, texts_for(path, number), fill_in_child);
}

void free_disk(pid_t init, const std::string& path, int number) {
  in_node(init, texts_for(path, number), free_in_child);
}

}  // namespace drover::sandbox
