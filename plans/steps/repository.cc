#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

std::string place(const RepositoryLine& line) { return fmt::format("{}:{}", line.file, line.line); }

// Line number `i` of the step as parameters: place.0, from.0, to.0.
std::string key(const char* name, size_t i) { return fmt::format("{}.{}", name, i); }

std::vector<RepositoryLine> lines_of(const Step& step) {
  std::vector<RepositoryLine> lines;
  for (size_t i = 0; !step.param(key("place", i)).empty(); ++i) {
    const std::string& at = step.param(key("place", i));
    const size_t colon = std::min(at.rfind(':'), at.size() - 1);
    int number = 0;
    std::from_chars(at.data() + colon + 1, at.data() + at.size(), number);
    lines.push_back({at.substr(0, colon), number, step.param(key("from", i))});
  }
  return lines;
}

Error edited(const Step& step, const RepositoryLine& line, const std::string& now) {
  Error error;
  error.kind = ErrorKind::Command;
  error.host = step.host;
  error.message = fmt::format("{}: line {} of {} was edited after the plan was made: \"{}\"",
                              step.host, line.line, line.file, sanitise(now, 160));
  error.remedy = "put the line back as it was, or make a new plan";
  return error;
}

bool offers(const Step& step, const ShownRepository& now) {
  const auto found = now.offered.find("kubeadm");
  const std::string& wanted = step.param("kubeadm");
  return found != now.offered.end() &&
         std::find(found->second.begin(), found->second.end(), wanted) != found->second.end();
}

Error not_offered(const Step& step, const CommandResult& last) {
  Error error = step_failed(step, "reading the repository's index", last);
  if (last.ok()) {
    error.message = fmt::format("{}: the index was read, but it does not offer kubeadm {}",
                                step.host, step.param("kubeadm"));
    if (!last.err.empty()) error.message += ": " + sanitise(trim(last.err), 240);
    error.remedy = fmt::format(
        "see `apt-get update` and `apt-cache policy kubeadm` on {}, then "
        "`drover resume`",
        step.host);
  }
  return error;
}

}  // namespace

Step make_repository(const Scope& scope, const Host& host) {
  const NodeFacts& facts = scope.node_facts(host);
  Step step =
      scope.step(StepKind::Repository, &host,
                 fmt::format("switch the package repository to v{}", scope.target.minor_str()),
                 fmt::format("a repository serves one minor: kubeadm {} is in that of v{} only",
                             scope.target.str(), scope.target.minor_str()));
  step.timeout = std::chrono::minutes(12);
  const PackageManager* manager = manager_of(scope, host);
  if (manager == nullptr) return step;  // a check blocks this plan
  step.commands = {manager->switch_repository(facts.repository, scope.target.minor)};
  step.params = {{"manager", std::string(manager->name)},
                 {"kubeadm", scope.revision(host, "kubeadm")}};
  for (size_t i = 0; i < facts.repository.size(); ++i) {
    const RepositoryLine& line = facts.repository[i];
    step.params[key("place", i)] = place(line);
    step.params[key("from", i)] = line.text;
    step.params[key("to", i)] = with_minor(line.text, scope.target.minor);
  }
  return step;
}

Queries look_repository(const Step& step, const Attempt&) {
  const PackageManager* manager = manager_of(step);
  if (manager == nullptr) return {};
  return {{manager->show_repository(lines_of(step))}, {}};
}

Decision decide_repository(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto decision = unreadable(step, answers, "reading the package repository")) return *decision;
  const auto now = parse_repository(answers.commands[0]->out);
  if (!now) return fail(on_host(step, now.error()));

  const std::vector<RepositoryLine> lines = lines_of(step);
  bool switched = true;
  Notes before;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string shown = i < now->lines.size() ? now->lines[i] : "";
    const bool wanted = shown == step.param(key("to", i));
    // Any minor can be switched; another line must not be.
    if (!wanted && with_minor(shown, 0) != with_minor(lines[i].text, 0)) {
      return fail(edited(step, lines[i], shown));
    }
    before[place(lines[i])] = shown;
    switched = switched && wanted;
  }
  if (switched && offers(step, *now)) {
    return done(attempt.ran.empty() ? "switched already" : "switched, index read");
  }
  const CommandResult* last = ended(attempt, 0);
  if (last == nullptr) return run_unless_lost(attempt, 0, std::move(before));
  return fail(not_offered(step, *last), passing(*last));
}

}  // namespace drover::plans
