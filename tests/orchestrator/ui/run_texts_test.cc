#include "orchestrator/ui/run_texts.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "tests/support/golden.h"
#include "tests/support/json_schema.h"
#include "tests/support/run_files.h"
#include "tests/support/sample_plan.h"

namespace drover::orchestrator {
namespace {

const std::string kRunTextsRun = "20261122T211000Z-ab12";
const std::string kRunTextsNow = "2026-11-22T21:12:30.000Z";

ListedRun listed(const std::string& journal) {
  ListedRun run{
      .id = kRunTextsRun, .cluster = "prod", .folder = "/state/prod/runs/" + kRunTextsRun};
  const auto content = read_journal(journal);
  if (!content) {
    run.memory = content.error();
  } else if (!content->records.empty()) {
    run.memory = remember(content->records);
    run.cut = content->cut;
  }
  return run;
}

Standing stand(const ListedRun& run, const EventNotes& notes = {}) {
  static const Result<plans::Plan> kPlan = test::sample_plan();
  return standing_of(run, kPlan, notes);
}

test::RunRecords effect(test::RunRecords records, const std::string& step,
                        std::map<std::string, std::string> fields = {}) {
  fields["effect"] = "1";
  return records.add(
      {.type = "effect-intent", .step = step, .attempt = 1, .fields = std::move(fields)});
}

// The control plane is done, w1 has begun.
test::RunRecords up_to_w1_drain() {
  test::RunRecords records(kRunTextsRun);
  const plans::Plan plan = test::sample_plan();
  for (const plans::Step& step : plan.steps) {
    if (step.id == "v1.34/w1/drain") break;
    records.begin(step.id);
    if (step.kind == plans::StepKind::Cordon) {
      records = effect(records, step.id, {{"before.unschedulable", "false"}});
    } else if (step.mutates()) {
      records = effect(records, step.id);
    }
    if (step.kind == plans::StepKind::EtcdSnapshot) {
      records.add({.type = "step-ended",
                   .step = step.id,
                   .attempt = 1,
                   .fields = {{"status", "succeeded"},
                              {"duration_s", "2.100"},
                              {"message", "saved"},
                              {"note.path", "/var/backups/drover/etcd-1.33.13.db"}}});
    } else {
      records.end(step.id);
    }
  }
  return records;
}

test::RunRecords failed_run() {
  test::RunRecords records = up_to_w1_drain();
  records.done("v1.34/w1/drain", "4 pods evicted").done("v1.34/w1/repository");
  records.begin("v1.34/w1/kubeadm-package");
  records = effect(records, "v1.34/w1/kubeadm-package", {{"before.held", "kubeadm"}});
  records.end("v1.34/w1/kubeadm-package", "failed",
              "apt-get install failed with exit code 100: E: Unable to locate package kubeadm");
  return records.finish("failed", 5);
}

EventNotes failed_notes() {
  EventNotes notes;
  notes.remedies["v1.34/w1/kubeadm-package"] =
      "look at the repository: apt-cache policy kubeadm on w1";
  notes.warnings = {"draining w1 would wait now"};
  return notes;
}

std::vector<NextCommand> after_failure() {
  return {{"drover resume", "remove the cause first; then this goes on where it stopped"},
          {"drover cancel", "give it up; nodes on which nothing was changed are given back"}};
}

struct Sample {
  std::string name;
  Standing standing;
  std::vector<NextCommand> next;
};

std::vector<Sample> samples() {
  std::vector<Sample> all;
  all.push_back({"failed", stand(listed(failed_run().text()), failed_notes()), after_failure()});

  ListedRun running = listed(up_to_w1_drain().begin("v1.34/w1/drain").text());
  running.holder = Holder{.run = kRunTextsRun, .host = "ops1", .pid = 4711, .since = 1};
  EventNotes waiting;
  waiting.waiting_for["v1.34/w1/drain"] = "budget default/web: 3 healthy, 3 wanted";
  all.push_back({"running", stand(running, waiting), {{"drover pause", "stop it"}}});

  auto killed = up_to_w1_drain().begin("v1.34/w1/drain");
  all.push_back({"killed",
                 stand(listed(effect(killed, "v1.34/w1/drain").text() + "{\"seq\":")),
                 {{"drover resume", "go on where it stopped"}}});

  auto paused = up_to_w1_drain();
  paused.finish("paused", 5).add({.type = "run-resumed"}).finish("paused", 5);
  all.push_back({"paused", stand(listed(paused.text())), after_failure()});

  auto cancelled = up_to_w1_drain().done("v1.34/w1/uncordon").finish("cancelled", 5);
  all.push_back({"cancelled", stand(listed(cancelled.text())), {}});

  auto finished = test::RunRecords(kRunTextsRun);
  for (const plans::Step& step : test::sample_plan().steps) {
    finished.done(step.id,
                  step.kind == plans::StepKind::Verify ? "NODE  KUBELET\ncp1   v1.34.4" : "");
  }
  all.push_back({"succeeded", stand(listed(finished.finish("succeeded", 0).text())), {}});

  all.push_back({"not_begun", stand(listed(test::RunRecords(kRunTextsRun).text())), {}});

  std::string damaged = failed_run().text();
  damaged[10] = '?';
  all.push_back({"unreadable", stand(listed(damaged)), {}});

  const Error none{.kind = ErrorKind::State, .message = "plan /x/plan.json: there is none"};
  all.push_back({"without_plan", standing_of(listed(failed_run().text()), none, failed_notes()),
                 after_failure()});
  return all;
}

const TextStyle kRunTextsPlain;

}  // namespace

TEST_CASE("how a run stands, for a person", "[run-texts]") {
  for (const Sample& sample : samples()) {
    const StandingView view{sample.standing, sample.next, kRunTextsNow};
    test::check_golden("ui/status_" + sample.name + ".txt", status_text(view, kRunTextsPlain));
  }
}

TEST_CASE("the report of a run, for a person", "[run-texts]") {
  for (const Sample& sample : samples()) {
    const StandingView view{sample.standing, sample.next, kRunTextsNow};
    const std::string text = report_text(view, kRunTextsPlain);
    CHECK(text.starts_with(status_text(view, kRunTextsPlain)));
    if (sample.name == "failed" || sample.name == "succeeded" || sample.name == "unreadable") {
      test::check_golden("ui/report_" + sample.name + ".txt", text);
    }
  }
}

TEST_CASE("the list of runs", "[run-texts]") {
  std::vector<Standing> runs;
  for (Sample& sample : samples()) runs.push_back(std::move(sample.standing));
  test::check_golden("ui/runs.txt", runs_text(runs, kRunTextsNow, kRunTextsPlain));
  test::check_golden("ui/runs_wide.txt", runs_text(runs, kRunTextsNow, kRunTextsPlain, true));
  CHECK(runs_text({}, kRunTextsNow, kRunTextsPlain) == "There are no runs here.\n");
}

TEST_CASE("status, report and runs are what the schema in examples/ says", "[run-texts]") {
  std::vector<std::string> lines = {status_json(nullptr), report_json(nullptr),
                                    runs_json({}, kRunTextsNow)};
  std::vector<Standing> runs;
  std::string golden;
  for (const Sample& sample : samples()) {
    const StandingView view{sample.standing, sample.next, kRunTextsNow};
    lines.push_back(status_json(&view));
    lines.push_back(report_json(&view));
    if (sample.name == "failed" || sample.name == "running") golden += status_json(&view);
    runs.push_back(sample.standing);
  }
  lines.push_back(runs_json(runs, kRunTextsNow));
  golden += lines.back();
  test::check_golden("ui/status.jsonl", golden);
  for (std::string& line : lines) {
    REQUIRE(line.find('\n') == line.size() - 1);
    line.pop_back();
  }
  const auto verdicts = test::validate_json("status.schema.json", lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    INFO(lines[i].substr(0, 500));
    CHECK(verdicts[i] == "");
  }
}

TEST_CASE("the schema refuses a status, a report and runs that lack a key", "[run-texts]") {
  std::vector<std::string> wrong;
  const std::vector<Sample> all = samples();
  const StandingView view{all.front().standing, {}, kRunTextsNow};
  for (const std::string& line :
       {status_json(&view), report_json(&view), runs_json({all.front().standing}, kRunTextsNow)}) {
    const auto whole = nlohmann::ordered_json::parse(line);
    for (const auto& [key, value] : whole.items()) {
      auto without = whole;
      without.erase(key);
      wrong.push_back(without.dump());
      auto other = whole;
      other[key] = true;
      wrong.push_back(other.dump());
    }
  }
  const auto verdicts = test::validate_json("status.schema.json", wrong);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    INFO(wrong[i].substr(0, 500));
    CHECK(verdicts[i] != "");
  }
}

