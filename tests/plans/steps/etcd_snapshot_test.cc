#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::told;

// A database file with the checksum that etcd puts behind it.
std::string snapshot(size_t pages) {
  const std::string content(pages * 512, 'e');
  const std::string hex = sha256_hex(content);
  std::string raw;
  for (size_t i = 0; i < hex.size(); i += 2) {
    raw += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return content + raw;
}

const std::string kStatus = R"({"hash":1,"revision":4711,"totalKey":9,"totalSize":1024})";

class EtcdSnapshotControlPlane : public test::ScriptRoom {
 public:
  EtcdSnapshotControlPlane() {
    file("var/lib/etcd/member/snap/db", snapshot(4));
    file("var/lib/etcd/drover-snapshot.db.part", "left by a killed run");
    file("etc/kubernetes/manifests/etcd.yaml",
         "    - etcd\n    - --listen-client-urls=https://[::1]:2379,https://10.0.0.11:2379\n");
    file("snapshot", snapshot(4));
    file("status", kStatus + "\n");
    const std::string save =
        "echo \"$*\" >>\"$ROOM/calls\"\nfor last in \"$@\"; do :; done\n"
        "case $* in *save*) cp \"$ROOM/snapshot\" \"$last\" ;; esac\n";
    const std::string status =
        "echo \"etcdutl $*\" >>\"$ROOM/calls\"\n"
        "case $* in *status*) cat \"$ROOM/status\" ;; esac\n";
    program("in-container-etcdctl", save);
    program("in-container-etcdutl", status);
    program(
        "crictl",
        "shift 2\ncase $1 in\nps) echo abc ;;\n"
        "exec) shift 2; name=$1; shift; exec \"$ROOM/bin/in-container-$name\" \"$@\" ;;\nesac\n");
  }

  CommandResult save() {
    test::Hop hop;
    return run(make_etcd_snapshot(hop.scope()).commands[0].script);
  }
  std::string decide(const CommandResult& result) {
    test::Hop hop;
    return told(decide_etcd_snapshot(make_etcd_snapshot(hop.scope()), after(result), {}));
  }
  std::string kept() { return list("var/backups/drover"); }
};

std::string error_of(const CommandResult& result) {
  CHECK(result.exit_code == 1);
  return result.err;
}

}  // namespace

TEST_CASE("S3: what saves etcd is this") {
  test::Hop hop;
  const Step step = make_etcd_snapshot(hop.scope());
  CHECK(step.id == "v1.34/cluster/etcd-snapshot");
  CHECK(step.node.empty());
  CHECK(step.host == "cp1");
  CHECK(step.title == "save etcd of cp1 to /var/backups/drover");
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  CHECK(step.timeout > step.commands[0].timeout);
  CHECK(test::syntax_errors(step.commands[0].script) == "");
  test::check_golden("commands/etcd_snapshot.sh", step.commands[0].script);
}

TEST_CASE("S19: folders from files are quoted") {
  test::Hop hop;
  hop.upgrade.etcd.directory = "/var/a b/$(touch pwned)";
  hop.facts.kubeadm.etcd_data_dir = "/var/lib/'etcd'";
  hop.facts.kubeadm.certificates_dir = "";
  const std::string script = make_etcd_snapshot(hop.scope()).commands[0].script;
  CHECK(script.find("directory='/var/a b/$(touch pwned)'\n") != std::string::npos);
  CHECK(script.find("data='/var/lib/'\\''etcd'\\'''\n") != std::string::npos);
  CHECK(script.find("pki=/etc/kubernetes/pki/etcd\n") != std::string::npos);
  CHECK(test::syntax_errors(script) == "");
}

TEST_CASE("a snapshot is saved in the container, verified, and moved out of etcd's data") {
  EtcdSnapshotControlPlane machine;
  const CommandResult result = machine.save();
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const std::string calls = machine.read("calls");
  CHECK(calls.starts_with("--endpoints=https://[::1]:2379 --cacert="));
  CHECK(calls.find("snapshot save " + machine.path() + "/var/lib/etcd/drover-snapshot.db\n") !=
        std::string::npos);
  CHECK(calls.find("etcdutl version\netcdutl snapshot status " + machine.path() +
                   "/var/lib/etcd/drover-snapshot.db -w json\n") != std::string::npos);
  CHECK(machine.list("var/lib/etcd") == "member\n");
  const std::string name = machine.kept();
  CHECK(name.size() == std::string("etcd-1.33.13-20260101T000000Z.db\n").size());
  CHECK(name.starts_with("etcd-1.33.13-2"));
  CHECK(machine.read("var/backups/drover/" + name.substr(0, name.size() - 1)) == snapshot(4));

  test::Hop hop;
  const Decision decision =
      decide_etcd_snapshot(make_etcd_snapshot(hop.scope()), after(result), {});
  CHECK(
      told(decision).starts_with("done: " + machine.path() + "/var/backups/drover/etcd-1.33.13-"));
  CHECK(told(decision).ends_with(" on cp1, 0.0 MiB, revision 4711, checksum verified"));
  CHECK(decision.remember.at("bytes") == "2080");
  CHECK(decision.remember.at("sha256") == sha256_hex(snapshot(4)));
  CHECK(decision.remember.at("revision") == "4711");
}

TEST_CASE("an etcdctl of the machine itself is used directly") {
  EtcdSnapshotControlPlane machine;
  machine.program("crictl", "exit 99\n");
  machine.program("etcdctl",
                  "echo \"api $ETCDCTL_API\" >>\"$ROOM/calls\"\n"
                  "exec \"$ROOM/bin/in-container-etcdctl\" \"$@\"\n");
  const CommandResult result = machine.save();
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(machine.read("calls").starts_with("api 3\n"));
  CHECK(machine.decide(result).find("checksum verified") != std::string::npos);
}

