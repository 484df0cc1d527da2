#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "plans/observe/node_facts.h"
#include "plans/packages/apt_rows.h"
#include "tests/sandbox/tools/tool_room.h"
#include "tests/support/read_file.h"
#include "tests/support/source_dir.h"

/// The very scripts that Drover sends, against the stand-ins.
using namespace drover;
using Catch::Matchers::Contains;
using test::ToolRoom;

namespace {

std::string golden(const std::string& name) {
  const std::string text =
      test::read_file(test::source_dir() + "/tests/golden/commands/" + name + ".sh");
  REQUIRE_FALSE(text.empty());
  return text;
}

NodeFacts facts_of(const ToolRoom& room) {
  const auto facts = plans::parse_node_facts(room.out(golden("node_facts")), "cp1");
  REQUIRE(facts);
  return *facts;
}

}  // namespace

TEST_CASE("the facts of a node", "[tools][golden]") {
  const ToolRoom room;
  const NodeFacts facts = facts_of(room);
  CHECK(facts.package_manager == "apt");
  CHECK(facts.kubeadm_version == "v1.33.13");
  CHECK(facts.kubelet_binary_version == "v1.33.13");
  CHECK(facts.static_pods);
  CHECK_FALSE(facts.dpkg_interrupted);
  CHECK(facts.installed.at("cri-tools") == "1.33.0-1.1");
  CHECK(facts.held == std::set<std::string>{"kubeadm", "kubectl", "kubelet"});
  REQUIRE(facts.repository.size() == 1);
  CHECK(facts.repository[0].text == "deb [trusted=yes] file:/srv/apt/v1.33/ ./");

  room.set_state("unfinished/kubelet", "unpacked\n");
  CHECK(facts_of(room).dpkg_interrupted);
}

TEST_CASE("an upgrade's commands of a control plane, one after the other", "[tools][golden]") {
  const ToolRoom room;
  CHECK_THAT(room.out(golden("control_plane_files")), Contains("file /etc/kubernetes/admin.conf "));
  const auto offers = plans::parse_offered(room.out(golden("apt/offered")));
  REQUIRE(offers);
  CHECK(offers->at("kubeadm") == std::vector<std::string>{"1.34.4-1.1"});
  CHECK(room.state("lists/minor") == "v1.33\n");  // looking changes nothing

  CHECK_THAT(room.out(golden("stage_packages")), Contains("in download only mode"));
  const std::string staged = room.out(golden("stage_images_control_plane"));
  CHECK(split_lines(staged).size() == 7);
  CHECK_THAT(staged, Contains("pulled registry.k8s.io/etcd:3.6.5-0\n"));
  CHECK_THAT(room.out(golden("stage_images_control_plane")),
             Contains("present registry.k8s.io/pause:3.10.1\n") && !Contains("pulled"));
  CHECK_THAT(room.out(golden("etcd_snapshot")), Contains("sha256 ") && Contains("\"revision\":"));

  room.out(golden("apt/switch_repository"));
  const auto shown = plans::parse_repository(room.out(golden("repository_look")));
  REQUIRE(shown);
  CHECK(shown->lines == std::vector<std::string>{"deb [trusted=yes] file:/srv/apt/v1.34/ ./"});
  CHECK(shown->offered.at("kubelet") == std::vector<std::string>{"1.34.4-1.1"});

  room.out(golden("kubeadm_package"));
  CHECK_THAT(room.out(golden("kubeadm_version")), Contains("v1.34.4 /usr/bin/kubeadm"));
  room.out("kubeadm upgrade apply v1.34.4 --yes");
  room.out(golden("kubelet_package"));
  CHECK_THAT(room.out(golden("kubelet_restart")), Contains("restarted_at "));
  const NodeFacts facts = facts_of(room);
  CHECK(facts.installed.at("kubelet") == "1.34.4-1.1");
  CHECK(facts.held.count("kubelet") == 1);
  CHECK(room.state("unknown").empty());
}

TEST_CASE("an upgrade's commands of a worker", "[tools][golden]") {
  const ToolRoom room(ToolRoom::Kind::Worker);
  CHECK(split_lines(room.out(golden("stage_images_worker"))).size() == 3);
  CHECK(room.out(golden("control_plane_files")) == "end\n");
  const auto rows = plans::parse_installed(room.out(golden("apt/installed")));
  REQUIRE(rows);
  CHECK(rows->revisions.at("kubelet") == "1.33.13-1.1");
  CHECK_THAT(room.out(golden("apt/stage")), Contains("in download only mode"));
  room.out("mkdir -p /var/lib/dpkg/updates && touch /var/lib/dpkg/updates/0000");
  CHECK(room.out(golden("apt/stage")) == "later: dpkg was interrupted\n");
  CHECK(room.state("unknown").empty());
}

TEST_CASE("S10: an installation that fails leaves the holds as they were", "[tools][golden]") {
  const ToolRoom room;
  room.point_to("v1.34");
  room.fault("fail:100", 1, "install kubelet=");
  const CommandResult result = room.run(golden("kubelet_package"));
  CHECK(result.exit_code == 100);
  CHECK(room.exists("var/lib/sandbox/holds/kubelet"));
  CHECK(room.state("packages/kubelet") == "1.33.13-1.1\n");
}

TEST_CASE("a reboot is asked for once the script that asks is over", "[tools][golden]") {
  const ToolRoom room;
  const std::string script = golden("reboot");
  room.write("root/reboot.sh", script);
  CHECK(
      room.out(
          "sh -c 'sh /root/reboot.sh; sh /root/reboot.sh; systemctl is-active drover-reboot; "
          "ls /var/lib/sandbox/power 2>&1 | grep -c cannot'\n"
          "until [ -e /var/lib/sandbox/power ]; do sleep 0.05; done; cat /var/lib/sandbox/power") ==
      "active\n1\nreboot\n");
  REQUIRE(room.starts().size() == 2);
  CHECK(room.starts()[1] == "systemctl --no-block reboot");
  CHECK_THAT(room.out(golden("reboot_look")), Contains("system running\n"));
}
