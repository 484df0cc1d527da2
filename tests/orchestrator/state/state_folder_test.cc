#include "orchestrator/state/state_folder.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "orchestrator/state/journal_file.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kUid = "6f1c0a4e-2b6d-4a53-9f0e-0d6f3c1b7a11";

StateFolder open_folder(const std::string& dir, const std::string& uid = kUid) {
  auto folder = StateFolder::open(dir, "prod", uid);
  INFO((folder ? std::string() : folder.error().message));
  REQUIRE(folder);
  return *folder;
}

std::string whole_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

unsigned mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

// A run whose journal has these records after run-begun.
void add_run(const StateFolder& folder, const std::string& run, std::vector<Record> records) {
  REQUIRE(folder.make_run(run));
  auto journal = JournalFile::open(folder.run_path(run) + "/journal.jsonl",
                                   [] { return std::string("2026-11-22T21:11:29.000Z"); });
  REQUIRE(journal);
  records.insert(records.begin(),
                 {0, "", "run-begun", "", 0, {{"schema", std::string(kJournalSchema)}}});
  for (const Record& record : records) REQUIRE((*journal)->append(record));
}

const Record kStateFolderStep{0, "", "step-begun", "v1.34/cluster/preflight", 1, {}};

Record ended(const std::string& status) {
  return {0, "", "run-ended", "", 0, {{"status", status}}};
}

/// Unfinished runs of the cluster "prod", newest first, by the last four characters of their ids.
std::vector<std::string> unfinished(const test::TempDir& dir) {
  const auto runs = left_runs(dir.path(), "prod");
  REQUIRE(runs);
  std::vector<std::string> names;
  for (const LeftRun& run : *runs) {
    names.push_back(run.id.substr(run.id.size() - 4) + (run.can_go_on ? "" : " cancelled"));
  }
  return names;
}

class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value == nullptr ? unsetenv(name) : setenv(name, value, 1);
  }
  ~Environment() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("the default state folder follows XDG, then HOME", "[state]") {
  const Environment home("HOME", "/home/ops");
  {
    const Environment xdg("XDG_STATE_HOME", "/srv/state");
    CHECK(default_state_dir() == "/srv/state/drover");
  }
  for (const char* unusable : {static_cast<const char*>(nullptr), "", "state"}) {
    const Environment xdg("XDG_STATE_HOME", unusable);
    CHECK(default_state_dir() == "/home/ops/.local/state/drover");
  }
}

