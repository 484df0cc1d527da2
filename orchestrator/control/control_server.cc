#include "orchestrator/control/control_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <vector>

#include "orchestrator/control/control_line.h"
#include "orchestrator/control/control_socket.h"

namespace drover::orchestrator {
namespace {

using Time = std::chrono::steady_clock::time_point;

constexpr std::size_t kMostBytes = 4096;  // a request is far shorter
constexpr std::size_t kMostClients = 16;  // the others wait in the queue of the socket

struct Client {
  Fd fd;
  Time deadline;
  std::string said = {};
};

void answer(const Client& client, const ControlAnswer& text) {
  const std::string line = format_answer(text);
  // A fresh socket has room for one line. Who does not want it does not get it.
  if (::send(client.fd.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
}

ControlAnswer carry_out(ControlAsk ask, Mailbox& mailbox) {
  switch (ask) {
    case ControlAsk::Pause:
      mailbox.post(PauseRun{});
      return {true, "the steps that are running are finished, nothing more is started"};
    case ControlAsk::Cancel:
      mailbox.post(CancelRun{});
      return {true,
              "the steps that are running are finished, nodes on which nothing was changed are "
              "given back, and the run ends for good"};
  }
  return {};
}

void obey(const Client& client, std::string_view line, Mailbox& mailbox) {
  const Result<ControlAsk> ask = read_ask(line);
  answer(client, ask ? carry_out(*ask, mailbox) : ControlAnswer{false, ask.error().message});
}

/// Reads what is there; true when the client is done with.
bool hear(Client& client, Mailbox& mailbox) {
  std::array<char, 512> chunk;
  const ssize_t got = ::recv(client.fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (got < 0) return errno != EAGAIN && errno != EINTR;
  client.said.append(chunk.data(), static_cast<std::size_t>(got));
  const std::size_t end = client.said.find('\n');
  if (end != std::string::npos) {
    obey(client, std::string_view(client.said).substr(0, end), mailbox);
    return true;
  }
  if (got == 0) answer(client, {false, "the line ended before its newline"});
  if (client.said.size() > kMostBytes) answer(client, {false, "the line is too long"});
  return got == 0 || client.said.size() > kMostBytes;
}

/// Takes the next client in; false when no descriptor is left for it.
bool admit(const Fd& listener, std::list<Client>& clients, Time deadline) {
  Client client{Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)),
                deadline};
  if (!client.fd.valid()) return errno == EAGAIN || errno == EINTR || errno == ECONNABORTED;
  if (is_trusted_peer(client.fd.get())) {
    clients.push_back(std::move(client));
  } else {
    answer(client, {false, "only the user who began this run may tell it what to do"});
  }
  return true;
}

/// Milliseconds until the next client's time is up; -1: there is nothing to time.
int patience_of(const std::list<Client>& clients, Time now) {
  int least = -1;
  for (const Client& client : clients) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(client.deadline - now).count();
    const int wait = static_cast<int>(std::max<decltype(left)>(left, 0));
    least = least < 0 ? wait : std::min(least, wait);
  }
  return least;
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(const std::string& run_folder,
                                                           Mailbox& mailbox,
                                                           std::chrono::milliseconds patience) {
  DROVER_TRY_ASSIGN(Fd listener, listen_in(run_folder));
  Fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) {
    const Error error = io_error("watch", run_folder);
    remove_socket(run_folder);
    return error;
  }
  return std::unique_ptr<ControlServer>(
      new ControlServer(run_folder, std::move(listener), std::move(wake), mailbox, patience));
}

ControlServer::ControlServer(std::string folder, Fd listener, Fd wake, Mailbox& mailbox,
                             std::chrono::milliseconds patience)
    : folder_(std::move(folder)),
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      mailbox_(mailbox),
      patience_(patience),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

ControlServer::~ControlServer() {
  thread_.request_stop();
  eventfd_write(wake_.get(), 1);
  thread_.join();
  remove_socket(folder_);
}

void ControlServer::serve(const std::stop_token& stop) {
  std::list<Client> clients;
  while (!stop.stop_requested()) {
    std::vector<pollfd> watched = {{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    const bool room = clients.size() < kMostClients;
    watched.push_back({.fd = room ? listener_.get() : -1, .events = POLLIN, .revents = 0});
    for (const Client& client : clients) {
      watched.push_back({.fd = client.fd.get(), .events = POLLIN, .revents = 0});
    }
    const int wait = patience_of(clients, std::chrono::steady_clock::now());
    if (::poll(watched.data(), watched.size(), wait) < 0 && errno != EINTR) return;
    const Time now = std::chrono::steady_clock::now();
    auto seen = watched.begin() + 2;
    for (auto client = clients.begin(); client != clients.end(); ++seen) {
      const bool over = (seen->revents != 0 && hear(*client, mailbox_)) || client->deadline <= now;
      client = over ? clients.erase(client) : std::next(client);
    }
    if (watched[1].revents == 0 || admit(listener_, clients, now + patience_)) continue;
    // The client stands at the door still, and would wake this thread again at once.
    const auto while_full = static_cast<int>(patience_.count());
    if (::poll(watched.data(), 1, while_full) < 0 && errno != EINTR) return;
  }
}

}  // namespace drover::orchestrator
