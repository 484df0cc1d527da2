#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/node.h"
#include "remote/ssh/link.h"

struct ssh_channel_struct;
struct ssh_channel_callbacks_struct;

namespace drover::remote {

/// A session channel with a command on it, and what has come over it so far. Filled while its link
/// is stepped; both streams are always taken in, since they share one window.
class Channel {
 public:
  /// How long an ended command's streams may stay open, held by a child that it left behind.
  static constexpr std::chrono::milliseconds kGrace{250};

  explicit Channel(Link& link);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// False if the peer refuses another channel.
  Result<bool> open(const Limit& limit);
  /// Gives what will be started a terminal of its own.
  Status request_terminal(const Limit& limit);
  /// Starts `command` on the open channel. `input` is sent behind the request, without waiting for
  /// the answer to it.
  Status start(const std::string& command, std::string_view input, bool end_input,
               const Limit& limit);
  /// More input. A command that is over or hears no more is no error.
  Status write(std::string_view input, const Limit& limit);
  Status end_input(const Limit& limit);

  /// What came since the last call.
  std::string take(Stream stream);
  /// Forgets output from now on.
  void discard() { discard_ = true; }

  std::optional<int> exit_code() const { return exit_code_; }
  const std::string& signal() const { return signal_; }
  /// The command is over or the peer closed the channel, with or without saying how it ended.
  bool exited() const { return exit_code_ || !signal_.empty() || closed_; }
  /// Exited, and no output will follow.
  bool finished() const;
  /// When an exited command counts as finished although its streams are open.
  Instant grace_end() const;

 private:
  void install_callbacks();

  Link& link_;
  ssh_channel_struct* channel_;
  std::unique_ptr<ssh_channel_callbacks_struct> callbacks_;
  std::string pending_[2];
  std::optional<int> exit_code_;
  std::string signal_;
  bool eof_ = false;
  bool closed_ = false;
  bool discard_ = false;
  Instant last_event_{};
};

}  // namespace drover::remote