TEST_CASE("S7: a snapshot that does not verify is no snapshot") {
  EtcdSnapshotControlPlane machine;
  std::string damaged = snapshot(4);
  SECTION("cut") { damaged.pop_back(); }
  SECTION("without a checksum") { damaged.resize(2048); }
  SECTION("changed") { damaged[100] = 'x'; }
  SECTION("checksum changed") { damaged.back() = static_cast<char>(damaged.back() + 1); }
  SECTION("empty") { damaged.clear(); }
  machine.file("snapshot", damaged);
  const std::string said = error_of(machine.save());
  CHECK((said.find("has no checksum at its end") != std::string::npos ||
         said.find("does not match the checksum at its end") != std::string::npos));
  CHECK(machine.kept().empty());
  CHECK(machine.list("var/lib/etcd") == "member\n");
}

TEST_CASE("S7: what etcdutl finds wrong stops the run before the upgrade") {
  EtcdSnapshotControlPlane machine;
  machine.program("in-container-etcdutl",
                  "case $* in *status*) echo 'Error: corrupt' >&2; exit 1 ;; esac\n");
  const CommandResult result = machine.save();
  CHECK(error_of(result) == "Error: corrupt\n");
  CHECK(machine.decide(result).starts_with("fail again: cp1: saving etcd failed"));
  CHECK(machine.kept().empty());
}

TEST_CASE("an older image without etcdutl is asked through etcdctl, or not at all") {
  EtcdSnapshotControlPlane machine;
  machine.program("in-container-etcdutl", "exit 127\n");
  CommandResult result = machine.save();
  CHECK(result.exit_code == 0);
  CHECK(machine.decide(result).find("checksum verified") != std::string::npos);
  CHECK(machine.decide(result).find("revision") == std::string::npos);
}

TEST_CASE("without room, a container or a tool nothing is saved, and the reason is said") {
  EtcdSnapshotControlPlane machine;
  SECTION("room") {
    machine.program("stat", "case $1 in -f) echo '100 4096' ;; *) echo 1000000 ;; esac\n");
    CHECK(error_of(machine.save()).find(" has 409600 bytes free, a snapshot needs 68108864\n") !=
          std::string::npos);
  }
  SECTION("container") {
    machine.program("crictl", ":\n");
    CHECK(error_of(machine.save()) == "E: no etcd container is running\n");
  }
  SECTION("etcd") {
    machine.program("in-container-etcdctl", "echo 'context deadline exceeded' >&2\nexit 5\n");
    const CommandResult result = machine.save();
    CHECK(result.exit_code == 5);
    CHECK(machine.decide(result) ==
          "fail again: cp1: saving etcd failed with exit code 5: context deadline exceeded");
  }
  CHECK(machine.kept().empty());
}

TEST_CASE("the oldest of Drover's own snapshots go, nothing else") {
  EtcdSnapshotControlPlane machine;
  const std::string folder = "var/backups/drover/";
  for (int day = 1; day <= 7; ++day) {
    machine.file(folder + "etcd-1." + std::to_string(40 - day) + ".0-2020010" +
                     std::to_string(day) + "T000000Z.db",
                 "");
  }
  for (const char* other : {"etcd-mine.db", "etcd-1.33.0-20200101T000000Z.db.gz", "notes",
                            "my-etcd-1.33.0-20200101T000000Z.db"}) {
    machine.file(folder + other, "");
  }
  const CommandResult result = machine.save();
  REQUIRE(result.exit_code == 0);
  const std::string kept = machine.kept();
  CHECK(kept.find("20200103T") == std::string::npos);
  for (const char* name :
       {"20200104T", "20200107T", "etcd-mine.db", ".db.gz", "notes", "my-etcd-"}) {
    INFO(name);
    CHECK(kept.find(name) != std::string::npos);
  }
  CHECK(result.out.find("pruned etcd-1.39.0-20200101T000000Z.db\n") != std::string::npos);
}

TEST_CASE("a clock that went back does not cost the new snapshot") {
  EtcdSnapshotControlPlane machine;
  for (int day = 1; day <= 9; ++day) {
    machine.file("var/backups/drover/etcd-1.33.0-2999010" + std::to_string(day) + "T000000Z.db",
                 "");
  }
  const CommandResult result = machine.save();
  REQUIRE(result.exit_code == 0);
  CHECK(machine.kept().find("etcd-1.33.13-2") != std::string::npos);
}

TEST_CASE("saving etcd is run once an attempt, and what it prints must be whole") {
  test::Hop hop;
  const Step step = make_etcd_snapshot(hop.scope());
  const auto decided = [&](const Attempt& attempt) {
    return told(decide_etcd_snapshot(step, attempt, {}));
  };
  CHECK(look_etcd_snapshot(step, {}).commands.empty());
  CHECK(decided({}) == "run 0");
  CHECK(decided(after(CommandResult{})) == "run 0");
  const std::string lines = "path /b/etcd.db\nbytes 3145728\nsha256 ab\n";
  CHECK(decided(after(finished(0, lines + "status " + kStatus + "\n"))) ==
        "done: /b/etcd.db on cp1, 3.0 MiB, revision 4711, checksum verified");
  for (const char* status :
       {"", "status \n", "status {\n", "status []\n", "status {\"revision\":\"x\"}\n"}) {
    INFO(status);
    CHECK(decided(after(finished(0, lines + status))) ==
          "done: /b/etcd.db on cp1, 3.0 MiB, checksum verified");
  }
  CHECK(decided(after(finished(0, "path /b/etcd.db\n"))) ==
        "fail again: cp1: saving etcd did not say where the snapshot is");
}

}  // namespace drover::plans
