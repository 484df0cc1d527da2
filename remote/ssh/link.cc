#include "remote/ssh/link.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>  // ssh_send_keepalive
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <utility>

#include "inventory/base/text.h"
#include "remote/ssh/channel.h"

namespace drover::remote {
namespace {

constexpr int kMissesAllowed = 3;
// libssh takes at most this much from the socket at a time; a full portion means there may be more.
constexpr std::uint64_t kPortion = 4096;
constexpr int kPortionsInARow = 64;

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

Link::Link(SshTarget target, UniqueFd fd)
    : target_(std::move(target)),
      fd_(std::move(fd)),
      session_(ssh_new()),
      event_(ssh_event_new()),
      socket_bytes_(std::make_unique<ssh_counter_struct>()),
      packets_(std::make_unique<ssh_counter_struct>()),
      heard_(std::chrono::steady_clock::now()) {
  if (session_ == nullptr || event_ == nullptr) throw std::bad_alloc();
  ssh_set_blocking(session_, 0);
  ssh_set_counters(session_, socket_bytes_.get(), packets_.get());
}

Link::~Link() {
  let_go_.clear();
  if (const int fd = this->fd(); fd >= 0) shutdown(fd, SHUT_RDWR);
  ssh_event_remove_session(event_, session_);
  ssh_event_free(event_);
  ssh_free(session_);  // closes the socket, since the session was not disconnected first
}

Result<int> Link::connect(const Limit& limit) {
  socket_t fd = fd_.get();
  ssh_options_set(session_, SSH_OPTIONS_FD, &fd);
  fd_.release();  // the first call of ssh_connect takes it
  // It says "again" although all is over, and forgets why as soon as the peer has closed too.
  const auto exchange = [this] {
    const int code = ssh_connect(session_);
    return code == SSH_AGAIN && ssh_get_error_code(session_) == SSH_FATAL ? SSH_ERROR : code;
  };
  DROVER_TRY_ASSIGN(const int code, complete(exchange, SSH_AGAIN, limit, "exchanging keys"));
  // libssh made the socket blocking: a peer that stops reading would then hold up every write.
  if (this->fd() >= 0) set_nonblocking(this->fd());
  if (code == SSH_OK) ssh_event_add_session(event_, session_);
  return code;
}

void Link::start_keepalive() {
  keepalive_ = true;
  heard_now();
}

Result<int> Link::complete(const std::function<int()>& call, int again, const Limit& limit,
                           std::string_view doing) {
  for (;;) {
    const int code = call();
    if (code != again) return code;
    if (broken()) return lost(doing);
    DROVER_TRY(wait(limit, doing));
  }
}

Status Link::wait(const Limit& limit, std::string_view doing, Instant until) {
  const std::stop_callback wake_on_stop(limit.stop, [this] { wake_.signal(); });
  if (limit.stop.stop_requested()) {
    return target_error(target_, ErrorKind::Cancelled, fmt::format("cancelled while {}", doing));
  }
  if (std::chrono::steady_clock::now() >= limit.deadline) {
    return target_error(target_, ErrorKind::Timeout,
                        fmt::format("the time was up while {}", doing));
  }
  if (fd() < 0) return lost(doing);
  if (quick_ack_) {
    const int on = 1;
    setsockopt(fd(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
  pollfd polled[] = {{fd(), poll_events(), 0}, {wake_.fd(), POLLIN, 0}};
  poll(polled, 2, poll_timeout(std::min({limit.deadline, until, next_liveness_check()})));
  if (polled[1].revents != 0) wake_.drain();
  return check_liveness(doing);
}

Status Link::step(std::string_view doing) {
  for (int i = 0; i < kPortionsInARow; ++i) {
    const std::uint64_t before = socket_bytes_->in_bytes;
    if (ssh_event_dopoll(event_, 0) == SSH_ERROR || broken()) return lost(doing);
    if (socket_bytes_->in_bytes - before < kPortion) break;
  }
  return {};
}

int Link::fd() const { return ssh_get_fd(session_); }

short Link::poll_events() const {
  return (ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0 ? POLLIN | POLLOUT : POLLIN;
}

void Link::heard_now() {
  heard_ = std::chrono::steady_clock::now();
  heard_bytes_ = socket_bytes_->in_bytes;
  asked_ = 0;
}

Instant Link::next_liveness_check() const {
  return keepalive_ ? heard_ + (asked_ + 1) * target_.keepalive : Instant::max();
}

Status Link::check_liveness(std::string_view doing) {
  if (socket_bytes_->in_bytes != heard_bytes_) heard_now();
  if (std::chrono::steady_clock::now() < next_liveness_check()) return {};
  if (++asked_ >= kMissesAllowed) {
    const auto silence = std::chrono::duration<double>(asked_ * target_.keepalive);
    return target_error(
        target_, ErrorKind::Unreachable,
        fmt::format("the connection was lost while {}: no sign of life for {:.3g} s", doing,
                    silence.count()),
        "check the network and whether the host still runs");
  }
  ask_for_life();
  return {};
}

// ssh_send_keepalive never fails, and sends nothing if it finds the answer to the last one: then
// the second call sends.
void Link::ask_for_life() {
  const std::uint64_t before = packets_->out_packets;
  ssh_send_keepalive(session_);
  if (packets_->out_packets == before) ssh_send_keepalive(session_);
}

std::uint64_t Link::received_bytes() const { return socket_bytes_->in_bytes; }

bool Link::broken() const {
  return ssh_is_connected(session_) == 0 ||
         (ssh_get_status(session_) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0;
}

Error Link::lost(std::string_view doing) const {
  return target_error(target_, ErrorKind::Unreachable,
                      fmt::format("the connection was lost while {}: {}", doing, last_message()),
                      "check the network and whether the host still runs");
}

std::string Link::last_message() const {
  const std::string text = sanitise(ssh_get_error(session_));
  return text.empty() ? "no reason given" : text;
}

void Link::let_go(std::unique_ptr<Channel> channel) { let_go_.push_back(std::move(channel)); }

Status Link::settle(const Limit& limit) {
  const Instant patience = std::chrono::steady_clock::now() + Channel::kGrace;
  while (!let_go_.empty()) {
    std::erase_if(let_go_, [](const auto& channel) { return channel->exited(); });
    if (std::chrono::steady_clock::now() >= patience) let_go_.clear();
    if (let_go_.empty()) break;
    DROVER_TRY(wait(limit, "ending the last command", patience));
    DROVER_TRY(step("ending the last command"));
  }
  return {};
}

}  // namespace drover::remote