TEST_CASE("S20: a run whose journal was cut at any byte is shown", "[run-texts]") {
  auto records = test::RunRecords(kRunTextsRun);
  records.done("v1.34/cluster/preflight").begin("v1.34/w1/cordon");
  records = effect(records, "v1.34/w1/cordon", {{"before.unschedulable", "false"}});
  records.end("v1.34/w1/cordon").begin("v1.34/w1/drain").end("v1.34/w1/drain", "failed", "no");
  const std::string text = records.finish("failed", 5).text();
  std::size_t done_before = 0;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    const Standing standing = stand(listed(text.substr(0, length)));
    const StandingView view{standing, {}, kRunTextsNow};
    REQUIRE(status_text(view, kRunTextsPlain).find(kRunTextsRun) != std::string::npos);
    REQUIRE(report_text(view, kRunTextsPlain).find(kRunTextsRun) != std::string::npos);
    REQUIRE(nlohmann::json::parse(report_json(&view))["run"] == kRunTextsRun);
    REQUIRE(standing.done() >= done_before);
    done_before = standing.done();
    if (length < text.size()) REQUIRE(standing.state != RunState::Failed);
  }
  CHECK(done_before == 2);
}

TEST_CASE("S10: what the journal says of a node's cordon", "[run-texts]") {
  const auto cordon_after = [](const test::RunRecords& records) {
    const Standing standing = stand(listed(records.text()));
    for (const NodeStanding& node : standing.nodes()) {
      if (node.node == "w1") return node.cordon;
    }
    return CordonState::Unsure;
  };
  const std::string cordon = "v1.34/w1/cordon";
  const std::string uncordon = "v1.34/w1/uncordon";
  test::RunRecords records(kRunTextsRun);
  CHECK(cordon_after(records) == CordonState::No);
  records.begin(cordon);
  CHECK(cordon_after(records) == CordonState::No);
  records = effect(records, cordon);
  CHECK(cordon_after(records) == CordonState::Unsure);
  records.end(cordon);
  CHECK(cordon_after(records) == CordonState::Ours);
  records.begin(uncordon);
  CHECK(cordon_after(records) == CordonState::Ours);
  records = effect(records, uncordon);
  CHECK(cordon_after(records) == CordonState::Unsure);
  records.end(uncordon);
  CHECK(cordon_after(records) == CordonState::No);
  // Given back after a failure, and cordoned again when the run went on.
  records.begin(cordon, 2);
  records.end(cordon, "succeeded", "", 2);
  CHECK(cordon_after(records) == CordonState::Ours);

  test::RunRecords others(kRunTextsRun);
  others.begin(cordon).add({.type = "step-ended",
                            .step = cordon,
                            .attempt = 1,
                            .fields = {{"status", "skipped"}, {"note.ours", "no"}}});
  CHECK(cordon_after(others) == CordonState::Others);
  others.begin(uncordon).end(uncordon, "skipped");
  CHECK(cordon_after(others) == CordonState::Others);
}

