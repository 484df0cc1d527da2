#include "remote/ssh/tunnel_pipe.h"

#include <libssh/libssh.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

namespace drover::remote {
namespace {

constexpr size_t kBuffer = 64 * 1024;

bool try_later(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

TunnelPipe::TunnelPipe(Link& link, UniqueFd local, int port)
    : local_(std::move(local)), channel_(ssh_channel_new(link.session())), port_(port) {
  if (channel_ == nullptr) throw std::bad_alloc();
}

// Closing may stop half-way when the socket is full; the second call goes on from there.
TunnelPipe::~TunnelPipe() {
  if (ssh_channel_is_open(channel_) != 0 && ssh_channel_close(channel_) == SSH_AGAIN) {
    ssh_channel_close(channel_);
  }
  ssh_channel_free(channel_);
}

TunnelPipe::State TunnelPipe::step() {
  if (!opened_) {
    const int code = ssh_channel_open_forward(channel_, "127.0.0.1", port_, "127.0.0.1", 0);
    if (code == SSH_AGAIN) return State::Going;
    if (code != SSH_OK) return State::Refused;
    opened_ = true;
  }
  if (!to_local() || !to_remote()) return State::Ended;
  const bool both_ended = local_ended_ && remote_ended_ && pending_.empty();
  return both_ended || local_hung_up() ? State::Ended : State::Going;
}

/// False when the local side takes no more.
bool TunnelPipe::send_pending() {
  while (!pending_.empty()) {
    const ssize_t sent =
        send(local_.get(), pending_.data(), pending_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return try_later(errno);
    pending_.erase(0, static_cast<size_t>(sent));
  }
  return true;
}

bool TunnelPipe::to_local() {
  std::array<char, kBuffer> buffer;
  for (;;) {
    if (!send_pending()) return false;
    if (!pending_.empty() || remote_ended_) return true;
    const int got = ssh_channel_read_nonblocking(channel_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      pending_.assign(buffer.data(), static_cast<size_t>(got));
      continue;
    }
    // Nothing to read is 0 or SSH_AGAIN, by version, and may also be the end.
    if (got == SSH_ERROR) return false;
    remote_ended_ = ssh_channel_is_eof(channel_) != 0 || ssh_channel_is_closed(channel_) != 0;
    if (remote_ended_) shutdown(local_.get(), SHUT_WR);
    return true;
  }
}

bool TunnelPipe::to_remote() {
  std::array<char, kBuffer> buffer;
  while (!local_ended_) {
    if (ssh_channel_is_closed(channel_) != 0) return false;  // nobody is left to read it
    const size_t room = std::min<size_t>(ssh_channel_window_size(channel_), buffer.size());
    if (room == 0) return true;
    const ssize_t got = recv(local_.get(), buffer.data(), room, MSG_DONTWAIT);
    if (got < 0) return try_later(errno);
    if (got == 0) {
      local_ended_ = true;
      ssh_channel_send_eof(channel_);
      return true;
    }
    for (ssize_t done = 0; done < got;) {
      const int wrote =
          ssh_channel_write(channel_, buffer.data() + done, static_cast<uint32_t>(got - done));
      if (wrote <= 0) return false;
      done += wrote;
    }
  }
  return true;
}

// Both directions are over on the local side: it closed its socket, not only its sending half.
bool TunnelPipe::local_hung_up() const {
  pollfd polled{local_.get(), 0, 0};
  return local_ended_ && poll(&polled, 1, 0) == 1 && (polled.revents & (POLLHUP | POLLERR)) != 0;
}

short TunnelPipe::poll_events() const {
  int events = 0;
  if (!local_ended_ && ssh_channel_window_size(channel_) > 0) events |= POLLIN;
  if (!pending_.empty()) events |= POLLOUT;
  return static_cast<short>(events);
}

}  // namespace drover::remote
