#include "inventory/cluster/static_pod.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace drover {
namespace {

using Catch::Matchers::Contains;

/// As kubeadm writes them.
constexpr const char* kEtcd = R"yaml(apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubeadm.kubernetes.io/etcd.advertise-client-urls: https://10.0.0.11:2379
  creationTimestamp: null
  labels:
    component: etcd
  name: etcd
  namespace: kube-system
spec:
  containers:
  - command:
    - etcd
    - --data-dir=/var/lib/etcd
    - --name=first
    - "--name=cp1"
    - --experimental-watch-progress-notify-interval=5s
    - --lonely
    image: registry.k8s.io/etcd:3.5.24-0
    livenessProbe: {httpGet: {port: 2381}}
    name: etcd
  hostNetwork: true
status: {}
)yaml";

std::string why(const std::string& yaml) {
  const auto pod = parse_static_pod(yaml, "etcd");
  return pod ? "" : pod.error().message;
}

std::string with(const std::string& one, const std::string& other) {
  std::string text = kEtcd;
  return text.replace(text.find(one), one.size(), other);
}

}  // namespace

TEST_CASE("a manifest of kubeadm's is read") {
  const auto pod = parse_static_pod(kEtcd, "etcd");
  REQUIRE(pod);
  CHECK(pod->image == "registry.k8s.io/etcd:3.5.24-0");
  CHECK(pod->flag("name") == "cp1");
  CHECK(pod->flag("data-dir") == "/var/lib/etcd");
  CHECK(pod->flag("lonely").empty());
  CHECK(pod->flag("wal-dir").empty());
  CHECK(
      parse_static_pod(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":)"
                       R"("kube-system"},"spec":{"containers":[{"name":"a","args":["--b=c=d"]}]}})",
                       "a")
          ->flag("b") == "c=d");
}

TEST_CASE("why a file is no manifest of a component is said") {
  CHECK(why(kEtcd) == "");
  CHECK(why("") == "it is not a map");
  CHECK(why("- a") == "it is not a map");
  CHECK_THAT(why("a: [b"), Contains("line "));
  CHECK(why(with("kind: Pod", "kind: Job")) == "it is no Pod of v1");
  CHECK(why(with("apiVersion: v1", "apiVersion: v2")) == "it is no Pod of v1");
  CHECK(why(with("  name: etcd\n  namespace", "  name: vip\n  namespace")) ==
        "its Pod is called \"vip\"");
  CHECK_THAT(why(with("namespace: kube-system", "namespace: default")), Contains("kube-system"));
  CHECK(why(with("    name: etcd\n", "    name: other\n")) ==
        "its Pod has no container called etcd");
  CHECK(why(with("  containers:", "  initContainers:")) == "its Pod has no containers");
  CHECK(why("apiVersion: v1\nkind: Pod\nmetadata: 1\n") == "its Pod is called \"\"");
  CHECK_THAT(why(std::string(2 << 20, '#')), Contains("larger than"));
}

TEST_CASE("the tag of an image is behind its last colon, and no port is one") {
  CHECK(image_tag("registry.k8s.io/kube-apiserver:v1.33.13") == "v1.33.13");
  CHECK(image_tag("registry:5000/kube-apiserver:v1.33.13@sha256:00") == "v1.33.13");
  CHECK(image_tag("registry:5000/kube-apiserver") == "");
  CHECK(image_tag("kube-apiserver@sha256:00") == "");
  CHECK(image_tag("") == "");
}

}  // namespace drover
