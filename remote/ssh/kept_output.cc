#include "remote/ssh/kept_output.h"

#include <fmt/format.h>

#include <algorithm>

namespace drover::remote {

std::string_view KeptOutput::add(std::string_view bytes) {
  const bool open = end_.empty() && left_out_ == 0;
  const std::size_t room = open ? beginning_limit_ - beginning_.size() : 0;
  const std::string_view first = bytes.substr(0, std::min(room, bytes.size()));
  beginning_ += first;
  end_ += bytes.substr(first.size());
  if (end_.size() > 2 * end_limit_) {
    left_out_ += end_.size() - end_limit_;
    end_.erase(0, end_.size() - end_limit_);
  }
  return first;
}

void KeptOutput::leave_out(std::uint64_t count) {
  left_out_ += end_.size() + count;
  end_.clear();
}

std::string KeptOutput::text() const {
  if (left_out_ == 0) return beginning_ + end_;
  return fmt::format("{}\n[{} bytes are left out here]\n{}", beginning_, left_out_, end_);
}

}  // namespace drover::remote
