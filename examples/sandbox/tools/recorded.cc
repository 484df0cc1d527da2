#include "examples/sandbox/tools/recorded.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <cctype>
#include <stdexcept>

#include "examples/sandbox/tools/recorded_texts.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

std::string_view text_of(std::string_view name) {
  for (const RecordedText& text : recorded_texts()) {
    if (text.name == name) return text.text;
  }
  throw std::logic_error("there is no recording " + std::string(name));
}

const Replacements::value_type* longest_at(std::string_view text, const Replacements& changes) {
  const Replacements::value_type* found = nullptr;
  for (const auto& change : changes) {
    if (change.first.empty() || !text.starts_with(change.first)) continue;
    if (found == nullptr || found->first.size() < change.first.size()) found = &change;
  }
  return found;
}

// "W1122 21:11:26.766409    1449 checks.go:827] ": letter, date, time, process in seven columns.
constexpr std::string_view kKlogShape = "A0000 00:00:00.000000 ";
constexpr size_t kKlogFront = kKlogShape.size() + 8;

bool has_klog_front(std::string_view line) {
  if (line.size() < kKlogFront || line[kKlogFront - 1] != ' ') return false;
  for (size_t i = 0; i < kKlogShape.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    const char shape = kKlogShape[i];
    if (shape == 'A' ? !std::isupper(c) : shape == '0' ? !std::isdigit(c) : line[i] != shape) {
      return false;
    }
  }
  return true;
}

std::string klog_front(char level) {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  tm utc{};
  gmtime_r(&time.tv_sec, &utc);
  return fmt::format("{}{:02}{:02} {:02}:{:02}:{:02}.{:06} {:7} ", level, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, time.tv_nsec / 1000,
                     getpid());
}

}  // namespace

std::string recorded(std::string_view name, const Replacements& changes) {
  std::string_view rest = text_of(name);
  std::string text;
  while (!rest.empty()) {
    if (const auto* change = longest_at(rest, changes)) {
      text += change->second;
      rest.remove_prefix(change->first.size());
    } else {
      text += rest.front();
      rest.remove_prefix(1);
    }
  }
  return text;
}

std::string with_klog_of_now(std::string_view text) {
  std::string fresh;
  for (const std::string& line : split_lines(text)) {
    const bool klog = has_klog_front(line);
    fresh += klog ? klog_front(line.front()) + line.substr(kKlogFront) : line;
    fresh += '\n';
  }
  return fresh;
}

}  // namespace drover::sandbox
