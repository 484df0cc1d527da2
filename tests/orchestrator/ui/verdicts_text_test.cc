#include <catch2/catch.hpp>

#include "orchestrator/ui/views.h"
#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

using plans::Severity;
using plans::Verdict;

Verdict blocked(const std::string& check, const std::string& override_key,
                const std::string& remedy = "do something about it") {
  return {check, Severity::Blocker, "w1", "w1 stands in the way", remedy, override_key};
}

}  // namespace

TEST_CASE("what overrides a blocker is written as the plan file or the command line takes it",
          "[verdicts-text]") {
  const std::string text = verdicts_text(
      {blocked("drain", "drain.force"), blocked("drain", "drain.delete_emptydir_data"),
       blocked("drain", "drain.ignore_daemonsets"), blocked("drain", "preflight.ignore"),
       blocked("disk-space", "preflight.ignore", ""), blocked("certs-lock", "--without-lock"),
       blocked("disk-space", "preflight.ignore", "or preflight.ignore: [disk-space]")},
      {false, false, 100});
  test::check_golden("ui/verdicts_overridden.txt", text);
}

}  // namespace drover::orchestrator
