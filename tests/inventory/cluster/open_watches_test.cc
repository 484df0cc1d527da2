#include "inventory/cluster/open_watches.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

// As Kubernetes 1.33 prints it, with lines of other metrics around it.
constexpr std::string_view kMetrics =
    R"(# TYPE apiserver_longrunning_requests gauge
apiserver_longrunning_requests{component="apiserver",group="",resource="nodes",scope="cluster",subresource="",verb="WATCH",version="v1"} 3
apiserver_longrunning_requests{component="apiserver",group="",resource="nodes",scope="resource",subresource="",verb="WATCH",version="v1"} 6
apiserver_longrunning_requests{component="apiserver",group="",resource="pods",scope="resource",subresource="log",verb="CONNECT",version="v1"} 2
apiserver_longrunning_requests{component="apiserver",group="",resource="services",scope="cluster",subresource="",verb="WATCH",version="v1"} 1.1e+01
apiserver_request_total{code="200",resource="endpointslices",verb="WATCH",version="v1"} 9
apiserver_longrunning_requests{component="apiserver",group="discovery.k8s.io",resource="endpointslices",scope="cluster",subresource="",verb="WATCH",version="v1"} 6 1795861964430
)";

}  // namespace

TEST_CASE("the watches of a resource are added up over all scopes") {
  struct Row {
    const char* resource;
    std::optional<int> watches;
  };
  for (const Row& row : {Row{"nodes", 9}, Row{"services", 11}, Row{"endpointslices", 6},
                         Row{"pods", std::nullopt}, Row{"slices", std::nullopt}}) {
    INFO(row.resource);
    CHECK(open_watches(kMetrics, row.resource) == row.watches);
  }
}

TEST_CASE("metrics that end anywhere are read without harm") {
  for (size_t size = 0; size < kMetrics.size(); ++size) {
    const auto watches = open_watches(kMetrics.substr(0, size), "services");
    CHECK((!watches || *watches == 11 || *watches == 1));
  }
}

TEST_CASE("what is no number counts for nothing") {
  const auto watches = [](const char* end) {
    return open_watches(
        std::string("apiserver_longrunning_requests{resource=\"a\",verb=\"WATCH\"") + end, "a");
  };
  CHECK(watches("} 4") == 4);
  for (const char* end : {"} x", "} nan", "} inf", "} 1e300", "} -1"}) {
    INFO(end);
    CHECK(watches(end) == std::nullopt);
  }
  CHECK(watches("}") == std::nullopt);
  CHECK(watches("") == std::nullopt);
  CHECK(open_watches("", "a") == std::nullopt);
  const std::string most = "apiserver_longrunning_requests{resource=\"a\",verb=\"WATCH\"} 1e9\n";
  CHECK(open_watches(most + most + most, "a") == 1'000'000'000);
}

}  // namespace drover
