#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "plans/steps/cordon_mark.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kCordonRun = "20261122T211400Z-ab12";

Node w1() {
  Node node;
  node.name = "w1";
  node.resource_version = "77";
  node.ready = true;
  return node;
}

Node cordoned_by(const std::string& run) {
  Node node = w1();
  node.unschedulable = true;
  if (!run.empty()) {
    node.annotations["drover.local/cordon"] = R"({"run":")" + run + R"(","was":false})";
  }
  return node;
}

Node left_over() {
  Node node = cordoned_by("20260101T000000Z-0000");
  node.unschedulable = false;
  return node;
}

Step cordon() {
  const Hop hop;
  Step step = make_cordon(hop.scope(), hop.host("w1"));
  step.params.erase("baselines");  // a test of their own: gates/baseline_test.cc
  return step;
}

Attempt attempt_of_run() {
  Attempt attempt;
  attempt.run = kCordonRun;
  return attempt;
}

Attempt after(Result<ApiResponse> answer, double ago) {
  Attempt attempt = attempt_of_run();
  attempt.elapsed = Seconds{5 + ago};
  attempt.sent.push_back({0, {{"resourceVersion", "77"}}, std::move(answer), Seconds{5}});
  return attempt;
}

Decision decide(const Attempt& attempt, const Node& node) {
  return decide_once(cordon(), attempt, {ok(json_of(node))});
}

}  // namespace

TEST_CASE("S10: cordon is one patch with resourceVersion, mark and old value") {
  const Decision decision = decide(attempt_of_run(), w1());
  const Send& send = std::get<Send>(decision.next);
  REQUIRE(send.instances.size() == 1);
  CHECK(send.before == Notes{{"unschedulable", "false"}});
  const auto request = instantiate(cordon().requests[0], send.instances[0].params);
  REQUIRE(request);
  CHECK(request->verb == Verb::Patch);
  CHECK(request->path == "/api/v1/nodes/w1");
  CHECK(request->body ==
        R"({"metadata":{"resourceVersion":"77","annotations":{"drover.local/cordon":)"
        R"("{\"run\":\"20261122T211400Z-ab12\",\"was\":false}"}},"spec":{"unschedulable":true}})");
}

TEST_CASE("S10: what a cordon writes is read back as this run's") {
  CHECK(cordoned_by_run(cordoned_by(kCordonRun)) == kCordonRun);
  CHECK(cordoned_by_run(w1()).empty());
  Node node = w1();
  for (const char* foreign : {"", "yes", "[]", "{}", R"({"run":7})", R"({"run":""})"}) {
    node.annotations["drover.local/cordon"] = foreign;
    CHECK(cordoned_by_run(node) == "?");
  }
}

TEST_CASE("S10: the mark of a node command says what it is for") {
  Hop hop;
  Scope scope = hop.scope();
  scope.node_command = "node drain";
  const Step step = make_cordon(scope, hop.host("w1"));
  CHECK(step.id == "node/w1/cordon");
  const auto request =
      instantiate(step.requests[0], {{"resourceVersion", "7"}, {"run", kCordonRun}});
  REQUIRE(request);
  Node node = w1();
  const std::string mark = R"({"run":"20261122T211400Z-ab12","was":false,"for":"node drain"})";
  node.annotations["drover.local/cordon"] = mark;
  CHECK(request->body.find(R"({\"run\":\"20261122T211400Z-ab12\",\"was\":false,)"
                           R"(\"for\":\"node drain\"})") != std::string::npos);
  const auto read = cordon_mark(node);
  REQUIRE(read);
  CHECK(read->run == kCordonRun);
  CHECK(read->purpose == "node drain");
  CHECK(cordon_mark(cordoned_by(kCordonRun))->purpose.empty());
  CHECK(!cordon_mark(w1()));
}

TEST_CASE("a node that this run cordoned already needs nothing") {
  const Decision decision = decide(attempt_of_run(), cordoned_by(kCordonRun));
  CHECK(summary(decision) == "done: node w1 takes no new pods");
  CHECK(decision.remember == Notes{{"ours", "yes"}});
  CHECK(decision.notices.empty());
}

