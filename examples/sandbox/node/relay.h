#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace drover::sandbox {

/// Bytes under way in one direction of a connection: each arrives `delay` after it was sent, in
/// order, and so does the end of the stream. Knows no socket and no clock.
class Relay {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// No more is to be taken for now: the sender has to wait, as it does on a real line.
  bool full() const { return held_ >= kMost; }
  void take(std::string_view bytes, Time due);
  void take_end(Time due);

  /// What has arrived, as far as it lies in one piece; empty when nothing has.
  std::string_view arrived(Time now) const;
  /// That many of the bytes that arrived() gave were handed on.
  void handed_on(size_t count);
  /// The sender's end of stream has arrived, and everything before it was handed on.
  bool ended(Time now) const { return pieces_.empty() && end_ && *end_ <= now; }
  bool end_taken() const { return end_.has_value(); }
  /// When the next thing arrives that has not done so yet, if there is one under way.
  std::optional<Time> next(Time now) const;

 private:
  struct Piece {
    std::string bytes;
    Time due;
  };
  static constexpr size_t kMost = size_t{1} << 20;

  std::deque<Piece> pieces_;
  size_t handed_on_ = 0;  ///< of the first piece
  size_t held_ = 0;
  std::optional<Time> end_;
};

}  // namespace drover::sandbox
