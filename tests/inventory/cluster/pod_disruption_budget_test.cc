#include "inventory/cluster/pod_disruption_budget.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

using Labels = std::map<std::string, std::string>;

PodDisruptionBudget only_budget(const std::string& spec, const std::string& status = "{}") {
  const auto budgets = parse_pdb_list(
      R"({"kind":"PodDisruptionBudgetList","items":[{"metadata":{"name":"web","namespace":"shop"},"spec":)" +
      spec + R"(,"status":)" + status + "}]}");
  if (!budgets) FAIL(budgets.error().message);
  REQUIRE(budgets->size() == 1);
  return budgets->front();
}

Pod pod(const std::string& ns, const Labels& labels) {
  Pod pod;
  pod.ns = ns;
  pod.labels = labels;
  return pod;
}

}  // namespace

TEST_CASE("a budget has all that is read of it") {
  const PodDisruptionBudget budget = only_budget(
      R"({"minAvailable":3,"selector":{"matchLabels":{"app":"web"}}})",
      R"({"disruptionsAllowed":1,"currentHealthy":4,"desiredHealthy":3,"expectedPods":4})");
  CHECK(budget.full_name() == "shop/web");
  CHECK(budget.min_available == "3");
  CHECK(budget.max_unavailable.empty());
  CHECK(budget.spec_str() == "minAvailable 3");
  CHECK(budget.disruptions_allowed == 1);
  CHECK(budget.current_healthy == 4);
  CHECK(budget.desired_healthy == 3);
  CHECK(budget.expected_pods == 4);
  CHECK(only_budget(R"({"maxUnavailable":"25%"})").spec_str() == "maxUnavailable 25%");
  CHECK(only_budget("{}").spec_str() == "no minAvailable and no maxUnavailable");
}

TEST_CASE("S11: when pods that are not Ready may go") {
  const auto policy = [](const std::string& text) {
    return only_budget(R"({"unhealthyPodEvictionPolicy":)" + text + "}").unhealthy;
  };
  CHECK(only_budget("{}").unhealthy == UnhealthyPods::IfHealthyBudget);
  CHECK(policy("null") == UnhealthyPods::IfHealthyBudget);
  CHECK(policy(R"("IfHealthyBudget")") == UnhealthyPods::IfHealthyBudget);
  CHECK(policy(R"("AlwaysAllow")") == UnhealthyPods::AlwaysAllow);
  CHECK(policy(R"("Sometimes")") == UnhealthyPods::LikeReady);
}

TEST_CASE("a budget tells whether its numbers are worked out") {
  const auto parsed = parse_pdb_list(
      R"({"kind":"PodDisruptionBudgetList","items":[)"
      R"({"metadata":{"name":"old","namespace":"a","generation":3},"status":{"observedGeneration":2}},)"
      R"({"metadata":{"name":"new","namespace":"a","generation":3},"status":{"observedGeneration":3,)"
      R"("conditions":[{"type":"Other","reason":"SyncFailed"},)"
      R"({"type":"DisruptionAllowed","status":"False","reason":"SyncFailed","message":"no scale"}]}},)"
      R"({"metadata":{"name":"fresh","namespace":"a","generation":1}},)"
      R"({"metadata":{"name":"well","namespace":"a","generation":1},"status":{"observedGeneration":1,)"
      R"("conditions":[{"type":"DisruptionAllowed","reason":"SufficientPods","message":"x"}]}}]})");
  REQUIRE(parsed);
  const auto& budgets = *parsed;
  CHECK_FALSE(budgets[0].observed);
  CHECK(budgets[1].observed);
  CHECK(budgets[1].sync_failed == "no scale");
  CHECK_FALSE(budgets[2].observed);
  CHECK(budgets[3].observed);
  CHECK(budgets[3].sync_failed.empty());
}

TEST_CASE("a budget covers pods of its namespace by its selector (S11)") {
  const PodDisruptionBudget budget =
      only_budget(R"({"selector":{"matchLabels":{"app":"web","tier":"front"}}})");
  CHECK(budget.covers(pod("shop", {{"app", "web"}, {"tier", "front"}, {"x", "y"}})));
  CHECK_FALSE(budget.covers(pod("other", {{"app", "web"}, {"tier", "front"}})));
  CHECK_FALSE(budget.covers(pod("shop", {{"app", "web"}})));
  CHECK_FALSE(budget.covers(pod("shop", {{"app", "web"}, {"tier", "back"}})));
  // policy/v1: an empty selector selects all, an absent one none.
  CHECK(only_budget(R"({"selector":{}})").covers(pod("shop", {})));
  CHECK(only_budget(R"({"selector":{}})").covers(pod("shop", {{"a", "b"}})));
  CHECK_FALSE(only_budget(R"({"selector":null})").covers(pod("shop", {})));
  CHECK_FALSE(only_budget(R"({})").covers(pod("shop", {{"a", "b"}})));
}

