#include "remote/ssh/tunnel.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "remote/ssh/exec.h"
#include "remote/ssh/link.h"
#include "remote/ssh/local_listener.h"
#include "remote/ssh/login.h"
#include "remote/ssh/tunnel_pipe.h"
#include "remote/ssh/wake.h"

namespace drover::remote {
namespace {

constexpr std::string_view kCarrying = "carrying connections to the API";
constexpr int kCrowdedMs = 100;

/// RFC 4254 §5.1 numbers the reasons: 1 is administratively prohibited, 2 is connect failed.
std::string explain_refusal(const std::string& message, int port) {
  if (message.find("error (1)") != std::string::npos) {
    return fmt::format(
        "sshd does not forward connections ({}): set AllowTcpForwarding local in sshd_config on "
        "the host, or go around it with api.via: kubeconfig in the inventory",
        message);
  }
  return fmt::format("no connection to port {} on the host: {}", port, message);
}

}  // namespace

struct Tunnel::Pump {
  Pump(std::unique_ptr<Link> a_link, int a_port) : link(std::move(a_link)), port(a_port) {}

  void run(const std::stop_token& stop) {
    const std::stop_callback wake_on_stop(stop, [this] { wake.signal(); });
    while (!stop.stop_requested()) {
      wait();
      if (Status turned = turn(); !turned) {
        note(turned.error().message);
        lost = true;
        break;
      }
    }
    // At once, so that whoever is served or tries again hears of it in milliseconds.
    listener.close();
    pipes.clear();
    link.reset();
  }

  void wait() {
    const short callers = crowded ? 0 : POLLIN;
    polled.assign({{link->fd(), link->poll_events(), 0},
                   {wake.fd(), POLLIN, 0},
                   {listener.fd(), callers, 0}});
    for (const TunnelPipe& pipe : pipes) {
      polled.push_back({pipe.poll_fd(), pipe.poll_events(), 0});
    }
    const int timeout = more ? 0 : poll_timeout(link->next_liveness_check());
    poll(polled.data(), polled.size(), crowded ? std::min(timeout, kCrowdedMs) : timeout);
  }

  Status turn() {
    for (UniqueFd local = listener.accept(); local.get() >= 0; local = listener.accept()) {
      pipes.emplace_back(*link, std::move(local), port);
    }
    crowded = errno == EMFILE || errno == ENFILE;
    DROVER_TRY(link->step(kCarrying));
    DROVER_TRY(link->check_liveness(kCarrying));
    const std::uint64_t before = link->received_bytes();
    std::erase_if(pipes, [this](TunnelPipe& pipe) { return !advance(pipe); });
    more = link->received_bytes() != before;
    if (link->broken()) return link->lost(kCarrying);
    return {};
  }

  bool advance(TunnelPipe& pipe) {
    const bool was_open = pipe.opened();
    const TunnelPipe::State state = pipe.step();
    if (state == TunnelPipe::State::Refused && !link->broken()) {
      note(explain_refusal(link->last_message(), port));
    }
    if (!was_open && pipe.opened()) note({});
    return state == TunnelPipe::State::Going;
  }

  void note(std::string error) {
    const std::lock_guard lock(mutex);
    last_error = std::move(error);
  }

  std::unique_ptr<Link> link;
  const int port;
  Wake wake;
  LocalListener listener;
  std::string path;
  std::list<TunnelPipe> pipes;
  std::vector<pollfd> polled;
  /// What came in while one pipe was stepped may be for another that was stepped before it, which
  /// no poll would tell.
  bool more = false;
  /// No descriptor was left for a caller, who would make every poll return at once.
  bool crowded = false;
  std::atomic<bool> lost{false};
  std::mutex mutex;
  std::string last_error;
  std::jthread thread;  // last: stopped and joined before the rest goes
};

Tunnel::Tunnel(std::unique_ptr<Pump> pump) : pump_(std::move(pump)) {}
Tunnel::~Tunnel() = default;

Result<std::unique_ptr<Tunnel::Pump>> Tunnel::make_pump(const SshTarget& target,
                                                        std::unique_ptr<Link> link, int port) {
  try {
    return std::make_unique<Pump>(std::move(link), port);
  } catch (const std::system_error& full) {
    return out_of_descriptors(target, full);
  }
}

Result<std::unique_ptr<Tunnel>> Tunnel::open(const SshTarget& target, int port,
                                             std::stop_token stop) {
  const Limit limit{std::chrono::steady_clock::now() + target.connect_timeout, std::move(stop)};
  DROVER_TRY_ASSIGN(auto link, log_in(target, limit));
  // Only a command makes sshd send without delay; forwarded answers would wait for 40 ms each.
  const ExecSink ignore = [](Stream, std::string_view) { return true; };
  DROVER_TRY(exec(*link, {"true", {}}, ignore, limit));
  DROVER_TRY_ASSIGN(auto pump, make_pump(target, std::move(link), port));
  DROVER_TRY(pump->listener.open());
  pump->path = pump->listener.path();
  pump->thread =
      std::jthread([own = pump.get()](const std::stop_token& own_stop) { own->run(own_stop); });
  return std::unique_ptr<Tunnel>(new Tunnel(std::move(pump)));
}

const std::string& Tunnel::path() const { return pump_->path; }

bool Tunnel::lost() const { return pump_->lost; }

std::string Tunnel::last_error() const {
  const std::lock_guard lock(pump_->mutex);
  return pump_->last_error;
}

}  // namespace drover::remote
