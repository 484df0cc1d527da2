#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/plan_blocks.h"
#include "orchestrator/ui/views.h"
#include "tests/support/golden.h"
#include "tests/support/sample_plan.h"

namespace drover::orchestrator {
namespace {

constexpr TextStyle kPlain{false, false, 100};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a plan of three nodes is read on about one screen", "[plan-text]") {
  const std::string text =
      plan_text(test::sample_plan(), kPlain, false, "drover apply upgrade.yaml");
  test::check_golden("ui/plan.txt", text);
  CHECK(split_lines(text).size() <= 92);
}

TEST_CASE("blockers stand first, and what to do last", "[plan-text]") {
  test::check_golden("ui/plan_blocked.txt", plan_text(test::sample_blocked_plan(), kPlain, false,
                                                      "drover apply upgrade.yaml"));
}

TEST_CASE("S3: with the commands the whole text of each is shown", "[plan-text]") {
  const plans::Plan plan = test::sample_plan();
  const std::string text = plan_text(plan, kPlain, true);
  test::check_golden("ui/plan_commands.txt", text);
  const std::string steps = steps_text(plan, kPlain);
  CHECK(steps.starts_with("Every node command runs as root in this frame:\n"));
  CHECK(contains(text, steps));
  for (const plans::Step& step : plan.steps) {
    for (const Command& command : step.commands) {
      for (const std::string& line : split_lines(command.script)) {
        CHECK(contains(text, "          " + line + '\n'));
      }
    }
    for (const ApiRequest& request : step.requests) {
      CHECK(contains(text, std::string(verb_name(request.verb)) + ' ' + request.path + '\n'));
      CHECK(contains(text, "          " + request.body + '\n'));
    }
  }
}

TEST_CASE("a plan without steps says that nothing is to be done", "[plan-text]") {
  CHECK(plan_text(test::sample_finished_plan(), kPlain, false, "drover apply upgrade.yaml") ==
        "Cluster prod: 1.34.4\n\nNothing to do: every node is at 1.34.4.\n");
}

TEST_CASE("a blocked plan without steps does not claim that nothing is to be done", "[plan-text]") {
  plans::Plan plan = test::sample_blocked_plan();
  plan.steps.clear();
  const std::string text = plan_text(plan, kPlain, false, "drover apply upgrade.yaml");
  test::check_golden("ui/plan_blocked_without_steps.txt", text);
  CHECK(!contains(text, "Nothing to do"));
  CHECK(contains(text, "Remove what blocks (disk-space, drain)"));
}

TEST_CASE("no line of a plan is wider than the terminal", "[plan-text]") {
  for (const int width : {72, 80, 100, 160}) {
    for (const auto& line :
         split_lines(plan_text(test::sample_blocked_plan(), {false, true, width}, false))) {
      CAPTURE(width, line);
      CHECK(columns_of(line) <= static_cast<size_t>(width));
    }
  }
}

TEST_CASE("colours change nothing but colours", "[plan-text]") {
  const plans::Plan plan = test::sample_blocked_plan();
  std::string text = plan_text(plan, {true, false, 100}, false);
  REQUIRE(contains(text, "\x1b[1;31m"));
  for (size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b')) {
    text.erase(at, text.find('m', at) + 1 - at);
  }
  CHECK(text == plan_text(plan, kPlain, false));
}

TEST_CASE("S13: what nodes and files say cannot act on the terminal", "[plan-text]") {
  plans::Plan plan = test::sample_blocked_plan();
  const std::string evil = "\x1b]0;owned\x07\x9b\x31m\u202e";
  plan.cluster += evil;
  plan.preamble += evil;
  for (auto& verdict : plan.verdicts) verdict.message = verdict.remedy = verdict.subject = evil;
  for (auto& step : plan.steps) {
    step.title += evil;
    step.why += evil;
    for (auto& command : step.commands) command.script += evil;
    for (auto& request : step.requests) request.body += evil;
  }
  for (auto& drain : plan.drains) drain.evicts = drain.pending = drain.blocked_by = {evil};
  for (const bool commands : {false, true}) {
    const std::string text = plan_text(plan, kPlain, commands);
    CHECK(!contains(text, "\x1b"));
    CHECK(!contains(text, "\x07"));
    CHECK(!contains(text, "\x9b"));
    CHECK(!contains(text, "\u202e"));
    CHECK(contains(text, "\\x1b]0;owned"));
  }
}

TEST_CASE("the estimate adds up nodes and overlaps preparations", "[plan-text]") {
  const plans::Plan plan = test::sample_plan();
  std::chrono::seconds turns{0};
  for (const PlanBlock& block : plan_blocks(plan)) {
    // cp1 is the slowest to prepare: 2 s preflight, 8 s packages, 20 s images.
    if (block.kind == PlanBlock::Kind::Preparation) CHECK(block.estimate.count() == 30);
    turns += block.estimate;
  }
  CHECK(plan_estimate(plan) == turns);
}

TEST_CASE("an etcd snapshot stands in the turn of the control plane", "[plan-text]") {
  const plans::Plan plan = test::sample_plan();
  const auto blocks = plan_blocks(plan);
  std::vector<std::string> nodes;
  for (const PlanBlock& block : blocks) nodes.push_back(block.node);
  CHECK(nodes == std::vector<std::string>{"", "cp1", "", "w1", "w2", ""});
  CHECK(blocks[1].kind == PlanBlock::Kind::ControlPlane);
  CHECK(blocks[3].kind == PlanBlock::Kind::Worker);
  CHECK(blocks[1].steps.size() == 15);
}

TEST_CASE("verdicts alone, as check prints them", "[plan-text]") {
  test::check_golden("ui/check.txt", verdicts_text(test::sample_blocked_plan().verdicts, kPlain));
  CHECK(verdicts_text({}, kPlain).empty());
}

TEST_CASE("an error shows its cause, what was said, and the way out", "[plan-text]") {
  Error error;
  error.kind = ErrorKind::Sudo;
  error.message = "w1 (10.0.0.21): sudo refuses ops";
  error.remedy = "give ops NOPASSWD in /etc/sudoers.d";
  CHECK(error_text(error, kPlain) ==
        "error: w1 (10.0.0.21): sudo refuses ops\n"
        "  -> give ops NOPASSWD in /etc/sudoers.d\n");
  error.remedy = "";
  error.detail = "first\n\nsudo: a \x1b[31mpassword is required\n";
  CHECK(error_text(error, kPlain) ==
        "error: w1 (10.0.0.21): sudo refuses ops\n"
        "  | first\n"
        "  | sudo: a \\x1b[31mpassword is required\n");
}

TEST_CASE("columns count characters, not bytes", "[columns]") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("é…→") == 3);
  CHECK(columns_of("日本") == 4);
  CHECK(pad("é", 3) == "é  ");
  CHECK(cut("abcdef", 6) == "abcdef");
  CHECK(cut("abcdefg", 6) == "abcde…");
  CHECK(cut("日本日本", 6) == "日本…");
  CHECK(columns_of(cut("日本日本", 4)) <= 4);
  CHECK(wrap("a bb ccc", 4) == std::vector<std::string>{"a bb", "ccc"});
  CHECK(wrap("", 4).empty());
  CHECK(hang("x", "one two three four five six seven eight", 4, 34) ==
        "x   one two three four five six\n    seven eight\n");
}

}  // namespace drover::orchestrator
