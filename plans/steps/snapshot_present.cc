#include <fmt/format.h>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/restore.h"
#include "plans/packages/script.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::string_view kLook = R"sh(if [ ! -e "$file" ]; then
  echo missing
else
  sum=$(sha256sum <"$file")
  printf 'sha256 %s\n' "${sum%% *}"
fi
)sh";

}  // namespace

Command look_at_copy(const std::string& path) {
  return {.script = script_head() + fmt::format("file={}\n", quote(path)) + std::string(kLook),
          .timeout = std::chrono::minutes(5)};
}

bool is_copy(const CommandResult& result, const std::string& sha256) {
  return result.ok() && trim(result.out) == "sha256 " + sha256;
}

Step make_snapshot_present(const Scope& scope, const Restore& restore,
                           const RestoreMember& member) {
  Step step = scope.step(StepKind::SnapshotPresent, member.host,
                         fmt::format("verify the copy of the snapshot on {}", member.host->name),
                         "all members are restored from the same snapshot, byte for byte, and "
                         "nothing is stopped before each has it");
  step.params = {{"file", restore.file}, {"copy", restore.copy()}, {"sha256", restore.sha256}};
  step.timeout = std::chrono::minutes(6);
  step.estimate = std::chrono::seconds(2);
  return step;
}

Queries look_snapshot_present(const Step& step, const Attempt&) {
  return {{look_at_copy(step.param("copy"))}, {}};
}

Decision decide_snapshot_present(const Step& step, const Attempt&, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "reading the copy of the snapshot")) {
    return *decision;
  }
  const CommandResult& said = *answers.commands[0];
  if (is_copy(said, step.param("sha256"))) {
    return done(fmt::format("{} on {}, SHA-256 verified", step.param("copy"), step.host));
  }
  const bool missing = trim(said.out) == "missing";
  return fail(
      {.kind = ErrorKind::Command,
       .message = fmt::format("{}: the copy of the snapshot {} {}", step.host, step.param("copy"),
                              missing ? "is gone" : "is not what was sent"),
       .remedy = "`drover resume` sends it again",
       .host = step.host});
}

}  // namespace drover::plans
