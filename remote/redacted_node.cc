#include "remote/redacted_node.h"

#include <array>
#include <utility>

namespace drover::remote {

Result<CommandResult> RedactedNode::clean(Result<CommandResult> result) const {
  if (!result) return redaction_.apply(std::move(result).error());
  result->out = redaction_.apply(result->out);
  result->err = redaction_.apply(result->err);
  return result;
}

Result<CapsuleState> RedactedNode::clean(Result<CapsuleState> state) const {
  return state ? state : redaction_.apply(std::move(state).error());
}

Result<CommandResult> RedactedNode::read(const Command& command, std::stop_token stop) {
  return clean(reader_.read(command, std::move(stop)));
}

Result<CommandResult> RedactedNode::run(const std::string& id, const Command& command,
                                        const OutputSink& output, std::stop_token stop) {
  std::array<RedactedStream, 2> streams = {RedactedStream(redaction_), RedactedStream(redaction_)};
  const auto give = [&](Stream stream, const std::string& text) {
    if (output && !text.empty()) output(stream, text);
  };
  auto result = writer_.run(
      id, command,
      [&](Stream stream, std::string_view bytes) {
        give(stream, streams[stream == Stream::Out ? 0 : 1].feed(bytes));
      },
      std::move(stop));
  give(Stream::Out, streams[0].end());
  give(Stream::Err, streams[1].end());
  return clean(std::move(result));
}

Result<CapsuleState> RedactedNode::state(const std::string& id, std::stop_token stop) {
  return clean(writer_.state(id, std::move(stop)));
}

Result<CapsuleState> RedactedNode::cancel(const std::string& id, std::stop_token stop) {
  return clean(writer_.cancel(id, std::move(stop)));
}

Status RedactedFiles::upload(const std::string& local, const std::string& remote,
                             std::chrono::seconds timeout, std::stop_token stop) {
  const Status done = files_.upload(local, remote, timeout, std::move(stop));
  return done ? done : Status(redaction_.apply(done.error()));
}

Status RedactedFiles::download(const std::string& remote, const std::string& local,
                               std::chrono::seconds timeout, std::stop_token stop) {
  const Status done = files_.download(remote, local, timeout, std::move(stop));
  return done ? done : Status(redaction_.apply(done.error()));
}

}  // namespace drover::remote
