#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "plans/steps/node_command.h"
#include "tests/support/golden.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using test::after;
using test::finished;
using test::one_answer;
using test::told;

std::string rows(const std::string& kubelet, const std::string& kubectl) {
  return "package cri-tools install ok installed 1.33.0-1.1\n"
         "package kubelet " +
         kubelet + "\npackage kubectl " + kubectl + "\nend\n";
}

const std::string kOld = "hold ok installed 1.33.13-1.1";
const std::string kNew = "hold ok installed 1.34.4-1.1";
const std::string kLost = "install ok installed 1.34.4-1.1";
const std::string kHalf = "hold reinstreq half-installed 1.33.13-1.1";
const std::string kUnpacked = "hold ok unpacked 1.34.4-1.1";

}  // namespace

TEST_CASE("S3: the package steps of a node are these") {
  test::Hop hop;
  hop.facts.hosts.at("cp1").held.insert("cri-tools");
  const Step kubeadm = make_kubeadm_package(hop.scope(), hop.host("cp1"));
  CHECK(kubeadm.id == "v1.34/cp1/kubeadm-package");
  CHECK(kubeadm.title == "install kubeadm 1.34.4-1.1");
  CHECK(kubeadm.params == Params{{"manager", "apt"},
                                 {"packages", "kubeadm=1.34.4-1.1"},
                                 {"held", "cri-tools kubeadm"}});
  const Step kubelet = make_kubelet_package(hop.scope(), hop.host("w1"));
  CHECK(kubelet.title == "install kubelet and kubectl 1.34.4-1.1");
  CHECK(kubelet.params.at("held") == "kubectl kubelet");
  for (const Step& step : {kubeadm, kubelet}) {
    REQUIRE(step.commands.size() == 1);
    CHECK(step.commands[0].mutates);
    CHECK(step.timeout > step.commands[0].timeout);
    CHECK_FALSE(step.why.empty());
    for (const Command& command : kind_of(step.kind).look(step, {}).commands) {
      CHECK_FALSE(command.mutates);
    }
  }
  test::check_golden("commands/kubeadm_package.sh", kubeadm.commands[0].script);
  test::check_golden("commands/kubelet_package.sh", kubelet.commands[0].script);
}

TEST_CASE("a package that is not installed is not installed") {
  test::Hop hop;
  hop.facts.hosts.at("w1").installed.erase("kubectl");
  const Step step = make_kubelet_package(hop.scope(), hop.host("w1"));
  CHECK(step.params.at("packages") == "kubelet=1.34.4-1.1");
  CHECK(step.commands[0].script.find("kubectl") == std::string::npos);
}

TEST_CASE("without a package manager or a revision nothing is built") {
  test::Hop hop;
  hop.facts.hosts.at("w1").package_manager = "rpm";
  hop.facts.hosts.at("w2").offered.clear();
  for (const char* name : {"w1", "w2"}) {
    const Host& host = hop.host(name);
    for (const Step& step :
         {make_kubelet_package(hop.scope(), host), make_stage_packages(hop.scope(), host),
          make_stage_images(hop.scope(), host)}) {
      INFO(step.id);
      CHECK(step.commands.empty());
    }
  }
  const Step step = make_kubelet_package(hop.scope(), hop.host("w1"));
  CHECK(look_kubelet_package(step, {}).commands.empty());
  CHECK(told(decide_kubelet_package(step, {}, {})) ==
        "fail: step v1.34/w1/kubelet-package has no package manager \"\"");
}

TEST_CASE("the observation decides: installed and held is done, whoever did it") {
  test::Hop hop;
  const Step step = make_kubelet_package(hop.scope(), hop.host("w1"));
  const std::string there = "done: kubelet and kubectl 1.34.4-1.1 already there";
  struct Row {
    const char* what;
    std::string seen;
    Attempt attempt;
    std::string decision;
  };
  const Attempt ok = after(finished(0));
  const Attempt failed = after(finished(100, "", "E: Unable to locate package kubelet\n"));
  const Attempt unknown = after(CommandResult{});
  for (const Row& row : std::vector<Row>{
           {"already there", rows(kNew, kNew), {}, there},
           {"to be done", rows(kOld, kOld), {}, "run 0"},
           {"one of two done", rows(kNew, kOld), {}, "run 0"},
           {"hold lost", rows(kLost, kNew), {}, "run 0"},
           {"half installed", rows(kHalf, kNew), {}, "run 0"},
           {"unpacked", rows(kUnpacked, kNew), {}, "run 0"},
           {"gone", "end\n", {}, "run 0"},
           {"outcome unknown", rows(kOld, kOld), unknown, "run 0"},
           {"went well", rows(kNew, kNew), ok, "done: installed kubelet and kubectl 1.34.4-1.1"},
           {"complained, but it is so", rows(kNew, kNew), failed,
            "done: installed kubelet and kubectl 1.34.4-1.1"},
           {"failed", rows(kOld, kOld), failed,
            "fail: w1: installing kubelet and kubectl 1.34.4-1.1 failed with exit code 100: E: "
            "Unable to locate package kubelet"},
           {"cannot be fetched", rows(kOld, kOld),
            after(finished(100, "", "E: Failed to fetch http://m/k.deb  404\n")),
            "fail again: w1: installing kubelet and kubectl 1.34.4-1.1 failed with exit code 100: "
            "E: Failed to fetch http://m/k.deb  404"},
           {"said well, is not so", rows(kLost, kHalf), ok,
            "fail: w1: installing kubelet and kubectl 1.34.4-1.1 reported success, but kubectl is "
            "not installed, kubelet is not on hold"},
           {"said well, other revision", rows(kOld, kNew), ok,
            "fail: w1: installing kubelet and kubectl 1.34.4-1.1 reported success, but kubelet is "
            "1.33.13-1.1, not 1.34.4-1.1"}}) {
    INFO(row.what);
    CHECK(told(decide_kubelet_package(step, row.attempt, one_answer(finished(0, row.seen)))) ==
          row.decision);
  }
}

