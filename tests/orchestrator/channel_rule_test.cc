#include "orchestrator/channel_rule.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/small_plan.h"

namespace drover::orchestrator {
namespace {

/// Notes what is moved and what is started, in order.
struct Notes final : public ApiGate, public StepRunner {
  Status open(std::stop_token) override { return {}; }
  Result<remote::ApiRoute> route(const std::set<std::string>&, remote::Instant,
                                 std::stop_token) override {
    return Error{};
  }
  size_t ways() const override { return 2; }
  std::string remedy(const remote::ApiRoute&, ErrorKind) override { return {}; }
  void avoid(const std::string& host) override { lines.push_back("avoid " + host); }
  void allow(const std::string& host) override { lines.push_back("allow " + host); }
  void start(const plans::Step& step, StepStart) override { lines.push_back(step.id); }
  void stop_waiting() override { lines.push_back("stop"); }

  std::vector<std::string> lines;
};

std::vector<std::string> all_started(const plans::Plan& plan, const History& history) {
  Notes notes;
  ChannelRule rule(plan, history, notes, notes);
  for (const plans::Step& step : plan.steps) {
    if (!history.kept.contains(step.id)) rule.start(step, {});
  }
  rule.stop_waiting();
  return notes.lines;
}

size_t place(const std::vector<std::string>& lines, const std::string& line) {
  return static_cast<size_t>(std::find(lines.begin(), lines.end(), line) - lines.begin());
}

}  // namespace

TEST_CASE("S18: a control plane is left before its first change, taken again after its gate") {
  const plans::Plan plan = test::small_plan(2);
  const auto lines = all_started(plan, {});
  CHECK(place(lines, "avoid cp1") + 1 == place(lines, "v1.34/cp1/upgrade-apply"));
  CHECK(place(lines, "v1.34/cp1/static-pods-healthy") < place(lines, "allow cp1"));
  CHECK(place(lines, "allow cp1") < place(lines, "v1.34/cluster/addons-healthy"));
  CHECK(place(lines, "avoid w1") == lines.size());
  CHECK(place(lines, "allow w1") == lines.size());
  CHECK(lines.back() == "stop");
}

TEST_CASE("S18: staging, cordon and drain leave the channel where it is") {
  plans::Plan plan = test::small_plan(0);
  plans::Step staging = test::bare(plans::StepKind::StagePackages, "cp1", "stage-packages", {});
  staging.commands = {{.script = "true\n", .mutates = true}};
  Notes notes;
  ChannelRule rule(plan, {}, notes, notes);
  rule.start(staging, {});
  for (const plans::Step& step : plan.steps) {
    if (step.kind == plans::StepKind::Cordon) rule.start(step, {});
  }
  CHECK(notes.lines == std::vector<std::string>{staging.id, "v1.34/cp1/cordon"});
}

TEST_CASE("S18: a control plane that was left half-way is avoided from the start of a resume") {
  const plans::Plan plan = test::small_plan(1);
  History history;
  history.changed = {"cp1", "w1"};
  history.kept = {"v1.34/cluster/preflight", "v1.34/cp1/upgrade-apply", "v1.34/cp1/cordon"};
  CHECK(all_started(plan, history).front() == "avoid cp1");
  history.kept.insert("v1.34/cp1/kubelet-restart");
  history.kept.insert("v1.34/cp1/static-pods-healthy");
  CHECK(place(all_started(plan, history), "avoid cp1") == all_started(plan, history).size());
}

TEST_CASE(
    "S18: where certificates have expired is avoided from the start until it is renewed and well") {
  plans::Plan plan;
  const auto add = [&](plans::StepKind kind, const std::string& node, const std::string& name) {
    plans::Step step = test::bare(kind, node, name, {});
    step.commands = {{.script = "true\n", .mutates = kind != plans::StepKind::StaticPodsHealthy}};
    if (!plan.steps.empty()) step.needs = {plan.steps.back().id};
    plan.steps.push_back(std::move(step));
  };
  add(plans::StepKind::CertsRenew, "cp2", "certs-renew");
  plan.steps.front().params["expired"] = "yes";
  for (const std::string node : {"cp2", "cp1"}) {
    if (node == "cp1") add(plans::StepKind::CertsRenew, node, "certs-renew");
    add(plans::StepKind::StaticPodsRestart, node, "static-pods-restart");
    add(plans::StepKind::StaticPodsHealthy, node, "static-pods-healthy");
  }
  const auto lines = all_started(plan, {});
  CHECK(lines.front() == "avoid cp2");
  CHECK(place(lines, plan.steps[2].id) < place(lines, "allow cp2"));
  CHECK(place(lines, "allow cp2") < place(lines, "avoid cp1"));
  CHECK(place(lines, "allow cp1") == lines.size());
  History renewed;
  renewed.kept = {plan.steps[0].id, plan.steps[1].id, plan.steps[2].id};
  CHECK(place(all_started(plan, renewed), "avoid cp2") == all_started(plan, renewed).size());
}

}  // namespace drover::orchestrator
