#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::finished;
using test::one_answer;
using test::told;

std::string decided(const Step& step, Result<CommandResult> answer) {
  return told(decide_kubeadm_version(step, {}, one_answer(std::move(answer))));
}

}  // namespace

TEST_CASE("kubeadm in PATH must be the target's") {
  test::Hop hop;
  const Step step = make_kubeadm_version(hop.scope(), hop.host("cp1"));
  CHECK_FALSE(step.mutates());
  CHECK(step.title == "make sure that kubeadm is v1.34.4");
  CHECK(decided(step, finished(0, "v1.34.4 /usr/bin/kubeadm\n")) ==
        "done: /usr/bin/kubeadm is v1.34.4");
  CHECK(decided(step, finished(0, "v1.33.13 /usr/local/bin/kubeadm\n")) ==
        "fail: cp1: /usr/local/bin/kubeadm is v1.33.13, not v1.34.4");
  CHECK(decided(step, finished(0, "v1.34.40 /usr/bin/kubeadm\n")).starts_with("fail: "));
  CHECK(decided(step, finished(0, "")) == "fail: cp1: kubeadm is , not v1.34.4");
  CHECK(decided(step, finished(1, "", "E: there is no kubeadm in PATH\n")) ==
        "fail: cp1: asking kubeadm for its version failed with exit code 1: E: there is no kubeadm "
        "in PATH");
  Error away;
  away.message = "gone";
  CHECK(decided(step, away) == "wait: the node: gone");
}

TEST_CASE("kubeadm is asked where the shell finds it") {
  test::Hop hop;
  const Step step = make_kubeadm_version(hop.scope(), hop.host("cp1"));
  const Queries queries = look_kubeadm_version(step, {});
  REQUIRE(queries.commands.size() == 1);
  CHECK_FALSE(queries.commands[0].mutates);
  test::check_golden("commands/kubeadm_version.sh", queries.commands[0].script);
  test::ScriptRoom room;
  room.program("kubeadm", "echo v1.33.13\n");
  CHECK(decided(step, room.run(queries.commands[0].script)) ==
        "fail: cp1: " + room.path() + "/bin/kubeadm is v1.33.13, not v1.34.4");
  room.program("kubeadm", "exit 3\n");
  CHECK(decided(step, room.run(queries.commands[0].script)).starts_with("fail: "));
}

}  // namespace drover::plans
