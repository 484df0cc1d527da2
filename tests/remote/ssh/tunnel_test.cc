#include "remote/ssh/tunnel.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <list>
#include <thread>

#include "remote/ssh/unique_fd.h"
#include "tests/support/capsule_bed.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::await;
using test::Sshd;

namespace {

std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

/// A TCP server on loopback that does `serve` with each connection, on a thread of its own.
class Peer {
 public:
  explicit Peer(std::function<void(int fd)> serve, int port = 0)
      : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int on = 1;
    setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_.get(), raw, size) != 0 || listen(listener_.get(), 64) != 0 ||
        getsockname(listener_.get(), raw, &size) != 0) {
      throw std::runtime_error("no listener");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this, serve = std::move(serve)] {
      for (int fd = -1; (fd = accept(listener_.get(), nullptr, nullptr)) >= 0;) {
        connections_.emplace_back([fd, serve] {
          const UniqueFd own(fd);
          serve(fd);
        });
      }
    });
  }
  ~Peer() {
    shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
  }

  int port() const { return port_; }

 private:
  UniqueFd listener_;
  int port_ = 0;
  std::list<std::jthread> connections_;
  std::jthread acceptor_;
};

void echo(int fd) {
  std::string buffer(65536, '\0');
  for (ssize_t got = 0; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    for (ssize_t sent = 0; sent < got;) {
      const ssize_t wrote =
          send(fd, buffer.data() + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
      if (wrote <= 0) return;
      sent += wrote;
    }
  }
}

/// Everything is read before the first byte goes back.
void echo_at_end(int fd) {
  std::string all;
  std::string buffer(65536, '\0');
  for (ssize_t got = 0; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<size_t>(got));
  }
  for (size_t sent = 0; sent < all.size();) {
    const ssize_t wrote = send(fd, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
    if (wrote <= 0) return;
    sent += static_cast<size_t>(wrote);
  }
}

UniqueFd connect_to(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fd.reset();
  return fd;
}

std::string read_all(int fd) {
  std::string all;
  std::string buffer(65536, '\0');
  for (ssize_t got = 0; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
    all.append(buffer.data(), static_cast<size_t>(got));
  }
  return all;
}

/// Sends `text`, ends that direction, and reads until the other one ends.
std::string round_trip(const std::string& path, const std::string& text) {
  const UniqueFd fd = connect_to(path);
  std::jthread sender([&] {
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t wrote = send(fd.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (wrote <= 0) return;
      sent += static_cast<size_t>(wrote);
    }
    shutdown(fd.get(), SHUT_WR);
  });
  return read_all(fd.get());
}

std::string numbers(size_t size) {
  std::string text;
  while (text.size() < size) text += fmt::format("{} ", text.size());
  return text;
}

std::unique_ptr<Tunnel> opened(const SshTarget& target, int port) {
  auto tunnel = Tunnel::open(target, port, {});
  if (!tunnel) throw std::runtime_error(tunnel.error().message);
  return std::move(*tunnel);
}

}  // namespace

TEST_CASE("a tunnel carries bytes both ways, unchanged", "[tunnel]") {
  const Sshd sshd;
  SECTION("small") {
    const Peer peer(echo);
    const auto tunnel = opened(sshd.target(), peer.port());
    for (int i = 0; i < 5; ++i) CHECK(round_trip(tunnel->path(), "hello") == "hello");
    CHECK(round_trip(tunnel->path(), "").empty());
  }
  SECTION("large, at the same time") {
    const Peer peer(echo);
    const auto tunnel = opened(sshd.target(), peer.port());
    const std::string text = numbers(5'000'000);
    CHECK((round_trip(tunnel->path(), text) == text));
  }
  SECTION("large, one way after the other") {
    const Peer peer(echo_at_end);
    const auto tunnel = opened(sshd.target(), peer.port());
    const std::string text = numbers(5'000'000);
    CHECK((round_trip(tunnel->path(), text) == text));
  }
}

TEST_CASE("connections through one tunnel do not disturb each other", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  const auto tunnel = opened(sshd.target(), peer.port());
  // One that nobody reads from, with all buffers on the way full.
  const UniqueFd idle = connect_to(tunnel->path());
  std::string block(100'000, 'x');
  for (int i = 0; i < 100; ++i) {
    send(idle.get(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    poll(nullptr, 0, 1);
  }
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&, i] {
        const std::string text = numbers(100'000 + 1000 * static_cast<size_t>(i));
        for (int round = 0; round < 5; ++round)
          good += round_trip(tunnel->path(), text) == text ? 1 : 0;
      });
    }
  }
  CHECK(good == 60);
  CHECK_FALSE(tunnel->lost());
}

TEST_CASE("the far end learns that a connection was closed here", "[tunnel]") {
  const Sshd sshd;
  std::atomic<bool> ended{false};
  const Peer peer([&](int fd) {
    char byte = 'x';
    while (send(fd, &byte, 1, MSG_NOSIGNAL) == 1) poll(nullptr, 0, 5);
    ended = true;
  });
  const auto tunnel = opened(sshd.target(), peer.port());
  UniqueFd fd = connect_to(tunnel->path());
  char byte = 0;
  REQUIRE(read(fd.get(), &byte, 1) == 1);
  fd.reset();
  await([&] { return ended.load(); });
}

