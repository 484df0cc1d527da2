#include "plans/plan_file.h"

#include <catch2/catch.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "plans/rollout/rollout_file.h"
#include "tests/support/golden.h"
#include "tests/support/json_schema.h"
#include "tests/support/sample_plan.h"

namespace drover::plans {

TEST_CASE("PLAN.json of one control plane and two workers", "[plan-file]") {
  test::check_golden("ui/plan.json", plan_json(test::sample_plan(), 2) + '\n');
}

TEST_CASE("PLAN.json is what the schema in examples/ says", "[plan-file]") {
  Plan wide = test::sample_plan();
  wide.rollout.ramp = {1, 4};
  wide.rollout.groups = {{"db", 1, {"w1", "w2"}}};
  wide.rollout.workers = {{"w1", "w1", "rack-a"}, {"stranger", "", ""}};
  wide.rollout.window = MaintenanceWindow{.days = {true}, .end = std::chrono::hours(24)};
  Plan wrong = wide;
  wrong.rollout.budget = 0;
  const auto verdicts = test::validate_json(
      "plan.schema.json",
      {plan_json(test::sample_plan(), -1), plan_json(test::sample_blocked_plan(), -1),
       plan_json(test::sample_finished_plan(), -1), R"({"schema":"drover/plan/1"})",
       plan_json(wide, -1), plan_json(wrong, -1)});
  CHECK(verdicts[4] == "");
  CHECK(verdicts[5] != "");
  CHECK(verdicts[0] == "");
  CHECK(verdicts[1] == "");
  CHECK(verdicts[2] == "");
  CHECK(verdicts[3] != "");
}

TEST_CASE("S3: what is read from PLAN.json is what was written", "[plan-file]") {
  for (const Plan& plan : {test::sample_plan(), test::sample_blocked_plan()}) {
    const std::string text = plan_json(plan, 2);
    const auto read = read_plan(text);
    REQUIRE(read);
    CHECK(plan_json(*read, 2) == text);
    for (size_t i = 0; i < plan.steps.size(); ++i) {
      CHECK(read->steps[i].commands == plan.steps[i].commands);
      CHECK(read->steps[i].requests == plan.steps[i].requests);
    }
  }
}

TEST_CASE("a PLAN.json that was cut, edited or is of another version is refused", "[plan-file]") {
  const std::string text = plan_json(test::sample_plan(), 2);
  const auto refused = [](const std::string& edited) {
    const auto plan = read_plan(edited);
    return !plan && plan.error().kind == ErrorKind::File && !plan.error().remedy.empty();
  };
  for (size_t length = 0; length + 1 < text.size(); length += 97) {
    CHECK(refused(text.substr(0, length)));
  }
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string edited = text;
    const size_t at = edited.find(from);
    REQUIRE(at != std::string::npos);
    return edited.replace(at, from.size(), to);
  };
  CHECK(refused(with("drover/plan/1", "drover/plan/2")));
  CHECK(refused(with("kubeadm upgrade apply", "kubeadm upgrade apply --force")));
  CHECK(refused(with("\"kind\": \"drain\"", "\"kind\": \"drown\"")));
}

TEST_CASE("S3: PLAN.json has the text of every command and request, byte for byte", "[plan-file]") {
  const Plan plan = test::sample_plan();
  const auto json = nlohmann::json::parse(plan_json(plan, 2));
  REQUIRE(json["steps"].size() == plan.steps.size());
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    const auto& shown = json["steps"][i];
    CHECK(shown["id"] == step.id);
    CHECK(shown["mutates"] == step.mutates());
    CHECK(shown.contains("node") == !step.node.empty());
    REQUIRE(shown["commands"].size() == step.commands.size());
    REQUIRE(shown["requests"].size() == step.requests.size());
    for (size_t j = 0; j < step.commands.size(); ++j) {
      CHECK(shown["commands"][j] == step.commands[j].script);
    }
    for (size_t j = 0; j < step.requests.size(); ++j) {
      CHECK(shown["requests"][j]["verb"] == std::string(verb_name(step.requests[j].verb)));
      CHECK(shown["requests"][j]["path"] == step.requests[j].path);
      CHECK(shown["requests"][j]["body"] == step.requests[j].body);
    }
  }
  CHECK(json["preamble"] == plan.preamble);
}

