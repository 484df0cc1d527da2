#include "inventory/cluster/label_query.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

namespace drover {
namespace {

using Labels = std::map<std::string, std::string>;

bool takes(const std::string& query, const Labels& labels) {
  const auto selector = parse_label_query(query);
  INFO(query << ": " << (selector ? std::string() : selector.error().message));
  REQUIRE(selector);
  return selector->matches(labels);
}

}  // namespace

TEST_CASE("a label query takes what kubectl's would", "[label-query]") {
  const Labels fast = {{"disk", "ssd"}, {"zone", "a"}, {"node-role.kubernetes.io/worker", ""}};
  const Labels slow = {{"disk", "hdd"}};
  struct Row {
    std::string query;
    bool fast, slow;
  };
  const std::vector<Row> rows = {
      {"disk=ssd", true, false},
      {"disk==ssd", true, false},
      {"disk!=ssd", false, true},
      {"zone!=b", true, true},  // without the label it is not b either
      {"disk in (ssd, nvme)", true, false},
      {"disk notin (ssd,nvme)", false, true},
      {"zone notin (a)", false, true},
      {"zone", true, false},
      {"!zone", false, true},
      {"! zone", false, true},
      {" disk = ssd , zone in(a) ", true, false},
      {"disk=ssd,zone=b", false, false},
      {"node-role.kubernetes.io/worker=", true, false},
      {"node-role.kubernetes.io/worker", true, false},
      {"!node-role.kubernetes.io/worker,disk", false, true},
      {"in in (in)", false, false},
  };
  for (const Row& row : rows) {
    INFO(row.query);
    CHECK(takes(row.query, fast) == row.fast);
    CHECK(takes(row.query, slow) == row.slow);
  }
}

TEST_CASE("a label query that is wrong is answered with the place", "[label-query]") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", "character 1: `` is no label"},
      {"disk=ssd,", "character 10: `` is no label"},
      {"disk in ssd", "character 9: its values belong in parentheses"},
      {"disk in (ssd", "character 13: the closing parenthesis is missing"},
      {"disk ssd", "character 6: `in` or `notin` may stand here"},
      {"disk!ssd", "character 6: `!` in front of a label, or `!=` behind it"},
      {"disk=s$d", "character 9: `s$d` is no value of a label"},
      {"-disk", "character 6: `-disk` is no label"},
      {"a/b/c", "character 6: `a/b/c` is no label"},
      {"disk=ssd zone=a", "character 10: a comma belongs between requirements"},
      {"disk=\x1b[2J", "is no value of a label"},
  };
  for (const auto& [query, expected] : rows) {
    INFO(query);
    const auto selector = parse_label_query(query);
    REQUIRE(!selector);
    CHECK(selector.error().kind == ErrorKind::Usage);
    CHECK(selector.error().message.find(expected) != std::string::npos);
    CHECK(selector.error().message.find('\x1b') == std::string::npos);
    CHECK(!selector.error().remedy.empty());
  }
}

}  // namespace drover
