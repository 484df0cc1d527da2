#include "tests/support/step_driver.h"

#include <fmt/format.h>

#include "tests/support/step_kind.h"

namespace drover::test {
namespace {

using plans::Attempt;
using plans::Decision;
using plans::Step;

void send_all(const Step& step, const plans::Send& send, Attempt& attempt, World& world,
              Drive& drive) {
  for (const auto& instance : send.instances) {
    const auto request = instantiate(step.requests.at(instance.request), instance.params);
    if (!request) {
      drive.fail = plans::Fail{request.error(), false};
      return;
    }
    drive.sent.push_back(*request);
    attempt.sent.push_back(
        {instance.request, instance.params, world.send(*request), attempt.elapsed});
  }
}

}  // namespace

Drive drive(const Step& step, Attempt attempt, World& world) {
  Drive drive;
  const plans::Kind& kind = plans::kind_of(step.kind);
  while (!drive.done && !drive.fail && ++drive.rounds < 100000) {
    plans::Answers answers;
    const plans::Queries queries = kind.look(step, attempt);
    for (const ApiRequest& request : queries.requests) {
      answers.responses.push_back(world.get(request));
    }
    Decision decision = kind.decide(step, attempt, answers);
    for (auto& [name, value] : decision.remember) attempt.notes[name] = value;
    for (auto& notice : decision.notices) drive.notices.push_back(notice);
    if (auto* done = std::get_if<plans::Done>(&decision.next)) drive.done = *done;
    if (auto* fail = std::get_if<plans::Fail>(&decision.next)) drive.fail = *fail;
    if (auto* run = std::get_if<plans::Run>(&decision.next)) {
      attempt.ran.push_back({run->command, world.run(step.commands.at(run->command))});
    }
    if (auto* send = std::get_if<plans::Send>(&decision.next)) {
      send_all(step, *send, attempt, world, drive);
    }
    if (auto* wait = std::get_if<plans::Wait>(&decision.next)) {
      if (drive.waits.empty() || drive.waits.back() != wait->what)
        drive.waits.push_back(wait->what);
      if (attempt.elapsed > plans::Seconds(step.timeout)) break;
      world.pass(wait->pause);
      attempt.elapsed += wait->pause;
    }
  }
  drive.attempt = std::move(attempt);
  return drive;
}

Decision decide_once(const Step& step, const Attempt& attempt,
                     std::vector<Result<ApiResponse>> responses) {
  plans::Answers answers;
  answers.responses = std::move(responses);
  return plans::kind_of(step.kind).decide(step, attempt, answers);
}

std::string summary(const Decision& decision) {
  const auto* send = std::get_if<plans::Send>(&decision.next);
  return send ? fmt::format("send {}", send->instances.size()) : told(decision);
}

}  // namespace drover::test
