#include <fmt/format.h>

#include <charconv>

#include "inventory/base/text.h"
#include "plans/etcd/agreement.h"
#include "plans/etcd/restore.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {

Step make_etcd_quorum(const Scope& scope, const Restore& restore) {
  Step step = scope.step(StepKind::EtcdQuorum, nullptr, "wait until etcd is whole and agrees",
                         "no API server is started before all members are healthy, are the only "
                         "ones, and have the same data");
  step.host = restore.members.front().host->name;
  std::vector<std::string> names;
  for (const RestoreMember& member : restore.members) names.push_back(member.name);
  step.params = {{"members", join(names, " ")},
                 {"revision", std::to_string(restore.revision + kRevisionBump)}};
  step.timeout = std::chrono::minutes(5);
  step.estimate = std::chrono::seconds(5);
  return step;
}

Queries look_etcd_quorum(const Step&, const Attempt&) { return {{ask_for_agreement()}, {}}; }

Decision decide_etcd_quorum(const Step& step, const Attempt&, const Answers& answers) {
  const Result<CommandResult>& look = answers.commands.at(0);
  if (auto trouble = node_trouble(look)) return wait_for(*trouble);
  const std::string& text = step.param("revision");
  std::uint64_t revision = 0;
  std::from_chars(text.data(), text.data() + text.size(), revision);
  const std::vector<std::string> names = split_words(step.param("members"));
  const std::string missing = missing_agreement(*look, names, revision);
  if (missing.empty()) {
    return done(
        fmt::format("{} member{} with the same data", names.size(), names.size() == 1 ? "" : "s"));
  }
  Decision decision = wait_for(missing);
  std::get<Wait>(decision.next).remedy =
      "`drover etcd status` shows how it is; see the log of etcd on each control plane (crictl ps "
      "-a, crictl logs), then `drover resume`";
  return decision;
}

}  // namespace drover::plans