TEST_CASE("S13: only this process may use a tunnel", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  const auto tunnel = opened(sshd.target(), peer.port());
  struct stat folder {};
  REQUIRE(stat(std::filesystem::path(tunnel->path()).parent_path().c_str(), &folder) == 0);
  CHECK((folder.st_mode & 0777) == 0700);
  const pid_t child = fork();
  if (child == 0) {
    const UniqueFd fd = connect_to(tunnel->path());
    char byte = 'x';
    send(fd.get(), &byte, 1, MSG_NOSIGNAL);
    _exit(read(fd.get(), &byte, 1) > 0 ? 1 : 0);
  }
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(round_trip(tunnel->path(), "mine") == "mine");
}

TEST_CASE("a lost connection ends the tunnel and all that goes through it at once", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  const auto tunnel = opened(sshd.target(), peer.port());
  const UniqueFd fd = connect_to(tunnel->path());
  char byte = 'x';
  REQUIRE(send(fd.get(), &byte, 1, 0) == 1);
  REQUIRE(read(fd.get(), &byte, 1) == 1);
  const auto before = now();
  sshd.kill_sessions();
  CHECK(read(fd.get(), &byte, 1) <= 0);
  CHECK(now() - before < 500ms);
  await([&] { return tunnel->lost(); });
  CHECK_THAT(tunnel->last_error(), Contains("the connection was lost"));
  await([&] { return connect_to(tunnel->path()).get() < 0; });
  CHECK_FALSE(std::filesystem::exists(std::filesystem::path(tunnel->path()).parent_path()));
}

TEST_CASE("a peer that falls silent loses the tunnel", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  SshTarget target = sshd.target();
  target.keepalive = 100ms;
  const auto tunnel = opened(target, peer.port());
  poll(nullptr, 0, 600);
  CHECK_FALSE(tunnel->lost());
  for (const pid_t pid : sshd.session_pids()) kill(pid, SIGSTOP);
  await([&] { return tunnel->lost(); });
  CHECK_THAT(tunnel->last_error(), Contains("no sign of life"));
}

TEST_CASE("a closed tunnel leaves nothing behind", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  auto tunnel = opened(sshd.target(), peer.port());
  const std::string folder = std::filesystem::path(tunnel->path()).parent_path();
  const UniqueFd fd = connect_to(tunnel->path());
  const auto before = now();
  tunnel.reset();
  CHECK(now() - before < 500ms);
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK(read_all(fd.get()).empty());
}

TEST_CASE("a refused connection is explained until one is carried", "[tunnel]") {
  SECTION("nothing listens there") {
    const Sshd sshd;
    const auto tunnel = opened(sshd.target(), 1);
    CHECK(tunnel->last_error().empty());
    CHECK(round_trip(tunnel->path(), "x").empty());
    await([&] { return !tunnel->last_error().empty(); });
    CHECK_THAT(tunnel->last_error(), Contains("no connection to port 1 on the host"));
    CHECK_FALSE(tunnel->lost());
  }
  SECTION("sshd does not forward") {
    const Sshd sshd("AllowTcpForwarding no");
    const Peer peer(echo);
    const auto tunnel = opened(sshd.target(), peer.port());
    CHECK(round_trip(tunnel->path(), "x").empty());
    await([&] { return !tunnel->last_error().empty(); });
    CHECK_THAT(tunnel->last_error(),
               Contains("AllowTcpForwarding") && Contains("api.via: kubeconfig"));
  }
  SECTION("until something listens") {
    const Sshd sshd;
    const int port = std::make_unique<Peer>(echo)->port();
    const auto tunnel = opened(sshd.target(), port);
    CHECK(round_trip(tunnel->path(), "x").empty());
    await([&] { return !tunnel->last_error().empty(); });
    const Peer peer(echo, port);
    CHECK(round_trip(tunnel->path(), "x") == "x");
    CHECK(tunnel->last_error().empty());
  }
}

TEST_CASE("a tunnel to a host that refuses the login is an error", "[tunnel]") {
  const Sshd sshd;
  SshTarget target = sshd.target();
  test::write_file(sshd.known_hosts(), "");
  const auto tunnel = Tunnel::open(target, 6443, {});
  REQUIRE_FALSE(tunnel);
  CHECK(tunnel.error().kind == ErrorKind::HostKey);
}

TEST_CASE("the socket's folder is made where it can be", "[tunnel]") {
  const Sshd sshd;
  const Peer peer(echo);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string before = runtime == nullptr ? "" : runtime;
  setenv("XDG_RUNTIME_DIR", sshd.home().c_str(), 1);
  CHECK_THAT(opened(sshd.target(), peer.port())->path(), Contains(sshd.home() + "/drover-"));
  for (const auto& base : {std::string("/nonexistent"), sshd.file(std::string(90, 'x'))}) {
    setenv("XDG_RUNTIME_DIR", base.c_str(), 1);
    CHECK_THAT(opened(sshd.target(), peer.port())->path(), Catch::StartsWith("/tmp/drover-"));
  }
  before.empty() ? unsetenv("XDG_RUNTIME_DIR") : setenv("XDG_RUNTIME_DIR", before.c_str(), 1);
}
