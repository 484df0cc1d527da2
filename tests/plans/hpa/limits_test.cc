#include "plans/hpa/limits.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using std::chrono::seconds;
using Select = ScaleRules::Select;

const Timestamp kLimitsNow = *parse_timestamp("2026-11-28T10:00:00Z");

Autoscaler between(int least, int most) {
  Autoscaler hpa;
  hpa.min = least;
  hpa.max = most;
  return hpa;
}

struct LimitsCase {
  const char* what;
  int wanted;
  int proposed;
  ScaleLimit limit;
  int replicas;
};

}  // namespace

TEST_CASE("the rules without a behaviour") {
  const std::vector<LimitsCase> cases = {
      {"as proposed", 3, 5, ScaleLimit::None, 5},
      {"at most twice as many at a time", 4, 20, ScaleLimit::UpRate, 8},
      {"and four always", 1, 20, ScaleLimit::UpRate, 4},
      {"at most maxReplicas", 8, 20, ScaleLimit::Most, 10},
      {"at least minReplicas", 3, 1, ScaleLimit::Least, 2},
      {"down at once", 9, 3, ScaleLimit::None, 3},
  };
  for (const LimitsCase& each : cases) {
    CAPTURE(each.what);
    const Limited limited =
        limit_scaling(between(2, 10), each.wanted, each.proposed, {}, {}, kLimitsNow);
    CHECK(limited.replicas == each.replicas);
    CHECK(limited.limit == each.limit);
    CHECK(limited.stabilised == each.proposed);
  }
}

TEST_CASE("the highest recommendation of the window holds") {
  const ScaleHistory history{.recommendations = {{kLimitsNow - seconds(301), 9},
                                                 {kLimitsNow - seconds(200), 6},
                                                 {kLimitsNow - seconds(100), 6},
                                                 {kLimitsNow - seconds(50), 5}}};
  for (const bool behaviour : {false, true}) {
    CAPTURE(behaviour);
    Autoscaler hpa = between(1, 10);
    hpa.has_behavior = behaviour;
    const Limited down = limit_scaling(hpa, 6, 2, history, {}, kLimitsNow);
    CHECK(down.stabilised == 6);
    CHECK(down.replicas == 6);
    REQUIRE(down.holder);
    CHECK(down.holder->at == kLimitsNow - seconds(100));
    CHECK(down.held_until == kLimitsNow + seconds(200));
    // It does not hold what goes up.
    const Limited up = limit_scaling(hpa, 6, 8, history, {}, kLimitsNow);
    CHECK(up.replicas == 8);
    CHECK_FALSE(up.holder);
  }
  const ScaleSettings quick{.down_stabilization = seconds(60)};
  CHECK(limit_scaling(between(1, 10), 6, 2, history, quick, kLimitsNow).replicas == 5);
}

TEST_CASE("a window upwards takes the lowest recommendation") {
  Autoscaler hpa = between(1, 20);
  hpa.has_behavior = true;
  hpa.up.window = seconds(60);
  const ScaleHistory history{
      .recommendations = {{kLimitsNow - seconds(90), 2}, {kLimitsNow - seconds(30), 4}}};
  const Limited limited = limit_scaling(hpa, 3, 6, history, {}, kLimitsNow);
  CHECK(limited.stabilised == 4);
  CHECK(limited.held_until == kLimitsNow + seconds(30));
  // What may have been more is no lower bound.
  const ScaleHistory events{.recommendations = {{kLimitsNow - seconds(30), 4, true}}};
  CHECK(limit_scaling(hpa, 3, 6, events, {}, kLimitsNow).stabilised == 6);
  // Lower than what there is holds it there, and takes nothing away.
  const ScaleHistory low{.recommendations = {{kLimitsNow - seconds(30), 1}}};
  CHECK(limit_scaling(hpa, 3, 6, low, {}, kLimitsNow).stabilised == 3);
}

