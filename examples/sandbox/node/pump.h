#pragma once

#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include "examples/sandbox/node/connection.h"
#include "examples/sandbox/node/port.h"

namespace drover::sandbox {

/// Something the pump's thread waits for.
struct Watched {
  int fd = -1;          ///< the descriptor that is being watched
  uint32_t events = 0;  ///< and for what; 0: it is not watched
};

/// The way into one node: a port, the cable behind it, and the connections that are open.
struct Door {
  /// Starts the program that serves one more connection and returns our end of it. A closed
  /// descriptor: none can be started, and the operator sees the connection end.
  using Answer = std::function<remote::UniqueFd()>;

  Door(Port taken, Answer answer_with) : port(std::move(taken)), answer(std::move(answer_with)) {}

  /// New connections are taken.
  void listen() { port.listen(); }
  /// New connections are refused, open ones go on.
  void refuse();
  /// Every open connection is reset, once.
  void drop();
  /// The node has no power: its ends are gone, new connections hang, and nobody is told.
  void lose_power();

  struct Guest {
    explicit Guest(Connection c) : connection(std::move(c)) {}
    Connection connection;
    Watched client;
    Watched server;
  };
  Port port;
  Answer answer;
  Cable cable;
  bool powered = false;
  std::list<Guest> guests;
  Watched listener;
  bool changed = true;               ///< since the pump served it last
  std::optional<Relay::Time> due{};  ///< when it has to be served without an event
};

/// Carries the bytes of all connections of all doors, in one thread of its own, the way their
/// cables are. Safe to use from several threads.
class Pump {
 public:
  Pump();
  ~Pump();
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  /// One more door, which stays until the pump goes. `answer` is called in the pump's thread.
  Door& add(Port port, Door::Answer answer);
  /// Changes a door; when it returns the change is in force.
  void change(Door& door, const std::function<void(Door&)>& how);
  /// Closes all connections and waits for the thread; nothing is answered any more.
  void stop();

 private:
  void serve(const std::stop_token& stop);
  void serve_door(size_t number, Relay::Time now);
  void admit(Door& door);
  void watch(size_t door, Watched& watched, int fd, uint32_t events);
  int patience(Relay::Time now) const;

  std::mutex mutex_;  ///< guards the doors and all in them
  std::deque<Door> doors_;
  remote::UniqueFd epoll_;
  remote::UniqueFd wake_;
  std::jthread thread_;  ///< last: it uses the members above
};

}  // namespace drover::sandbox
