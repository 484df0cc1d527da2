#include "examples/sandbox/node/pump.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace drover::sandbox {
namespace {

constexpr uint64_t kWake = ~uint64_t{0};  // in an event's data, where the others have their door

}  // namespace

void Door::refuse() {
  port.refuse();
  listener = {};  // the next one may well get the same descriptor
}

void Door::drop() {
  for (Guest& guest : guests) guest.connection.reset();
}

void Door::lose_power() {
  powered = false;
  for (Guest& guest : guests) guest.connection.lose_server();
}

Pump::Pump()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (epoll_.get() < 0 || wake_.get() < 0) {
    throw std::runtime_error(fmt::format("no descriptors left: {}", std::strerror(errno)));
  }
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kWake}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

Pump::~Pump() { stop(); }

void Pump::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
  const std::lock_guard lock(mutex_);
  for (Door& door : doors_) {
    door.refuse();
    door.guests.clear();
  }
}

Door& Pump::add(Port port, Door::Answer answer) {
  const std::lock_guard lock(mutex_);
  return doors_.emplace_back(std::move(port), std::move(answer));
}

void Pump::change(Door& door, const std::function<void(Door&)>& how) {
  {
    const std::lock_guard lock(mutex_);
    how(door);
    door.changed = true;
  }
  ::eventfd_write(wake_.get(), 1);
}

// A descriptor that was closed has left the epoll by itself. One without events leaves it too: it
// would report its hang-up for ever.
void Pump::watch(size_t door, Watched& watched, int fd, uint32_t events) {
  if (watched.fd != fd) watched = {.fd = fd, .events = 0};
  if (fd < 0 || watched.events == events) return;
  epoll_event event{.events = events, .data = {.u64 = door}};
  int change = EPOLL_CTL_MOD;
  if (watched.events == 0) change = EPOLL_CTL_ADD;
  if (events == 0) change = EPOLL_CTL_DEL;
  ::epoll_ctl(epoll_.get(), change, fd, &event);
  watched.events = events;
}

void Pump::admit(Door& door) {
  while (door.port.listener() >= 0) {
    remote::UniqueFd client(
        ::accept4(door.port.listener(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client.get() < 0) return;
    const int yes = 1;
    ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    remote::UniqueFd server = door.answer();
    if (server.get() >= 0)
      door.guests.emplace_back(Connection(std::move(client), std::move(server)));
  }
}

void Pump::serve_door(size_t number, Relay::Time now) {
  Door& door = doors_[number];
  const bool admits = door.powered && !door.cable.cut;
  if (admits) admit(door);
  watch(number, door.listener, door.port.listener(), admits ? uint32_t{EPOLLIN} : 0);
  door.changed = false;
  door.due.reset();
  for (Door::Guest& guest : door.guests) {
    Connection& connection = guest.connection;
    connection.move(now, door.cable);
    watch(number, guest.client, connection.client(), connection.client_events(now, door.cable));
    watch(number, guest.server, connection.server(), connection.server_events(now, door.cable));
    const auto due = connection.due(now, door.cable);
    if (due && (!door.due || *due < *door.due)) door.due = due;
  }
  door.guests.remove_if([](const Door::Guest& guest) { return guest.connection.over(); });
}

int Pump::patience(Relay::Time now) const {
  std::optional<Relay::Time> first;
  for (const Door& door : doors_) {
    if (door.due && (!first || *door.due < *first)) first = door.due;
  }
  if (!first) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*first - now);
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Pump::serve(const std::stop_token& stop) {
  int wait = 0;
  std::array<epoll_event, 64> events;
  while (!stop.stop_requested()) {
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), wait);
    if (count < 0 && errno != EINTR) return;
    eventfd_t ignored = 0;
    ::eventfd_read(wake_.get(), &ignored);
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < count; ++i) {
      const uint64_t number = events[static_cast<size_t>(i)].data.u64;
      if (number != kWake) doors_[number].changed = true;
    }
    const Relay::Time now = std::chrono::steady_clock::now();
    for (size_t number = 0; number < doors_.size(); ++number) {
      const Door& door = doors_[number];
      if (door.changed || (door.due && *door.due <= now)) serve_door(number, now);
    }
    wait = patience(now);
  }
}

}  // namespace drover::sandbox
