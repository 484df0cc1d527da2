#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/sandbox/tools/tool_room.h"

using namespace drover;
using Catch::Matchers::Contains;
using test::ToolRoom;

TEST_CASE("a rule strikes the call that it counts to, and no other", "[tools][faults]") {
  const ToolRoom room;
  room.fault("fail:7", 3, "hold kube");
  CHECK(room.out("for i in 1 2 3 4 5; do apt-mark hold kubelet >/dev/null 2>&1; echo $?; done") ==
        "0\n0\n7\n0\n0\n");
  CHECK(room.state("faults.hits") == "1 apt-mark hold kubelet\n");
  CHECK(room.out("apt-mark hold cri-tools") == "cri-tools set on hold.\n");
}

TEST_CASE("of calls at the same time exactly one is struck", "[tools][faults]") {
  const ToolRoom room;
  room.fault("fail:7", 13, "kubeadm version");
  const std::string codes = room.out(
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n"
      "  { kubeadm version -o short >/dev/null; echo $?; } &\n"
      "done; wait");
  CHECK(split_lines(codes).size() == 20);
  CHECK(std::count(codes.begin(), codes.end(), '7') == 1);
  CHECK(split_lines(room.state("faults.counts")).size() == 13);
  CHECK(split_lines(room.state("faults.hits")).size() == 1);
}

TEST_CASE("two rules for one call strike one after the other", "[tools][faults]") {
  const ToolRoom room;
  room.fault("fail:3", 1, "version");
  room.fault("fail:4", 1, "kubeadm version");
  CHECK(room.out("for i in 1 2 3; do kubeadm version -o short >/dev/null; echo $?; done") ==
        "3\n4\n0\n");
}

TEST_CASE("what a tool says when a rule lets it fail is what the real one says",
          "[tools][faults]") {
  struct Row {
    const char* call;
    const char* says;
  };
  const Row row = GENERATE(values<Row>({
      {"apt-get -q -y install kubelet=1.33.13-1.1",
       "E: Sub-process /usr/bin/dpkg returned an error code (1)\n"},
      {"apt-get -q update", "E: Some index files failed to download."},
      {"kubeadm upgrade plan v1.34.4", "\t[ERROR CreateJob]: Job \"upgrade-health-check-"},
      {"kubeadm upgrade apply v1.34.4 --yes", "did not complete in 15s"},
      {"kubeadm upgrade node", "connect: connection refused"},
      {"systemctl restart kubelet", "Job for kubelet.service failed because"},
      {"crictl pull registry.k8s.io/x:1",
       "failed to pull and unpack image \\\"registry.k8s.io/x:1\\\""},
      {"crictl exec $(crictl ps --name etcd -q) etcdctl snapshot save /var/lib/etcd/x",
       "Error: context deadline exceeded"},
  }));
  const ToolRoom room;
  const std::string call = row.call;
  const bool in_container = call.find("etcdctl") != std::string::npos;
  room.fault("fail:9", 1, in_container ? "etcdctl snapshot save" : call.substr(0, call.find(" -")));
  CAPTURE(call);
  const CommandResult result = room.run(call);
  CHECK(result.exit_code == 9);
  CHECK_THAT(result.err, Contains(row.says));
  CHECK(room.starts().size() == 1);
  CHECK(room.run(call + " || [ $? -ne 9 ]").exit_code == 0);
}

TEST_CASE("a call that hangs has done half, and goes on when it is released", "[tools][faults]") {
  const ToolRoom room;
  const std::string id = room.fault("hang", 1, "systemctl restart kubelet");
  CHECK(room.out("systemctl restart kubelet & sleep 0.3; wc -l </var/lib/sandbox/kubelet; "
                 "touch /var/lib/sandbox/release-" +
                 id + "; wait; wc -l </var/lib/sandbox/kubelet") == "1\n2\n");
}

TEST_CASE("a reset asks for the power switch and waits for it", "[tools][faults]") {
  const ToolRoom room;
  room.fault("reset", 1, "kubeadm upgrade apply");
  room.set_state("packages/kubeadm", "1.34.4-1.1\n");
  CHECK(room.out("kubeadm upgrade apply v1.34.4 --yes >/dev/null 2>&1 & tool=$!\n"
                 "until [ -e /var/lib/sandbox/power ]; do sleep 0.02; done\n"
                 "sleep 0.2; kill -0 $tool && cat /var/lib/sandbox/power; kill -9 $tool") ==
        "reboot\n");
  CHECK(split_lines(room.state("static-pods")).size() == 2);
}

TEST_CASE("carriers of other calls meet only rules of their own", "[tools][faults]") {
  const ToolRoom room;
  room.fault("fail:5", 1, "hold kubelet");
  room.fault("fail:6", 2, "sudo -n");
  const std::string call = "sudo -n sh -c 'apt-mark hold kubelet' >/dev/null 2>&1; echo $?; ";
  CHECK(room.out(call + call + call) == "5\n6\n0\n");
  CHECK(room.out("crictl -r s exec x etcdctl version; crictl ps >/dev/null; "
                 "cat /var/lib/sandbox/faults.counts | grep -c 1 || :") == "1\n");
}

TEST_CASE("calls that nobody foresaw end with 99 and are remembered", "[tools]") {
  const ToolRoom room;
  for (const char* call : {"apt-get dist-upgrade", "kubeadm reset -f", "systemctl mask kubelet",
                           "dpkg -r kubelet", "crictl rmp x", "apt-get --purge install x"}) {
    CAPTURE(call);
    CHECK(room.run(call).exit_code == 99);
  }
  CHECK(split_lines(room.state("unknown")).size() == 6);
  CHECK(room.starts().empty());
}

TEST_CASE("starts are written down with their capsule", "[tools]") {
  const ToolRoom room;
  room.write("var/lib/drover/steps/run-1.step/supervise", "apt-mark hold kubelet\n");
  room.out(
      "sh /var/lib/drover/steps/run-1.step/supervise; apt-mark unhold kubelet; kubelet --version");
  CHECK(room.state("starts") == "run-1.step apt-mark hold kubelet\n- apt-mark unhold kubelet\n");
}

TEST_CASE("things take as long as on the bed, or as many times as long as told", "[tools]") {
  const ToolRoom room;
  const std::string hundredths =
      "read up rest </proc/uptime; start=${up%.*}${up#*.}; systemctl restart kubelet; "
      "read up rest </proc/uptime; echo $((${up%.*}${up#*.} - start))";
  room.set_state("speed", "1\n");
  CHECK(std::stoi(room.out(hundredths)) >= 54);
  room.set_state("speed", "0.5\n");
  CHECK(std::stoi(room.out(hundredths)) >= 109);
}
