#include "remote/ssh/exec.h"

#include <utility>

#include "remote/ssh/channel.h"
#include "remote/ssh/link.h"

namespace drover::remote {
namespace {

constexpr std::string_view kRunning = "running a command";

/// Gives away what came; false when nothing more is wanted.
bool deliver(Channel& channel, const ExecSink& sink) {
  for (const Stream stream : {Stream::Out, Stream::Err}) {
    const std::string bytes = channel.take(stream);
    if (!bytes.empty() && !sink(stream, bytes)) return false;
  }
  return true;
}

}  // namespace

// sshd counts a channel until it has seen our side of its end, so the first refusal may be of a
// limit that is no longer met.
Result<std::unique_ptr<Channel>> open_channel(Link& link, const Limit& limit) {
  link.heard_now();
  DROVER_TRY(link.settle(limit));
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto channel = std::make_unique<Channel>(link);
    DROVER_TRY_ASSIGN(const bool opened, channel->open(limit));
    if (opened) return channel;
  }
  return target_error(link.target(), ErrorKind::Unreachable,
                      "sshd refused a channel for a command: " + link.last_message(),
                      "see MaxSessions in sshd_config on the host");
}

Result<std::optional<Exit>> converse(Link& link, Channel& channel, const ExecSink& sink,
                                     const Limit& limit) {
  Status stepped;
  while (deliver(channel, sink)) {
    if (channel.finished()) return Exit{channel.exit_code(), channel.signal()};
    if (!stepped) return stepped.error();
    DROVER_TRY(link.wait(limit, kRunning, channel.grace_end()));
    stepped = link.step(kRunning);
  }
  return std::nullopt;
}

Result<Exit> exec(Link& link, const ExecRequest& request, const ExecSink& sink,
                  const Limit& limit) {
  DROVER_TRY_ASSIGN(auto channel, open_channel(link, limit));
  DROVER_TRY(channel->start(request.line, request.input, request.end_input, limit));
  DROVER_TRY_ASSIGN(const auto ended, converse(link, *channel, sink, limit));
  if (ended) return *ended;
  channel->discard();
  DROVER_TRY(channel->end_input(limit));
  link.let_go(std::move(channel));
  return Exit{};
}

}  // namespace drover::remote