TEST_CASE("S10: what is changed is noted before it is changed") {
  test::Hop hop;
  const Step step = make_kubelet_package(hop.scope(), hop.host("w1"));
  const Decision decision =
      decide_kubelet_package(step, {}, one_answer(finished(0, rows(kOld, kLost))));
  REQUIRE(std::holds_alternative<Run>(decision.next));
  CHECK(std::get<Run>(decision.next).before ==
        Notes{{"revisions", "cri-tools=1.33.0-1.1 kubectl=1.34.4-1.1 kubelet=1.33.13-1.1"},
              {"held", "kubelet"}});
}

TEST_CASE("an observation that cannot be made is waited for, a wrong one fails") {
  test::Hop hop;
  const Step step = make_kubelet_package(hop.scope(), hop.host("w1"));
  Error away;
  away.message = "w1: connection lost";
  CHECK(told(decide_kubelet_package(step, {}, one_answer(away))) ==
        "wait: the node: w1: connection lost");
  CHECK(told(decide_kubelet_package(step, {},
                                    one_answer(finished(2, "", "E: dpkg-query cannot read\n")))) ==
        "fail: w1: reading the installed packages failed with exit code 2: E: dpkg-query cannot "
        "read");
  CHECK(told(decide_kubelet_package(step, {}, one_answer(finished(0, "package kubelet")))) ==
        "fail: w1: the list of installed packages ends early");
}

TEST_CASE("each failure says what to do") {
  test::Hop hop;
  const Step step = make_kubeadm_package(hop.scope(), hop.host("w1"));
  struct Row {
    std::string said;
    std::string remedy;
  };
  for (const Row& row : std::vector<Row>{
           {"E: Could not get lock /var/lib/dpkg/lock-frontend", "let the other package manager"},
           {"dpkg: error: dpkg frontend lock was locked by another process", "let the other"},
           {"E: You don't have enough free space in /var/cache/apt/archives/.", "make room on w1"},
           {"dpkg: error: No space left on device", "make room on w1"},
           {"E: Failed to fetch http://m/", "make the package repository reachable from w1"},
           {"E: Version '1.34.4-1.1' for 'kubeadm' was not found", "make a new plan"},
           {"E: Held packages were changed and -y was used", "put on hold on w1"},
           {"E: Sub-process /usr/bin/dpkg returned an error code (1)", "put right on w1"}}) {
    const Decision decision = decide_kubeadm_package(
        step, after(finished(100, "", row.said + "\n")),
        one_answer(finished(0, "package kubeadm hold ok installed 1.33.13-1.1\nend\n")));
    INFO(row.said);
    REQUIRE(std::holds_alternative<Fail>(decision.next));
    const Error& error = std::get<Fail>(decision.next).error;
    CHECK(error.host == "w1");
    CHECK(error.remedy.find(row.remedy) != std::string::npos);
  }
}

TEST_CASE("packages go into a parameter and come back") {
  const std::vector<PackageRevision> packages = {{"kubelet", "1:1.34.4-1.1"}, {"kubectl", "2=3"}};
  const auto back = read_packages_param(packages_param(packages));
  REQUIRE(back.size() == 2);
  CHECK(back[0].revision == "1:1.34.4-1.1");
  CHECK(back[1].revision == "2=3");
  CHECK(read_packages_param("").empty());
  CHECK(read_packages_param("x").size() == 1);
  CHECK(name_packages({}) == "nothing");
  CHECK(name_packages({{"a", "1"}}) == "a 1");
  CHECK(name_packages({{"a", "1"}, {"b", "1"}, {"c", "1"}}) == "a, b and c 1");
  CHECK(name_packages({{"a", "1"}, {"b", "2"}}) == "a 1 and b 2");
}

}  // namespace drover::plans
