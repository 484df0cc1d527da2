#include <catch2/catch.hpp>

#include "plans/planner.h"
#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::one_answer;
using test::told;

const std::string kRequired = "reboot-asked /run/reboot-required\nreboot-for linux-image-amd64\n";

struct Room {
  explicit Room(Reboot when) { hop.upgrade.reboot = when; }
  Step step() const { return make_reboot(hop.scope(), hop.host("w1")); }

  test::Hop hop;
};

Answers machine(const std::string& boot, const std::string& system = "running",
                const std::string& rest = "") {
  return one_answer(finished(0, "boot " + boot + "\nsystem " + system + "\n" + rest + "end\n"));
}

Answers away() {
  return one_answer(Error{.kind = ErrorKind::Unreachable, .message = "connection refused"});
}

/// An attempt that knows the boot in which it, or one before it, asked for the reboot.
Attempt asked_in(const std::string& boot, std::optional<CommandResult> ran = std::nullopt) {
  Attempt attempt;
  attempt.notes["boot_before"] = boot;
  if (ran) attempt.ran = {{0, *ran}};
  return attempt;
}

/// A later process: only what the intent put on disk is known.
Attempt resumed(const std::string& boot) {
  Attempt attempt;
  attempt.earlier["v1.34/w1/reboot"] = {{"boot_before", boot}};
  return attempt;
}

std::string decided(const Step& step, const Attempt& attempt, const Answers& answers) {
  return told(decide_reboot(step, attempt, answers));
}

}  // namespace

TEST_CASE("a reboot stands in the plan where the file asks for it, with its reason") {
  Room room(Reboot::IfRequired);
  CHECK(room.step().id == "v1.34/w1/reboot");
  CHECK(room.step().title == "reboot w1, if it asks for it by then");
  CHECK(room.step().why == "it does not now");
  CHECK(room.step().estimate == std::chrono::seconds(1));
  room.hop.facts.hosts["w1"].reboot = {"/run/reboot-required", {"libc6"}, "", {}};
  CHECK(room.step().title == "reboot w1, which asks for it");
  CHECK(room.step().why == "/run/reboot-required (libc6)");
  CHECK(room.step().estimate == std::chrono::seconds(60));
  room.hop.upgrade.reboot = Reboot::Always;
  CHECK(room.step().title == "reboot w1");
  CHECK(room.step().why ==
        "os.reboot is always: what is new is in use before the node gets pods again; the node asks "
        "for it, too: /run/reboot-required (libc6)");
  CHECK(kind_of(StepKind::Reboot).unknown == UnknownPolicy::ObserveAgain);
  CHECK(kind_of(StepKind::Reboot).kind == StepKind::Reboot);
}

TEST_CASE("S3: the commands of a reboot are these") {
  const Step step = Room(Reboot::Always).step();
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  test::check_golden("commands/reboot.sh", step.commands[0].script);
  CHECK(test::syntax_errors(step.commands[0].script) == "");
  const Queries queries = look_reboot(step, {});
  REQUIRE(queries.commands.size() == 1);
  CHECK_FALSE(queries.commands[0].mutates);
  test::check_golden("commands/reboot_look.sh", queries.commands[0].script);
  CHECK(test::syntax_errors(queries.commands[0].script) == "");
}

TEST_CASE("a node is rebooted always, or only if it asks for it by then") {
  const Step always = Room(Reboot::Always).step();
  const Step required = Room(Reboot::IfRequired).step();
  CHECK(decided(always, {}, machine("a")) == "run 0");
  CHECK(decided(required, {}, machine("a")) == "done: w1 does not ask for a reboot");
  CHECK(decided(required, {}, machine("a", "running", kRequired)) == "run 0");
  CHECK(decided(required, {},
                machine("a", "running", "kernel 6.1-1-amd64\nkernel-installed 6.1-2-amd64\n")) ==
        "run 0");
}

