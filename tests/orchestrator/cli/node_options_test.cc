#include "orchestrator/cli/node_options.h"

#include <catch2/catch.hpp>

namespace drover::orchestrator {
namespace {

using NodeWords = std::vector<std::string>;

Result<NodeOptions> options(const NodeWords& words) {
  NodeWords all = {"node"};
  all.insert(all.end(), words.begin(), words.end());
  const auto invocation = parse_command_line(all);
  if (!invocation) return invocation.error();
  return read_node_options(*invocation);
}

NodeOptions read_options(const NodeWords& words) {
  auto found = options(words);
  INFO((found ? "" : found.error().message));
  REQUIRE(found);
  return std::move(*found);
}

}  // namespace

TEST_CASE("without options a drain loses nothing, as kubectl's", "[cli][node]") {
  const NodeOptions plain = read_options({"drain", "w1", "w2"});
  CHECK(plain.names == NodeWords{"w1", "w2"});
  CHECK(!plain.selector);
  CHECK(!plain.drain.ignore_daemonsets);
  CHECK(!plain.drain.delete_emptydir_data);
  CHECK(!plain.drain.force);
  CHECK(plain.drain.grace_period == -1);
  CHECK(plain.drain.timeout == std::chrono::minutes(15));
  CHECK(plain.max_unavailable.str() == "1");
}

TEST_CASE("kubectl's options of a drain", "[cli][node]") {
  const NodeOptions all = read_options({"drain", "-l", "disk=ssd,!gone", "--ignore-daemonsets",
                                        "--delete-emptydir-data", "--force", "--grace-period=0",
                                        "--timeout", "5m0s", "--max-unavailable", "20%"});
  REQUIRE(all.selector);
  CHECK(all.selector->matches({{"disk", "ssd"}}));
  CHECK(all.drain.ignore_daemonsets);
  CHECK(all.drain.delete_emptydir_data);
  CHECK(all.drain.force);
  CHECK(all.drain.grace_period == 0);
  CHECK(all.drain.timeout == std::chrono::minutes(5));
  CHECK(all.max_unavailable.str() == "20%");
  CHECK(read_options({"drain", "w1", "--grace-period=-1"}).drain.grace_period == -1);
  CHECK(read_options({"reboot", "w1", "--settle", "0s"}).settle == std::chrono::seconds(0));
}

TEST_CASE("what makes no sense is a usage error", "[cli][node]") {
  const std::vector<std::pair<NodeWords, std::string>> rows = {
      {{"drain"}, "drover node drain wants to know which nodes"},
      {{"drain", ""}, "the name of a node is empty"},
      {{"drain", "w1", "-l", "a=b c"}, "the selector `a=b c` is wrong"},
      {{"drain", "w1", "--timeout", "0s"}, "--timeout 0s: a duration such as 90s or 15m"},
      {{"drain", "w1", "--timeout", "soon"}, "--timeout soon"},
      {{"drain", "w1", "--grace-period", "x"}, "--grace-period x: seconds from 0 on"},
      {{"drain", "w1", "--grace-period=-2"}, "--grace-period -2"},
      {{"drain", "w1", "--max-unavailable", "0"}, "--max-unavailable 0: a number of workers"},
      {{"drain", "w1", "--max-unavailable", "101%"}, "--max-unavailable"},
      {{"drain", "w1", "--max-unavailable", "%"}, "--max-unavailable"},
      {{"cordon", "w1", "--force"}, "drover node cordon has no option --force"},
      {{"drain", "w1", "--others"}, "drover node drain has no option --others"},
      {{"exec", "w1"}, "drover node exec wants a command behind --"},
      {{"exec", "w1", "--"}, "drover node exec wants a command behind --"},
      {{"exec", "--", "true"}, "drover node exec wants to know which nodes"},
      {{"cordon", "w1", "--", "true"}, "drover node cordon runs no command"},
      {{"drian", "w1"}, "drover node has no drian"},
      {{"drain", "-l", "disk=ssd", "--disable-eviction"}, "takes no selector"},
  };
  for (const auto& [words, says] : rows) {
    const auto found = options(words);
    INFO(says);
    REQUIRE(!found);
    CHECK(found.error().kind == ErrorKind::Usage);
    CHECK(found.error().message.find(says) != std::string::npos);
    CHECK(!found.error().remedy.empty());
  }
}

TEST_CASE("S19: one word is a line of the shell, several are a program and its arguments",
          "[cli][node]") {
  CHECK(script_of({"df -h / | tail -n 1"}) == "df -h / | tail -n 1\n");
  CHECK(script_of({"echo", "a b", "$HOME", "it's"}) == "echo 'a b' '$HOME' 'it'\\''s'\n");
  const auto exec = parse_command_line({"node", "exec", "w1", "--", "ls", "-l", "--", "-x"});
  REQUIRE(exec);
  CHECK(exec->command_line == NodeWords{"ls", "-l", "--", "-x"});
}

}  // namespace drover::orchestrator