TEST_CASE("label expressions (S11)") {
  struct Row {
    const char* expression;
    Labels labels;
    bool matches;
  };
  const Labels web = {{"app", "web"}};
  for (const Row& row : {
           Row{R"({"key":"app","operator":"In","values":["db","web"]})", web, true},
           Row{R"({"key":"app","operator":"In","values":["db"]})", web, false},
           Row{R"({"key":"tier","operator":"In","values":["db"]})", web, false},
           Row{R"({"key":"app","operator":"NotIn","values":["db"]})", web, true},
           Row{R"({"key":"app","operator":"NotIn","values":["web"]})", web, false},
           Row{R"({"key":"tier","operator":"NotIn","values":["web"]})", web, true},
           Row{R"({"key":"app","operator":"Exists"})", web, true},
           Row{R"({"key":"tier","operator":"Exists","values":[]})", web, false},
           Row{R"({"key":"app","operator":"DoesNotExist"})", web, false},
           Row{R"({"key":"tier","operator":"DoesNotExist","values":null})", web, true},
       }) {
    INFO(row.expression);
    const auto budget =
        only_budget(std::string(R"({"selector":{"matchExpressions":[)") + row.expression + "]}}");
    CHECK(budget.selector.matches(row.labels) == row.matches);
  }
  const auto both = only_budget(R"({"selector":{"matchLabels":{"app":"web"},
      "matchExpressions":[{"key":"tier","operator":"Exists"}]}})");
  CHECK_FALSE(both.selector.matches(web));
  CHECK(both.selector.matches({{"app", "web"}, {"tier", "x"}}));
}

TEST_CASE("a budget never allows a disruption by its spec, not by the moment (S11)") {
  struct Row {
    const char* spec;
    int expected;
    bool never;
  };
  for (const Row& row : {
           Row{R"({"maxUnavailable":0})", 4, true},
           Row{R"({"maxUnavailable":"0%"})", 4, true},
           Row{R"({"maxUnavailable":0})", 0, true},
           Row{R"({"maxUnavailable":1})", 4, false},
           Row{R"({"maxUnavailable":"1%"})", 4, false},  // rounded up to one
           Row{R"({"minAvailable":3})", 4, false},
           Row{R"({"minAvailable":4})", 4, true},
           Row{R"({"minAvailable":5})", 4, true},
           Row{R"({"minAvailable":1})", 1, true},
           Row{R"({"minAvailable":0})", 0, false},
           Row{R"({"minAvailable":2})", 0, false},  // nothing counted yet
           Row{R"({"minAvailable":"100%"})", 4, true},
           Row{R"({"minAvailable":"100%"})", 0, true},
           Row{R"({"minAvailable":"75%"})", 4, false},
           Row{R"({"minAvailable":"76%"})", 4, true},  // rounded up to four
           Row{R"({"minAvailable":"50%"})", 1, true},  // rounded up to the only_budget one
           Row{R"({"minAvailable":"0%"})", 4, false},
           Row{R"({})", 4, false},
       }) {
    INFO(row.spec << " of " << row.expected);
    const auto budget = only_budget(row.spec, R"({"disruptionsAllowed":0,"expectedPods":)" +
                                                  std::to_string(row.expected) + "}");
    CHECK(budget.never_allows() == row.never);
  }
}

TEST_CASE("a budget that cannot be understood is an error, not one that covers nothing (S11)") {
  struct Row {
    const char* spec;
    const char* message;
  };
  for (const Row& row : {
           Row{R"({"minAvailable":"half"})",
               "PodDisruptionBudget shop/web: spec.minAvailable is neither a number nor a "
               "percentage"},
           Row{R"({"maxUnavailable":-1})",
               "PodDisruptionBudget shop/web: spec.maxUnavailable is neither a number nor a "
               "percentage"},
           Row{R"({"maxUnavailable":true})",
               "PodDisruptionBudget shop/web: spec.maxUnavailable is a boolean where a number or a "
               "string belongs"},
           Row{R"({"selector":{"matchExpressions":[{"key":"a","operator":"Gt","values":["1"]}]}})",
               "PodDisruptionBudget shop/web: spec.selector.matchExpressions[0].operator is none "
               "of In, NotIn, Exists, DoesNotExist"},
           Row{R"({"selector":[]})",
               "PodDisruptionBudget shop/web: spec.selector is a list where an object belongs"},
       }) {
    const auto budgets = parse_pdb_list(
        std::string(R"({"items":[{"metadata":{"name":"web","namespace":"shop"},"spec":)") +
        row.spec + "}]}");
    INFO(row.spec);
    REQUIRE_FALSE(budgets);
    CHECK(budgets.error().message == row.message);
  }
}

}  // namespace drover
