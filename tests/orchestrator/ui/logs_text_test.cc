#include "orchestrator/ui/logs_text.h"

#include <catch2/catch.hpp>

#include "orchestrator/ui/output_line.h"
#include "tests/support/captured.h"

namespace drover::orchestrator {
namespace {

const LogLabel kWeb = {"shop", "web-1", "app"};
const LogLabel kLonger = {"shop", "web-long", "app"};
const plans::LogLine kLine = {"2026-11-28T08:29:10.5Z", "hello"};

std::string printed(LogPrinter::Style style, const std::vector<LogLabel>& labels,
                    const plans::LogLine& line = kLine) {
  return test::Captured([&] {
           LogPrinter printer(stdout, style, labels);
           return printer.print(labels.front(), line) ? 0 : 1;
         })
      .out();
}

}  // namespace

TEST_CASE("a line of a log as people see it") {
  CHECK(printed({}, {kWeb}) == "hello\n");
  CHECK(printed({.times = true}, {kWeb}) == "2026-11-28T08:29:10.5Z hello\n");
  CHECK(printed({.times = true}, {kWeb}, {"", "no time"}) == "no time\n");
  CHECK(printed({}, {kWeb, kLonger}) == "web-1    | hello\n");
  CHECK(printed({}, {kWeb, {"bar", "web-1", "app"}}) == "shop/web-1 | hello\n");
  const LogLabel journal{.subject = "w1", .container = "kubelet", .dated = true};
  CHECK(printed({.times = true}, {journal}, {"2026-11-28T08:29:10Z", "Nov 28 w1: x"}) ==
        "Nov 28 w1: x\n");
}

TEST_CASE("a line of a log for programs") {
  CHECK(
      printed({.json = true, .cluster = "prod"}, {kWeb}, {"2026-11-28T08:29:10.5Z", "a\x1b\xff"}) ==
      R"({"v":1,"kind":"LogLine","cluster":"prod","namespace":"shop","pod":"web-1",)"
      R"("container":"app","time":"2026-11-28T08:29:10.5Z","text":"a\u001b\ufffd"})"
      "\n");
  CHECK(printed({.json = true, .cluster = "prod"}, {{.subject = "w1", .container = "kubelet"}},
                {"", "x"}) ==
        R"({"v":1,"kind":"LogLine","cluster":"prod","host":"w1","log":"kubelet","time":"",)"
        R"("text":"x"})"
        "\n");
}

TEST_CASE("S13: no log acts on a terminal; colours are left out, tabs stay") {
  CHECK(printed({}, {kWeb}, {"", "\x1b[1;31mred\x1b[0m \x1b[2J\x1b]0;title\x07\tx\r"}) ==
        "red \\x1b[2J\\x1b]0;title\\x07\tx\\r\n");
  CHECK(without_styles("\x1b[") == "\x1b[");
  CHECK(without_styles("\x1b[31") == "\x1b[31");
  CHECK(without_styles("\x1b[m\x1b[[0m") == "\x1b[[0m");
  CHECK(without_styles("plain") == "plain");
}

TEST_CASE("a reader that has gone is noticed") {
  std::FILE* full = std::fopen("/dev/full", "w");
  REQUIRE(full != nullptr);
  CHECK_FALSE(LogPrinter(full, {}, {kWeb}).print(kWeb, kLine));
  std::fclose(full);
}

}  // namespace drover::orchestrator
