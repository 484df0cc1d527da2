#include "examples/sandbox/node/holder.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Words = std::vector<std::string>;

constexpr int kInfoFd = 3;

void add(Words& words, const Words& more) { words.insert(words.end(), more.begin(), more.end()); }

/// This machine's programs and libraries, with the stand-ins in their places; nothing to write to.
void add_programs(Words& words, const Body& body) {
  add(words, {"--ro-bind", "/usr", "/usr", "--ro-bind", body.farm.bin, "/usr/bin"});
  add(words, {"--ro-bind", body.farm.sbin, "/usr/sbin", "--tmpfs", "/usr/local"});
  add(words, {"--ro-bind", "/usr", fmt::format("{}/usr", kHostFolder)});
  add(words,
      {"--ro-bind-try", "/etc/alternatives", fmt::format("{}/etc/alternatives", kHostFolder)});
  add(words, {"--ro-bind", body.tool, kTool});
  for (const std::string name : {"bin", "sbin", "lib", "lib32", "lib64"}) {
    add(words, {"--symlink", "usr/" + name, "/" + name});
  }
}

Words command_line(const Body& body) {
  Words words = {"/usr/bin/bwrap",    "--info-fd",     std::to_string(kInfoFd),
                 "--die-with-parent", "--unshare-pid", "--unshare-uts",
                 "--hostname",        body.name};
  const bool root = ::geteuid() == 0;
  if (!root) words.emplace_back("--unshare-user");
  add_programs(words, body);
  for (const std::string name : {"etc", "var", "run", "tmp", "root", "home"}) {
    add(words, {"--bind", body.folder / name, "/" + name});
  }
  // An ordinary user's --dev would nest a second user namespace, which nobody could enter.
  add(words, root ? Words{"--dev", "/dev"} : Words{"--dev-bind", "/dev", "/dev"});
  add(words, {"--proc", "/proc"});
  add(words, {"--ro-bind", body.folder / "boot_id", "/proc/sys/kernel/random/boot_id"});
  add(words, {"--dir", "/.full", "--clearenv", "--setenv", "PATH", "/usr/bin:/usr/sbin"});
  // Its line says that all the mounts are made, which what bwrap writes to --info-fd does not.
  add(words, {"/usr/bin/sh", "-c", "echo up; exec sleep infinity >&-"});
  return words;
}

std::string read_line(int fd) {
  std::string line;
  char byte = 0;
  while (true) {
    const ssize_t count = ::read(fd, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || byte == '\n') return line;
    line += byte;
  }
}

pid_t child_in(const std::string& info) {
  const auto json = nlohmann::json::parse(info, nullptr, false);
  return json.is_object() ? json.value("child-pid", pid_t{-1}) : -1;
}

}  // namespace

Holder::Holder(const Body& body) {
  auto [out, up] = make_pipe();
  auto [said, stderr_end] = make_pipe();
  auto [info, info_end] = make_pipe();
  bwrap_ = Child(
      {command_line(body),
       {{up.get(), STDOUT_FILENO}, {stderr_end.get(), STDERR_FILENO}, {info_end.get(), kInfoFd}}});
  up.reset();
  stderr_end.reset();
  info_end.reset();
  const bool is_up = read_line(out.get()) == "up";
  if (!is_up) {
    bwrap_.kill();
    throw std::runtime_error(fmt::format("the node {} cannot be made: {}", body.name,
                                         sanitise(trim(read_all(said.get())))));
  }
  init_ = child_in(read_all(info.get()));
  init_fd_ = remote::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, init_, 0)));
  if (init_fd_.get() < 0) throw std::runtime_error(body.name + ": bwrap does not say who runs");
}

// The end of the first process of a namespace is the end of all others in it, and bwrap ends after
// it: when it has been waited for, nothing of the node runs any more.
Holder::~Holder() {
  if (init_fd_.get() < 0) return;
  ::syscall(SYS_pidfd_send_signal, init_fd_.get(), SIGKILL, nullptr, 0);
  bwrap_.wait();
}

Child Holder::serve(int connection) const {
  const bool root = ::geteuid() == 0;
  Words words = {"/usr/bin/nsenter", "-t", std::to_string(init_)};
  if (!root) add(words, {"-U", "--preserve-credentials"});
  add(words, {"-m", "-p", "-u", "-r", "-w", "--"});
  // Root in there is root out here: it keeps what sshd and files need, and nothing else.
  if (root) {
    add(words,
        {"/usr/bin/setpriv", "--inh-caps=-all",
         "--bounding-set=-all,+chown,+dac_override,+fowner,+kill,+setgid,+setuid,+sys_chroot"});
  }
  add(words, {"/usr/sbin/sshd", "-i", "-f", "/etc/ssh/sshd_config", "-E", "/var/log/sshd.log"});
  return Child({words, {{connection, STDIN_FILENO}, {connection, STDOUT_FILENO}}});
}

}  // namespace drover::sandbox
