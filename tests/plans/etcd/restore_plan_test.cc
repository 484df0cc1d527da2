#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "plans/etcd/agreement.h"
#include "plans/etcd/authority.h"
#include "plans/etcd/given_checks.h"
#include "plans/etcd/static_pods.h"
#include "plans/plan_file.h"
#include "tests/support/golden.h"
#include "tests/support/restore_case.h"
#include "tests/support/shell.h"

namespace drover::plans {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using test::finished;

TEST_CASE("a restore stops all control planes before data move, and starts them in order",
          "[etcd]") {
  const Plan plan = RestoreCase().plan();
  test::check_golden("plans/etcd_restore.txt", shown(plan));
  CHECK(plan.work == "etcd restore");
  CHECK(replaces_etcd(plan));
  const auto copies = copies_of(plan);
  REQUIRE(copies);
  CHECK(copies->hosts == std::vector<std::string>{"cp1", "w1"});
  CHECK(copies->copy == "/var/lib/drover-restore-aaaaaaaaaaaaaaaa.db");
  CHECK(copies->sha256 == kSnapshotSha);
  for (const Step& step : plan.steps) {
    CAPTURE(step.id);
    for (const Command& command : step.commands) {
      CHECK(test::syntax_errors(command.script) == "");
      CHECK(step.timeout > command.timeout);
    }
  }
  const auto again = read_plan(plan_json(plan, 2));
  REQUIRE(again);
  CHECK(again->id == plan.id);
}

TEST_CASE("S5: a control plane of another cluster is known by its certificate authority",
          "[etcd]") {
  RestoreCase one;
  one.seen[0].authority = kSnapshotSha;
  const Plan plan = one.plan();
  CHECK(other_authority(plan, "cp1", kSnapshotSha) == "");
  CHECK(other_authority(plan, "cp1", "bb\x1b[2J") ==
        "the SHA-256 of its certificate authority is bb\\x1b[2J, the run's " + kSnapshotSha);
  CHECK(other_authority(plan, "cp1", "") == "");   // it does not tell
  CHECK(other_authority(plan, "w1", "bb") == "");  // it did not
  CHECK(plan.id != RestoreCase().plan().id);
  test::ScriptRoom room;
  CHECK(read_authority(room.run(look_at_authority().script)) == "");
  room.file("etc/kubernetes/pki/ca.crt", "certificate");
  CHECK(read_authority(room.run(look_at_authority().script)) == sha256_hex("certificate"));
}

TEST_CASE("whoever gives a restore up is told what stands still", "[etcd]") {
  const Plan plan = RestoreCase().plan();
  CHECK(left_standing_still(plan, {}).find("may stand still") == std::string::npos);
  CHECK(
      left_standing_still(plan, {"node/cp1/controllers-start", "node/w1/etcd-restore-data"}) ==
      "The old data of etcd on cp1 are in /var/lib/etcd.before-20261128T065000Z-3f2a. The control "
      "plane of cp1 may stand still: what is in /etc/kubernetes/drover-stopped-20261128T065000Z-"
      "3f2a there belongs into /etc/kubernetes/manifests. ");
  CHECK(left_standing_still(Plan{}, {"x"}) == "");
}

TEST_CASE("S3: what a restore sends is this", "[etcd]") {
  const Plan plan = RestoreCase().plan();
  const auto check = [&](const char* id, const char* golden) {
    const Step* step = plan.find(id);
    REQUIRE(step != nullptr);
    REQUIRE(step->commands.size() == 1);
    test::check_golden(golden, step->commands[0].script);
  };
  check("node/cp1/static-pods-stop", "commands/etcd_restore_stop.sh");
  check("node/cp1/etcd-restore-data", "commands/etcd_restore_data_image.sh");
  check("node/w1/etcd-restore-data", "commands/etcd_restore_data.sh");
  check("node/cp1/etcd-start", "commands/etcd_restore_start.sh");
  check("node/cp1/controllers-start", "commands/etcd_restore_controllers.sh");
  test::check_golden("commands/etcd_restore_manifests.sh", look_at_manifests().script);
  test::check_golden("commands/etcd_restore_look.sh",
                     look_before_restore({.host = "cp1", .in_place = manifests_of("cp1")}).script);
  RestoreSeen given = seen_on("cp1");
  given.given = given.in_place;
  test::check_golden("commands/etcd_restore_look_given.sh", look_before_restore(given).script);
  test::check_golden("commands/etcd_restore_agreement.sh", ask_for_agreement().script);
  test::check_golden("commands/etcd_restore_static_pods.sh",
                     look_at_static_pods(*plan.find("node/cp1/static-pods-stop")).script);
}

TEST_CASE("a restore is refused before anything is changed", "[etcd]") {
  RestoreCase one;
  SECTION("not by itself") { CHECK(one.blocker() == ""); }
  SECTION("no etcd") {
    one.seen[0] = {.host = "cp1", .no_etcd = "no etcd runs here as a static pod"};
    CHECK_THAT(one.blocker(), Contains("etcd-here: cp1: no etcd runs here"));
  }
  SECTION("a manifest is away") {
    one.seen[1].in_place.sha256.erase("kube-apiserver");
    one.seen[1].left = {"/etc/kubernetes/drover-stopped-x"};
    CHECK_THAT(one.blocker(), Contains("static-pods: w1: no manifest of kube-apiserver"));
  }
  SECTION("a manifest that is none") {
    one.seen[1].in_place.wrong["kube-scheduler"] = "line 3: \x1b[2J";
    CHECK_THAT(one.blocker(), Contains("static-pods: w1: /etc/kubernetes/manifests/"
                                       "kube-scheduler.yaml is no manifest of kube-scheduler") &&
                                  !Contains("\x1b"));
  }
  SECTION("hostile names") {
    one.seen[0].in_place.name = "a,b=https://evil\x1b[2J";
    CHECK_THAT(one.blocker(), Contains("etcd-manifest: cp1"));
  }
  SECTION("a log elsewhere") {
    one.seen[0].in_place.wal = "/wal";
    CHECK_THAT(one.blocker(), Contains("--wal-dir"));
  }
  SECTION("one member twice") {
    one.seen[1].in_place.name = "cp1";
    CHECK_THAT(one.blocker(), Contains("etcd-manifest: w1: another control plane"));
  }
  SECTION("no program") {
    one.seen[0].image_here = false;
    CHECK_THAT(one.blocker(), Contains("etcd-tool: cp1: nothing that could restore"));
    one.seen[0].etcdctl = "3.5.1";
    CHECK(one.blocker() == "");
    one.seen[0].in_place.images["etcd"] = "registry.k8s.io/etcd:3.6.5-0";
    CHECK_THAT(one.blocker(), Contains("no etcdutl 3.6"));
  }
  SECTION("too old") {
    one.seen[0].in_place.images["etcd"] = "registry.k8s.io/etcd:3.5.9-0";
    CHECK_THAT(one.blocker(), Contains("etcd 3.5.9 cannot restore with higher revisions"));
    one.seen[0].in_place.images["etcd"] = "registry.local/etcd@sha256:00";
    CHECK_THAT(one.blocker(), Contains("cannot be told from its image"));
  }
  SECTION("no room") {
    one.seen[0].free = one.seen[0].room = std::uint64_t{300} << 20;
    CHECK_THAT(one.blocker(), Contains("disk: cp1: 300 MiB free at /var/lib/etcd"));
  }
  SECTION("another version") {
    one.source.kubernetes = "v1.32.9";
    CHECK_THAT(one.blocker(),
               Contains("snapshot-version: cp1: the snapshot is of a cluster of v1.32.9"));
  }
  SECTION("half another version") {
    one.seen[1].in_place.versions["kube-scheduler"] = "v1.34.4";
    CHECK_THAT(one.blocker(), Contains("snapshot-version: w1: ") &&
                                  Contains("the manifests are: kube-scheduler of v1.34.4"));
    one.seen[1].in_place.versions["kube-scheduler"] = "";
    CHECK(one.blocker() == "");
  }
  SECTION("a control plane that nobody would stop") {
    Node other;
    other.name = "cp9";
    other.labels["node-role.kubernetes.io/control-plane"] = "";
    other.ready = true;
    one.hop.facts.nodes.push_back(other);
    CHECK_THAT(one.blocker(), Contains("not-in-inventory: cp9 is a control plane"));
  }
  SECTION("begun before") {
    one.unfinished = "20261128T000000Z-0000";
    CHECK_THAT(one.blocker(), Contains("unfinished-run"));
  }
  if (!one.blocker().empty()) CHECK(one.plan().steps.empty());
}

TEST_CASE("what will be lost is said", "[etcd]") {
  RestoreCase one;
  const auto said = [&](const char* check) {
    for (const Verdict& verdict : one.plan().verdicts) {
      if (verdict.check == check) return verdict.message;
    }
    return std::string();
  };
  CHECK(said("lost") ==
        "everything that was changed in the cluster since the snapshot is lost: it was saved 1h20m "
        "ago (2026-11-28T05:30:00Z), at revision 439; etcd is at 500, 61 changes later");
  one.source.saved = "";
  one.revision = 0;
  CHECK_THAT(said("lost"), Contains("is lost: it is of revision 439"));
  CHECK(said("newer-snapshot") == "");
  one.revision = 7;
  CHECK_THAT(said("newer-snapshot"), Contains("revision 7"));
  CHECK(said("api-away") == "");
  one.api = false;
  CHECK_THAT(said("api-away"), Contains("cannot be seen"));
  one.source.kubernetes = "";
  CHECK_THAT(said("snapshot-version"), Contains("cannot be told"));
  CHECK(said("not-in-inventory") == "");
  one.strangers = {"cp\x1b"};  // quorum may be lost because it is gone
  CHECK_THAT(said("not-in-inventory"), StartsWith("cp\\x1b is a member of etcd and not in"));
}

TEST_CASE("the look before a restore is read", "[etcd]") {
  RestoreSeen seen = read_manifest_look(
      "cp1",
      finished(0,
               "ca 00\nleft /etc/kubernetes/drover-stopped-1\nmanifest etcd\netcd|apiVersion: v1\n"
               "etcd|kind: Pod\netcd|metadata: {name: etcd, namespace: kube-system}\n"
               "etcd|spec:\netcd|  containers:\netcd|  - name: etcd\n"
               "etcd|    image: registry.k8s.io/etcd:3.5.24-0\netcd|    command:\n"
               "etcd|    - etcd\netcd|    - --name=cp1\netcd|    - "
               "--initial-advertise-peer-urls=https://10.0.0.1:2380,https://x:1\n\n"
               "manifest kube-scheduler\nkube-scheduler|kind: Bomb\n\n"));
  CHECK(seen.no_etcd == "");
  CHECK(seen.authority == "00");
  CHECK(seen.in_place.name == "cp1");
  CHECK(seen.in_place.peer_url == "https://10.0.0.1:2380");
  CHECK(seen.in_place.wal.empty());
  CHECK(seen.in_place.data == "/var/lib/etcd");
  CHECK(seen.in_place.wrong.size() == 1);
  CHECK(missing_in(seen.in_place) ==
        std::vector<std::string>{"kube-apiserver", "kube-controller-manager"});
  CHECK(seen.left.size() == 1);
  read_restore_look(finished(0,
                             "free 100\nroom 200\nmounted yes\netcdutl 3.5.33\ncrictl yes\n"
                             "known registry.k8s.io/etcd:3.5.24-0\n"),
                    seen);
  CHECK(seen.free == 100);
  CHECK(seen.room == 200);
  CHECK(seen.mounted);
  CHECK(seen.crictl);
  CHECK(seen.image_here);
  CHECK(choose_tool(seen) == RestoreTool::Etcdutl);
  CHECK_THAT(read_manifest_look("cp1", finished(0, "")).no_etcd, Contains("there is no /etc/"));
  CHECK(read_manifest_look("cp1", finished(1, "", "E: it fails\n")).no_etcd == "it fails");
  CHECK(etcd_version_of("r/etcd:v3.6.5") == "3.6.5");
  CHECK(etcd_version_of("r/etcd:latest") == "");
  CHECK(etcd_version_of("r:5000/etcd") == "");
}

}  // namespace drover::plans
