#include "examples/sandbox/node/relay.h"

#include <algorithm>

namespace drover::sandbox {

void Relay::take(std::string_view bytes, Time due) {
  // A line that becomes faster does not let bytes overtake others.
  if (!pieces_.empty()) due = std::max(due, pieces_.back().due);
  pieces_.push_back({std::string(bytes), due});
  held_ += bytes.size();
}

void Relay::take_end(Time due) {
  if (!pieces_.empty()) due = std::max(due, pieces_.back().due);
  end_ = due;
}

std::string_view Relay::arrived(Time now) const {
  if (pieces_.empty() || pieces_.front().due > now) return {};
  return std::string_view(pieces_.front().bytes).substr(handed_on_);
}

void Relay::handed_on(size_t count) {
  handed_on_ += count;
  held_ -= count;
  if (handed_on_ < pieces_.front().bytes.size()) return;
  pieces_.pop_front();
  handed_on_ = 0;
}

std::optional<Relay::Time> Relay::next(Time now) const {
  if (!pieces_.empty()) {
    if (pieces_.front().due > now) return pieces_.front().due;
    return std::nullopt;
  }
  if (end_ && *end_ > now) return end_;
  return std::nullopt;
}

}  // namespace drover::sandbox
