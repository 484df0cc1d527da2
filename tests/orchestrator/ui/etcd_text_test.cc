#include "orchestrator/ui/etcd_text.h"

#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/support/golden.h"
#include "tests/support/json_schema.h"
#include "tests/support/read_file.h"
#include "tests/support/source_dir.h"

namespace drover::orchestrator {
namespace {

using plans::EtcdFinding;
using plans::EtcdLife;
using plans::EtcdReport;
using plans::EtcdRow;
using plans::EtcdWeight;

constexpr std::uint64_t kMiB = 1 << 20;

EtcdRow row(const std::string& name, std::uint64_t id) {
  return {.id = id,
          .name = name,
          .host = name,
          .life = EtcdLife::Healthy,
          .leader = name == "cp1",
          .version = "3.6.8",
          .size = 214 * kMiB,
          .used = 61 * kMiB,
          .quota = 2048 * kMiB,
          .revision = 81234,
          .term = 4,
          .applied = 99000};
}

EtcdReport well() {
  return {.cluster = 12102231493559379567u,
          .leader = 2677674080080550774u,
          .members = {row("cp1", 2677674080080550774u), row("cp2", 1571761921635066505u),
                      row("cp3", 2333934537317542518u)}};
}

EtcdReport ill() {
  EtcdReport report = well();
  report.members[1].life = EtcdLife::Unhealthy;
  report.members[1].alarms = {"NOSPACE"};
  report.members[2] = {.id = 2333934537317542518u, .name = "\x1b[31mcp3"};
  report.findings = {
      {EtcdWeight::Grave, "cp2", "has the alarm NOSPACE", "make room"},
      {EtcdWeight::Blind, "cp3", "cannot be asked: cp3 (10.0.0.13:22): connection refused"},
      {EtcdWeight::Warning, "cp1", "153.0 of 214.0 MiB are not in use",
       "`drover etcd defrag` gives them back"}};
  return report;
}

EtcdFileView file(const std::string& name, bool good) {
  EtcdFileView view{.path = "backups/" + name,
                    .cluster = "prod",
                    .time = "2026-11-28T06:50:00Z",
                    .bytes = 224395296};
  if (good) {
    view.verified = Snapshot{.bytes = 224395296, .sha256 = std::string(64, 'a'), .revision = 81234};
  } else {
    view.verified =
        Error{.kind = ErrorKind::File,
              .message = view.path + ": it does not match the checksum at its end: it is damaged"};
  }
  return view;
}

}  // namespace

TEST_CASE("etcd status for people and for programs", "[etcd]") {
  test::check_golden("ui/etcd_status.txt", etcd_status_text("prod", well(), {}));
  test::check_golden("ui/etcd_status_ill.txt", etcd_status_text("prod", ill(), {}));
  test::check_golden("ui/etcd_status.jsonl",
                     etcd_status_json("prod", well()) + etcd_status_json("prod", ill()));
}

TEST_CASE("the exit code of etcd status", "[etcd]") {
  EtcdReport report = well();
  CHECK(etcd_exit_code(report) == 0);
  report.findings = {{EtcdWeight::Warning, "cp1", "x"}};
  CHECK(etcd_exit_code(report) == 0);
  report.findings.push_back({EtcdWeight::Blind, "cp1", "x"});
  CHECK(etcd_exit_code(report) == 8);
  report.findings.push_back({EtcdWeight::Grave, "cp1", "x"});
  CHECK(etcd_exit_code(report) == 4);
}

TEST_CASE("backups, verified and listed, for people and for programs", "[etcd]") {
  const std::vector<EtcdFileView> files = {file("etcd-prod-20261128T065000Z-3f2a.db", true),
                                           file("\x1b[2Jx.db", false)};
  EtcdBackupView made{.cluster = "prod",
                      .host = "cp2",
                      .path = "/srv/backups/etcd-prod-20261128T065000Z-3f2a.db",
                      .snapshot = *files[0].verified,
                      .hash = 2946134617u,
                      .keys = 345,
                      .pruned = {"/srv/backups/etcd-prod-20261127T065000Z-0123.db"}};
  test::check_golden("ui/etcd_files.txt",
                     etcd_backup_text(made) + etcd_verify_text(files[0]) +
                         etcd_list_text("backups", files, {}) +
                         etcd_list_text("backups", files, {OutputFormat::Wide}) +
                         etcd_list_text("backups", {}, {}));
  made.hash.reset();
  made.keys.reset();
  test::check_golden("ui/etcd_files.jsonl", etcd_backup_json(made) + etcd_verify_json(files[0]) +
                                                etcd_verify_json(files[1]) +
                                                etcd_list_json("backups", files));
  CHECK(document_as(etcd_list_json("backups", {}), OutputFormat::Yaml) ==
        "v: 1\nkind: EtcdList\nfolder: backups\nsnapshots: []\n");
}

TEST_CASE("what a defragmentation asks about", "[etcd]") {
  plans::Plan plan;
  plan.cluster = "prod";
  for (const char* host : {"cp2", "cp3", "cp1"}) {
    plans::Step step;
    step.id = std::string("node/") + host + "/etcd-defrag";
    step.host = step.node = host;
    plan.steps.push_back(step);
  }
  std::map<std::string, StepFinished> ends;
  StepFinished done;
  done.status = StepStatus::Succeeded;
  done.message = "214.0 MiB before, 61.0 MiB now";
  ends["cp2"] = done;
  test::check_golden("ui/etcd_defrag.txt", etcd_defrag_preview_text(plan, well(), {}));
  plans::Plan blocked;
  blocked.cluster = "prod";
  blocked.verdicts = {
      {"etcd-healthy", plans::Severity::Blocker, "cp2", "cp2 is not healthy: timeout", "mend it"}};
  test::check_golden("ui/etcd_defrag_blocked.txt", etcd_defrag_preview_text(blocked, ill(), {}));
  test::check_golden("ui/etcd_defrag.jsonl",
                     etcd_defrag_json(plan, well(), ends, "20261128T065000Z-3f2a", 5) +
                         etcd_defrag_json(blocked, ill(), {}, "", 4));
}

TEST_CASE("what a restore asks about", "[etcd]") {
  plans::Plan plan;
  plan.cluster = "prod";
  using plans::StepKind;
  for (const auto& [id, kind] : {std::pair{"node/cp1/static-pods-stop", StepKind::StaticPodsStop},
                                 std::pair{"node/cp1/kubelet-restart", StepKind::KubeletRestart},
                                 std::pair{"node/w1/kubelet-restart", StepKind::KubeletRestart}}) {
    plans::Step step;
    step.id = id;
    step.kind = kind;
    step.host = step.id.substr(5, step.id.rfind('/') - 5);
    step.title = "a step";
    plan.steps.push_back(step);
  }
  plans::Step given;
  given.id = "node/cp1/snapshot-present";
  given.kind = StepKind::SnapshotPresent;
  given.host = "cp1";
  given.title = "verify what is given";
  given.params = {{"given", "etcd=00"},
                  {"folder", "/srv/be\x1b[2Jfore/cp1"},
                  {"kept_manifests", "/etc/kubernetes/before"}};
  plan.steps.insert(plan.steps.begin(), given);
  plan.verdicts = {{"lost", plans::Severity::Warning, "cluster", "everything is lost", "save it"}};
  const plans::RestoreSource source{.path = "/srv/backups/etcd.db",
                                    .sha256 = std::string(64, 'a'),
                                    .bytes = 852000,
                                    .revision = 439,
                                    .kubernetes = "v1.33.13"};
  plans::Plan blocked;
  blocked.cluster = "prod";
  blocked.verdicts = {
      {"disk", plans::Severity::Blocker, "cp1", "cp1: 3 MiB free\x1b[2J", "make room there"}};
  test::check_golden("ui/etcd_restore.txt",
                     etcd_restore_preview_text(plan, source, true, {}) +
                         etcd_restore_preview_text(blocked, source, false, {}));
  std::map<std::string, StepFinished> ends;
  ends["node/cp1/static-pods-stop"].status = StepStatus::Succeeded;
  test::check_golden("ui/etcd_restore.jsonl",
                     etcd_restore_json(plan, source, ends, "20261128T065000Z-3f2a", 5) +
                         etcd_restore_json(blocked, source, {}, "", 4));
}

TEST_CASE("every line for programs is what its schema says", "[etcd]") {
  std::vector<std::string> lines;
  for (const char* name : {"etcd_status", "etcd_files", "etcd_defrag", "etcd_restore"}) {
    const std::string path = test::source_dir() + "/tests/golden/ui/" + name + ".jsonl";
    for (std::string& line : split_lines(test::read_file(path))) lines.push_back(std::move(line));
  }
  REQUIRE(lines.size() == 10);
  for (const std::string& verdict : test::validate_json("etcd.schema.json", lines)) {
    CHECK(verdict == "");
  }
  const std::vector<std::string> wrong = {
      R"({"v":1,"kind":"EtcdStatus"})", R"({"v":1,"kind":"Etcd"})",
      R"({"v":1,"kind":"EtcdVerify","path":"x","cluster":null,"time":null,"bytes":1,"verified":true})"};
  for (const std::string& verdict : test::validate_json("etcd.schema.json", wrong)) {
    CHECK(verdict != "");
  }
}

}  // namespace drover::orchestrator