TEST_CASE("a run id is its time and four random digits", "[state]") {
  test::TempDir dir;
  const remote::WallTime now{std::chrono::seconds(1'795'382'289)};
  const std::string id = new_run_id(now, dir.file("state"));
  CHECK(id.size() == 21);
  CHECK(id.substr(0, 17) == "20261122T211809Z-");
  CHECK(id.find_first_not_of("0123456789abcdef", 17) == std::string::npos);
}

TEST_CASE("a run id is later than those there are, though the clock was set back", "[state]") {
  test::TempDir dir;
  const remote::WallTime now{std::chrono::seconds(1'795'382'289)};
  struct Row {
    const char* run;
    const char* next;
  };
  for (const Row& row : std::vector<Row>{{"20261122T211808Z-ffff", "20261122T211809Z-"},
                                         {"20261122T211809Z-ffff", "20261122T211810Z-"},
                                         {"20271231T235959Z-0000", "20280101T000000Z-"},
                                         {"99999999T999999Z-0000", "20261122T211809Z-"},
                                         {"my notes", "20261122T211809Z-"}}) {
    const std::string state = dir.file(row.run);
    REQUIRE(open_folder(state).make_run(row.run));
    CHECK(new_run_id(now, state).substr(0, 17) == row.next);
  }
}

TEST_CASE("S13: the state folder is for its owner only", "[state]") {
  test::TempDir dir;
  const StateFolder folder = open_folder(dir.file("a/state"));
  REQUIRE(folder.make_run("r1"));
  REQUIRE(folder.write("r1", "output/v1.34/w1/drain/1.out", "text"));
  for (const char* path : {"a", "a/state", "a/state/prod", "a/state/prod/runs",
                           "a/state/prod/runs/r1", "a/state/prod/runs/r1/output/v1.34/w1"}) {
    CAPTURE(path);
    CHECK(mode_of(dir.file(path)) == 0700);
  }
  CHECK(mode_of(dir.file("a/state/prod/runs/r1/output/v1.34/w1/drain/1.out")) == 0600);
  CHECK(mode_of(dir.file("a/state/prod/cluster-uid")) == 0600);
}

TEST_CASE("a file is replaced whole and leaves nothing beside it", "[state]") {
  test::TempDir dir;
  const StateFolder folder = open_folder(dir.path());
  REQUIRE(folder.make_run("r1"));
  REQUIRE(folder.write("r1", "plan.json", "first"));
  REQUIRE(folder.write("r1", "plan.json", "second"));
  CHECK(whole_file(folder.run_path("r1") + "/plan.json") == "second");
  const auto files = std::filesystem::directory_iterator(folder.run_path("r1"));
  CHECK(std::distance(begin(files), end(files)) == 1);
}

TEST_CASE("a run's folder is made once", "[state]") {
  test::TempDir dir;
  const StateFolder folder = open_folder(dir.path());
  REQUIRE(folder.make_run("r1"));
  const Status again = folder.make_run("r1");
  REQUIRE(!again);
  CHECK(again.error().kind == ErrorKind::State);
  CHECK(again.error().message == "cannot make folder " + folder.run_path("r1") + ": File exists");
}

TEST_CASE("the same cluster name with another UID is refused", "[state]") {
  test::TempDir dir;
  open_folder(dir.path());
  open_folder(dir.path());
  const auto other = StateFolder::open(dir.path(), "prod", "11111111-2222");
  REQUIRE(!other);
  CHECK(other.error().kind == ErrorKind::File);
  CHECK(other.error().message == dir.path() +
                                     "/prod belongs to another cluster: the kube-system UID it "
                                     "records is " +
                                     kUid + ", this cluster's is 11111111-2222");
  CHECK(!other.error().remedy.empty());
}

TEST_CASE("a cluster whose API is away keeps its folder, and names no UID", "[state]") {
  const test::TempDir dir;
  REQUIRE(StateFolder::open(dir.path(), "prod", ""));
  CHECK_FALSE(std::filesystem::exists(dir.file("prod/cluster-uid")));
  open_folder(dir.path());
  CHECK(StateFolder::open(dir.path(), "prod", ""));
  CHECK(whole_file(dir.file("prod/cluster-uid")) == std::string(kUid) + "\n");
}

TEST_CASE("S19: a cluster's name is no path", "[state]") {
  test::TempDir dir;
  for (const std::string name : {"", ".", "..", "../other", "a/b", "/etc"}) {
    CAPTURE(name);
    const auto folder = StateFolder::open(dir.path(), name, kUid);
    REQUIRE(!folder);
    CHECK(folder.error().kind == ErrorKind::File);
  }
}

TEST_CASE("a state folder that cannot be made names the path and the way out", "[state]") {
  test::TempDir dir;
  std::ofstream(dir.file("file")) << "x";
  const auto folder = StateFolder::open(dir.file("file/state"), "prod", kUid);
  REQUIRE(!folder);
  CHECK(folder.error().kind == ErrorKind::State);
  CHECK(folder.error().message.find(dir.file("file")) != std::string::npos);
}

TEST_CASE("S10: runs that began a step and did not succeed are unfinished, back to one that did",
          "[state]") {
  using Runs = std::vector<std::string>;
  test::TempDir dir;
  CHECK(unfinished(dir).empty());  // no folder yet, and none is made
  CHECK(!std::filesystem::exists(dir.file("prod")));
  const StateFolder folder = open_folder(dir.path());
  CHECK(unfinished(dir).empty());

  REQUIRE(folder.make_run("20261101T000000Z-0001"));  // died before its journal
  CHECK(unfinished(dir).empty());
  add_run(folder, "20261102T000000Z-0002", {kStateFolderStep, ended("succeeded")});
  CHECK(unfinished(dir).empty());
  add_run(folder, "20261103T000000Z-0003", {kStateFolderStep});  // killed
  CHECK(unfinished(dir) == Runs{"0003"});
  add_run(folder, "20261104T000000Z-0004", {ended("refused")});
  CHECK(unfinished(dir) == Runs{"0003"});
  add_run(folder, "20261105T000000Z-0005", {kStateFolderStep, ended("failed")});
  CHECK(unfinished(dir) == Runs{"0005", "0003"});
  add_run(folder, "20261106T000000Z-0006",
          {kStateFolderStep, ended("interrupted"), kStateFolderStep, ended("succeeded")});
  CHECK(unfinished(dir).empty());
  std::ofstream(dir.file("prod/runs/notes.txt")) << "not a run";
  CHECK(unfinished(dir).empty());
}

TEST_CASE("S20: a damaged journal is an error, not a finished run", "[state]") {
  test::TempDir dir;
  const StateFolder folder = open_folder(dir.path());
  add_run(folder, "r1", {kStateFolderStep, ended("succeeded")});
  const std::string path = folder.run_path("r1") + "/journal.jsonl";
  std::string text = whole_file(path);
  text[3] = '?';
  std::ofstream(path) << text;
  const auto run = left_runs(dir.path(), "prod");
  REQUIRE(!run);
  CHECK(run.error().kind == ErrorKind::State);
  CHECK(run.error().message == "journal " + path + ": line 1 is damaged, and records follow it");
}

TEST_CASE("S14: a second holder of the lock file is told who has it", "[state][lock]") {
  test::TempDir dir;
  const std::string path = dir.file("lock");
  {
    const auto lock = FileLock::take(path, "run r1 on ops-7 (pid 4711)");
    REQUIRE(lock);
    CHECK(mode_of(path) == 0600);
    const auto second = FileLock::take(path, "run r2 on ops-7 (pid 4712)");
    REQUIRE(!second);
    CHECK(second.error().kind == ErrorKind::Locked);
    CHECK(second.error().message == path + " is locked by run r1 on ops-7 (pid 4711)");
    CHECK(!second.error().remedy.empty());
  }
  CHECK(FileLock::take(path, "run r3"));
}

TEST_CASE("S14: a lock that moves is held until its last owner ends", "[state][lock]") {
  test::TempDir dir;
  auto first = FileLock::take(dir.file("lock"), "a");
  REQUIRE(first);
  {
    const FileLock second = std::move(*first);
    CHECK(!FileLock::take(dir.file("lock"), "b"));
  }
  CHECK(FileLock::take(dir.file("lock"), "b"));
}

TEST_CASE("S14: the lock of a killed process is free at once", "[state][lock]") {
  test::TempDir dir;
  const std::string path = dir.file("lock");
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto lock = FileLock::take(path, "run r1 on ops-7 (pid 1)");
    const char ok = lock ? 'y' : 'n';
    if (write(ready[1], &ok, 1) != 1) _exit(1);
    while (true) pause();
  }
  char ok = 0;
  REQUIRE(read(ready[0], &ok, 1) == 1);
  CHECK(ok == 'y');
  CHECK(!FileLock::take(path, "run r2"));
  REQUIRE(kill(child, SIGKILL) == 0);
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK(FileLock::take(path, "run r2"));
  close(ready[0]);
  close(ready[1]);
}

}  // namespace drover::orchestrator
