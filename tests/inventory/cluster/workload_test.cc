#include "inventory/cluster/workload.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace drover {
namespace {

Workload read(const std::string& kind, const std::string& generation, const std::string& spec,
              const std::string& status) {
  const auto workload = parse_workload(
      fmt::format(
          R"({{"metadata":{{"name":"x","namespace":"kube-system"{}}},"spec":{},"status":{}}})",
          generation, spec, status),
      kind);
  if (!workload) FAIL(workload.error().message);
  return *workload;
}

}  // namespace

TEST_CASE("when a Deployment's roll-out is complete") {
  struct Row {
    const char* generation;
    const char* spec;
    const char* status;
    bool complete;
  };
  const char* two = R"({"replicas":2})";
  const char* g3 = R"(,"generation":3)";
  for (const Row& row : {
           Row{g3, two, R"({"observedGeneration":3,"updatedReplicas":2,"availableReplicas":2})",
               true},
           Row{g3, two, R"({"observedGeneration":4,"updatedReplicas":2,"availableReplicas":2})",
               true},
           Row{g3, two, R"({"observedGeneration":2,"updatedReplicas":2,"availableReplicas":2})",
               false},
           Row{g3, two, R"({"updatedReplicas":2,"availableReplicas":2})", false},
           Row{g3, two, R"({"observedGeneration":3,"updatedReplicas":1,"availableReplicas":2})",
               false},
           Row{g3, two, R"({"observedGeneration":3,"updatedReplicas":2,"availableReplicas":1})",
               false},
           Row{g3, "{}", R"({"observedGeneration":3})",
               false},  // one replica unless said otherwise
           Row{g3, "{}", R"({"observedGeneration":3,"updatedReplicas":1,"availableReplicas":1})",
               true},
           Row{g3, R"({"replicas":0})", R"({"observedGeneration":3})", true},
       }) {
    INFO(row.spec << row.status);
    CHECK(read("Deployment", row.generation, row.spec, row.status).rolled_out() == row.complete);
  }
}

TEST_CASE("when a DaemonSet's roll-out is complete") {
  const Workload complete = read(
      "DaemonSet", R"(,"generation":2)",
      R"({"template":{"spec":{"containers":[{"image":"kube-proxy:v1.34.4"},{"image":"b"}]}}})",
      R"({"observedGeneration":2,"desiredNumberScheduled":3,"updatedNumberScheduled":3,"numberAvailable":3})");
  CHECK(complete.rolled_out());
  CHECK(complete.kind == "DaemonSet");
  CHECK(complete.full_name() == "kube-system/x");
  CHECK(complete.images == std::vector<std::string>{"kube-proxy:v1.34.4", "b"});
  CHECK_FALSE(
      read(
          "DaemonSet", R"(,"generation":2)", "{}",
          R"({"observedGeneration":2,"desiredNumberScheduled":3,"updatedNumberScheduled":2,"numberAvailable":3})")
          .rolled_out());
  CHECK_FALSE(
      read(
          "DaemonSet", R"(,"generation":2)", "{}",
          R"({"observedGeneration":2,"desiredNumberScheduled":3,"updatedNumberScheduled":3,"numberAvailable":2})")
          .rolled_out());
}

TEST_CASE("lists of workloads are told their kind") {
  const auto list = parse_workload_list(
      R"({"kind":"DaemonSetList","items":[{"metadata":{"name":"a","namespace":"n"}},{"metadata":{"name":"b"}}]})",
      "DaemonSet");
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK(list->at(0).kind == "DaemonSet");
  CHECK(list->at(1).name == "b");
  CHECK(
      parse_workload_list(R"({"kind":"DeploymentList","items":[]})", "DaemonSet").error().message ==
      "DaemonSetList: kind is \"DeploymentList\"");
  CHECK(parse_workload(R"({"kind":"Deployment","metadata":{"name":"a"}})", "DaemonSet")
            .error()
            .message == "DaemonSet: kind is \"Deployment\"");
  CHECK(parse_workload("{}", "ReplicaSet").error().kind == ErrorKind::Internal);
  CHECK(parse_workload_list("{}", "ReplicaSet").error().kind == ErrorKind::Internal);
}

TEST_CASE("how many pods of a StatefulSet there are") {
  const Workload set =
      read("StatefulSet", R"(,"generation":2)", R"({"replicas":3})",
           R"({"observedGeneration":2,"updatedReplicas":3,"availableReplicas":2})");
  CHECK(set.wanted == 3);
  CHECK(set.available == 2);
  CHECK_FALSE(set.rolled_out());
}

}  // namespace drover