TEST_CASE("S4: the boot id before is put on disk with the intent") {
  const Decision decision = decide_reboot(Room(Reboot::Always).step(), {}, machine("a"));
  CHECK(std::get<Run>(decision.next).before == Notes{{"boot_before", "a"}});
  CHECK(decision.remember.at("boot_before") == "a");
}

TEST_CASE("S5: whatever was done before, the reboot comes to its right end, once") {
  struct Row {
    const char* what;
    Attempt attempt;
    Answers answers;
    const char* then;
  };
  const CommandResult lost;
  const auto ok = finished(0);
  const std::vector<Row> rows = {
      {"asked for, not gone down yet", asked_in("a", ok), machine("a"), "wait: w1 to go down"},
      {"going down", asked_in("a", ok), machine("a", "stopping"), "wait: w1 to go down"},
      {"away", asked_in("a", ok), away(),
       "wait: w1 to come back from its reboot (the node: connection refused)"},
      {"its answer is cut off", asked_in("a", ok), one_answer(finished(0, "boot b\n")),
       "wait: w1 to come back from its reboot (it does not say all yet)"},
      {"up, not all of it", asked_in("a", ok), machine("b", "starting"),
       "wait: w1 to be up after its reboot (systemd: starting)"},
      {"up, systemd does not answer yet", asked_in("a", ok), machine("b", ""),
       "wait: w1 to be up after its reboot (systemd: no answer)"},
      {"up", asked_in("a", ok), machine("b"), "done: w1 was rebooted"},
      {"up with failed units", asked_in("a", ok), machine("b", "degraded"),
       "done: w1 was rebooted; some units failed, see `systemctl --failed` there"},
      {"reset before the command's end was on its disk", asked_in("a", lost), machine("b"),
       "done: w1 was rebooted"},
      {"killed in the old boot", asked_in("a", lost), machine("a"), "run 0"},
      {"resumed: never sent", resumed("a"), machine("a"), "run 0"},
      {"resumed: away", resumed("a"), away(),
       "wait: w1 to come back from its reboot (the node: connection refused)"},
      {"resumed: rebooted meanwhile", resumed("a"), machine("b"), "done: w1 was rebooted"},
      {"before anything: away", {}, away(), "wait: the node: connection refused"},
      {"refused, and rebooted by hand", asked_in("a", finished(1, "", "E: no")), machine("b"),
       "done: w1 was rebooted"},
      {"refused", asked_in("a", finished(1, "", "E: no")), machine("a"),
       "fail: w1: asking for a reboot failed with exit code 1: E: no"},
      {"refused, and then away", asked_in("a", finished(1, "", "E: no")), away(),
       "fail: w1: asking for a reboot failed with exit code 1: E: no"},
      {"cannot be read",
       {},
       one_answer(finished(0, "nonsense\n")),
       "fail: w1: reading whether to reboot failed: the answer cannot be read"},
      {"the look fails",
       {},
       one_answer(finished(2, "", "sh: no such file")),
       "fail: w1: reading whether to reboot failed with exit code 2: sh: no such file"},
  };
  for (const Reboot when : {Reboot::Always, Reboot::IfRequired}) {
    const Step step = Room(when).step();
    for (const Row& row : rows) {
      const bool first = row.attempt.notes.empty() && row.attempt.earlier.empty();
      Answers answers = row.answers;
      const bool may_run = std::string(row.then) == "run 0" && !first;
      if (may_run) answers = machine("a", "running", kRequired);
      INFO(row.what);
      CHECK(decided(step, row.attempt, answers) == row.then);
    }
  }
}

TEST_CASE("S5: what a finished reboot leaves tells a later look that it is done") {
  const Step step = Room(Reboot::Always).step();
  for (const Attempt& attempt : {asked_in("a", finished(0)), resumed("a")}) {
    const Decision decision = decide_reboot(step, attempt, machine("b"));
    Attempt later;
    later.earlier[step.id] = decision.remember;
    CHECK(decided(step, later, machine("b")) == "done: w1 was rebooted");
  }
}

