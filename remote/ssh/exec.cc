#include "remote/ssh/exec.h"

#include <memory>
#include <utility>

#include "remote/ssh/channel.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

constexpr std::string_view kRunning = "running a command";

/// One command on its way: its input may have to wait for the prologue's end.
class Dialogue {
 public:
  Dialogue(Channel& channel, const ExecRequest& request, const ExecSink& sink, const Limit& limit)
      : channel_(channel), request_(request), sink_(sink), limit_(limit) {}

  Status begin() {
    if (held_) return channel_.start(request_.line, {}, false, limit_);
    note_sent();
    return channel_.start(request_.line, request_.input, request_.end_input, limit_);
  }

  /// Gives away what came; false when nothing more is wanted.
  Result<bool> deliver() {
    for (const Stream stream : {Stream::Out, Stream::Err}) {
      const std::string bytes = channel_.take(stream);
      if (bytes.empty()) continue;
      if (!sink_(stream, bytes)) return false;
      if (held_) DROVER_TRY(answer(stream, bytes));
    }
    return true;
  }

 private:
  void note_sent() {
    if (request_.sent != nullptr) *request_.sent = true;
  }

  Status answer(Stream stream, std::string_view bytes) {
    DROVER_TRY_ASSIGN(const Prologue::Turn turn, request_.prologue->hear(stream, bytes));
    DROVER_TRY(channel_.write(turn.say, limit_));
    if (!turn.over) return {};
    held_ = false;
    note_sent();
    DROVER_TRY(channel_.write(request_.input, limit_));
    return request_.end_input ? channel_.end_input(limit_) : Status();
  }

  Channel& channel_;
  const ExecRequest& request_;
  const ExecSink& sink_;
  const Limit& limit_;
  bool held_ = request_.prologue != nullptr;
};

/// sshd counts a channel until it has seen our side of its end, so the first refusal may be of a
/// limit that is no longer met.
Result<std::unique_ptr<Channel>> open_channel(Link& link, const Limit& limit) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto channel = std::make_unique<Channel>(link);
    DROVER_TRY_ASSIGN(const bool opened, channel->open(limit));
    if (opened) return channel;
  }
  return target_error(link.target(), ErrorKind::Unreachable,
                      "sshd refused a channel for a command: " + link.last_message(),
                      "see MaxSessions in sshd_config on the host");
}

}  // namespace

Result<Exit> exec(Link& link, const ExecRequest& request, const ExecSink& sink,
                  const Limit& limit) {
  link.heard_now();
  DROVER_TRY(link.settle(limit));
  DROVER_TRY_ASSIGN(auto channel, open_channel(link, limit));
  Dialogue dialogue(*channel, request, sink, limit);
  DROVER_TRY(dialogue.begin());
  Status stepped;
  for (;;) {
    DROVER_TRY_ASSIGN(const bool more, dialogue.deliver());
    if (!more) {
      channel->discard();
      DROVER_TRY(channel->end_input(limit));
      link.let_go(std::move(channel));
      return Exit{};
    }
    if (channel->finished()) return Exit{channel->exit_code(), channel->signal()};
    if (!stepped) return stepped.error();
    DROVER_TRY(link.wait(limit, kRunning, channel->grace_end()));
    stepped = link.step(kRunning);
  }
}

}  // namespace drover::remote
