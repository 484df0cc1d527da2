#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::one_answer;
using test::told;

const std::string k33 = "deb [trusted=yes] file:/srv/apt/v1.33/ ./";
const std::string k34 = "deb [trusted=yes] file:/srv/apt/v1.34/ ./";

std::string shown(const std::string& line, const std::string& kubeadm) {
  return "line " + line + "\noffers kubeadm | " + kubeadm + " | file:/x ./ Packages\nend\n";
}

const std::string kBefore = shown(k33, "1.33.13-1.1");
const std::string kAfter = shown(k34, "1.34.4-1.1");
const std::string kNotRead = shown(k34, "1.33.13-1.1");

}  // namespace

TEST_CASE("S3: the switch of a node's repository is this") {
  test::Hop hop;
  const Step step = make_repository(hop.scope(), hop.host("cp1"));
  CHECK(step.id == "v1.34/cp1/repository");
  CHECK(step.title == "switch the package repository to v1.34");
  CHECK(step.params == Params{{"manager", "apt"},
                              {"kubeadm", "1.34.4-1.1"},
                              {"place.0", "/etc/apt/sources.list.d/kubernetes.list:1"},
                              {"from.0", k33},
                              {"to.0", k34}});
  REQUIRE(step.commands.size() == 1);
  test::check_golden("commands/apt/switch_repository.sh", step.commands[0].script);
  const Queries queries = look_repository(step, {});
  REQUIRE(queries.commands.size() == 1);
  CHECK_FALSE(queries.commands[0].mutates);
  test::check_golden("commands/repository_look.sh", queries.commands[0].script);
}

TEST_CASE("the line and the index together decide") {
  test::Hop hop;
  const Step step = make_repository(hop.scope(), hop.host("cp1"));
  struct Row {
    const char* what;
    std::string seen;
    Attempt attempt;
    std::string decision;
  };
  const Attempt ok = after(finished(0));
  for (
      const Row& row : std::vector<Row>{
          {"to be done", kBefore, {}, "run 0"},
          {"done before", kAfter, {}, "done: switched already"},
          {"done now", kAfter, ok, "done: switched, index read"},
          {"killed between line and index", kNotRead, {}, "run 0"},
          {"another minor on the way",
           shown("deb [trusted=yes] file:/srv/apt/v1.32/ ./", "1.32.0-1"),
           {},
           "run 0"},
          {"index does not have it", kNotRead,
           after(finished(0, "", "W: Some index files failed\n")),
           "fail: cp1: the index was read, but it does not offer kubeadm 1.34.4-1.1: W: Some index "
           "files failed"},
          {"index cannot be read", kNotRead,
           after(finished(100, "", "E: Failed to fetch http://m/  refused\n")),
           "fail again: cp1: reading the repository's index failed with exit code 100: E: Failed "
           "to "
           "fetch http://m/  refused"},
          {"edited",
           shown("deb https://elsewhere/v1.33/ /", "1.33.13-1.1"),
           {},
           "fail: cp1: line 1 of /etc/apt/sources.list.d/kubernetes.list was edited after the plan "
           "was made: \"deb https://elsewhere/v1.33/ /\""},
          {"removed",
           "line \nend\n",
           {},
           "fail: cp1: line 1 of /etc/apt/sources.list.d/kubernetes.list was edited after the plan "
           "was made: \"\""},
          {"nothing shown",
           "end\n",
           {},
           "fail: cp1: line 1 of /etc/apt/sources.list.d/kubernetes.list was edited after the plan "
           "was made: \"\""},
          {"cut", "line x", {}, "fail: cp1: the list of repository lines ends early"}}) {
    INFO(row.what);
    CHECK(told(decide_repository(step, row.attempt, one_answer(finished(0, row.seen)))) ==
          row.decision);
  }
}

TEST_CASE("S10: the old line is noted before it is switched") {
  test::Hop hop;
  const Step step = make_repository(hop.scope(), hop.host("cp1"));
  const Decision decision = decide_repository(step, {}, one_answer(finished(0, kBefore)));
  REQUIRE(std::holds_alternative<Run>(decision.next));
  CHECK(std::get<Run>(decision.next).before ==
        Notes{{"/etc/apt/sources.list.d/kubernetes.list:1", k33}});
}

TEST_CASE("one repository for all minors is not switched, only read anew") {
  test::Hop hop;
  const std::string line = "deb https://apt.kubernetes.io/ kubernetes-xenial main";
  hop.facts.hosts.at("w1").repository = {{"/etc/apt/sources.list", 3, line}};
  const Step step = make_repository(hop.scope(), hop.host("w1"));
  CHECK(step.param("to.0") == line);
  CHECK(told(decide_repository(step, {}, one_answer(finished(0, shown(line, "1.34.4-1.1"))))) ==
        "done: switched already");
  CHECK(told(decide_repository(step, {}, one_answer(finished(0, shown(line, "1.33.13-1.1"))))) ==
        "run 0");
}

TEST_CASE("several lines are all switched, and each is noted") {
  test::Hop hop;
  hop.facts.hosts.at("w1").repository = {{"/etc/apt/a.list", 1, k33}, {"/etc/apt/b.list", 2, k33}};
  const Step step = make_repository(hop.scope(), hop.host("w1"));
  const std::string offers = "offers kubeadm | 1.34.4-1.1 | file:/x ./ Packages\nend\n";
  const auto decide = [&](const std::string& lines) {
    return decide_repository(step, {}, one_answer(finished(0, lines + offers)));
  };
  const Decision half = decide("line " + k34 + "\nline " + k33 + "\n");
  REQUIRE(told(half) == "run 0");
  CHECK(std::get<Run>(half.next).before ==
        Notes{{"/etc/apt/a.list:1", k34}, {"/etc/apt/b.list:2", k33}});
  CHECK(told(decide("line " + k34 + "\nline " + k34 + "\n")) == "done: switched already");
}

TEST_CASE("a plan without a package manager fails instead of guessing") {
  test::Hop hop;
  hop.facts.hosts.at("w1").package_manager = "";
  const Step step = make_repository(hop.scope(), hop.host("w1"));
  CHECK(step.commands.empty());
  CHECK(look_repository(step, {}).commands.empty());
  CHECK(told(decide_repository(step, {}, {})).starts_with("fail: "));
}

}  // namespace drover::plans
