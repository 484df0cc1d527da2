#include <fmt/format.h>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/etcd/given.h"
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

std::vector<std::string> wrong_copies(const Step& step, const CommandResult& said) {
  std::map<std::string, std::string> there;
  for (const StaticPodSeen& pod : read_given(said)) there[pod.name] = pod.given;
  std::vector<std::string> wrong;
  for (const auto& [name, sum] : given_in(step)) {
    if (there[name] != sum) wrong.push_back(name + ".yaml");
  }
  return wrong;
}

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
  if (!member.given.empty()) {
    std::vector<std::string> names;
    for (const auto& [name, sum] : member.given) names.push_back(name);
    describe_static_pods(step, restore, names);
    describe_given(step, restore, member, names);
    step.params["folder"] = restore.manifests + '/' + member.host->name;
    step.title = fmt::format("verify the copies of the snapshot and of the manifests on {}",
                             member.host->name);
  }
  step.timeout = std::chrono::minutes(6);
  step.estimate = std::chrono::seconds(2);
  return step;
}

Queries look_snapshot_present(const Step& step, const Attempt&) {
  Queries queries{{look_at_copy(step.param("copy"))}, {}};
  if (!given_in(step).empty()) queries.commands.push_back(look_at_given(step));
  return queries;
}

Decision decide_snapshot_present(const Step& step, const Attempt&, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "reading the copy of the snapshot")) {
    return *decision;
  }
  const CommandResult& said = *answers.commands[0];
  const std::size_t given = given_in(step).size();
  if (is_copy(said, step.param("sha256"))) {
    if (given > 0) {
      if (auto wrong = wrong_copies(step, *answers.commands.at(1)); !wrong.empty()) {
        return fail({.kind = ErrorKind::Command,
                     .message = fmt::format("{}: {} of {} not there as sent", step.host,
                                            join(wrong, ", "), step.param("folder")),
                     .remedy = "`drover resume` sends them again",
                     .host = step.host});
      }
    }
    return done(fmt::format("{} {}on {}, SHA-256 verified", step.param("copy"),
                            given > 0 ? fmt::format("and {} manifests ", given) : "", step.host));
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