TEST_CASE("the id is the hash of the canonical text of what matters", "[plan-file]") {
  const Plan plan = test::sample_finished_plan();
  const std::string canonical =
      R"({"cluster":"prod","fingerprint":{"cluster/uid":"6f1c0a4e-2b6d-4a53-9f0e-0d6f3c1b7a11",)"
      R"("nodes/cp1/kubelet":"v1.33.13","nodes/w1/kubelet":"v1.33.13","nodes/w2/kubelet":"v1.33.13"},)"
      R"("from":"1.34.4","hops":[],"inventory":")" +
      plan.inventory + R"(","inventory_sha256":")" + plan.inventory_sha256 +
      R"(","plan_sha256":")" + plan.plan_sha256 +
      R"(","preamble":"mkdir -m 700 \"$D/$1\" || exit 0\nsetsid sh -c \"$2\" >\"$D/$1/out\" )"
      R"(2>\"$D/$1/err\"\n","rollout":)" +
      nlohmann::json::parse(rollout_json(plan.rollout)).dump() +
      R"(,"schema":"drover/plan/1","steps":[],"target":"1.34.4"})";
  CHECK(plan_id(plan) == "sha256:" + sha256_hex(canonical));
}

TEST_CASE("the id changes with what would be done, not with when and how it is judged",
          "[plan-file]") {
  const Plan plan = test::sample_plan();
  const std::string id = plan_id(plan);
  struct Change {
    std::string what;
    std::function<void(Plan&)> make;
    bool changes_id;
  };
  const std::vector<Change> changes = {
      {"id", [](Plan& p) { p.id = "other"; }, false},
      {"created", [](Plan& p) { p.created = "later"; }, false},
      {"verdicts", [](Plan& p) { p.verdicts.clear(); }, false},
      {"drains", [](Plan& p) { p.drains.clear(); }, false},
      {"estimate", [](Plan& p) { p.steps[3].estimate += std::chrono::seconds{1}; }, false},
      {"cluster", [](Plan& p) { p.cluster = "test"; }, true},
      {"target", [](Plan& p) { p.target = "1.34.5"; }, true},
      {"hops", [](Plan& p) { p.hops.push_back("1.35.0"); }, true},
      {"inventory", [](Plan& p) { p.inventory_sha256[0] ^= 1; }, true},
      {"file", [](Plan& p) { p.plan_sha256[0] ^= 1; }, true},
      {"fingerprint", [](Plan& p) { p.fingerprint["nodes/w1/kubelet"] = "v1.34.4"; }, true},
      {"preamble", [](Plan& p) { p.preamble += " "; }, true},
      {"a step less", [](Plan& p) { p.steps.pop_back(); }, true},
      {"why", [](Plan& p) { p.steps[3].why += "!"; }, true},
      {"needs", [](Plan& p) { p.steps[3].needs.clear(); }, true},
      {"command", [](Plan& p) { p.steps[1].commands[0].script += " "; }, true},
      {"timeout", [](Plan& p) { p.steps[3].timeout += std::chrono::seconds{1}; }, true},
      {"params", [](Plan& p) { p.steps[3].params["x"] = "y"; }, true},
  };
  for (const Change& change : changes) {
    CAPTURE(change.what);
    Plan changed = plan;
    change.make(changed);
    CHECK((plan_id(changed) != id) == change.changes_id);
  }
  CHECK(plan.id == id);
}

TEST_CASE("a plan with text that is not UTF-8 can be written", "[plan-file]") {
  Plan plan = test::sample_plan();
  plan.fingerprint["nodes/w1/repository/list:1"] = "deb \xff latin";
  CHECK(nlohmann::json::accept(plan_json(plan, 2)));
  CHECK(plan_id(plan) != test::sample_plan().id);
}

}  // namespace drover::plans
