#include "plans/object_target.h"

#include <catch2/catch.hpp>

#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

Inventory inventory() {
  Inventory inventory = test::sample_inventory(3);
  inventory.hosts[1].node = "worker-1.example";
  return inventory;
}

}  // namespace

TEST_CASE("what a word of the command line names") {
  struct Row {
    const char* word;
    TargetHint hint;
    const char* means;
  };
  const auto row = GENERATE(values<Row>({
      {"w1", {}, "node worker-1.example w1"},
      {"worker-1.example", {}, "node worker-1.example w1"},
      {"w1", {.wants_pod = true}, "pod w1"},
      {"w1", {.wants_pod = true, .ns = "shop"}, "pod shop/w1"},
      {"web-1", {}, "pod web-1"},
      {"web-1", {.ns = "shop"}, "pod shop/web-1"},
      {"shop/web-1", {}, "pod shop/web-1"},
      {"shop/web-1", {.wants_pod = true, .ns = "shop"}, "pod shop/web-1"},
      {"pod/w1", {}, "pod w1"},
      {"po/w1", {.ns = "shop"}, "pod shop/w1"},
      {"node/w1", {}, "node worker-1.example w1"},
      {"node/stranger", {}, "node stranger -"},
      {"stranger", {.wants_node = true}, "node stranger -"},
  }));
  CAPTURE(row.word);
  const Inventory known = inventory();
  const auto target = object_target(known, row.word, row.hint);
  REQUIRE(target);
  std::string means;
  if (target->kind == ObjectTarget::Kind::Node) {
    means = "node " + target->name + ' ' + (target->host == nullptr ? "-" : target->host->name);
  } else {
    means = "pod " + (target->ns.empty() ? "" : target->ns + '/') + target->name;
  }
  CHECK(means == row.means);
}

TEST_CASE("what can name neither a node nor a pod, or contradicts itself") {
  struct Row {
    const char* word;
    TargetHint hint;
    const char* says;
  };
  const auto row = GENERATE(values<Row>({
      {"", {}, "can name neither"},
      {"a,b", {}, "can name neither"},
      {"web=1", {}, "can name neither"},
      {"a/b/c", {}, "can name neither"},
      {"..", {}, "can name neither"},
      {"shop/..", {}, "can name neither"},
      {"/web", {}, "can name neither"},
      {"web\x1b[31m", {}, "can name neither"},
      {"deploy/web", {}, "a Deployment is neither"},
      {"shop/web", {.ns = "other"}, "-n says other"},
      {"node/w1", {.wants_pod = true}, "options for pods"},
      {"pod/web", {.wants_node = true}, "options for nodes"},
  }));
  CAPTURE(row.word);
  const Inventory known = inventory();
  const auto target = object_target(known, row.word, row.hint);
  REQUIRE_FALSE(target);
  CHECK(target.error().kind == ErrorKind::Usage);
  CHECK(target.error().message.find(row.says) != std::string::npos);
  CHECK(target.error().message.find('\x1b') == std::string::npos);
  CHECK_FALSE(target.error().remedy.empty());
}

}  // namespace drover::plans
