#include "orchestrator/state/run_list.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "orchestrator/lock/lock_file.h"
#include "orchestrator/state/state_folder.h"
#include "tests/support/run_files.h"
#include "tests/support/sample_plan.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

const std::string kRunListFirst = "20261120T100000Z-aaaa";
const std::string kRunListSecond = "20261121T100000Z-bbbb";
const std::string kThird = "20261122T100000Z-cccc";
const std::string kStep = "v1.34/w1/drain";

std::string half_done(const std::string& run, const std::string& cluster = "prod") {
  return test::RunRecords(run, cluster).begin(kStep).text();
}

std::string stopped(const std::string& run) {
  return test::RunRecords(run).begin(kStep).end(kStep, "failed", "no").finish("failed", 5).text();
}

std::string succeeded(const std::string& run) {
  return test::RunRecords(run).done(kStep).finish("succeeded", 0).text();
}

RunList runs_in(const std::string& state_dir) {
  auto list = list_runs(state_dir);
  INFO((list ? "" : list.error().message));
  REQUIRE(list);
  return std::move(*list);
}

std::string id_of(const Result<const ListedRun*>& run) {
  REQUIRE(run);
  return *run == nullptr ? "none" : (*run)->id;
}

}  // namespace

TEST_CASE("only another restore makes good a restore of etcd that was left", "[state]") {
  const auto run = [](const std::string& command, const std::string& status) {
    RunMemory memory;
    memory.command = command;
    memory.hosts = {"cp1"};
    memory.steps["node/cp1/x"] = {};
    if (!status.empty()) memory.end = ProcessEnd{.status = status, .exit_code = 0, .time = ""};
    return memory;
  };
  const RunMemory left = run("etcd restore", "");
  CHECK(left.unfinished());
  CHECK_FALSE(supersedes(run("etcd defrag", "succeeded"), left));
  CHECK_FALSE(supersedes(run("apply", "succeeded"), left));
  CHECK(supersedes(run("etcd restore", "succeeded"), left));
  CHECK(supersedes(run("apply", "succeeded"), run("etcd defrag", "")));
}

TEST_CASE("without a state folder there are no runs", "[run-list]") {
  test::TempDir dir;
  const RunList list = runs_in(dir.file("none"));
  CHECK(list.runs.empty());
  CHECK(id_of(run_to_show(list, "")) == "none");
  CHECK(id_of(run_to_go_on_with(list, "")) == "none");
  CHECK(id_of(running_run(list, "")) == "none");
}

TEST_CASE("runs of all clusters are listed, newest first", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, succeeded(kRunListFirst));
  test::put_run(dir.path(), "test", kRunListSecond, half_done(kRunListSecond, "test"));
  test::put_run(dir.path(), "prod", kThird, succeeded(kThird));
  test::put_file(dir.file("notes.txt"), "not a cluster");
  const RunList list = runs_in(dir.path());
  REQUIRE(list.runs.size() == 3);
  CHECK(list.runs[0].id == kThird);
  CHECK(list.runs[1].id == kRunListSecond);
  CHECK(list.runs[1].cluster == "test");
  CHECK(list.runs[1].folder == dir.file("test/runs/" + kRunListSecond));
  CHECK(list.runs[1].memory->cluster == "test");
  CHECK(list.runs[2].id == kRunListFirst);
}

TEST_CASE("which run a command means", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, stopped(kRunListFirst));
  CHECK(id_of(run_to_show(runs_in(dir.path()), "")) == kRunListFirst);
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), "")) == kRunListFirst);

  test::put_run(dir.path(), "prod", kRunListSecond, half_done(kRunListSecond));
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), "")) == kRunListSecond);
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), kRunListFirst)) == kRunListFirst);
  CHECK(id_of(run_to_show(runs_in(dir.path()), kRunListFirst)) == kRunListFirst);

  // Nobody wants to go on with what a later run has made true.
  test::put_run(dir.path(), "prod", kThird, succeeded(kThird));
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), "")) == "none");
  CHECK(id_of(run_to_show(runs_in(dir.path()), "")) == kThird);
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), kRunListFirst)) == kRunListFirst);
}

