#include "inventory/cluster/lease.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("a Lease has all that is read of it") {
  const auto lease = parse_lease(R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1",
    "metadata":{"name":"drover","namespace":"kube-system","resourceVersion":"42"},
    "spec":{"holderIdentity":"20260801T100000Z-ab12 host 7","leaseDurationSeconds":900,
            "acquireTime":"2026-08-01T10:00:00.000000Z","renewTime":"2026-08-01T10:05:00.123456Z",
            "leaseTransitions":3}})");
  REQUIRE(lease);
  CHECK(lease->ns == "kube-system");
  CHECK(lease->name == "drover");
  CHECK(lease->resource_version == "42");
  CHECK(lease->holder == "20260801T100000Z-ab12 host 7");
  CHECK(lease->acquire_time == "2026-08-01T10:00:00.000000Z");
  CHECK(lease->renew_time == "2026-08-01T10:05:00.123456Z");
  CHECK(lease->duration_seconds == 900);
  CHECK(lease->transitions == 3);
}

TEST_CASE("a released Lease has no holder (S14)") {
  for (const char* spec :
       {"{}", "null", R"({"holderIdentity":""})", R"({"holderIdentity":null,"renewTime":null})"}) {
    const auto lease =
        parse_lease(std::string(R"({"metadata":{"name":"drover"},"spec":)") + spec + "}");
    REQUIRE(lease);
    CHECK(lease->holder.empty());
    CHECK(lease->renew_time.empty());
    CHECK(lease->duration_seconds == 0);
  }
}

TEST_CASE("a Lease that cannot be understood is not a free one (S14)") {
  CHECK(
      parse_lease(
          R"({"metadata":{"name":"drover","namespace":"kube-system"},"spec":{"holderIdentity":7}})")
          .error()
          .message ==
      "Lease kube-system/drover: spec.holderIdentity is a number where a string belongs");
  CHECK_FALSE(parse_lease("{}"));
  CHECK(parse_lease_list(R"({"items":[{"metadata":{"name":"w1"}},{"metadata":{"name":"w2"}}]})")
            ->size() == 2);
}

}  // namespace drover
