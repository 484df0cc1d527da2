#include "plans/logs/node_logs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/cri_shell.h"
#include "plans/packages/script.h"

namespace drover::plans {
namespace {

constexpr long kUsualLines = 500;
constexpr long kMostLines = 100'000;
constexpr std::chrono::seconds kNodeLogsTimeout{120};
constexpr std::string_view kCursor = "-- cursor: ";
constexpr std::string_view kNothing = "-- No entries --";

/// What the machine complains of, on one line.
Error cannot_read(const std::string& what, const CommandResult& result) {
  const std::string_view said = trim(result.err.empty() ? result.out : result.err);
  std::string why = sanitise(said.starts_with("E: ") ? said.substr(3) : said);
  if (why.empty()) why = fmt::format("exit code {}", result.exit_code.value_or(-1));
  return {.kind = ErrorKind::Command,
          .message = fmt::format("{} cannot be read: {}", what, why),
          .detail = result.err};
}

/// journalctl's own words between the lines, other than that the machine was started anew.
bool is_remark(std::string_view line) {
  return line == kNothing || line.starts_with("-- Logs begin at ") ||
         line.starts_with("-- Journal begins at ");
}

/// "2026-11-28T08:29:10+0000", or with a colon in the zone.
std::string time_of(std::string_view line) {
  std::string front(line.substr(0, line.find(' ')));
  constexpr size_t kSeconds = 19;
  const bool zone =
      front.size() == kSeconds + 5 && (front[kSeconds] == '+' || front[kSeconds] == '-');
  if (zone) front.insert(front.size() - 2, ":");
  if (front.ends_with("+00:00")) front.replace(front.size() - 6, 6, "Z");
  return parse_timestamp(front) ? front : "";
}

class JournalLog final : public NodeLog {
 public:
  JournalLog(std::vector<std::string> units, LogWindow window)
      : units_(std::move(units)), window_(window) {}

  /// Behind a cursor and behind --since, journalctl takes -n as the number of the first lines.
  Command next() const override {
    std::string script = script_head() + "journalctl --no-pager --utc -o short-iso --show-cursor";
    for (const std::string& unit : units_) script += " -u " + quote(unit);
    if (!cursor_.empty()) {
      script += fmt::format(" -n {} --after-cursor={}", kMostLines, quote(cursor_));
    } else if (window_.since) {
      script += fmt::format(" --since=-{}s | tail -n {}", window_.since->count(), last_lines() + 1);
    } else {
      script += fmt::format(" -n {}", last_lines());
    }
    return {.script = script + '\n', .timeout = kNodeLogsTimeout};
  }

  Result<std::vector<LogLine>> take(const CommandResult& result) override {
    std::vector<std::string> texts = split_lines(result.out);
    // It fails also when there is nothing yet whose cursor it could show, and says so; and says
    // nothing at all only when it cannot work, which a pipe hides.
    const bool nothing = std::find(texts.begin(), texts.end(), kNothing) != texts.end();
    if ((!result.ok() || texts.empty()) && !nothing) return cannot_read("the journal", result);
    const bool skips = !began_ && window_.tail == 0;
    began_ = true;
    std::vector<LogLine> lines;
    for (std::string& line : texts) {
      if (line.starts_with(kCursor)) {
        cursor_ = line.substr(kCursor.size());
      } else if (!is_remark(line) && !skips) {
        std::string time = time_of(line);
        lines.push_back({std::move(time), std::move(line)});
      }
    }
    return lines;
  }

 private:
  /// Without a line there is no cursor: of none at all one is read, and left out. Where there was
  /// none, all that has come is new.
  long last_lines() const {
    if (began_) return kMostLines;
    const long usual = window_.since ? kMostLines : kUsualLines;
    return std::clamp(window_.tail.value_or(usual), 1L, kMostLines);
  }

  const std::vector<std::string> units_;
  const LogWindow window_;
  std::string cursor_;
  bool began_ = false;
};

// Containers come newest first.
constexpr std::string_view kFind = R"sh(if ! command -v crictl >/dev/null; then
  echo 'E: crictl is not on this machine' >&2
  exit 1
fi
containers=$(cri ps -a --label io.kubernetes.pod.namespace=kube-system --label "io.kubernetes.container.name=$name" -q)
container=$(printf '%s\n' "$containers" | sed -n "${which}p")
if [ -z "$container" ]; then
  echo "E: $missing" >&2
  exit 1
fi
)sh";

class StaticPodLog final : public NodeLog {
 public:
  StaticPodLog(std::string name, LogWindow window, bool previous)
      : name_(std::move(name)), window_(window), previous_(previous) {}

  Command next() const override {
    std::string script = script_head() + cri_shell();
    script += fmt::format("name={}\nwhich={}\nmissing={}\n", quote(name_), previous_ ? 2 : 1,
                          quote(previous_ ? "no container ran before the newest one"
                                          : "kube-system has no container of that name here"));
    script += kFind;
    script += "cri logs --timestamps";
    const std::string since = place_.since();
    if (!since.empty()) {
      script += " --since=" + quote(since);
    } else {
      if (window_.since) script += fmt::format(" --since={}s", window_.since->count());
      // Of none at all one is read, and left out: its time is where to go on.
      script +=
          fmt::format(" --tail={}", std::clamp(window_.tail.value_or(kMostLines), 1L, kMostLines));
    }
    return {.script = script + " \"$container\" 2>&1\n", .timeout = kNodeLogsTimeout};
  }

  Result<std::vector<LogLine>> take(const CommandResult& result) override {
    if (!result.ok()) return cannot_read("the log of " + name_, result);
    const bool skips = window_.tail == 0 && !std::exchange(began_, true);
    std::vector<LogLine> lines;
    place_.rewind();
    for (const std::string& text : split_lines(result.out)) {
      LogLine line = read_log_line(text);
      if (place_.passes(line) && !skips) lines.push_back(std::move(line));
    }
    return lines;
  }

 private:
  const std::string name_;
  const LogWindow window_;
  const bool previous_;
  LogPlace place_;
  bool began_ = false;
};

}  // namespace

std::unique_ptr<NodeLog> journal_log(std::vector<std::string> units, LogWindow window) {
  return std::make_unique<JournalLog>(std::move(units), window);
}

std::unique_ptr<NodeLog> static_pod_log(std::string name, LogWindow window, bool previous) {
  return std::make_unique<StaticPodLog>(std::move(name), window, previous);
}

bool is_unit_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 255 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace drover::plans
