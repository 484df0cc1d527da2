#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drover::remote {

/// One stream of a command's output in memory: all of it up to a limit; of what is longer the
/// beginning, the end, and a note between them. Whatever a host prints, it takes no more.
class KeptOutput {
 public:
  static constexpr std::size_t kBeginning = std::size_t{32} << 20;
  static constexpr std::size_t kEnd = std::size_t{64} << 10;

  explicit KeptOutput(std::size_t beginning = kBeginning, std::size_t end = kEnd)
      : beginning_limit_(beginning), end_limit_(end) {}

  /// Adds `bytes`; the part of them that belongs to the beginning, valid as long as `bytes`.
  std::string_view add(std::string_view bytes);
  /// Notes that `count` bytes are missing at this place.
  void leave_out(std::uint64_t count);
  std::string text() const;

 private:
  std::size_t beginning_limit_;
  std::size_t end_limit_;
  std::string beginning_;
  std::string end_;
  std::uint64_t left_out_ = 0;
};

}  // namespace drover::remote
