#include "inventory/cluster/config_map.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

constexpr const char* kStacked = R"(apiServer: {}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controlPlaneEndpoint: 10.90.0.11:6443
etcd:
  local:
    dataDir: /var/lib/etcd
    extraArgs:
    - name: listen-metrics-urls
      value: http://127.0.0.1:2381
featureGates: null
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: v1.33.13
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
)";

}  // namespace

TEST_CASE("a ConfigMap is its texts") {
  const auto map = parse_config_map(
      R"({"kind":"ConfigMap","metadata":{"name":"kubeadm-config"},"data":{"a":"x: 1\n","b":""}})");
  REQUIRE(map);
  CHECK(map->name == "kubeadm-config");
  CHECK(map->data == std::map<std::string, std::string>{{"a", "x: 1\n"}, {"b", ""}});
  CHECK(parse_config_map(R"({"metadata":{"name":"empty"}})")->data.empty());
  CHECK(parse_config_map(R"({"metadata":{"name":"m","namespace":"n"},"data":{"a":1}})")
            .error()
            .message == "ConfigMap n/m: data has a number under \"a\" where a string belongs");
}

TEST_CASE("kubeadm's configuration with stacked etcd") {
  const auto config = parse_kubeadm_config(kStacked);
  REQUIRE(config);
  CHECK(config->kubernetes_version == "v1.33.13");
  CHECK(config->image_repository == "registry.k8s.io");
  CHECK(config->control_plane_endpoint == "10.90.0.11:6443");
  CHECK(config->certificates_dir == "/etc/kubernetes/pki");
  CHECK(config->etcd_data_dir == "/var/lib/etcd");
  CHECK_FALSE(config->external_etcd);
}

TEST_CASE("kubeadm's configuration with external etcd") {
  const auto config = parse_kubeadm_config(
      "kubernetesVersion: v1.33.13\nimageRepository: mirror.example/k8s\ncertificatesDir: "
      "/srv/pki\n"
      "etcd:\n  external:\n    endpoints: [https://10.0.0.5:2379]\n");
  REQUIRE(config);
  CHECK(config->external_etcd);
  CHECK(config->etcd_data_dir.empty());
  CHECK(config->image_repository == "mirror.example/k8s");
  CHECK(config->certificates_dir == "/srv/pki");
}

TEST_CASE("what kubeadm leaves out has kubeadm's default") {
  for (const char* yaml : {"kubernetesVersion: v1.33.13\n",
                           "kubernetesVersion: v1.33.13\netcd: null\ncertificatesDir: \"\"\n",
                           "kubernetesVersion: v1.33.13\netcd:\n  external: null\n  local: {}\n"}) {
    const auto config = parse_kubeadm_config(yaml);
    REQUIRE(config);
    CHECK(config->image_repository == "registry.k8s.io");
    CHECK(config->certificates_dir == "/etc/kubernetes/pki");
    CHECK(config->etcd_data_dir == "/var/lib/etcd");
    CHECK(config->control_plane_endpoint.empty());
  }
}

TEST_CASE("a configuration that cannot be understood says where") {
  struct Row {
    const char* yaml;
    const char* why;
  };
  for (const Row& row : {
           Row{"", "it is not a map"},
           Row{"- a\n", "it is not a map"},
           Row{"kind: ClusterConfiguration\n", "kubernetesVersion is missing"},
           Row{"kubernetesVersion: [v1]\n", "kubernetesVersion is not a string"},
           Row{"kubernetesVersion: v1.33.13\netcd: x\n", "etcd is not a map"},
           Row{"kubernetesVersion: v1.33.13\netcd: {local: {dataDir: []}}\n",
               "dataDir is not a string"},
           Row{"kind: InitConfiguration\nkubernetesVersion: v1.33.13\n",
               "kind is \"InitConfiguration\""},
           Row{"kubernetesVersion: v1.33.13\netcd: [\n", "line 3: end of sequence flow not found"},
       }) {
    const auto config = parse_kubeadm_config(row.yaml);
    INFO(row.yaml);
    REQUIRE_FALSE(config);
    CHECK(config.error().kind == ErrorKind::Api);
    CHECK(config.error().message ==
          std::string("ConfigMap kube-system/kubeadm-config, ClusterConfiguration: ") + row.why);
  }
}

TEST_CASE("every truncation of a configuration is read or refused") {
  const std::string_view yaml = kStacked;
  for (size_t size = 0; size <= yaml.size(); ++size) {
    const auto config = parse_kubeadm_config(yaml.substr(0, size));
    if (!config) REQUIRE(config.error().kind == ErrorKind::Api);
  }
}

}  // namespace drover
