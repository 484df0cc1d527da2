#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/views.h"
#include "plans/plan_file.h"
#include "tests/support/golden.h"
#include "tests/support/json_schema.h"
#include "tests/support/sample_plan.h"

namespace drover::orchestrator {
namespace {

const StepRef kJsonViewDrain = {"v1.34/w1/drain", "drain", "w1"};
const StepRef kJsonViewPreflight = {"v1.34/cluster/preflight", "preflight", ""};

Error timed_out() {
  Error error;
  error.kind = ErrorKind::Timeout;
  error.message = "not done after 900s: waiting for budget default/web";
  error.remedy = "look at default/web";
  error.host = "w1";
  error.detail = "secret detail";
  return error;
}

std::vector<Event> with_frames(std::vector<decltype(Event::what)> contents) {
  std::vector<Event> events;
  for (auto& what : contents) {
    events.push_back(
        {events.size() + 1, "2026-11-22T21:11:29.123Z", "20261122T211129Z-ab12", std::move(what)});
  }
  return events;
}

// At least one of every kind, every status, with and without a node.
std::vector<Event> all_events() {
  std::vector<decltype(Event::what)> contents = {
      RunStarted{"prod", "1.34.4", "apply"},
      StepStarted{kJsonViewPreflight, 1},
      StepStarted{kJsonViewDrain, 2},
      StepProgress{kJsonViewDrain, 2, "budget default/web: 3 healthy, 3 wanted"},
      DrainChanged{kJsonViewDrain, {"default/web-9"}, "not foreseen"},
      StepDeferred{kJsonViewDrain, 1, {"budget default/web to allow default/web-9"}, true},
      StepDeferred{kJsonViewDrain, 2, {"budget default/web to allow default/web-9"}, false},
      Warning{"lock-lost", "the lock is held by another run"}};
  for (const StepStatus status : {StepStatus::Succeeded, StepStatus::Skipped, StepStatus::Failed,
                                  StepStatus::Unknown, StepStatus::Cancelled}) {
    const bool good = status == StepStatus::Succeeded || status == StepStatus::Skipped;
    contents.push_back(StepFinished{kJsonViewDrain, 1, status, 12.3, "4 pods evicted",
                                    good ? Error{} : timed_out()});
  }
  contents.push_back(RunPaused{"asked for"});
  contents.push_back(RunFinished{RunStatus::Succeeded, 0, {}, ""});
  contents.push_back(RunFinished{RunStatus::Failed, 5, {"v1.34/w1/drain"}, "type this"});
  contents.push_back(RunFinished{RunStatus::Interrupted, 130, {"v1.34/w1/drain"}, ""});
  contents.push_back(RunFinished{RunStatus::Refused, 4, {}, ""});
  return with_frames(std::move(contents));
}

std::vector<std::string> lines_of(const std::vector<Event>& events) {
  std::vector<std::string> lines;
  for (const Event& event : events) lines.push_back(json_line(event));
  return lines;
}

}  // namespace

TEST_CASE("every event as a line of JSON", "[json-view]") {
  test::check_golden("ui/events.jsonl", join(lines_of(all_events()), "\n") + '\n');
}

TEST_CASE("every event is what the schema in examples/ says", "[json-view]") {
  std::vector<Event> events = all_events();
  events.push_back({99, "2026-11-22T21:11:29.123Z", "", PlanMade{test::sample_plan()}});
  events.push_back({99, "2026-11-22T21:11:29.123Z", "", PlanMade{test::sample_blocked_plan()}});
  events.push_back({99, "2026-11-22T21:11:29.123Z", "",
                    PlanMade{test::sample_plan(), {"v1.34/cluster/preflight"}}});
  events.push_back({99, "2026-11-22T21:11:29.123Z", "", PlanMade{test::sample_finished_plan()}});
  const auto lines = lines_of(events);
  const auto verdicts = test::validate_json("events.schema.json", lines);
  for (size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i]);
    CHECK(verdicts[i] == "");
  }
}

TEST_CASE("the schema refuses an event without one of its keys, or with a wrong one",
          "[json-view]") {
  const std::vector<std::string> optional = {"node", "message", "error", "remedy"};
  std::vector<std::string> wrong;
  std::vector<Event> events = all_events();
  events.push_back({99, "2026-11-22T21:11:29.123Z", "", PlanMade{test::sample_plan()}});
  for (const Event& event : events) {
    const auto whole = nlohmann::ordered_json::parse(json_line(event));
    for (const auto& [key, value] : whole.items()) {
      const bool needed = std::find(optional.begin(), optional.end(), key) == optional.end() ||
                          (key == "message" && whole.contains("code")) ||
                          (key == "error" && whole["status"] == "failed");
      if (!needed) continue;
      auto without = whole;
      without.erase(key);
      wrong.push_back(without.dump());
      auto other = whole;
      other[key] = nullptr;
      wrong.push_back(other.dump());
    }
  }
  auto plan = nlohmann::ordered_json::parse(json_line(events.back()));
  plan["plan"]["steps"][0].erase("why");
  wrong.push_back(plan.dump());
  const auto verdicts = test::validate_json("events.schema.json", wrong);
  for (size_t i = 0; i < wrong.size(); ++i) {
    INFO(wrong[i].substr(0, 300));
    CHECK(verdicts[i] != "");
  }
}

TEST_CASE("the plan event holds the plan as PLAN.json has it", "[json-view]") {
  const plans::Plan plan = test::sample_plan();
  const auto event =
      nlohmann::json::parse(json_line({1, "2026-11-22T21:11:29.123Z", "", PlanMade{plan}}));
  CHECK(event["plan"] == nlohmann::json::parse(plans::plan_json(plan, 2)));
}

TEST_CASE("S13: an event is one line of plain ASCII, whatever a node said", "[json-view]") {
  const std::string evil("a\nb\x1b[31m\x9b\xff\x7fé\u202e\0c", 19);
  Error error = timed_out();
  error.message = evil;
  const std::string line =
      json_line({1, "", "r", StepFinished{kJsonViewDrain, 1, StepStatus::Failed, 1, evil, error}});
  for (const char c : line) {
    CAPTURE(line, static_cast<int>(c));
    REQUIRE((c >= 0x20 && c < 0x7F));
  }
  CHECK(nlohmann::json::parse(line)["message"].get<std::string>().find("\x1b[31m") !=
        std::string::npos);
  CHECK(line.find("secret detail") == std::string::npos);
}

TEST_CASE("each line is written whole and at once", "[json-view]") {
  char* data = nullptr;
  size_t size = 0;
  std::FILE* file = open_memstream(&data, &size);
  JsonView view(file);
  std::string expected;
  for (const Event& event : all_events()) {
    view.on(event);
    expected += json_line(event) + '\n';
    CHECK(std::string(data, size) == expected);
  }
  std::fclose(file);
  std::free(data);
}

TEST_CASE("statuses and kinds of errors have names of their own", "[json-view]") {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::State); ++kind) {
    const auto name = error_kind_name(static_cast<ErrorKind>(kind));
    CHECK(!name.empty());
    CHECK(names.insert(name).second);
  }
}

}  // namespace drover::orchestrator
