#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::told;

}  // namespace

TEST_CASE("the kubelet is restarted once an attempt, and leaves the moment before it") {
  test::Hop hop;
  const Step step = make_kubelet_restart(hop.scope(), hop.host("w1"));
  CHECK(step.id == "v1.34/w1/kubelet-restart");
  CHECK(kind_of(step.kind).unknown == UnknownPolicy::RunAgain);
  CHECK(look_kubelet_restart(step, {}).commands.empty());
  CHECK(told(decide_kubelet_restart(step, {}, {})) == "run 0");
  CHECK(told(decide_kubelet_restart(step, after(CommandResult{}), {})) == "run 0");
  const Decision decision =
      decide_kubelet_restart(step, after(finished(0, "restarted_at 1764000000\n")), {});
  CHECK(told(decision) == "done: kubelet restarted");
  CHECK(decision.remember == Notes{{"restarted_at", "1764000000"}});
}

TEST_CASE("the moment is taken before the restart; nothing else is printed") {
  test::Hop hop;
  const Step step = make_kubelet_restart(hop.scope(), hop.host("w1"));
  REQUIRE(step.commands.size() == 1);
  const std::string& script = step.commands[0].script;
  test::check_golden("commands/kubelet_restart.sh", script);
  CHECK(test::syntax_errors(script) == "");
  test::ScriptRoom room;
  room.program("date", "echo 100\necho date >>\"$ROOM/calls\"\n");
  room.program("systemctl", "echo \"$*\" >>\"$ROOM/calls\"\n");
  const CommandResult result = room.run(script);
  CHECK(result.exit_code == 0);
  CHECK(result.out == "restarted_at 100\n");
  CHECK(room.read("calls") == "daemon-reload\ndate\nrestart kubelet\n");
}

TEST_CASE("S4: a restart whose machine went down around it may be tried again") {
  test::Hop hop;
  const Step step = make_kubelet_restart(hop.scope(), hop.host("w1"));
  const auto failed = [&](int code, const std::string& said) {
    return told(decide_kubelet_restart(step, after(finished(code, "", said)), {}));
  };
  CHECK(failed(1, "Reload daemon failed: Transport endpoint is not connected")
            .starts_with("fail again: "));
  CHECK(
      failed(1, "Failed to connect to bus: No such file or directory").starts_with("fail again: "));
  CHECK(failed(143, "").starts_with("fail again: "));
  CHECK(failed(137, "").starts_with("fail: "));
  CHECK(failed(1, "E: Job for kubelet.service failed").starts_with("fail: "));
}

TEST_CASE("a kubelet that does not start is told in systemd's and its own last words") {
  test::Hop hop;
  const Step step = make_kubelet_restart(hop.scope(), hop.host("w1"));
  test::ScriptRoom room;
  room.program("systemctl",
               "case $1 in\n"
               "restart) echo 'Job for kubelet.service failed because of x.' >&2; exit 1 ;;\n"
               "status) echo 'Active: failed'; exit 3 ;;\nesac\n");
  room.program("journalctl", "echo 'Starting kubelet'\necho 'failed to load kubelet config'\n");
  const CommandResult result = room.run(step.commands[0].script);
  CHECK(result.exit_code == 1);
  CHECK(result.out.empty());
  CHECK(result.err.find("Active: failed") != std::string::npos);
  CHECK(result.err.find("Starting kubelet") != std::string::npos);
  const Decision decision = decide_kubelet_restart(step, after(result), {});
  CHECK(
      told(decision) ==
      "fail: w1: restarting the kubelet failed with exit code 1: E: Job for kubelet.service failed "
      "because of x.; E: failed to load kubelet config");
  CHECK(std::get<Fail>(decision.next).error.remedy.find("journalctl -u kubelet") !=
        std::string::npos);
}

}  // namespace drover::plans
