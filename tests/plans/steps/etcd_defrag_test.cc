#include <catch2/catch.hpp>

#include "plans/etcd/defrag_plan.h"
#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using Catch::Matchers::Contains;
using test::after;
using test::finished;
using test::one_answer;
using test::told;

Step defrag(const test::Hop& hop) {
  Scope scope = hop.scope();
  scope.node_command = "etcd defrag";
  return make_etcd_defrag(scope, hop.host("cp1"));
}

CommandResult watch(int size, bool healthy = true) {
  const std::string id = "2677674080080550774";
  return finished(
      0, "status 0 [{\"Endpoint\":\"e\",\"Status\":{\"header\":{\"member_id\":" + id +
             "},\"leader\":" + id + ",\"dbSize\":" + std::to_string(size) + "}}]\nmembers " +
             (healthy ? "0" : "1") +
             " [{\"endpoint\":\"https://10.0.0.11:2379\",\"health\":true},{\"endpoint\":\"https://"
             "10.0.0.12:2379\",\"health\":" +
             (healthy ? "true" : "false,\"error\":\"context deadline exceeded\"") + "}]\n");
}

}  // namespace

TEST_CASE("S3: what defragments etcd is this", "[etcd]") {
  const test::Hop hop;
  const Step step = defrag(hop);
  CHECK(step.id == "node/cp1/etcd-defrag");
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  CHECK(step.timeout > step.commands[0].timeout);
  CHECK(test::syntax_errors(step.commands[0].script) == "");
  test::check_golden("commands/etcd_defrag.sh", step.commands[0].script);
}

TEST_CASE("S7: a member is defragmented while all are well, and is done when they are again",
          "[etcd]") {
  const test::Hop hop;
  const Step step = defrag(hop);
  const auto decide = [&](const Attempt& attempt, const CommandResult& look) {
    return decide_etcd_defrag(step, attempt, one_answer(look));
  };
  const std::string waits =
      "wait: all members of etcd to be well: https://10.0.0.12:2379 is not healthy: context "
      "deadline exceeded";
  CHECK(told(decide({}, watch(9 << 20, false))) == waits);
  const Decision first = decide({}, watch(9 << 20));
  CHECK(told(first) == "run 0");
  CHECK(std::get<Run>(first.next).before == Notes{{"bytes_before", std::to_string(9 << 20)}});

  Attempt ran = after(finished(0, "Finished defragmenting etcd member[https://127.0.0.1:2379]\n"));
  ran.notes = first.remember;
  CHECK(told(decide(ran, watch(2 << 20, false))) == waits);
  CHECK(told(decide(ran, watch(2 << 20))) == "done: 9.0 MiB before, 2.0 MiB now");
  // After a kill in between, what was before is on disk.
  Attempt resumed = after(finished(0));
  resumed.earlier[step.id] = first.remember;
  CHECK(told(decide(resumed, watch(2 << 20))) == "done: 9.0 MiB before, 2.0 MiB now");
}

TEST_CASE("a defragmentation that failed may be tried again, and says why", "[etcd]") {
  const test::Hop hop;
  const Step step = defrag(hop);
  const Attempt failed = after(finished(
      1, "",
      "Failed to defragment etcd member[https://127.0.0.1:2379] (context deadline exceeded)\n"));
  CHECK_THAT(
      told(decide_etcd_defrag(step, failed, one_answer(watch(9)))),
      Contains("fail again: cp1: defragmenting etcd") && Contains("context deadline exceeded"));
  Error lost;
  lost.kind = ErrorKind::Unreachable;
  lost.message = "cp1: connection lost";
  CHECK_THAT(told(decide_etcd_defrag(step, {}, one_answer(lost))), Contains("wait: "));
}

TEST_CASE("members are defragmented one after the other, the leader last", "[etcd]") {
  const test::Hop hop;
  EtcdReport report{
      .leader = 1,
      .members = {
          {.id = 1, .name = "cp1", .host = "cp1", .life = EtcdLife::Healthy, .leader = true},
          {.id = 2, .name = "w1", .host = "w1", .life = EtcdLife::Healthy},
          {.id = 3, .name = "w2", .host = "w2", .life = EtcdLife::Healthy}}};
  const Plan plan =
      make_defrag_plan({.inventory = hop.inventory, .facts = hop.facts, .report = report});
  REQUIRE(plan.steps.size() == 3);
  CHECK(plan.steps[0].id == "node/w1/etcd-defrag");
  CHECK(plan.steps[1].needs == std::vector<std::string>{"node/w1/etcd-defrag"});
  CHECK(plan.steps[2].id == "node/cp1/etcd-defrag");
  CHECK(plan.steps[2].needs == std::vector<std::string>{"node/w2/etcd-defrag"});
  CHECK(plan.work == "etcd defrag");
  CHECK_FALSE(plan.id.empty());

  report.findings = {{EtcdWeight::Grave, "cp2", "is not healthy"}};
  const Plan blocked =
      make_defrag_plan({.inventory = hop.inventory, .facts = hop.facts, .report = report});
  CHECK(blocked.blocked());
  CHECK(blocked.steps.empty());
  report.findings = {{EtcdWeight::Warning, "cp2", "is near its quota"}};
  CHECK(make_defrag_plan({.inventory = hop.inventory, .facts = hop.facts, .report = report})
            .steps.size() == 3);
}

}  // namespace drover::plans
