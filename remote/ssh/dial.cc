#include "remote/ssh/dial.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "inventory/base/text.h"
#include "remote/ssh/wake.h"

namespace drover::remote {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHeadStart{250};
constexpr int kUserTimeoutMs = 30'000;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

/// The outcome of getaddrinfo, which cannot be interrupted: a thread that nobody waits for any more
/// still needs a place to put it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable_any done;
  bool finished = false;
  int code = 0;
  Addresses addresses;
};

int look_up(const std::string& name, int port, int flags, Addresses& addresses) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &list);
  addresses.reset(code == 0 ? list : nullptr);
  return code;
}

Error cancelled(const SshTarget& target) {
  return target_error(target, ErrorKind::Cancelled, "connecting was cancelled");
}

Error timed_out(const SshTarget& target, const std::string& what) {
  return target_error(target, ErrorKind::Timeout, what,
                      "check that the host is up and that no firewall drops the connection; "
                      "ssh.connect_timeout sets how long to wait");
}

Result<Addresses> resolve(const SshTarget& target, const Limit& limit) {
  Addresses numeric;
  if (look_up(target.address, target.port, AI_NUMERICHOST, numeric) == 0) return numeric;

  auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, name = target.address, port = target.port] {
    Addresses addresses;
    const int code = look_up(name, port, 0, addresses);
    std::lock_guard lock(lookup->mutex);
    lookup->code = code;
    lookup->addresses = std::move(addresses);
    lookup->finished = true;
    lookup->done.notify_all();
  }).detach();

  std::unique_lock lock(lookup->mutex);
  const bool finished =
      lookup->done.wait_until(lock, limit.stop, limit.deadline, [&] { return lookup->finished; });
  if (!finished && limit.stop.stop_requested()) return cancelled(target);
  if (!finished) return timed_out(target, "looking up its address took too long");
  if (lookup->code == 0) return std::move(lookup->addresses);
  return target_error(
      target, ErrorKind::Unreachable,
      fmt::format("its address cannot be looked up: {}", gai_strerror(lookup->code)),
      "correct `address` in the inventory, or the name service of this machine");
}

std::string numeric_name(const addrinfo& address) {
  char name[NI_MAXHOST] = "";
  getnameinfo(address.ai_addr, address.ai_addrlen, name, sizeof name, nullptr, 0, NI_NUMERICHOST);
  return name;
}

void set(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

/// NODELAY: without it every command waits 40 ms for a delayed acknowledgement. USER_TIMEOUT: the
/// kernel's own patience with unacknowledged data is a quarter of an hour.
void tune(int fd) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

/// The attempts on all addresses of one host.
class Race {
 public:
  explicit Race(const addrinfo* first) : next_(first) {}

  /// Begins the attempt on the next address; false if there is none left.
  bool begin_next() {
    if (next_ == nullptr) return false;
    const addrinfo& address = *std::exchange(next_, next_->ai_next);
    UniqueFd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.get() < 0) {
      note(numeric_name(address), errno);
      return true;
    }
    tune(fd.get());
    if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0 || errno == EINPROGRESS) {
      attempts_.push_back({std::move(fd), numeric_name(address)});
    } else {
      note(numeric_name(address), errno);
    }
    return true;
  }

  bool in_progress() const { return !attempts_.empty(); }
  bool more() const { return next_ != nullptr; }

  /// Waits for a change, at most until `until` or a signal of `wake`.
  void wait(Instant until, const Wake& wake) {
    polled_.assign(1, {wake.fd(), POLLIN, 0});
    for (const Attempt& attempt : attempts_) polled_.push_back({attempt.fd.get(), POLLOUT, 0});
    poll(polled_.data(), polled_.size(), poll_timeout(until));
  }

  /// The connection that stands, if one does; failed attempts are dropped.
  std::optional<UniqueFd> winner() {
    for (size_t i = attempts_.size(); i-- > 0;) {
      if (polled_[i + 1].revents == 0) continue;
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(attempts_[i].fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) return std::move(attempts_[i].fd);
      note(attempts_[i].name, error);
      attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return std::nullopt;
  }

  std::string failures() const { return join(failures_, "; "); }

 private:
  struct Attempt {
    UniqueFd fd;
    std::string name;
  };

  void note(const std::string& name, int error) {
    failures_.push_back(fmt::format("{}: {}", name, std::generic_category().message(error)));
  }

  const addrinfo* next_;
  std::vector<Attempt> attempts_;
  std::vector<pollfd> polled_;
  std::vector<std::string> failures_;
};

}  // namespace

Result<UniqueFd> dial(const SshTarget& target, const Limit& limit) {
  DROVER_TRY_ASSIGN(const Addresses addresses, resolve(target, limit));
  const Wake wake;
  const std::stop_callback wake_on_stop(limit.stop, [&wake] { wake.signal(); });
  Race race(addresses.get());
  while (race.in_progress() || race.begin_next()) {
    if (!race.in_progress()) continue;
    const Instant head_start = std::chrono::steady_clock::now() + kHeadStart;
    race.wait(race.more() ? std::min(limit.deadline, head_start) : limit.deadline, wake);
    if (limit.stop.stop_requested()) return cancelled(target);
    if (auto fd = race.winner()) return std::move(*fd);
    const Instant now = std::chrono::steady_clock::now();
    if (now >= limit.deadline) return timed_out(target, "no answer to the connection attempt");
    if (now >= head_start) race.begin_next();
  }
  return target_error(target, ErrorKind::Unreachable, "cannot connect: " + race.failures(),
                      "check that the host is up and that sshd listens on this port");
}

}  // namespace drover::remote
