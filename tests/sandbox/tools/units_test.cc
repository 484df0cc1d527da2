#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/sandbox/tools/tool_room.h"

using namespace drover;
using Catch::Matchers::Contains;
using test::ToolRoom;

TEST_CASE("a unit outlives its caller, has surroundings of its own, and is known by its name",
          "[tools][systemd]") {
  const ToolRoom room;
  CHECK(
      room.out("setsid sh -c 'SECRET=x systemd-run --quiet --collect --unit=drover-a "
               "--description=A sh -c \""
               "echo \\$SECRET-\\$PWD-\\$(umask); until [ -e /tmp/go ]; do sleep 0.02; done; touch "
               "/tmp/gone\"'\n"
               "systemctl is-active drover-a; systemctl is-active --quiet drover-a.service && echo "
               "quiet\n"
               "systemctl show drover-a -p ActiveState,Description --value\n"
               "pid=$(systemctl show drover-a -p MainPID --value); read -r line </proc/$pid/stat\n"
               "set -- ${line##*) }; [ $4 = $pid ] && echo leads its session\n"
               "journalctl --unit=drover-a --lines=5 --no-pager --output=cat\n"
               "touch /tmp/go; until [ -e /tmp/gone ]; do sleep 0.02; done\n"
               "while systemctl is-active --quiet drover-a; do sleep 0.02; done\n"
               "systemctl is-active drover-a; systemctl show drover-a -p LoadState") ==
      "active\nquiet\nactive\nA\nleads its session\n-/-0022\ninactive\nLoadState=not-found\n");
}

TEST_CASE("a name is taken while its unit runs", "[tools][systemd]") {
  const ToolRoom room;
  const CommandResult result = room.run(
      "systemd-run --quiet --unit=a sleep 60; systemd-run --quiet --unit=a sleep 60; echo $?\n"
      "systemctl stop a; systemctl is-active a; systemd-run --quiet --unit=a true; echo $?");
  CHECK(result.out == "1\ninactive\n0\n");
  CHECK_THAT(result.err, Contains("Unit a.service was already loaded or has a fragment file."));
}

TEST_CASE("a program that is not there is told by a unit of type exec", "[tools][systemd]") {
  const ToolRoom room;
  const CommandResult result =
      room.run("systemd-run --quiet --collect --service-type=exec --unit=a /nonesuch");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("Failed to execute /nonesuch"));
}

TEST_CASE("a boot ends all units", "[tools][systemd]") {
  const ToolRoom room;
  room.out("systemd-run --quiet --unit=a sleep 60");
  room.set_state("units/a.service", "1\nanother-boot\n1\nA\n");
  CHECK(room.run("systemctl is-active --quiet a").exit_code == 3);
  CHECK(room.out("systemd-run --quiet --unit=a true; echo $?") == "0\n");
}

TEST_CASE("the kubelet that starts is the one that is installed", "[tools][systemd]") {
  const ToolRoom room;
  room.set_state("packages/kubelet", "1.34.4-1.1\n");
  room.out("systemctl daemon-reload && systemctl restart kubelet");
  CHECK_THAT(room.state("kubelet"), Contains("\nv1.34.4 17"));
  CHECK_THAT(room.out("systemctl status kubelet --no-pager --lines=0"),
             Contains("● kubelet.service - kubelet: The Kubernetes Node Agent") &&
                 Contains("Active: active (running) since "));
  CHECK_THAT(room.out("journalctl --unit=kubelet --lines=1 --no-pager --output=cat"),
             Contains("v1.34.4"));
  CHECK(room.out("systemctl is-system-running") == "running\n");
  CHECK(room.out("journalctl -u nothing") == "-- No entries --\n");
}

TEST_CASE("a journal with times, read on from its cursor", "[tools][systemd]") {
  const ToolRoom room;
  room.set_state("journal",
                 "1795381301.5 app one\n1795381302.5 other two\n1795381303.5 app three\n");
  const std::string read = "journalctl --no-pager --utc -o short-iso --show-cursor -u app";
  const std::string all = room.out(read + " -n 500");
  const auto lines = split_lines(all);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("2026-11-22T"));
  CHECK(lines[0].find("+0000 ") == 19);
  CHECK(lines[0].ends_with(" app[7]: one"));
  CHECK(lines[2] == "-- cursor: s=sandbox;i=2");
  CHECK(split_lines(room.out(read + " -u other -n 2")).size() == 3);
  const std::string none = "-- No entries --\n";
  CHECK(room.out(read + " -n 100000 --after-cursor='s=sandbox;i=2'") ==
        none + "-- cursor: s=sandbox;i=2\n");
  CHECK_THAT(room.out(read + " -n 100000 --after-cursor='s=sandbox;i=1'"), Contains("three\n"));
  // As the real one: of what is behind a cursor -n takes the first; and there is no cursor of
  // nothing.
  CHECK_THAT(room.out(read + " -n 1 --after-cursor='s=sandbox;i=0'"),
             Contains("one\n-- cursor: s=sandbox;i=1\n"));
  const CommandResult nothing = room.run(read + " --since=-600s");
  CHECK(nothing.out == none);
  CHECK(nothing.exit_code == 1);
}

TEST_CASE("the power switch by its names", "[tools]") {
  for (const auto& [call, power] :
       {std::pair("reboot", "reboot\n"), std::pair("systemctl --no-block reboot", "reboot\n"),
        std::pair("shutdown -r now", "reboot\n"), std::pair("poweroff", "off\n"),
        std::pair("shutdown -h now", "off\n"), std::pair("systemctl poweroff", "off\n")}) {
    const ToolRoom room;
    CAPTURE(call);
    room.out(call);
    CHECK(room.state("power") == power);
  }
}

TEST_CASE("sudo asks when there is a password, and leaves the rest of its input to the command",
          "[tools]") {
  const ToolRoom room;
  CHECK(room.out("printf 'a\\nb\\n' | sudo -n sh -c 'read x; echo got $x'") == "got a\n");
  room.set_state("sudo-password", "pw\n");
  CommandResult result = room.run("sudo -n true");
  CHECK(result.exit_code == 1);
  CHECK(result.err == "sudo: a password is required\n");
  result =
      room.run("printf 'no\\npw\\nmine\\n' | sudo -k -S -p 'word? ' sh -c 'read x; echo got $x'");
  CHECK(result.out == "got mine\n");
  CHECK(result.err == "word? \nSorry, try again.\nword? \n");
  CHECK(room.state("sudo-wrong") == "1\n");
  result = room.run("printf 'a\\nb\\nc\\n' | sudo -S -p '' true");
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("sudo: 3 incorrect password attempts\n"));
  CHECK_THAT(room.run("printf 'a\\n' | sudo -S -p '' true").err,
             Contains("sudo: 1 incorrect password attempt\n"));
}
