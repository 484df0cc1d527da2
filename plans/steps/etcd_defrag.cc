#include <fmt/format.h>

#include <charconv>

#include "inventory/base/text.h"
#include "plans/etcd/look.h"
#include "plans/etcd/shell.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kBytesBefore = "bytes_before";  // put on disk before the command is run

constexpr std::string_view kDefrag = "ctl --command-timeout=300s defrag\n";

std::string mebibytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

/// Of the member before, by this attempt or by an earlier one.
std::uint64_t bytes_before(const Step& step, const Attempt& attempt) {
  const std::string& own = attempt.note(kBytesBefore);
  const std::string& text = own.empty() ? attempt.note_of(step.id, kBytesBefore) : own;
  std::uint64_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

Decision wait_until_well(const Step& step, const std::string& why) {
  Decision decision = wait_for("all members of etcd to be well: " + why);
  std::get<Wait>(decision.next).remedy = fmt::format(
      "`drover etcd status` shows how it is; look at the log of etcd on {}, then "
      "`drover resume`",
      step.host);
  return decision;
}

}  // namespace

Step make_etcd_defrag(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::EtcdDefrag, &host, fmt::format("defragment etcd on {}", host.name),
                 "gives back what its database does not use; meanwhile the member answers "
                 "nobody, so all members are well before and after");
  step.commands = {Command{.script = etcd_shell() + std::string(kDefrag),
                           .mutates = true,
                           .timeout = std::chrono::minutes(6)}};
  step.timeout = std::chrono::minutes(12);
  step.estimate = std::chrono::seconds(5);
  return step;
}

Queries look_etcd_defrag(const Step&, const Attempt&) { return {{watch_etcd()}, {}}; }

Decision decide_etcd_defrag(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  const EtcdWatched now = read_etcd_watch(*answers.commands.at(0));
  const CommandResult* last = ended(attempt, 0);
  if (last != nullptr && !last->ok()) {
    return fail(step_failed(step, "defragmenting etcd", *last,
                            fmt::format("`drover etcd status` shows how it is; then `drover "
                                        "resume`, which tries {} again",
                                        step.host)),
                true);
  }
  if (!now.missing.empty()) return wait_until_well(step, now.missing);
  if (last == nullptr) {
    const Notes before = {{kBytesBefore, std::to_string(now.status->size)}};
    Decision decision = run_unless_lost(attempt, 0, before);
    decision.remember = before;
    return decision;
  }
  Decision decision = done(fmt::format("{} before, {} now", mebibytes(bytes_before(step, attempt)),
                                       mebibytes(now.status->size)));
  decision.remember = {{"bytes_after", std::to_string(now.status->size)}};
  return decision;
}

}  // namespace drover::plans
