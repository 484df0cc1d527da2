#include "inventory/cluster/replicas.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("how many pods a controller keeps") {
  const auto list = parse_replicas_list(
      R"({"kind":"StatefulSetList","items":[)"
      R"({"metadata":{"name":"db","namespace":"apps"},"spec":{"replicas":3}},)"
      R"({"metadata":{"name":"one","namespace":"apps"},"spec":{}},)"
      R"({"metadata":{"name":"none","namespace":"apps"},"spec":{"replicas":0}}]})",
      "StatefulSet");
  REQUIRE(list);
  REQUIRE(list->size() == 3);
  CHECK((*list)[0].kind == "StatefulSet");
  CHECK((*list)[0].ns == "apps");
  CHECK((*list)[0].name == "db");
  CHECK((*list)[0].wanted == 3);
  CHECK((*list)[1].wanted == 1);
  CHECK((*list)[2].wanted == 0);
  CHECK_FALSE(parse_replicas_list(R"({"kind":"PodList","items":[]})", "StatefulSet"));
}

TEST_CASE("where controllers that keep pods are listed") {
  CHECK(replicas_path("ReplicaSet") == "/apis/apps/v1/replicasets");
  CHECK(replicas_path("StatefulSet", "a/b") == "/apis/apps/v1/namespaces/a%2Fb/statefulsets");
  CHECK(replicas_path("ReplicationController", "x") ==
        "/api/v1/namespaces/x/replicationcontrollers");
  CHECK(replicas_path("DaemonSet").empty());
  CHECK(keeps_replicas("ReplicaSet"));
  CHECK_FALSE(keeps_replicas("Job"));
}

}  // namespace drover