TEST_CASE("a node command makes good only node commands on its own hosts", "[run-list]") {
  const auto node = [](const std::string& run, const std::string& hosts, bool good) {
    test::RunRecords records(run, "prod", "node drain", hosts);
    records.begin("node/w1/drain").end("node/w1/drain", good ? "succeeded" : "failed");
    return records.finish(good ? "succeeded" : "failed", good ? 0 : 5).text();
  };
  struct Row {
    std::string first, second;
    bool superseded;
  };
  for (const Row& row :
       {Row{stopped(kRunListFirst), node(kRunListSecond, "w1", true), false},
        Row{node(kRunListFirst, "w1", false), node(kRunListSecond, "w2 w1", true), true},
        Row{node(kRunListFirst, "w1 w3", false), node(kRunListSecond, "w1", true), false},
        Row{node(kRunListFirst, "w1", false), node(kRunListSecond, "w1", false), false},
        Row{node(kRunListFirst, "w1", false), succeeded(kRunListSecond), true}}) {
    test::TempDir dir;
    test::put_run(dir.path(), "prod", kRunListFirst, row.first);
    test::put_run(dir.path(), "prod", kRunListSecond, row.second);
    const RunList list = runs_in(dir.path());
    CHECK(list.find(kRunListFirst)->superseded == row.superseded);
    const auto left = left_runs(dir.path(), "prod");
    REQUIRE(left);
    const bool is_left = std::any_of(left->begin(), left->end(),
                                     [](const LeftRun& run) { return run.id == kRunListFirst; });
    CHECK(is_left != row.superseded);
  }
}

TEST_CASE("an unfinished run is shown before a newer one that did nothing", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, stopped(kRunListFirst));
  test::put_run(dir.path(), "prod", kRunListSecond, test::RunRecords(kRunListSecond).text());
  CHECK(id_of(run_to_show(runs_in(dir.path()), "")) == kRunListFirst);
  CHECK(id_of(run_to_go_on_with(runs_in(dir.path()), "")) == kRunListFirst);
}

TEST_CASE("a run that is not there is named with the nearest one", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, stopped(kRunListFirst));
  const RunList list = runs_in(dir.path());
  for (auto* pick : {run_to_show, run_to_go_on_with, running_run}) {
    const auto near = pick(list, "20261120T100000Z-aaab");
    REQUIRE(!near);
    CHECK(near.error().kind == ErrorKind::Usage);
    CHECK(near.error().message == "there is no run 20261120T100000Z-aaab in " + dir.path());
    CHECK(near.error().remedy == "did you mean " + kRunListFirst + "?");
    const auto far = pick(list, "x\x1b[31m");
    REQUIRE(!far);
    CHECK(far.error().message.find('\x1b') == std::string::npos);
    CHECK(far.error().remedy == "`drover runs` lists the runs");
  }
}

TEST_CASE("unfinished runs of several clusters must be told apart", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, stopped(kRunListFirst));
  test::put_run(dir.path(), "test", kRunListSecond, half_done(kRunListSecond, "test"));
  const RunList list = runs_in(dir.path());
  const auto run = run_to_go_on_with(list, "");
  REQUIRE(!run);
  CHECK(run.error().kind == ErrorKind::Usage);
  CHECK(run.error().message == "runs of several clusters are unfinished: " + kRunListSecond +
                                   " (cluster test), " + kRunListFirst + " (cluster prod)");
  CHECK(run.error().remedy == "say which one is meant by its run id");
  CHECK(id_of(run_to_go_on_with(list, kRunListFirst)) == kRunListFirst);
  CHECK(id_of(run_to_show(list, "")) == kRunListSecond);
}

TEST_CASE("S20: a damaged journal is listed with its trouble and hides no other run",
          "[run-list]") {
  test::TempDir dir;
  std::string damaged = stopped(kThird);
  damaged[10] = '?';
  test::put_run(dir.path(), "prod", kRunListFirst, succeeded(kRunListFirst));
  test::put_run(dir.path(), "prod", kRunListSecond, stopped(kRunListSecond));
  test::put_run(dir.path(), "prod", kThird, damaged);
  const RunList list = runs_in(dir.path());
  REQUIRE(list.runs.size() == 3);
  REQUIRE(!list.runs[0].memory);
  CHECK(list.runs[0].memory.error().kind == ErrorKind::State);
  CHECK(list.runs[0].memory.error().message.find("line 1 is damaged") != std::string::npos);
  CHECK(list.runs[1].memory->unfinished());
  // It may be unfinished: nobody goes on with an older one by accident.
  CHECK(id_of(run_to_go_on_with(list, "")) == kThird);
}

