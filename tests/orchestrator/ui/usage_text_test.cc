#include "orchestrator/ui/usage_text.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

Resources of(const char* cpu, const char* memory) {
  return {*Quantity::parse(cpu), *Quantity::parse(memory)};
}

}  // namespace

TEST_CASE("what nodes use, as text and for programs") {
  const std::vector<plans::NodeUsageRow> rows = {
      {"cp1", of("2", "4007Mi"), of("850m", "240Mi"), of("156085151n", "1234567Ki")},
      {"w1\x1b", of("2", "4007Mi"), of("0", "0"), std::nullopt}};
  const auto as = [&](OutputFormat format) {
    return list_text(node_usage_list(), rows, {.format = format, .cluster = "prod"});
  };
  test::check_golden("ui/top_nodes.txt", as(OutputFormat::Text));
  test::check_golden("ui/top_nodes_wide.txt", as(OutputFormat::Wide));
  test::check_golden("ui/top_nodes.jsonl", as(OutputFormat::Json));
  test::check_golden("ui/top_nodes.yaml", as(OutputFormat::Yaml));
  CHECK(list_text(node_usage_list(), {}, {}) == "There are no such nodes.\n");
}

TEST_CASE("what pods use, as text and for programs") {
  const std::vector<plans::PodUsageRow> rows = {
      {"shop", "web-1", "w1", of("100m", "64Mi"), of("0", "128Mi"), of("3m", "20Mi")},
      {"shop", "web-2", "", of("0", "0"), of("0", "0"), std::nullopt}};
  const auto as = [&](OutputFormat format) {
    return list_text(pod_usage_list(), rows, {.format = format, .cluster = "prod"});
  };
  test::check_golden("ui/top_pods.txt", as(OutputFormat::Text));
  test::check_golden("ui/top_pods_wide.txt", as(OutputFormat::Wide));
  test::check_golden("ui/top_pods.jsonl", as(OutputFormat::Json));
  CHECK(list_text(pod_usage_list(), {}, {}) == "There are no such pods.\n");
}

}  // namespace drover::orchestrator
