#include "orchestrator/ui/describe_text.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"
#include "tests/support/sample_description.h"

namespace drover::orchestrator {
namespace {

plans::Timestamp now() { return *plans::parse_timestamp("2026-11-28T08:00:00Z"); }

}  // namespace

TEST_CASE("a node described to people and to programs") {
  const auto node = test::sample_node_description();
  test::check_golden("ui/describe_node.txt", node_description_text(node, now(), false));
  test::check_golden("ui/describe_node.jsonl", node_description_json("prod", node));
}

TEST_CASE("a pod described to people and to programs") {
  const auto pod = test::sample_pod_description();
  test::check_golden("ui/describe_pod.txt", pod_description_text(pod, now(), false));
  test::check_golden("ui/describe_pod.jsonl", pod_description_json("prod", pod));
}

TEST_CASE("a node and a pod of which nothing is known") {
  plans::NodeDescription node;
  node.node.node.name = "w9";
  test::check_golden("ui/describe_node_bare.txt", node_description_text(node, now(), false));
  plans::PodDescription pod;
  pod.pod.pod.ns = "shop";
  pod.pod.pod.name = "web-9";
  pod.status = "Pending";
  test::check_golden("ui/describe_pod_bare.txt", pod_description_text(pod, now(), false));
}

TEST_CASE("S13: no description acts on a terminal") {
  const std::string text = node_description_text(test::sample_node_description(), now(), false) +
                           pod_description_text(test::sample_pod_description(), now(), false);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\\x1b") != std::string::npos);
}

}  // namespace drover::orchestrator
