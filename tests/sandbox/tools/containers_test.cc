#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "tests/sandbox/tools/tool_room.h"

using namespace drover;
using Catch::Matchers::Contains;
using test::ToolRoom;

namespace {

std::string in_etcd(const std::string& words) {
  return "crictl -r s exec $(crictl -r s ps --name '^etcd$' --state Running -q) " + words;
}

}  // namespace

TEST_CASE("images are there when they were pulled", "[tools]") {
  const ToolRoom room(ToolRoom::Kind::Worker);
  const std::string image = "registry.k8s.io/pause:3.10.1";
  CommandResult result = room.run("crictl -r s inspecti -q " + image);
  CHECK(result.exit_code == 1);
  CHECK_THAT(result.err, Contains("no such image \\\"" + image + "\\\" present"));
  CHECK_THAT(room.out("crictl -r s pull " + image), Contains("Image is up to date for sha256:"));
  CHECK(room.run("crictl -r s inspecti -q " + image).exit_code == 0);
  CHECK_THAT(room.out("crictl images"), Contains("registry.k8s.io/pause"));
  CHECK(room.out("crictl ps -q").empty());
}

TEST_CASE("images of the versions that a control plane has had are there", "[tools]") {
  const ToolRoom room;
  const auto is_here = [&](const std::string& image) {
    return room.run("crictl inspecti -q registry.k8s.io/" + image).exit_code == 0;
  };
  CHECK(is_here("kube-apiserver:v1.33.13"));
  CHECK_FALSE(is_here("kube-apiserver:v1.34.4"));
  room.set_state("static-pods", "etcd v1.34.4 1795000000.5\n");
  CHECK(is_here("etcd:3.6.5-0"));
  CHECK(is_here("etcd:3.5.24-0"));
}

TEST_CASE("etcd's container is another after its upgrade", "[tools]") {
  const ToolRoom room;
  const std::string find = "crictl ps --name etcd -q";
  const std::string before = room.out(find);
  CHECK(split_lines(before).size() == 1);
  CHECK(split_lines(room.out("crictl ps -q")).size() == 4);
  CHECK_THAT(room.out(in_etcd("etcdutl version")), Contains("etcdutl version: 3.5.24\n"));
  room.set_state("static-pods", "etcd v1.34.4 1795000000.5\n");
  CHECK(room.out(find) != before);
  CHECK_THAT(room.out(in_etcd("etcdctl version")), Contains("etcdctl version: 3.6.5\n"));
  CHECK_THAT(room.run("crictl exec " + std::string(trim(before)) + " etcdctl version").err,
             Contains("could not find container"));
}

TEST_CASE("a container that is stopped is another one afterwards", "[tools]") {
  const ToolRoom room;
  const std::string find = "crictl ps --name '^etcd$' --state Running -q";
  const std::string before(trim(room.out(find)));
  const std::string others = room.out("crictl ps --name kube -q");
  CHECK(room.out("crictl stop --timeout 30 " + before) == before + '\n');
  CHECK(std::string(trim(room.out(find))) != before);
  CHECK(room.out("crictl ps --name kube -q") == others);
  CHECK_THAT(room.state("stopped"), Contains("etcd v1.33.13 "));
  CHECK(room.run("crictl stop --timeout 30 " + before).exit_code == 1);
}

TEST_CASE("what a static pod wrote", "[tools]") {
  const ToolRoom room;
  room.set_state("logs/etcd", "1795381301.5 one\n1795381302.5 two\n");
  const std::string find =
      "crictl ps -a --label io.kubernetes.pod.namespace=kube-system --label "
      "io.kubernetes.container.name=";
  CHECK(room.out(find + "none -q").empty());
  CHECK(split_lines(room.out(find + "etcd -q")).size() == 1);
  const std::string log = "crictl logs --timestamps ";
  const std::string id = " $(" + find + "etcd -q)";
  const auto lines = split_lines(room.out(log + "--tail=100000" + id));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with(".500000000Z one"));
  CHECK(room.out(log + "--tail=1" + id) == lines[1] + '\n');
  CHECK(room.out(log + "--since=" + lines[1].substr(0, 19) + "Z" + id) == lines[1] + '\n');
  CHECK(room.out(log + "--since=60s --tail=5" + id).empty());
  CHECK(room.run(log + "none").exit_code == 1);
}

