#include "remote/ssh/capsule_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "remote/clock.h"
#include "remote/ssh/frame.h"

namespace drover::remote {
namespace {

using std::chrono::milliseconds;
using Kind = CapsuleState::Kind;

constexpr int kFailuresBeforeStart = 3;
constexpr std::chrono::seconds kLastLook{10};
constexpr std::string_view kBusy = "busy=";
constexpr std::string_view kEnough = "\n";  // see capsule_frame()
constexpr const char* kRemedy =
    "`drover resume` asks the host for it; with --retry what still runs is ended and begun again";

/// Pauses between attempts: longer and longer, and not the same for all who lost a host together.
class Backoff {
 public:
  void reset() { pause_ = kFirst; }
  milliseconds next() {
    const auto longest = std::exchange(pause_, std::min(2 * pause_, kLongest)).count();
    return milliseconds(
        std::uniform_int_distribution<milliseconds::rep>(longest / 2, longest)(random_));
  }

 private:
  static constexpr milliseconds kFirst{50};
  static constexpr milliseconds kLongest{5'000};
  milliseconds pause_ = kFirst;
  std::minstd_rand random_{std::random_device{}()};
};

/// What the host announced the capsule to be, if that is a state.
std::optional<CapsuleState> announced_state(const FramedOutput& framed) {
  const auto text = framed.announcement();
  return text ? parse_capsule_state(*text) : std::nullopt;
}

/// The host follows the capsule until it is told that it is enough.
bool is_followed(const FramedOutput& framed) {
  const auto state = announced_state(framed);
  return state && state->kind == Kind::Running;
}

/// The capsule has its `started`: from here on it can only be followed.
bool was_launched(const FramedOutput& framed) {
  const auto state = announced_state(framed);
  return state && state->kind != Kind::Absent && state->kind != Kind::Prepared;
}

}  // namespace

CapsuleRun::CapsuleRun(const SshTarget& target, CapsuleCall call, const Command& command,
                       const OutputSink& output, Connect connect)
    : target_(target),
      call_(std::move(call)),
      command_(command),
      output_(output),
      connect_(std::move(connect)),
      deadline_(std::chrono::steady_clock::now() + command.timeout) {}

Result<CommandResult> CapsuleRun::run(const std::stop_token& stop) {
  SystemClock clock;
  Backoff backoff;
  for (;;) {
    progress_ = false;
    if (auto outcome = one_round(stop)) return std::move(*outcome);
    if (progress_) backoff.reset();
    if (!clock.wait_until(std::min(clock.now() + backoff.next(), deadline_), stop))
      return cancelled();
    if (clock.now() >= deadline_) return out_of_time(stop);
  }
}

CapsuleRun::Outcome CapsuleRun::out_of_time(const std::stop_token& stop) {
  if (!waits_) return sent_ ? unknown(last_error_.message) : last_error_;
  // The last round may have been cut off just when its turn had come.
  const Error busy = last_error_;
  call_.verb = CapsuleCall::Verb::State;
  deadline_ = std::chrono::steady_clock::now() + kLastLook;
  waits_ = false;
  if (auto outcome = one_round(stop)) return std::move(*outcome);
  if (!waits_) return unknown(last_error_.message);
  Error error = busy;
  error.message +=
      fmt::format("; nothing was started within {}", format_duration(command_.timeout));
  return error;
}

std::optional<CapsuleRun::Outcome> CapsuleRun::one_round(const std::stop_token& stop) {
  const auto session = connect_(deadline_);
  if (!session) return broken(session.error());
  const std::string nonce = random_hex(16);
  FramedOutput framed(nonce, FramedOutput::Ending::Announced,
                      [&](Stream stream, std::string_view bytes) {
                        go_on_at_offset(stream, framed.announced(stream));
                        take(stream, bytes);
                      });
  const ExecSink sink = [&](Stream stream, std::string_view bytes) {
    return framed.feed(stream, bytes);
  };
  const bool sent_before = sent_;
  asked_ = {call_.out_bytes, call_.err_bytes};
  const Limit limit{deadline_, stop};
  auto exit = (*session)->exec_as_root(capsule_input(nonce, call_), sink, limit, &sent_);
  if (was_launched(framed)) {
    progress_ = true;
    call_.verb = CapsuleCall::Verb::Follow;
  }
  if (exit && *exit && !framed.began()) {
    const Error error = (*session)->no_root(**exit, framed);
    if (error.kind == ErrorKind::Unreachable) return broken(error);  // it may have begun unheard
    return sent_before ? unknown(error.message) : error;
  }
  if (exit && !*exit && is_followed(framed)) {
    if (Status said = (*session)->say(kEnough, limit); !said) last_error_ = said.error();
  }
  return after_exec(exit ? Status() : Status(exit.error()), framed);
}

std::optional<CapsuleRun::Outcome> CapsuleRun::after_exec(const Status& exit,
                                                          const FramedOutput& framed) {
  const auto state = announced_state(framed);
  if (state && state->kind == Kind::Rebooted) return unknown("the host was rebooted while it ran");
  if (state && state->kind == Kind::Lost) return unknown("what supervised it was killed");
  if (state && state->kind == Kind::Absent) return unknown("its capsule is gone from the host");
  if (!state && framed.announcement()) return not_made(framed.preface(Stream::Err));
  if (const auto ending = framed.ending()) return ended(*ending);
  if (!exit) return broken(exit.error());
  last_error_ =
      target_error(target_, ErrorKind::Unreachable, "the host ended the command's channel");
  return std::nullopt;
}

Error CapsuleRun::not_made(const std::string& reason) const {
  const auto lines = split_lines(reason);
  Error error = target_error(
      target_, ErrorKind::Command,
      fmt::format("nothing was started, since no capsule could be made in {}: {}", call_.folder,
                  lines.empty() ? "no reason given" : sanitise(lines.front())),
      "make room there, or make it writable");
  error.detail = reason;
  return error;
}

std::optional<CapsuleRun::Outcome> CapsuleRun::ended(std::string_view ending) {
  const auto state = parse_capsule_state(ending);
  waits_ = ending.starts_with(kBusy);
  if (waits_) {
    last_error_ = target_error(target_, ErrorKind::Command, sanitise(ending.substr(kBusy.size())),
                               "let that end, or look what became of it; then try again");
    return std::nullopt;
  }
  if (state && state->kind == Kind::Done) {
    exit_code_ = state->exit_code;
    return result();
  }
  if (state && state->kind == Kind::Lost) return unknown("what supervised it was killed");
  if (state && state->kind == Kind::Prepared) {
    waits_ = true;
    last_error_ = target_error(target_, ErrorKind::Command, "what supervises it does not begin",
                               "look at the host's system log; then try again");
    return std::nullopt;
  }
  const bool followed = call_.verb != CapsuleCall::Verb::State;
  last_error_ =
      unknown(followed ? "it still runs, but what supervised it was killed" : "it still runs");
  return std::nullopt;
}

std::optional<CapsuleRun::Outcome> CapsuleRun::broken(const Error& error) {
  if (error.kind == ErrorKind::Cancelled) return sent_ ? cancelled() : error;
  const bool may_pass = error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
  if (!may_pass || (!sent_ && ++failures_ >= kFailuresBeforeStart)) {
    return sent_ ? unknown(error.message) : error;
  }
  if (waits_) return std::nullopt;
  last_error_ = error;
  if (sent_ && std::chrono::steady_clock::now() >= deadline_) {
    return unknown(fmt::format("it still runs after {}", format_duration(command_.timeout)));
  }
  return std::nullopt;
}

CommandResult CapsuleRun::result() const {
  return {.exit_code = exit_code_, .out = kept_[0].text(), .err = kept_[1].text()};
}

void CapsuleRun::take(Stream stream, std::string_view bytes) {
  const bool out = stream == Stream::Out;
  const std::string_view first = kept_[out ? 0 : 1].add(bytes);
  (out ? call_.out_bytes : call_.err_bytes) += bytes.size();
  if (output_ && !first.empty()) output_(stream, first);
}

/// Where the host has not kept what would come next, the stream goes on later. Said once a round.
void CapsuleRun::go_on_at_offset(Stream stream, const std::vector<std::string>& announced) {
  const size_t i = stream == Stream::Out ? 0 : 1;
  auto& asked = asked_[i];
  if (!asked || announced.size() < 4) return;
  std::uint64_t begin = 0;
  const std::string& word = announced[i + 1];
  std::from_chars(word.data(), word.data() + word.size(), begin);
  if (begin > *asked) {
    kept_[i].leave_out(begin - *asked);
    (i == 0 ? call_.out_bytes : call_.err_bytes) += begin - *asked;
  }
  asked.reset();
}

Error CapsuleRun::unknown(std::string_view why) const {
  const std::string place = target_error(target_, ErrorKind::Unknown, {}).message;
  if (why.starts_with(place)) why.remove_prefix(place.size());
  Error error =
      target_error(target_, ErrorKind::Unknown,
                   fmt::format("the outcome of {} is not known: {}", call_.id, why), kRemedy);
  error.detail = kept_[1].text();
  return error;
}

Error CapsuleRun::cancelled() const {
  return target_error(target_, ErrorKind::Cancelled,
                      fmt::format("nobody waits for {} any more; it goes on running", call_.id),
                      kRemedy);
}

}  // namespace drover::remote
