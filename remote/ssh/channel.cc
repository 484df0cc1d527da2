#include "remote/ssh/channel.h"

#include <fmt/format.h>
#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include <new>
#include <utility>

namespace drover::remote {
namespace {

Instant now() { return std::chrono::steady_clock::now(); }

size_t index(Stream stream) { return stream == Stream::Out ? 0 : 1; }

}  // namespace

Channel::Channel(Link& link)
    : link_(link),
      channel_(ssh_channel_new(link.session())),
      callbacks_(std::make_unique<ssh_channel_callbacks_struct>()) {
  if (channel_ == nullptr) throw std::bad_alloc();
  install_callbacks();
}

// Closing may stop half-way when the socket is full; the second call goes on from there. libssh
// keeps the channel until the peer has closed it too, hence without our callbacks.
Channel::~Channel() {
  if (ssh_channel_is_open(channel_) != 0 && ssh_channel_close(channel_) == SSH_AGAIN) {
    ssh_channel_close(channel_);
  }
  ssh_remove_channel_callbacks(channel_, callbacks_.get());
  ssh_channel_free(channel_);
}

// Called by C code: nothing may throw, and nothing is done here but to take note.
void Channel::install_callbacks() {
  callbacks_->size = sizeof *callbacks_;
  callbacks_->userdata = this;
  callbacks_->channel_data_function = [](ssh_session, ssh_channel, void* data, uint32_t size,
                                         int is_stderr, void* self) noexcept {
    auto& channel = *static_cast<Channel*>(self);
    channel.last_event_ = now();
    if (!channel.discard_) {
      channel.pending_[is_stderr != 0 ? 1 : 0].append(static_cast<const char*>(data), size);
    }
    return static_cast<int>(size);
  };
  callbacks_->channel_eof_function = [](ssh_session, ssh_channel, void* self) noexcept {
    static_cast<Channel*>(self)->eof_ = true;
  };
  callbacks_->channel_close_function = [](ssh_session, ssh_channel, void* self) noexcept {
    static_cast<Channel*>(self)->closed_ = true;
  };
  callbacks_->channel_exit_status_function = [](ssh_session, ssh_channel, int status,
                                                void* self) noexcept {
    auto& channel = *static_cast<Channel*>(self);
    channel.exit_code_ = status;
    channel.last_event_ = now();
  };
  callbacks_->channel_exit_signal_function = [](ssh_session, ssh_channel, const char* signal, int,
                                                const char*, const char*, void* self) noexcept {
    auto& channel = *static_cast<Channel*>(self);
    channel.signal_ = signal;
    channel.last_event_ = now();
  };
  ssh_set_channel_callbacks(channel_, callbacks_.get());
}

Result<bool> Channel::open(const Limit& limit) {
  constexpr std::string_view kOpening = "opening a channel for a command";
  DROVER_TRY_ASSIGN(const int opened,
                    link_.complete([this] { return ssh_channel_open_session(channel_); }, SSH_AGAIN,
                                   limit, kOpening));
  link_.first_command_done();
  if (opened != SSH_OK && link_.broken()) return link_.lost(kOpening);
  return opened == SSH_OK;
}

Status Channel::request_terminal(const Limit& limit) {
  constexpr std::string_view kAsking = "asking for a terminal";
  DROVER_TRY_ASSIGN(const int given,
                    link_.complete([this] { return ssh_channel_request_pty(channel_); }, SSH_AGAIN,
                                   limit, kAsking));
  if (given == SSH_OK) return {};
  if (link_.broken()) return link_.lost(kAsking);
  return target_error(link_.target(), ErrorKind::Sudo,
                      "sudo insists on a terminal, and sshd gives none",
                      "set PermitTTY yes in sshd_config on the host, or take `requiretty` from " +
                          link_.target().user + " in sudoers");
}

Status Channel::start(const std::string& command, std::string_view input, bool end,
                      const Limit& limit) {
  const auto request = [&] { return ssh_channel_request_exec(channel_, command.c_str()); };
  const int requested = request();
  if (requested == SSH_OK || requested == SSH_AGAIN) {
    DROVER_TRY(write(input, limit));
    if (end) DROVER_TRY(end_input(limit));
  }
  if (requested == SSH_OK) return {};
  DROVER_TRY_ASSIGN(const int accepted,
                    link_.complete(request, SSH_AGAIN, limit, "starting a command"));
  if (accepted == SSH_OK) return {};
  if (link_.broken()) return link_.lost("starting a command");
  return target_error(link_.target(), ErrorKind::Unreachable,
                      fmt::format("sshd refused to run a command: {}", link_.last_message()),
                      "look at sshd_config and the log of sshd on the host");
}

Status Channel::write(std::string_view input, const Limit& limit) {
  while (!input.empty()) {
    const int written =
        ssh_channel_write(channel_, input.data(), static_cast<uint32_t>(input.size()));
    if (written > 0) input.remove_prefix(static_cast<size_t>(written));
    // The command need not read its input to the end.
    if (exited() || eof_) return {};
    if (written < 0 && written != SSH_AGAIN) return link_.lost("sending input to a command");
    if (written <= 0) {
      DROVER_TRY(link_.wait(limit, "sending input to a command"));
      DROVER_TRY(link_.step("sending input to a command"));
    }
  }
  return {};
}

Status Channel::end_input(const Limit& limit) {
  const auto end = link_.complete([this] { return ssh_channel_send_eof(channel_); }, SSH_AGAIN,
                                  limit, "ending the input of a command");
  if (!end) return end.error();
  if (*end != SSH_OK && link_.broken()) return link_.lost("ending the input of a command");
  return {};
}

std::string Channel::take(Stream stream) { return std::exchange(pending_[index(stream)], {}); }

bool Channel::finished() const { return closed_ || (exited() && (eof_ || now() >= grace_end())); }

Instant Channel::grace_end() const { return exited() ? last_event_ + kGrace : Instant::max(); }

}  // namespace drover::remote