TEST_CASE("S16: a machine that does not go down fails the step, with what to do") {
  const Step step = Room(Reboot::Always).step();
  Attempt attempt = asked_in("a", finished(0));
  attempt.elapsed = Seconds{10};
  Decision decision = decide_reboot(step, attempt, machine("a"));
  CHECK(told(decision) == "wait: w1 to go down");
  CHECK_FALSE(std::get<Wait>(decision.next).remedy.empty());
  attempt.notes.merge(decision.remember);
  attempt.elapsed = Seconds{310};
  CHECK(told(decide_reboot(step, attempt, machine("a"))) == "wait: w1 to go down");
  attempt.elapsed = Seconds{311};
  decision = decide_reboot(step, attempt, machine("a"));
  CHECK(told(decision) ==
        "fail: w1: the reboot did not happen: the boot id is still the same 300 s after it was "
        "asked for");
  CHECK(std::get<Fail>(decision.next).error.remedy.find("journalctl -b") != std::string::npos);
  CHECK(told(decide_reboot(step, attempt, machine("b"))) == "done: w1 was rebooted");
}

TEST_CASE("S4: a command that is lost in the same boot again and again is given up") {
  Attempt attempt = asked_in("a");
  attempt.ran = {{0, {}}, {0, {}}, {0, {}}};
  CHECK(decided(Room(Reboot::Always).step(), attempt, machine("a")).starts_with("fail: "));
}

TEST_CASE("a machine that still asks for a reboot after one is named, not rebooted again") {
  const Step step = Room(Reboot::IfRequired).step();
  const Decision decision =
      decide_reboot(step, asked_in("a", finished(0)), machine("b", "running", kRequired));
  CHECK(told(decision) == "done: w1 was rebooted");
  REQUIRE(decision.notices.size() == 1);
  CHECK(decision.notices[0].code == "reboot-still-required");
  CHECK(decision.notices[0].message.find("linux-image-amd64") != std::string::npos);
}

TEST_CASE("machines that share their host's boot id are told apart by the start of process 1") {
  const Step step = Room(Reboot::Always).step();
  test::ScriptRoom room;
  room.file("proc/sys/kernel/random/boot_id", "0a1b\n");
  room.file("proc/1/stat", "1 (sys) temd) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 9\n");
  room.program("uname", "echo 6.1.0-21-amd64\n");
  room.program("systemctl", "echo degraded\nexit 1\n");
  const CommandResult result = room.run(look_reboot(step, {}).commands[0].script);
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const Decision decision = decide_reboot(step, {}, one_answer(result));
  CHECK(decision.remember.at("boot_before") == "0a1b/4711");
}

TEST_CASE("the reboot waits until its own command has ended, and is asked for once at a time") {
  const Step step = Room(Reboot::Always).step();
  test::ScriptRoom room;
  room.program("sleep", "echo slept >>\"$ROOM/calls\"\n");
  room.program("systemctl",
               "case $1 in\nis-active) [ -e \"$ROOM/pending\" ] ;;\n"
               "*) echo \"systemctl $*\" >>\"$ROOM/calls\" ;;\nesac\n");
  room.program("systemd-run",
               "while case $1 in -*) : ;; *) false ;; esac; do shift; done\n"
               "touch \"$ROOM/pending\"\necho asked >>\"$ROOM/calls\"\n"
               "setsid \"$@\" </dev/null >/dev/null 2>&1 &\n");
  room.file("cmd", step.commands[0].script);
  room.file("supervise",
            "sh \"$ROOM/cmd\"\ncode=$?\n/bin/sleep 0.3\necho \"ended $code\" >>\"$ROOM/calls\"\n");
  room.run(R"sh(sh "$ROOM/supervise"
tries=200
until grep -q systemctl "$ROOM/calls" || [ $((tries -= 1)) -lt 0 ]; do /bin/sleep 0.05; done
)sh");
  CHECK(room.read("calls") == "asked\nended 0\nslept\nsystemctl --no-block reboot\n");
  CHECK(room.run(step.commands[0].script).exit_code == 0);
  CHECK(room.read("calls") == "asked\nended 0\nslept\nsystemctl --no-block reboot\n");
}

}  // namespace drover::plans
