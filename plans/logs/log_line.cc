#include "plans/logs/log_line.h"

#include <algorithm>
#include <utility>

namespace drover::plans {
namespace {

constexpr size_t kLongestLine = size_t{64} << 10;

/// `text` without what would leave half a character behind at its end, so that both parts of a cut
/// line can be shown.
size_t cut_before_character(std::string_view text, size_t at) {
  size_t cut = at;
  while (cut > 0 && at - cut < 4 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return cut == 0 ? at : cut;
}

}  // namespace

LogLine read_log_line(std::string_view line) {
  const size_t blank = line.find(' ');
  const std::string_view front = line.substr(0, blank);
  if (!parse_timestamp(front)) return {"", std::string(line)};
  return {std::string(front), blank == line.npos ? "" : std::string(line.substr(blank + 1))};
}

std::optional<std::string> LineCutter::next() {
  const size_t end = rest_.find('\n');
  if (end == rest_.npos && rest_.size() <= kLongestLine) return std::nullopt;
  const bool whole = end != rest_.npos && end <= kLongestLine;
  const size_t length = whole ? end : cut_before_character(rest_, kLongestLine);
  std::string line = rest_.substr(0, length);
  rest_.erase(0, length + (whole ? 1 : 0));
  if (whole && !line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::optional<std::string> LineCutter::last() {
  if (rest_.empty()) return std::nullopt;
  return std::exchange(rest_, {});
}

std::string LogPlace::since() const {
  const auto time = parse_timestamp(last_);
  if (!time) return "";
  // The zone stays as it was written; only the fraction of the second goes.
  const size_t dot = last_.find('.');
  if (dot == last_.npos) return last_;
  const size_t zone = std::min(last_.find_first_not_of("0123456789", dot + 1), last_.size());
  return last_.substr(0, dot) + last_.substr(zone);
}

void LogPlace::rewind() {
  behind_ = !last_.empty();
  passed_ = 0;
}

bool LogPlace::was_seen(const LogLine& line) {
  if (line.time == last_) return ++passed_ <= at_last_;
  const auto time = parse_timestamp(line.time);
  const auto last = parse_timestamp(last_);
  if (!time || !last) return false;
  // Times are compared by microseconds; within one of them by what was written.
  return *time < *last || (*time == *last && line.time < last_);
}

bool LogPlace::passes(const LogLine& line) {
  if (line.time.empty()) return true;
  if (behind_ && was_seen(line)) return false;
  if (behind_ && line.time != last_) behind_ = false;
  if (line.time == last_) {
    ++at_last_;
  } else {
    last_ = line.time;
    at_last_ = 1;
  }
  return true;
}

}  // namespace drover::plans