TEST_CASE("S20: a journal cut at any byte is listed", "[run-list]") {
  test::TempDir dir;
  const std::string text = stopped(kRunListFirst);
  for (std::size_t length = 0; length <= text.size(); ++length) {
    CAPTURE(length);
    test::put_run(dir.path(), "prod", kRunListFirst, text.substr(0, length));
    const RunList list = runs_in(dir.path());
    REQUIRE(list.runs.size() == 1);
    REQUIRE(list.runs[0].memory);
    CHECK(list.runs[0].memory->run == kRunListFirst);
    CHECK(list.runs[0].memory->cluster == "prod");
  }
}

TEST_CASE("a run without journal has done nothing", "[run-list]") {
  test::TempDir dir;
  std::filesystem::create_directories(dir.file("prod/runs/" + kRunListFirst));
  const RunList list = runs_in(dir.path());
  REQUIRE(list.runs.size() == 1);
  CHECK(!list.runs[0].unfinished());
  CHECK(list.runs[0].memory->steps.empty());
}

TEST_CASE("a run that a process has is known as such, and free when it died", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, stopped(kRunListFirst));
  test::put_run(dir.path(), "prod", kRunListSecond, succeeded(kRunListSecond));
  const std::string lock = dir.file("prod/lock");
  CHECK(!holder_of(lock));
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto taken = FileLock::take(lock, this_process(kRunListSecond).str());
    char byte = taken ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char answer = 0;
  REQUIRE(read(ready[0], &answer, 1) == 1);
  REQUIRE(answer == 'y');

  const RunList list = runs_in(dir.path());
  REQUIRE(list.runs[0].holder);
  CHECK(list.runs[0].holder->pid == child);
  CHECK(list.runs[0].unfinished());
  CHECK(!list.runs[1].holder);
  CHECK(id_of(run_to_show(list, "")) == kRunListSecond);
  CHECK(id_of(running_run(list, "")) == kRunListSecond);

  // It is still held by the other one: looking took nothing away.
  CHECK(!FileLock::take(lock, "me"));
  kill(child, SIGKILL);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK(!holder_of(lock));
  CHECK(id_of(running_run(runs_in(dir.path()), "")) == "none");
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a lock file whose process lives and let go of it is free", "[run-list]") {
  test::TempDir dir;
  {
    const auto taken = FileLock::take(dir.file("lock"), this_process(kRunListFirst).str());
    REQUIRE(taken);
    CHECK(holder_of(dir.file("lock")));
  }
  CHECK(!holder_of(dir.file("lock")));
}

TEST_CASE("several running runs must be told apart", "[run-list]") {
  test::TempDir dir;
  test::put_run(dir.path(), "prod", kRunListFirst, half_done(kRunListFirst));
  test::put_run(dir.path(), "test", kRunListSecond, half_done(kRunListSecond, "test"));
  const auto prod = FileLock::take(dir.file("prod/lock"), this_process(kRunListFirst).str());
  const auto test = FileLock::take(dir.file("test/lock"), this_process(kRunListSecond).str());
  REQUIRE((prod && test));
  const RunList list = runs_in(dir.path());
  const auto run = running_run(list, "");
  REQUIRE(!run);
  CHECK(run.error().message == "several runs are going on: " + kRunListSecond +
                                   " (cluster test), " + kRunListFirst + " (cluster prod)");
  CHECK(id_of(running_run(list, kRunListFirst)) == kRunListFirst);
}

TEST_CASE("a run's plan is read when it is asked for", "[run-list]") {
  test::TempDir dir;
  const plans::Plan plan = test::sample_plan();
  test::put_run(dir.path(), "prod", kRunListFirst, half_done(kRunListFirst), &plan);
  test::put_run(dir.path(), "prod", kRunListSecond, half_done(kRunListSecond));
  const RunList list = runs_in(dir.path());
  const auto read = plan_of(*list.find(kRunListFirst));
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  CHECK(read->target == "1.34.4");
  const auto none = plan_of(*list.find(kRunListSecond));
  REQUIRE(!none);
  CHECK(none.error().message ==
        "plan " + list.find(kRunListSecond)->folder + "/plan.json: there is none");
}

}  // namespace drover::orchestrator
