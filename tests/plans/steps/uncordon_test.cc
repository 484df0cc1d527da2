#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kUncordonRun = "20261122T211400Z-ab12";

Node node_with(bool unschedulable, const std::string& run) {
  Node node;
  node.name = "w1";
  node.resource_version = "80";
  node.unschedulable = unschedulable;
  if (!run.empty()) {
    node.annotations["drover.local/cordon"] = R"({"run":")" + run + R"(","was":false})";
  }
  return node;
}

Step uncordon() {
  const Hop hop;
  return make_uncordon(hop.scope(), hop.host("w1"));
}

Attempt attempt_with(const std::string& ours) {
  Attempt attempt;
  attempt.run = kUncordonRun;
  if (!ours.empty()) attempt.earlier["v1.34/w1/cordon"] = {{"ours", ours}};
  return attempt;
}

Decision decide_uncordon(const Attempt& attempt, const Node& node) {
  return decide_once(uncordon(), attempt, {ok(json_of(node))});
}

}  // namespace

TEST_CASE("S10: uncordon takes mark and cordon away in one patch") {
  const Decision decision = decide_uncordon(attempt_with("yes"), node_with(true, kUncordonRun));
  const Send& send = std::get<Send>(decision.next);
  REQUIRE(send.instances.size() == 1);
  const auto request = instantiate(uncordon().requests[0], send.instances[0].params);
  REQUIRE(request);
  CHECK(request->verb == Verb::Patch);
  CHECK(request->path == "/api/v1/nodes/w1");
  CHECK(request->body == R"({"metadata":{"resourceVersion":"80","annotations":)"
                         R"({"drover.local/cordon":null}},"spec":{"unschedulable":null}})");
}

TEST_CASE("S10: uncordon takes the pending taint away in the same patch, and no other taint") {
  Node node = node_with(true, kUncordonRun);
  node.taints = {"example.com/theirs", "drover.local/pending", "node.kubernetes.io/unschedulable"};
  const Decision decision = decide_uncordon(attempt_with("yes"), node);
  const Send& send = std::get<Send>(decision.next);
  REQUIRE(send.instances.size() == 1);
  const auto request =
      instantiate(uncordon().requests.at(send.instances[0].request), send.instances[0].params);
  REQUIRE(request);
  CHECK(request->path == "/api/v1/nodes/w1");
  CHECK(request->content_type() == "application/json-patch+json");
  CHECK(request->body == R"([{"op":"replace","path":"/metadata/resourceVersion","value":"80"},)"
                         R"({"op":"remove","path":"/metadata/annotations/drover.local~1cordon"},)"
                         R"({"op":"add","path":"/spec/unschedulable","value":false},)"
                         R"({"op":"remove","path":"/spec/taints/1"}])");
}

TEST_CASE("S10: the pending taint goes from a node whose cordon stays, too") {
  Node node = node_with(true, "");
  node.taints = {"drover.local/pending"};
  const Decision decision = decide_uncordon(attempt_with("no"), node);
  const Send& send = std::get<Send>(decision.next);
  REQUIRE(send.instances.size() == 1);
  const auto request =
      instantiate(uncordon().requests.at(send.instances[0].request), send.instances[0].params);
  REQUIRE(request);
  CHECK(request->body == R"([{"op":"replace","path":"/metadata/resourceVersion","value":"80"},)"
                         R"({"op":"remove","path":"/spec/taints/0"}])");
  CHECK(summary(decide_uncordon(attempt_with("no"), node_with(true, ""))) ==
        "done: left cordoned: node w1 was cordoned before this run");
}

TEST_CASE("S10: the operator may ask for another's cordon to be taken away") {
  struct Row {
    std::string cordon_of;
    Node node;
    bool sends;
  };
  const std::string any(kAnyCordon);
  for (const Row& row :
       {Row{any, node_with(true, ""), true}, Row{any, node_with(true, "r0"), true},
        Row{"r0", node_with(true, "r0"), true},
        Row{"r0", node_with(false, "r0"), true},  // the mark alone is left
        Row{"r0", node_with(true, "r1"), false},  // another's since then
        Row{"r0", node_with(true, ""), false}, Row{any, node_with(false, ""), false}}) {
    Step step = uncordon();
    step.params["cordon_of"] = row.cordon_of;
    const Decision decision = decide_once(step, attempt_with(""), {ok(json_of(row.node))});
    CHECK((summary(decision) == "send 1") == row.sends);
    if (!row.sends) CHECK(std::holds_alternative<Done>(decision.next));
  }
}

TEST_CASE("S10: only what this run cordoned is uncordoned") {
  struct Row {
    const char* what;
    std::string ours;
    Node node;
    std::string expected;
    bool told;
  };
  const std::vector<Row> rows = {
      {"cordoned before", "no", node_with(true, ""),
       "done: left cordoned: node w1 was cordoned before this run", true},
      {"cordoned before by another run", "no", node_with(true, "20260101T000000Z-0000"),
       "done: left cordoned: node w1 was cordoned before this run", true},
      {"another run's by now", "yes", node_with(true, "20260101T000000Z-0000"),
       "done: left cordoned: node w1 is cordoned by run 20260101T000000Z-0000", true},
      {"mark taken away", "yes", node_with(true, ""),
       "done: left cordoned: node w1 has lost the annotation that says who cordoned it", true},
      {"nothing known", "", node_with(true, ""),
       "done: left cordoned: node w1 has lost the annotation that says who cordoned it", true},
      {"uncordoned by hand, with its mark", "yes", node_with(false, kUncordonRun), "send 1", false},
      {"uncordoned by hand, wholly", "yes", node_with(false, ""), "done: node w1 takes pods again",
       false},
      {"another run's left-over mark", "yes", node_with(false, "20260101T000000Z-0000"),
       "done: node w1 takes pods again", false},
      {"ours, the journal lost", "", node_with(true, kUncordonRun), "send 1", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const Decision decision = decide_uncordon(attempt_with(row.ours), row.node);
    CHECK(summary(decision) == row.expected);
    CHECK(decision.notices.size() == (row.told ? 1 : 0));
  }
}

TEST_CASE("each answer to the uncordon has its consequence") {
  const auto after = [](Result<ApiResponse> answer, double ago) {
    Attempt attempt = attempt_with("yes");
    attempt.elapsed = Seconds{5 + ago};
    attempt.sent.push_back({0, {}, std::move(answer), Seconds{5}});
    return summary(decide_uncordon(attempt, node_with(true, kUncordonRun)));
  };
  CHECK(after(refusal(409, "Conflict", "changed"), 0) == "send 1");
  CHECK(after(refusal(403, "Forbidden", "no"), 0) ==
        "fail: cannot uncordon node w1: HTTP 403 Forbidden, no");
  CHECK(after(no_answer(), 0.5) == "wait: the effect of: uncordon node w1");
  CHECK(after(no_answer(), 1) == "send 1");
}

TEST_CASE("S4: an uncordon is not sent while the node cannot be read") {
  CHECK(summary(decide_once(uncordon(), attempt_with("yes"), {no_answer("refused")})) ==
        "wait: the API server: refused");
}

TEST_CASE("S10: the cordon of a node that is gone went with it") {
  const Decision decision =
      decide_once(uncordon(), attempt_with("yes"), {refusal(404, "NotFound", "no node")});
  CHECK(summary(decision) == "done: there is no node w1 any more, nor a cordon");
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "node-gone");
}

}  // namespace drover::plans
