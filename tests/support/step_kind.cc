#include "tests/support/step_kind.h"

#include <fmt/format.h>

#include "tests/support/sample_facts.h"

namespace drover::test {

Hop::Hop() : inventory(sample_inventory(2)), upgrade(sample_upgrade()), facts(sample_facts(2)) {
  for (Node& node : facts.nodes) {
    node.annotations["kubeadm.alpha.kubernetes.io/cri-socket"] =
        "unix:///run/containerd/containerd.sock";
  }
  for (auto& [name, machine] : facts.hosts) {
    machine.repository = {{"/etc/apt/sources.list.d/kubernetes.list", 1,
                           "deb [trusted=yes] file:/srv/apt/v1.33/ ./"}};
  }
}

plans::Scope Hop::scope() const {
  return {inventory, upgrade, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts.front()};
}

CommandResult finished(int code, std::string out, std::string err) {
  return {code, std::move(out), std::move(err)};
}

plans::Attempt after(CommandResult result) {
  plans::Attempt attempt;
  attempt.ran = {{0, std::move(result)}};
  return attempt;
}

plans::Answers one_answer(Result<CommandResult> answer) {
  plans::Answers answers;
  answers.commands.push_back(std::move(answer));
  return answers;
}

std::string told(const plans::Decision& decision) {
  using namespace plans;
  if (const auto* done = std::get_if<Done>(&decision.next)) return "done: " + done->message;
  if (const auto* run = std::get_if<Run>(&decision.next))
    return fmt::format("run {}", run->command);
  if (const auto* wait = std::get_if<Wait>(&decision.next)) return "wait: " + wait->what;
  if (const auto* fail = std::get_if<Fail>(&decision.next)) {
    return (fail->again ? "fail again: " : "fail: ") + fail->error.message;
  }
  return "send";
}

}  // namespace drover::test
