#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/golden.h"
#include "tests/support/step_kind.h"

namespace drover::plans {

using test::after;
using test::finished;
using test::told;

TEST_CASE("S3: what is staged on a node is this") {
  test::Hop hop;
  const Step step = make_stage_packages(hop.scope(), hop.host("w1"));
  CHECK(step.id == "v1.34/w1/stage-packages");
  CHECK(step.title == "download kubeadm, kubelet and kubectl 1.34.4-1.1");
  REQUIRE(step.commands.size() == 1);
  CHECK(step.commands[0].mutates);
  CHECK(step.timeout > step.commands[0].timeout);
  test::check_golden("commands/stage_packages.sh", step.commands[0].script);
}

TEST_CASE("staging is run once an attempt and tells what it fetched") {
  test::Hop hop;
  const Step step = make_stage_packages(hop.scope(), hop.host("w1"));
  const auto decided = [&](const Attempt& attempt) {
    return told(decide_stage_packages(step, attempt, {}));
  };
  CHECK(look_stage_packages(step, {}).commands.empty());
  CHECK(decided({}) == "run 0");
  CHECK(decided(after(CommandResult{})) == "run 0");
  const std::string ready = "done: kubeadm, kubelet and kubectl 1.34.4-1.1 ready";
  CHECK(decided(after(finished(0, "Reading package lists...\n"))) == ready);
  // as recorded: nothing to fetch from a folder of the machine
  CHECK(decided(after(finished(0, "Need to get 0 B/74.5 MB of archives.\n"))) ==
        ready + ", fetched 0 B");
  CHECK(decided(after(finished(0, "Need to get 219 MB of archives.\n"))) ==
        ready + ", fetched 219 MB");
  CHECK(decided(after(finished(0, "later: dpkg was interrupted\n"))) ==
        "done: an interrupted dpkg is in the way: downloaded when they are installed");
  CHECK(decided(after(finished(100, "", "E: Failed to fetch http://m/k.deb  timeout\n"))) ==
        "fail again: w1: downloading kubeadm, kubelet and kubectl 1.34.4-1.1 failed with exit code "
        "100: E: Failed to fetch http://m/k.deb  timeout");
  CHECK(decided(after(finished(65, "", "E: line 1 of /etc/apt/x is not the one\n")))
            .starts_with("fail: "));
}

}  // namespace drover::plans