TEST_CASE("a snapshot ends in its checksum, and its status says what it is", "[tools]") {
  const ToolRoom room;
  const std::string file = "/var/lib/etcd/x.db";
  CHECK_THAT(room.out(in_etcd("etcdctl --endpoints=https://127.0.0.1:2379 snapshot save " + file)),
             Contains("Snapshot saved at " + file + "\n"));
  const std::string snapshot = room.read("var/lib/etcd/x.db");
  REQUIRE(snapshot.size() % 512 == 32);
  const std::string data = snapshot.substr(0, snapshot.size() - 32);
  std::string sum;
  for (const char c : snapshot.substr(data.size())) {
    constexpr const char* kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    sum += {kHex[byte >> 4], kHex[byte & 15]};
  }
  CHECK(sum == sha256_hex(data));

  const std::string status = "etcdutl snapshot status " + file + " -w json";
  const auto json = nlohmann::json::parse(room.out(in_etcd(status)));
  CHECK(json["totalSize"] == data.size());
  CHECK(json["revision"].is_number_unsigned());
  CHECK(nlohmann::json::parse(room.out(in_etcd("etcdctl snapshot status " + file + " -w json"))) ==
        json);
  room.out("printf y | dd of=" + file + " bs=1 seek=5 conv=notrunc 2>/dev/null");
  CHECK_THAT(room.run(in_etcd(status)).err, Contains("expected sha256"));
}

TEST_CASE("a snapshot that is cut off is not there", "[tools][faults]") {
  const ToolRoom room;
  room.fault("kill", 1, "snapshot save");
  CHECK(room.out(in_etcd("etcdctl snapshot save /var/lib/etcd/x.db; echo $?")) == "137\n");
  CHECK(room.names("var/lib/etcd") == std::vector<std::string>{"member", "x.db.part"});
}

TEST_CASE("etcd's members are the control planes", "[tools]") {
  const ToolRoom room;
  room.set_state("cluster", "cp2 control-plane v1.33.13 v1.33.13\nw1 worker v1.33.13\n");
  const auto json = nlohmann::json::parse(room.out(in_etcd("etcdctl member list -w json")));
  CHECK(json["members"].size() == 2);
  CHECK_THAT(room.out(in_etcd("etcdctl member list")), Contains(", started, cp2, "));
  CHECK_THAT(room.run(in_etcd("etcdctl endpoint health")).err, Contains("is healthy"));
  CHECK(nlohmann::json::parse(room.out(
            in_etcd("etcdctl endpoint status -w json")))[0]["Status"]["version"] == "3.5.24");
}

TEST_CASE("a snapshot becomes a data folder by a container of etcd's image", "[tools]") {
  const ToolRoom room;
  const std::string ctr = "ctr -a /run/containerd/containerd.sock -n k8s.io ";
  const std::string image = "registry.k8s.io/etcd:3.5.24-0";
  CHECK(room.out(ctr + "images ls -q name==" + image) == image + "\n");
  CHECK(room.out(ctr + "images ls -q name==registry.k8s.io/etcd:3.6.5-0").empty());
  const CommandResult none = room.run(ctr + "tasks delete --force probe9");
  CHECK(none.exit_code == 1);
  CHECK_THAT(none.err, Contains("ctr: container \"probe9\" in namespace \"k8s.io\": not found\n"));
  room.out(in_etcd("etcdctl snapshot save /var/lib/etcd/x.db"));
  const std::string run = ctr +
                          "run --rm --mount type=bind,src=/var/lib,dst=/var/lib,options=rbind:rw "
                          "--mount type=bind,src=/x,dst=/x,options=rbind:ro " +
                          image + " name ";
  CHECK_THAT(room.out(run + "etcdutl version"), Contains("etcdutl version: 3.5.24\n"));
  const std::string restore =
      run +
      "etcdutl snapshot restore /var/lib/etcd/x.db --data-dir=/var/lib/etcd/new --name=cp1 "
      "--initial-cluster=cp1=https://cp1:2380 --initial-cluster-token=t "
      "--initial-advertise-peer-urls=https://cp1:2380 --bump-revision=1000 --mark-compacted";
  const CommandResult made = room.run(restore);
  CHECK(made.exit_code == 0);
  CHECK_THAT(made.err, Contains("bumping latest revision\t{\"latest-revision\": 1187"));
  CHECK(room.names("var/lib/etcd/new/member") == std::vector<std::string>{"snap", "wal"});
  CHECK_THAT(room.run(restore).err, Contains("data-dir \"/var/lib/etcd/new\" not empty"));
  room.out("rm -r /var/lib/etcd/new; printf x >>/var/lib/etcd/x.db");
  CHECK_THAT(room.run(restore).err, Contains("snapshot missing hash"));
  CHECK_FALSE(room.exists("var/lib/etcd/new"));
  CHECK(room.run(run + "nothing").exit_code == 1);
  const auto hash =
      nlohmann::json::parse(room.out(in_etcd("etcdctl endpoint hashkv --cluster -w json")));
  CHECK(hash[0]["HashKV"]["header"]["revision"] == 1187);
}

TEST_CASE("a static pod whose manifest is away does not run", "[tools]") {
  const ToolRoom room;
  CHECK(split_lines(room.out("crictl ps -q")).size() == 4);
  room.out(
      "mkdir /etc/kubernetes/away; mv /etc/kubernetes/manifests/etcd.yaml /etc/kubernetes/away");
  CHECK(room.out("crictl ps --name '^etcd$' --state Running -q").empty());
  CHECK(split_lines(room.out("crictl ps -q")).size() == 3);
}