TEST_CASE("what is to be begun first", "[run-texts]") {
  using Ids = std::vector<std::string>;
  const auto ids = [](const std::vector<const StepStanding*>& steps) {
    Ids list;
    for (const StepStanding* step : steps) list.push_back(step->id);
    return list;
  };
  const Standing failed = stand(listed(failed_run().text()));
  CHECK(ids(failed.next()) == Ids{"v1.34/w1/kubeadm-package"});
  CHECK(failed.left().size() + failed.done() == failed.steps.size());

  // A step that was cut off is done again; one that runs is not next.
  auto between = up_to_w1_drain();
  ListedRun run = listed(between.begin("v1.34/w1/drain").text());
  CHECK(ids(stand(run).next()) == Ids{"v1.34/w1/drain"});
  run.holder = Holder{.run = kRunTextsRun, .host = "ops1", .pid = 4711, .since = 1};
  CHECK(ids(stand(run).next()).empty());

  const Standing fresh = stand(listed(test::RunRecords(kRunTextsRun).text()));
  CHECK(ids(fresh.next()) == Ids{"v1.34/cluster/preflight"});
}

TEST_CASE("S13: nothing that stands in a run's files acts on the terminal", "[run-texts]") {
  const std::string evil("a\x1b[31m\x9b\xff\x7f", 8);
  auto records = test::RunRecords(kRunTextsRun);
  records.begin("v1.34/w1/cordon");
  records = effect(records, "v1.34/w1/cordon", {{"before.x\x1b[31m", evil}});
  records.end("v1.34/w1/cordon", "failed", evil).finish("failed", 5);
  EventNotes notes;
  notes.remedies["v1.34/w1/cordon"] = evil;
  notes.warnings = {evil};
  Standing standing = stand(listed(records.text()), notes);
  standing.cut = evil;
  standing.no_plan = evil;
  const StandingView view{standing, {}, kRunTextsNow};
  for (const std::string& text :
       {status_text(view, kRunTextsPlain), report_text(view, kRunTextsPlain),
        runs_text({standing}, kRunTextsNow, kRunTextsPlain), report_json(&view)}) {
    for (const char c : text) REQUIRE((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
    CHECK(text.find(evil) == std::string::npos);
  }
}

TEST_CASE("colours change no text", "[run-texts]") {
  for (const Sample& sample : samples()) {
    const StandingView view{sample.standing, sample.next, kRunTextsNow};
    std::string text = report_text(view, {.color = true});
    CHECK((text.find('\x1b') != std::string::npos || sample.name == "not_begun"));
    for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b', at)) {
      text.erase(at, text.find('m', at) + 1 - at);
    }
    CHECK(text == report_text(view, kRunTextsPlain));
  }
}

TEST_CASE("a node command is told by what it does", "[run-texts]") {
  plans::Plan plan;
  plan.work = "node drain w1, w2";
  for (const std::string node : {"w1", "w2"}) {
    plan.steps.push_back({.id = "node/" + node + "/drain",
                          .kind = plans::StepKind::Drain,
                          .node = node,
                          .title = "drain " + node});
  }
  test::RunRecords records(kRunTextsRun, "prod", "node drain", "w1 w2");
  records.done("node/w1/drain").begin("node/w2/drain").end("node/w2/drain", "failed", "budget");
  records.finish("failed", 5);
  const Standing standing =
      standing_of(listed(records.text()), Result<plans::Plan>(plan), EventNotes{});
  const StandingView view{standing, {}, kRunTextsNow};
  const std::string text = status_text(view, {});
  CHECK(text.find("cluster prod, node drain w1, w2\n") != std::string::npos);
  CHECK(text.find("failed at node/w2/drain") != std::string::npos);
  CHECK(runs_text({standing}, kRunTextsNow, {}).find("  node drain w1, w2  failed") !=
        std::string::npos);
  const auto json = nlohmann::json::parse(status_json(&view));
  CHECK(json["work"] == "node drain w1, w2");
  CHECK(json["target"].is_null());
}

}  // namespace drover::orchestrator