TEST_CASE("policies of a behaviour") {
  Autoscaler hpa = between(1, 100);
  hpa.has_behavior = true;
  const ScalePolicy pods{false, 4, seconds(60)};
  const ScalePolicy half{true, 50, seconds(60)};
  struct Policies {
    const char* what;
    Select select;
    std::vector<ScalePolicy> policies;
    int wanted;
    int proposed;
    int replicas;
    ScaleLimit limit;
  };
  const std::vector<Policies> cases = {
      {"the defaults: twice as many", Select::Max, {}, 10, 90, 20, ScaleLimit::UpRate},
      {"the defaults: four more", Select::Max, {}, 2, 90, 6, ScaleLimit::UpRate},
      {"the larger one", Select::Max, {pods, half}, 10, 90, 15, ScaleLimit::UpRate},
      {"the smaller one", Select::Min, {pods, half}, 10, 90, 14, ScaleLimit::UpRate},
      {"a share is rounded up", Select::Max, {half}, 1, 90, 2, ScaleLimit::UpRate},
      {"none at all", Select::Disabled, {}, 10, 90, 10, ScaleLimit::UpRate},
      {"enough", Select::Max, {pods}, 10, 12, 12, ScaleLimit::None},
      {"down by the larger change", Select::Max, {pods, half}, 10, 1, 5, ScaleLimit::DownRate},
      {"down by the smaller change", Select::Min, {pods, half}, 10, 1, 6, ScaleLimit::DownRate},
      {"down, rounded down", Select::Max, {half}, 5, 1, 2, ScaleLimit::DownRate},
      {"not down at all", Select::Disabled, {}, 10, 1, 10, ScaleLimit::DownRate},
      {"down to the least", Select::Max, {}, 10, 0, 1, ScaleLimit::Least},
  };
  for (const Policies& each : cases) {
    CAPTURE(each.what);
    hpa.up.select = hpa.down.select = each.select;
    hpa.up.policies = hpa.down.policies = each.policies;
    const Limited limited = limit_scaling(hpa, each.wanted, each.proposed, {}, {}, kLimitsNow);
    CHECK(limited.replicas == each.replicas);
    CHECK(limited.limit == each.limit);
    CHECK(limited.disabled == (each.select == Select::Disabled));
  }
}

TEST_CASE("a period counts from what it began with") {
  Autoscaler hpa = between(1, 100);
  hpa.has_behavior = true;
  hpa.up.policies = {{false, 4, seconds(60)}, {true, 10, seconds(20)}};
  const ScaleHistory history{
      .changes = {{kLimitsNow - seconds(90), 3}, {kLimitsNow - seconds(30), 3}}};
  const Limited limited = limit_scaling(hpa, 10, 50, history, {}, kLimitsNow);
  REQUIRE(limited.bounds.size() == 2);
  CHECK(limited.bounds[0].began_with == 7);
  CHECK(limited.bounds[0].bound == 11);
  CHECK(limited.bounds[1].began_with == 10);
  CHECK(limited.decisive == 0);
  CHECK(limited.replicas == 11);
  CHECK(limited.bounds[0].certain());
  // What was added may be more than is allowed now: that takes nothing away.
  const ScaleHistory full{.changes = {{kLimitsNow - seconds(10), 8}}};
  CHECK(limit_scaling(hpa, 10, 50, full, {}, kLimitsNow).replicas == 10);
  // And what was taken away may be added again.
  const ScaleHistory less{.changes = {{kLimitsNow - seconds(10), -5}}};
  CHECK(limit_scaling(hpa, 10, 50, less, {}, kLimitsNow).replicas == 19);
}

TEST_CASE("what a period began with is not always known") {
  Autoscaler hpa = between(1, 100);
  hpa.has_behavior = true;
  hpa.up.policies = {{false, 4, seconds(60)}};
  const auto bound = [&](std::vector<ScaleChange> changes) {
    const ScaleHistory history{.changes = std::move(changes)};
    return limit_scaling(hpa, 10, 50, history, {}, kLimitsNow).bounds.at(0);
  };
  // Only what lies within the period counts.
  CHECK(bound({{kLimitsNow - seconds(90), 1, false}}).certain());
  const PolicyBound grew =
      bound({{kLimitsNow - seconds(50), 1, false}, {kLimitsNow - seconds(30), 3}});
  CHECK(grew.began == Began::AtMost);
  CHECK(grew.began_with == 6);
  CHECK(grew.bound == 10);
  CHECK(bound({{kLimitsNow - seconds(50), -1, false}}).began == Began::AtLeast);
  CHECK(bound({{kLimitsNow - seconds(50), 0, false}}).began == Began::About);
  CHECK(
      bound({{kLimitsNow - seconds(50), 1, false}, {kLimitsNow - seconds(40), -1, false}}).began ==
      Began::About);
}

}  // namespace drover::plans
