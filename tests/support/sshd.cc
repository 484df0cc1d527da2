#include "tests/support/sshd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "remote/ssh/unique_fd.h"

extern char** environ;

namespace drover::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSshd = "/usr/sbin/sshd";

pid_t spawn(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot run " + arguments[0]);
  return pid;
}

void run(std::vector<std::string> arguments) {
  const std::string name = arguments[0];
  int status = 0;
  waitpid(spawn(std::move(arguments), "/dev/null"), &status, 0);
  if (status != 0) throw std::runtime_error(name + " failed");
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int free_port() {
  const remote::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd.get(), raw, size) != 0 || getsockname(fd.get(), raw, &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

std::string passwd(const std::string& home) {
  return fmt::format(
      "root:*:0:0:root:{0}:/bin/bash\nops:*:0:0:ops:{0}:/bin/bash\n"
      "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\nnobody:x:65534:65534::/:/usr/sbin/nologin\n",
      home);
}

}  // namespace

void write_file(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream << text;
  if (!stream.flush()) throw std::runtime_error("cannot write " + path);
}

void make_key(const std::string& path, const std::string& type, const std::string& passphrase) {
  run({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "drover test", "-f", path});
}

Sshd::Sshd(const std::string& config, const std::string& host_key_type, const std::string& furnish)
    : home_(folder_.file("home")), config_(config), furnish_(furnish) {
  if (geteuid() != 0) throw std::runtime_error("tests with a real sshd need root");
  if (access(kSshd, X_OK) != 0) {
    throw std::runtime_error(std::string(kSshd) + " is missing: apt-get install openssh-server");
  }
  std::filesystem::create_directories("/run/sshd");
  std::filesystem::create_directory(home_);
  make_key(file("host_key"), host_key_type);
  make_key(identity());
  std::filesystem::copy_file(identity() + ".pub", file("authorized_keys"));
  write_file(file("passwd"), passwd(home_));
  for (int attempt = 0; attempt < 5 && pid_ < 0; ++attempt) start();
  if (pid_ < 0) throw std::runtime_error("sshd does not start: " + log());
  write_file(known_hosts(), fmt::format("[127.0.0.1]:{} {}\n", port_, host_key()));
}

Sshd::~Sshd() {
  if (pid_ < 0) return;
  kill_sessions();
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

// Another process may take the port between its choice and its use: then sshd ends, and the caller
// tries again.
void Sshd::start() {
  port_ = free_port();
  write_file(file("sshd_config"),
             fmt::format("{}\nListenAddress 127.0.0.1:{}\nHostKey {}\nAuthorizedKeysFile {}\n"
                         "PidFile none\nStrictModes no\nLogLevel VERBOSE\nPermitRootLogin yes\n"
                         "PerSourceMaxStartups none\nMaxStartups 100\n",
                         config_, port_, file("host_key"), file("authorized_keys")));
  pid_ = spawn({"unshare", "--mount", "--propagation", "private", "sh", "-c",
                fmt::format("mount --bind {} /etc/passwd && {} && exec {} -D -e -f {} -o UsePAM=no",
                            file("passwd"), furnish_, kSshd, file("sshd_config"))},
               file("log"));
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!listening()) {
    const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (!ended && std::chrono::steady_clock::now() < deadline) {
      poll(nullptr, 0, 5);
      continue;
    }
    if (!ended) kill(pid_, SIGKILL);
    pid_ = -1;
    return;
  }
}

bool Sshd::listening() const {
  return log().find(fmt::format("Server listening on 127.0.0.1 port {}", port_)) !=
         std::string::npos;
}

remote::SshTarget Sshd::target() const {
  remote::SshTarget target;
  target.host = "w1";
  target.address = "127.0.0.1";
  target.port = port_;
  target.user = "root";
  target.identity_files = {identity()};
  target.known_hosts_files = {known_hosts()};
  return target;
}

std::string Sshd::host_key() const {
  std::istringstream line(read_file(file("host_key.pub")));
  std::string type;
  std::string base64;
  line >> type >> base64;
  return type + " " + base64;
}

std::string Sshd::log() const { return read_file(file("log")); }

std::vector<pid_t> Sshd::session_pids() const {
  std::vector<pid_t> pids;
  std::istringstream children(read_file(fmt::format("/proc/{0}/task/{0}/children", pid_)));
  for (pid_t child = 0; children >> child;) pids.push_back(child);
  return pids;
}

void Sshd::kill_sessions() const {
  for (const pid_t child : session_pids()) kill(child, SIGKILL);
}

}  // namespace drover::test