TEST_CASE("S6: somebody else's cordon stays theirs") {
  const std::string run = GENERATE("", "20260101T000000Z-0000");
  const Decision decision = decide(attempt_of_run(), cordoned_by(run));
  CHECK(std::holds_alternative<Done>(decision.next));
  CHECK(decision.remember == Notes{{"ours", "no"}});
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "cordoned-by-others");
}

TEST_CASE(
    "S10: a cordon that an unfinished run of ours left is taken over and becomes this run's") {
  Hop hop;
  const Node node = cordoned_by("20260101T000000Z-0000");
  const std::vector<std::string> unfinished = {"20260101T000000Z-0000"};
  const Scope known = hop.scope();
  const Scope scope{known.inventory,           known.file, known.facts, known.from, known.target,
                    known.first_control_plane, unfinished};
  Step step = make_cordon(scope, hop.host("w1"));
  step.params.erase("baselines");
  const Decision decision = decide_once(step, attempt_of_run(), {ok(json_of(node))});
  CHECK(summary(decision) == "send 1");
  CHECK(decision.notices.empty());
  const Decision after_it =
      decide_once(step, attempt_of_run(), {ok(json_of(cordoned_by(kCordonRun)))});
  CHECK(after_it.remember == Notes{{"ours", "yes"}});
}

TEST_CASE("S10: a left-over mark on a schedulable node is replaced, and told once") {
  const Decision decision = decide(attempt_of_run(), left_over());
  CHECK(summary(decision) == "send 1");
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "orphaned-cordon");
  CHECK(decide(after(refusal(409, "Conflict", "changed"), 0), left_over()).notices.empty());
}

TEST_CASE("each answer to the cordon has its consequence") {
  struct Row {
    Result<ApiResponse> answer;
    double ago;
    std::string expected;
  };
  const std::vector<Row> rows = {
      {refusal(409, "Conflict", "changed"), 0, "send 1"},
      {refusal(403, "Forbidden", "no"), 0, "fail: cannot cordon node w1: HTTP 403 Forbidden, no"},
      {refusal(404, "NotFound", "gone"), 0, "fail: cannot cordon node w1: HTTP 404 NotFound, gone"},
      {refusal(422, "Invalid", "bad"), 9, "fail: cannot cordon node w1: HTTP 422 Invalid, bad"},
      {ok("{}"), 0.1, "wait: the effect of: cordon node w1"},
      {ok("{}"), 1, "send 1"},
      {no_answer(), 0.1, "wait: the effect of: cordon node w1"},
      {no_answer(), 1, "send 1"},
      {refusal(503, "ServiceUnavailable", "away"), 1, "send 1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expected, row.ago);
    CHECK(summary(decide(after(row.answer, row.ago), w1())) == row.expected);
  }
}

TEST_CASE("S10: a patch that came after another change is sent again for what is there now") {
  Node changed = w1();
  changed.resource_version = "78";
  CHECK(summary(decide(after(refusal(422, "Invalid", "bad"), 9), changed)) == "send 1");
  CHECK(summary(decide(after(refusal(409, "Conflict", "changed"), 0), changed)) == "send 1");
  CHECK(summary(decide(after(refusal(403, "Forbidden", "no"), 0), changed)) ==
        "fail: cannot cordon node w1: HTTP 403 Forbidden, no");
}

TEST_CASE("a cordon that took hold is done, whatever was answered") {
  CHECK(summary(decide(after(no_answer(), 0), cordoned_by(kCordonRun))) ==
        "done: node w1 takes no new pods");
}

TEST_CASE("S4: a cordon is not sent while the node cannot be read") {
  CHECK(summary(decide_once(cordon(), after(no_answer(), 60), {no_answer("refused")})) ==
        "wait: the API server: refused");
  CHECK(summary(decide_once(cordon(), {}, {refusal(404, "NotFound", "no node")})) ==
        "fail: cannot read node w1: HTTP 404 NotFound, no node");
}

}  // namespace drover::plans
