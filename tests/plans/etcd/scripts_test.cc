#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "plans/etcd/look.h"
#include "plans/etcd/save.h"
#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/read_file.h"
#include "tests/support/shell.h"
#include "tests/support/source_dir.h"

// What is sent to control planes, byte for byte, and what it does against stand-ins.
namespace drover::plans {
namespace {

using Catch::Matchers::Contains;

constexpr const char* kRun = "20261128T065000Z-3f2a";
constexpr const char* kDirectory = "/var/backups/drover";

std::string recording(const std::string& name) {
  return test::read_file(test::source_dir() + "/examples/sandbox/recorded/commands/etcd/" + name);
}

std::string snapshot() {
  const std::string content(8 * 512, 'e');
  const std::string hex = sha256_hex(content);
  std::string raw;
  for (size_t i = 0; i < hex.size(); i += 2) {
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return content + raw;
}

/// A control plane whose etcd is of 3.6, in a container or with its tools on the machine.
class ControlPlane : public test::ScriptRoom {
 public:
  explicit ControlPlane(bool in_container) {
    file("var/lib/etcd/member/snap/db", snapshot());
    file("etc/kubernetes/manifests/etcd.yaml",
         "    - etcd\n"
         "    - --listen-client-urls=https://0.0.0.0:2379,https://10.0.0.11:2379\n"
         "    - \"--trusted-ca-file=/pki/ca.crt\"\n    - --quota-backend-bytes=8589934592\n");
    file("var/lib/kubelet/config.yaml",
         "containerRuntimeEndpoint: \"unix:///run/containerd/containerd.sock\"\n");
    file("snapshot", snapshot());
    for (const char* name :
         {"endpoint-status", "endpoint-health", "member-list", "alarm-list", "snapshot-status"}) {
      file(name, recording(std::string(name) + "-3.6.json"));
    }
    const std::string ctl =
        "echo \"etcdctl $*\" >>\"$ROOM/calls\"\nfor last in \"$@\"; do :; done\ncase $* in\n"
        "*save*) cp \"$ROOM/snapshot\" \"$last\" ;;\n*'endpoint status'*) cat "
        "\"$ROOM/endpoint-status\" ;;\n"
        "*'endpoint health'*) cat \"$ROOM/endpoint-health\" ;;\n*'member list'*) cat "
        "\"$ROOM/member-list\" ;;\n"
        "*'alarm list'*) cat \"$ROOM/alarm-list\" ;;\nesac\n";
    const std::string utl =
        "case $* in *status*) cat \"$ROOM/snapshot-status\" ;; *) echo version ;; esac\n";
    const std::string front = in_container ? "in-container-" : "";
    program(front + "etcdctl", ctl);
    program(front + "etcdutl", utl);
    program(
        "crictl",
        "echo \"crictl $*\" >>\"$ROOM/calls\"\nshift 2\ncase $1 in\nps) cat \"$ROOM/container\" "
        ";;\n"
        "exec) shift 2; name=$1; shift; exec \"$ROOM/bin/in-container-$name\" \"$@\" ;;\nesac\n");
    file("container", "abc\n");
  }
  std::string kept() { return list("var/backups/drover"); }
};

}  // namespace

TEST_CASE("S3: what asks, saves, removes and defragments is this", "[etcd]") {
  struct Row {
    const char* golden;
    Command command;
    bool mutates;
  };
  for (const Row& row : {Row{"commands/etcd_look.sh", look_at_etcd(), false},
                         Row{"commands/etcd_watch.sh", watch_etcd(), false},
                         Row{"commands/etcd_save.sh", save_snapshot(kDirectory, kRun), true},
                         Row{"commands/etcd_remove.sh", remove_snapshot(kDirectory, kRun), true}}) {
    CAPTURE(row.golden);
    CHECK(row.command.mutates == row.mutates);
    CHECK(test::syntax_errors(row.command.script) == "");
    test::check_golden(row.golden, row.command.script);
  }
}

TEST_CASE("etcd is asked in its container or by the machine's own etcdctl", "[etcd]") {
  const bool in_container = GENERATE(true, false);
  ControlPlane room(in_container);
  const CommandResult said = room.run(look_at_etcd().script);
  CAPTURE(said.out, said.err);
  const EtcdSeen seen = read_etcd_look("cp1", said);
  CHECK(seen.no_etcd.empty());
  REQUIRE(seen.status);
  CHECK(seen.status->version == "3.6.8");
  REQUIRE(seen.health);
  CHECK(seen.health->healthy);
  REQUIRE(seen.members);
  CHECK(seen.members->members.size() == 3);
  REQUIRE(seen.alarms);
  CHECK(seen.quota == 8589934592u);
  const std::string calls = room.read("calls");
  CHECK_THAT(calls, Contains("--endpoints=https://127.0.0.1:2379 --cacert=/pki/ca.crt ") &&
                        Contains("/etc/kubernetes/pki/etcd/server.crt "));
  CHECK(calls.find("crictl") == (in_container ? 0 : std::string::npos));
  if (in_container) {
    CHECK_THAT(calls, Contains("crictl -r unix:///run/containerd/containerd.sock ps"));
  }
  const EtcdWatched watched = read_etcd_watch(room.run(watch_etcd().script));
  CHECK(watched.missing.empty());
  CHECK(watched.status->size > 0);
}

TEST_CASE("a machine without etcd, and an etcd that does not answer, say so", "[etcd]") {
  ControlPlane room(true);
  room.file("container", "");
  CHECK(read_etcd_look("cp1", room.run(look_at_etcd().script)).no_etcd ==
        "no etcd container is running");
  CHECK(read_etcd_watch(room.run(watch_etcd().script)).missing == "no etcd container is running");
  ControlPlane silent(true);
  const std::string said = recording("status-unreachable-3.6.err");
  silent.file("said", said);
  silent.program("in-container-etcdctl", "cat \"$ROOM/said\" >&2; echo null; exit 1\n");
  CHECK_THAT(read_etcd_look("cp1", silent.run(look_at_etcd().script)).no_etcd,
             Contains("(context deadline exceeded)"));
  test::ScriptRoom worker;
  CHECK_THAT(read_etcd_look("w1", worker.run(look_at_etcd().script)).no_etcd,
             Contains("no etcd runs here as a static pod"));
}

TEST_CASE("a snapshot is saved whole, under the run's own name, or not at all", "[etcd]") {
  const bool in_container = GENERATE(true, false);
  ControlPlane room(in_container);
  const CommandResult said = room.run(save_snapshot(kDirectory, kRun).script);
  CAPTURE(said.out, said.err);
  REQUIRE(said.ok());
  const auto saved = read_saved_snapshot("cp1", said);
  REQUIRE(saved);
  CHECK(saved->bytes == snapshot().size());
  CHECK(saved->sha256 == sha256_hex(snapshot()));
  REQUIRE(saved->status);
  CHECK(saved->status->revision == 570);
  const std::string name = ".drover-backup-20261128T065000Z-3f2a.db";
  CHECK(room.exists("var/backups/drover/" + name));
  CHECK(room.list("var/lib/etcd") == "member\n");
  REQUIRE(room.run(remove_snapshot(kDirectory, kRun).script).ok());
  CHECK_FALSE(room.exists("var/backups/drover/" + name));
}

TEST_CASE("nothing is left of a snapshot that could not be saved", "[etcd]") {
  struct Row {
    const char* says;
    void (*plant)(ControlPlane&);
  };
  const Row row = GENERATE(
      Row{"does not match the checksum",
          [](ControlPlane& room) {
            std::string bad = snapshot();
            bad[700] = 'x';
            room.file("snapshot", bad);
          }},
      Row{"has no checksum",
          [](ControlPlane& room) { room.file("snapshot", std::string(1024, 'e')); }},
      Row{"bytes free, a snapshot needs",
          [](ControlPlane& room) {
            room.program("stat", "case $1 in -f) echo 10 4096 ;; *) echo 1000 ;; esac\n");
          }},
      Row{"context deadline exceeded", [](ControlPlane& room) {
            room.program(
                "in-container-etcdctl",
                "echo x >\"$ROOM/var/lib/etcd/drover-backup-20261128T065000Z-3f2a.db.part\"; "
                "echo 'Error: context deadline exceeded' >&2; exit 4\n");
          }});
  ControlPlane room(true);
  row.plant(room);
  const CommandResult said = room.run(save_snapshot(kDirectory, kRun).script);
  CAPTURE(said.out, said.err);
  CHECK_FALSE(said.ok());
  const auto saved = read_saved_snapshot("cp1", said);
  REQUIRE_FALSE(saved);
  CHECK(saved.error().kind == ErrorKind::Command);
  CHECK_THAT(saved.error().message, Contains(row.says));
  CHECK(room.list("var/lib/etcd") == "member\n");
  CHECK_FALSE(room.exists("var/backups/drover/.drover-backup-20261128T065000Z-3f2a.db"));
}

}  // namespace drover::plans
