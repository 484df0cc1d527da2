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

}  // namespace drover::orchestrator
