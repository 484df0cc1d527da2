#include <catch2/catch.hpp>

#include "plans/plan_file.h"
#include "tests/support/golden.h"
#include "tests/support/restore_case.h"
#include "tests/support/shell.h"

namespace drover::plans {

using Catch::Matchers::Contains;

TEST_CASE("manifests that are given take the place of those there", "[etcd]") {
  RestoreCase one;
  one.give_manifests();
  CHECK(one.blocker() == "");
  const Plan plan = one.plan();
  test::check_golden("plans/etcd_restore_manifests.txt", shown(plan));
  const auto check = [&](const char* id, const char* golden) {
    const Step* step = plan.find(id);
    REQUIRE(step != nullptr);
    CHECK(test::syntax_errors(step->commands[0].script) == "");
    test::check_golden(golden, step->commands[0].script);
  };
  check("node/cp1/etcd-start", "commands/etcd_restore_start_given.sh");
  check("node/cp1/controllers-start", "commands/etcd_restore_controllers_given.sh");
  CHECK_THAT(plan.find("node/cp1/etcd-restore-data")->commands[0].script,
             Contains("etcd:3.5.24-0"));
  CHECK(manifests_to_send(plan, {}).size() == 2);
  CHECK(manifests_to_send(plan, {"node/cp1/controllers-start"}).size() == 1);
  CHECK(manifests_to_send(RestoreCase().plan(), {}).empty());
  const auto again = read_plan(plan_json(plan, 2));
  REQUIRE(again);
  CHECK(again->id == plan.id);
  CHECK_THAT(
      left_standing_still(plan, {"node/cp1/controllers-start"}),
      Contains("what is in /etc/kubernetes/drover-stopped-20261128T065000Z-3f2a there belongs "
               "into /etc/kubernetes/manifests (those given, for the restored data, are "
               "/etc/kubernetes/drover-given-20261128T065000Z-3f2a-*.yaml)") &&
          Contains("The manifests of before of w1 are in "
                   "/etc/kubernetes/manifests.before-20261128T065000Z-3f2a"));
}

TEST_CASE("manifests that were given are looked at before anything is changed", "[etcd]") {
  RestoreCase one;
  one.give_manifests();
  Manifests& given = *one.seen[0].given;
  SECTION("one lacks") {
    given.sha256.erase("etcd");
    given.sha256.erase("kube-scheduler");
    CHECK_THAT(one.blocker(), Contains("manifests: cp1: no etcd.yaml, kube-scheduler.yaml in "
                                       "/srv/before/cp1"));
  }
  SECTION("an image is not there") {
    one.seen[0].no_images = {"registry.k8s.io/kube-apiserver:v1.33.13"};
    CHECK_THAT(one.blocker(), Contains("images: cp1: images of the given manifests are not there: "
                                       "registry.k8s.io/kube-apiserver:v1.33.13"));
  }
  SECTION("one is none") {
    given.wrong["kube-apiserver"] = "line 3: \x1b[2J";
    CHECK_THAT(one.blocker(), Contains("manifests: cp1: /srv/before/cp1/kube-apiserver.yaml is no "
                                       "manifest of kube-apiserver: line 3") &&
                                  !Contains("\x1b"));
  }
  SECTION("another version") {
    given.versions["kube-scheduler"] = "v1.34.4";
    CHECK_THAT(one.blocker(), Contains("snapshot-version: cp1: ") &&
                                  Contains("in /srv/before/cp1 are: kube-scheduler of v1.34.4"));
    given.versions["kube-scheduler"] = "";
    CHECK_THAT(one.blocker(), Contains("kube-scheduler of no version"));
  }
  SECTION("several, and the snapshot does not tell its own") {
    one.source.kubernetes = "";
    CHECK(one.blocker() == "");
    given.versions["kube-scheduler"] = "v1.34.4";
    CHECK_THAT(one.blocker(), Contains("manifests: the manifests in /srv/before are of several "
                                       "versions: v1.33.13, v1.34.4"));
  }
  SECTION("of another machine") {
    std::swap(one.seen[0].given, one.seen[1].given);
    CHECK_THAT(one.blocker(),
               Contains("cp1: /srv/before/cp1/etcd.yaml is of another machine: its member is w1, "
                        "that of this one cp1") &&
                   Contains("its peer address is https://w1.local:2380") &&
                   Contains("kube-apiserver.yaml is of another machine: its --advertise-address is "
                            "w1.local"));
  }
  SECTION("kubelets that are newer") {
    one.hop.facts.hosts.at("w2").kubelet_binary_version = "v1.34.4";
    CHECK_THAT(one.blocker(), Contains("skew: w2: its kubelet is of v1.34.4, newer than the API "
                                       "server of v1.33.13 that would be restored"));
    one.hop.facts.hosts.at("w2").kubelet_binary_version = "v1.33.14";
    CHECK(one.blocker() == "");
    one.hop.facts.nodes.push_back({.name = "stranger", .kubelet_version = "v1.34.4"});
    CHECK_THAT(one.blocker(), Contains("skew: stranger: "));
  }
  SECTION("everything together") {
    given.wrong["etcd"] = "it is no Pod of v1";
    given.versions["kube-apiserver"] = "v1.32.1";
    one.hop.facts.hosts.at("w2").kubelet_binary_version = "v1.34.4";
    CHECK_THAT(one.blocker(),
               Contains("manifests: ") && Contains("snapshot-version: ") && Contains("skew: "));
  }
  SECTION("no program for the etcd of that time") {
    one.seen[0].image_here = false;
    one.seen[0].etcdutl = "3.6.5";
    CHECK_THAT(one.blocker(), Contains("no etcdutl 3.5") && Contains("etcd-tool: cp1"));
    one.seen[0].etcdutl = "3.5.1";
    CHECK(one.blocker() == "");
  }
  SECTION("what is in place does not matter") {
    one.seen[0].in_place.wrong["kube-scheduler"] = "it is no Pod of v1";
    CHECK(one.blocker() == "");
  }
  if (!one.blocker().empty()) CHECK(one.plan().steps.empty());
}

}  // namespace drover::plans
