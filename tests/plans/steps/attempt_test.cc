#include <catch2/catch.hpp>

#include "plans/steps/kind.h"

namespace drover::plans {

TEST_CASE("an attempt knows the newest result of each command, or none") {
  Attempt attempt;
  attempt.ran = {{0, {1, "first", ""}}, {1, {0, "other", ""}}, {0, {0, "second", ""}}};
  REQUIRE(attempt.result_of(0));
  CHECK(attempt.result_of(0)->out == "second");
  CHECK(attempt.result_of(1)->out == "other");
  CHECK(attempt.result_of(2) == nullptr);
}

TEST_CASE("notes that are absent are empty") {
  Attempt attempt;
  attempt.notes = {{"since", "1.5"}};
  attempt.earlier = {{"v1.34/w1/kubelet-restart", {{"restarted_at", "100"}}}};
  CHECK(attempt.note("since") == "1.5");
  CHECK(attempt.note("until").empty());
  CHECK(attempt.note_of("v1.34/w1/kubelet-restart", "restarted_at") == "100");
  CHECK(attempt.note_of("v1.34/w1/kubelet-restart", "other").empty());
  CHECK(attempt.note_of("v1.34/w2/kubelet-restart", "restarted_at").empty());
}

}  // namespace drover::plans
