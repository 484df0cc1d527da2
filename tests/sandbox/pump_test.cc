#include "examples/sandbox/node/pump.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <thread>

using namespace std::chrono_literals;
using drover::remote::UniqueFd;
using drover::sandbox::Door;
using drover::sandbox::Port;
using drover::sandbox::Pump;

namespace {

/// A door behind which the test itself stands.
class Room {
 public:
  Room()
      : door_([this]() -> Door& {
          Port taken;
          port_ = taken.number();
          return pump_.add(std::move(taken), [this] { return answer(); });
        }()) {
    pump_.change(door_, [](Door& door) {
      door.listen();
      door.powered = true;
    });
  }
  ~Room() { pump_.stop(); }

  void change(const std::function<void(Door&)>& how) { pump_.change(door_, how); }

  /// Connected to the door, or -1 and errno.
  UniqueFd knock() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
  }

  /// The inner end of the connection that was taken next.
  UniqueFd guest() {
    std::unique_lock lock(mutex_);
    const bool came = came_.wait_for(lock, 10s, [this] { return !inner_.empty(); });
    REQUIRE(came);
    UniqueFd fd = std::move(inner_.front());
    inner_.pop_front();
    return fd;
  }

 private:
  UniqueFd answer() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    const std::lock_guard lock(mutex_);
    inner_.emplace_back(ends[1]);
    came_.notify_all();
    return UniqueFd(ends[0]);
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<UniqueFd> inner_;
  Pump pump_;
  int port_ = 0;
  Door& door_;
};

void say(const UniqueFd& fd, const std::string& text) {
  REQUIRE(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

/// What comes within `patience`: text, "" for the end, "!" for a reset, nothing when none does.
std::optional<std::string> hear(const UniqueFd& fd, std::chrono::milliseconds patience = 10s) {
  pollfd polled{.fd = fd.get(), .events = POLLIN, .revents = 0};
  if (::poll(&polled, 1, static_cast<int>(patience.count())) == 0) return std::nullopt;
  std::array<char, 4096> buffer;
  const ssize_t count = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  if (count < 0) return errno == ECONNRESET ? "!" : "error";
  return std::string(buffer.data(), static_cast<size_t>(count));
}

}  // namespace

TEST_CASE("Bytes and ends of streams pass through a door in both directions", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  UniqueFd server = room.guest();
  say(client, "ping");
  CHECK(hear(server) == "ping");
  say(server, "pong");
  CHECK(hear(client) == "pong");
  ::shutdown(client.get(), SHUT_WR);
  CHECK(hear(server) == "");
  say(server, "bye");
  server.reset();
  CHECK(hear(client) == "bye");
  CHECK(hear(client) == "");
}

TEST_CASE("A large stream passes whole to a reader that begins late", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  UniqueFd server = room.guest();
  const std::string sent = [] {
    std::string text;
    while (text.size() < (size_t{8} << 20)) text += std::to_string(text.size()) + "\n";
    return text;
  }();
  std::thread sender([&] {
    for (size_t done = 0; done < sent.size();) {
      const ssize_t count =
          ::send(server.get(), sent.data() + done, sent.size() - done, MSG_NOSIGNAL);
      if (count <= 0) break;
      done += static_cast<size_t>(count);
    }
    server.reset();
  });
  std::string heard;
  while (true) {
    const auto piece = hear(client);
    if (!piece || piece->empty()) break;
    heard += *piece;
  }
  sender.join();
  CHECK(heard.size() == sent.size());
  CHECK((heard == sent));
}

TEST_CASE("A cut cable lets nothing pass and tells nobody; mended, all comes", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  UniqueFd server = room.guest();
  room.change([](Door& door) { door.cable.cut = true; });
  say(client, "lost?");
  say(server, "gone?");
  server.reset();
  const UniqueFd late = room.knock();
  CHECK(late.get() >= 0);
  CHECK_FALSE(hear(client, 100ms));
  room.change([](Door& door) { door.cable = {}; });
  CHECK(hear(client) == "gone?");
  CHECK(hear(client) == "");
  const UniqueFd answered = room.guest();
  say(answered, "hello");
  CHECK(hear(late) == "hello");
}

TEST_CASE("A slow cable makes a round trip longer by twice its delay", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  const UniqueFd server = room.guest();
  room.change([](Door& door) { door.cable.delay = 60ms; });
  const auto start = std::chrono::steady_clock::now();
  say(client, "ping");
  CHECK(hear(server) == "ping");
  say(server, "pong");
  CHECK(hear(client) == "pong");
  CHECK(std::chrono::steady_clock::now() - start >= 120ms);
}

TEST_CASE("A door that refuses gives its port to nobody else, and listens again", "[pump]") {
  Room room;
  const UniqueFd before = room.knock();
  const UniqueFd server = room.guest();
  room.change([](Door& door) { door.refuse(); });
  CHECK(room.knock().get() < 0);
  CHECK(errno == ECONNREFUSED);
  say(before, "still here");
  CHECK(hear(server) == "still here");
  room.change([](Door& door) { door.listen(); });
  const UniqueFd after = room.knock();
  const UniqueFd other = room.guest();
  say(after, "again");
  CHECK(hear(other) == "again");
}

TEST_CASE("Dropped connections are reset, later ones are not", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  const UniqueFd server = room.guest();
  room.change([](Door& door) { door.drop(); });
  CHECK(hear(client) == "!");
  CHECK(hear(server) == "");
  const UniqueFd later = room.knock();
  const UniqueFd other = room.guest();
  say(later, "fine");
  CHECK(hear(other) == "fine");
}

TEST_CASE("Who is connected to a node without power hears nothing until it is back", "[pump]") {
  Room room;
  const UniqueFd client = room.knock();
  UniqueFd server = room.guest();
  room.change([](Door& door) { door.lose_power(); });
  server.reset();
  const UniqueFd waiting = room.knock();
  CHECK_FALSE(hear(client, 100ms));
  CHECK_FALSE(hear(waiting, 0ms));
  room.change([](Door& door) {
    door.drop();
    door.powered = true;
  });
  CHECK(hear(client) == "!");
  const UniqueFd other = room.guest();
  say(waiting, "up");
  CHECK(hear(other) == "up");
}
