#include "plans/logs/node_logs.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::plans {
namespace {

std::string last_line(const Command& command) {
  const std::string& script = command.script;
  const size_t end = script.rfind('\n');
  const size_t begin = script.rfind('\n', end - 1) + 1;
  return script.substr(begin, end - begin);
}

std::string texts(const Result<std::vector<LogLine>>& lines) {
  if (!lines) return lines.error().message;
  std::string text;
  for (const LogLine& line : *lines) text += line.time + '|' + line.text + '\n';
  return text;
}

CommandResult printed(const std::string& out) { return {.exit_code = 0, .out = out}; }

}  // namespace

TEST_CASE("a journal is read by its window, and then from its cursor on") {
  const auto log = journal_log({"kubelet", "containerd"}, {});
  const std::string front = "journalctl --no-pager --utc -o short-iso --show-cursor ";
  CHECK(last_line(log->next()) == front + "-u kubelet -u containerd -n 500");
  CHECK_FALSE(log->next().mutates);
  CHECK(texts(log->take(printed("-- Journal begins at Sat 2026-11-28 08:00:00 UTC. --\n"
                                "2026-11-28T08:29:10+0000 w1 kubelet[7]: one\n"
                                "    and more of it\n"
                                "-- Boot 8f3c --\n"
                                "2026-11-28T08:29:11+00:00 w1 kubelet[7]: two\n"
                                "-- cursor: s=1;i=2\n"))) ==
        "2026-11-28T08:29:10Z|2026-11-28T08:29:10+0000 w1 kubelet[7]: one\n"
        "|    and more of it\n"
        "|-- Boot 8f3c --\n"
        "2026-11-28T08:29:11Z|2026-11-28T08:29:11+00:00 w1 kubelet[7]: two\n");
  CHECK(last_line(log->next()) ==
        front + "-u kubelet -u containerd -n 100000 --after-cursor='s=1;i=2'");
  // Nothing new, and nothing to go on from: the place stays.
  CHECK(texts(log->take(printed("-- No entries --\n"))).empty());
  CHECK(last_line(log->next()).ends_with("--after-cursor='s=1;i=2'"));
}

TEST_CASE("windows of a journal") {
  const auto asked = [](LogWindow window) {
    const std::string line = last_line(journal_log({"kubelet"}, window)->next());
    return line.substr(line.find(" -u kubelet") + 11);
  };
  CHECK(asked({}) == " -n 500");
  CHECK(asked({.since = std::chrono::minutes(10)}) == " --since=-600s | tail -n 100001");
  CHECK(asked({.since = std::chrono::seconds(5), .tail = 3}) == " --since=-5s | tail -n 4");
  CHECK(asked({.tail = 1'000'000}) == " -n 100000");
}

TEST_CASE("none of a journal's lines, and then those that come") {
  const auto log = journal_log({"kubelet"}, {.tail = 0});
  CHECK(last_line(log->next()).ends_with(" -n 1"));
  CHECK(texts(log->take(printed("old\n-- cursor: c1\n"))).empty());
  CHECK(last_line(log->next()).ends_with(" -n 100000 --after-cursor=c1"));
  CHECK(texts(log->take(printed("new\n-- cursor: c2\n"))) == "|new\n");
}

TEST_CASE("a journal in which there is nothing yet") {
  // Without a cursor to show, journalctl fails; a pipe hides that.
  const auto exit_code = GENERATE(1, 0);
  const auto log = journal_log({"app"}, {.tail = 0});
  const CommandResult nothing{.exit_code = exit_code, .out = "-- No entries --\n"};
  CHECK(texts(log->take(nothing)).empty());
  CHECK(last_line(log->next()).ends_with(" -u app -n 100000"));
  CHECK(texts(log->take(printed("first\n-- cursor: c1\n"))) == "|first\n");
  CHECK(last_line(log->next()).ends_with(" --after-cursor=c1"));
}

TEST_CASE("a static pod's newest container, read again from its last line on") {
  const auto log = static_pod_log("kube-apiserver", {}, false);
  test::check_golden("commands/static_pod_log.sh", log->next().script);
  CHECK(texts(log->take(printed("2026-11-28T08:00:00.5Z one\n2026-11-28T08:00:01.5Z two\n"))) ==
        "2026-11-28T08:00:00.5Z|one\n2026-11-28T08:00:01.5Z|two\n");
  CHECK(last_line(log->next()) ==
        "cri logs --timestamps --since=2026-11-28T08:00:01Z \"$container\" 2>&1");
  CHECK(texts(log->take(printed("2026-11-28T08:00:01.5Z two\n2026-11-28T08:00:02Z three\n"))) ==
        "2026-11-28T08:00:02Z|three\n");
  const auto old = static_pod_log("etcd", {.since = std::chrono::seconds(60), .tail = 7}, true);
  CHECK(old->next().script.find("which=2\n") != std::string::npos);
  CHECK(last_line(old->next()) == "cri logs --timestamps --since=60s --tail=7 \"$container\" 2>&1");
}

TEST_CASE("none of a static pod's lines, and then those that come") {
  const auto log = static_pod_log("etcd", {.tail = 0}, false);
  CHECK(last_line(log->next()) == "cri logs --timestamps --tail=1 \"$container\" 2>&1");
  CHECK(texts(log->take(printed("2026-11-28T08:00:00.5Z old\n"))).empty());
  CHECK(texts(log->take(printed("2026-11-28T08:00:00.5Z old\n2026-11-28T08:00:00.6Z new\n"))) ==
        "2026-11-28T08:00:00.6Z|new\n");
}

TEST_CASE("what a machine cannot read is said in its words, harmless") {
  const CommandResult failed{.exit_code = 1, .err = "E: crictl is \x1b[31mnot on this machine\n"};
  const auto error = static_pod_log("etcd", {}, false)->take(failed);
  REQUIRE_FALSE(error);
  CHECK(error.error().kind == ErrorKind::Command);
  CHECK(error.error().message ==
        "the log of etcd cannot be read: crictl is \\x1b[31mnot on this machine");
  CHECK(texts(journal_log({"kubelet"}, {})->take({.exit_code = 127})) ==
        "the journal cannot be read: exit code 127");
  const CommandResult piped{.exit_code = 0, .err = "No journal files were opened.\n"};
  CHECK(texts(journal_log({"kubelet"}, {.since = std::chrono::seconds(60)})->take(piped)) ==
        "the journal cannot be read: No journal files were opened.");
}

TEST_CASE("S19: only what could be a unit is taken for one") {
  for (const char* good :
       {"kubelet", "containerd.service", "user@1000.service", "dev-sda\\x2d1.swap"})
    CHECK(is_unit_name(good));
  for (const char* bad : {"", "-f", "a b", "a;b", "$(x)", "a'b", "a\nb", "*"})
    CHECK_FALSE(is_unit_name(bad));
}

}  // namespace drover::plans
