#include "examples/sandbox/node/connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace drover::sandbox {
namespace {

uint32_t events(const Relay& out_of_it, const Relay& into_it, Relay::Time now) {
  const bool reads = !out_of_it.full() && !out_of_it.end_taken();
  const bool writes = !into_it.arrived(now).empty();
  return (reads ? uint32_t{EPOLLIN} : 0) | (writes ? uint32_t{EPOLLOUT} : 0);
}

}  // namespace

void Connection::take(int fd, Relay& relay, Time due) {
  std::array<char, 65536> buffer;
  while (!relay.full() && !relay.end_taken()) {
    const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      relay.take({buffer.data(), static_cast<size_t>(count)}, due);
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN) {
      return;
    } else {
      relay.take_end(due);  // a reset too: the other end learns of it as of an end
    }
  }
}

void Connection::hand_on(int fd, Relay& relay, Time now) {
  while (true) {
    const std::string_view bytes = relay.arrived(now);
    if (bytes.empty()) return;
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    // Nobody takes them any more; that end says so when it is read.
    relay.handed_on(count < 0 ? bytes.size() : static_cast<size_t>(count));
  }
}

void Connection::move(Time now, const Cable& cable) {
  if (silent(cable)) return;
  take(client_.get(), up_, now + cable.delay);
  take(server_.get(), down_, now + cable.delay);
  hand_on(server_.get(), up_, now);
  hand_on(client_.get(), down_, now);
  if (up_.ended(now) && !up_ended_) {
    ::shutdown(server_.get(), SHUT_WR);
    up_ended_ = true;
  }
  if (!down_.ended(now)) return;
  client_.reset();
  server_.reset();
}

uint32_t Connection::client_events(Time now, const Cable& cable) const {
  return silent(cable) ? 0 : events(up_, down_, now);
}

uint32_t Connection::server_events(Time now, const Cable& cable) const {
  return silent(cable) ? 0 : events(down_, up_, now);
}

std::optional<Connection::Time> Connection::due(Time now, const Cable& cable) const {
  if (silent(cable)) return std::nullopt;
  const auto up = up_.next(now);
  const auto down = down_.next(now);
  if (up && down) return std::min(*up, *down);
  return up ? up : down;
}

void Connection::lose_server() {
  lost_ = true;
  server_.reset();
}

void Connection::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  if (!over()) ::setsockopt(client_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  client_.reset();
  server_.reset();
}

}  // namespace drover::sandbox
