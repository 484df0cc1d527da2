#include "remote/ssh/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

constexpr size_t kNoiseLimit = 4096;

/// In a shell of its own, which leaves the one that reads it as it was, and with its exit code.
constexpr std::string_view kScriptFrame =
    "( exec </dev/null; {0}; printf '%s\\n' {1}; printf '%s\\n' {1} >&2; (eval {2}); set -- $?; "
    "printf '{1} rc=%s\\n' $1; printf '{1} rc=%s\\n' $1 >&2; exit $1 )\n";

constexpr std::string_view kCallFrame =
    "exec 3<&0 </dev/null; {0}; printf '%s\\n' {1}; printf '%s\\n' {1} >&2; set -- {3}; eval {2}";

std::string call(const std::string& nonce, std::string_view script,
                 const std::vector<std::string>& parameters) {
  std::string words;
  for (const std::string& parameter : parameters) words += quote(parameter) + " ";
  return fmt::format(kCallFrame, kSetEnvironment, nonce, quote(script), words);
}

}  // namespace

const std::string_view kSetEnvironment =
    "export LC_ALL=C HOME=/root "
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string script_input(const std::string& nonce, const std::string& script) {
  return fmt::format(kScriptFrame, kSetEnvironment, nonce, quote(script));
}

std::string call_input(const std::string& nonce, std::string_view script,
                       const std::vector<std::string>& parameters) {
  return "( " + call(nonce, script, parameters) + " )\n";
}

std::string last_call_input(const std::string& nonce, std::string_view script,
                            const std::vector<std::string>& parameters) {
  return "{ " + call(nonce, script, parameters) + "; exit; }\n";
}

UntilMark::UntilMark(std::string mark) : mark_(std::move(mark)) {}

std::string UntilMark::feed(std::string_view bytes) {
  held_ += bytes;
  std::string before;
  if (!found_) {
    const size_t at = held_.find(mark_);
    found_ = at != std::string::npos;
    size_t certain = at;
    if (!found_) {
      size_t tail = std::min(held_.size(), mark_.size() - 1);
      while (!mark_.starts_with(std::string_view(held_).substr(held_.size() - tail))) --tail;
      certain = held_.size() - tail;
    }
    before = held_.substr(0, certain);
    held_.erase(0, certain);
  }
  const size_t end = found_ && !line_ ? held_.find('\n') : std::string::npos;
  if (end != std::string::npos) {
    line_ = held_.substr(mark_.size(), end - mark_.size());
    held_.erase(0, end + 1);
  }
  return before;
}

std::string UntilMark::take_rest() { return line_ ? std::exchange(held_, {}) : std::string(); }

FramedOutput::FramedOutput(const std::string& nonce, Ending ending, OutputSink content)
    : content_(std::move(content)),
      halves_{Half{UntilMark(nonce), {}, {}, {}, {}}, Half{UntilMark(nonce), {}, {}, {}, {}}} {
  for (Half& half : halves_) {
    (ending == Ending::Nonce ? half.content : half.announcement).emplace(nonce);
  }
}

bool FramedOutput::feed(Stream stream, std::string_view bytes) {
  Half& to = half(stream);
  std::string text(bytes);
  if (!to.start.line()) {
    to.noise += to.start.feed(text);
    to.noise.resize(std::min(to.noise.size(), kNoiseLimit));
    text = to.start.take_rest();
  }
  if (to.announcement && !to.announcement->line()) {
    to.preface += to.announcement->feed(text);
    text = to.announcement->take_rest();
    if (const auto& line = to.announcement->line()) {
      to.content.emplace(line->substr(std::min(line->rfind(' '), line->size() - 1) + 1));
    }
  }
  if (to.content && !text.empty()) {
    const std::string content = to.content->feed(text);
    if (!content.empty()) content_(stream, content);
  }
  return !ending();
}

bool FramedOutput::began() const { return half(Stream::Out).start.line().has_value(); }

std::optional<std::string> FramedOutput::announcement() const {
  for (const Half& each : halves_) {
    if (!each.announcement || !each.announcement->line()) return std::nullopt;
  }
  const auto words = announced(Stream::Out);
  return words.empty() ? std::string() : words.front();
}

std::vector<std::string> FramedOutput::announced(Stream stream) const {
  const Half& each = half(stream);
  return each.announcement && each.announcement->line() ? split_words(*each.announcement->line())
                                                        : std::vector<std::string>();
}

std::optional<std::string> FramedOutput::ending() const {
  for (const Half& each : halves_) {
    if (!each.content || !each.content->line()) return std::nullopt;
  }
  return std::string(trim(*halves_[0].content->line()));
}

}  // namespace drover::remote
