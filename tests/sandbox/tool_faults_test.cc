#include "examples/sandbox/node/tool_faults.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

using namespace drover::sandbox;
using Catch::Matchers::Contains;

TEST_CASE("Rules for tools are lines with ids of their own", "[faults]") {
  const drover::test::TempDir state;
  CHECK(add_fault(state.path(), {"fail:100", 2, "apt-get install kubelet"}) == "1");
  CHECK(add_fault(state.path(), {"hang", 1, "kubeadm upgrade node"}) == "2");
  CHECK(add_fault(state.path(), {"kill", 1, "a"}) == "3");
  CHECK(add_fault(state.path(), {"reset", 3, "b"}) == "4");
  CHECK(drover::test::read_file(state.file("faults")) ==
        "1 fail:100 2 apt-get install kubelet\n2 hang 1 kubeadm upgrade node\n3 kill 1 a\n"
        "4 reset 3 b\n");
}

TEST_CASE("What is no rule is not written", "[faults]") {
  const drover::test::TempDir state;
  for (const ToolFault& wrong :
       {ToolFault{"fail", 1, "a"}, ToolFault{"fail:0", 1, "a"}, ToolFault{"fail:256", 1, "a"},
        ToolFault{"fail:1x", 1, "a"}, ToolFault{"burn", 1, "a"}, ToolFault{"", 1, "a"},
        ToolFault{"hang", 0, "a"}, ToolFault{"hang", 1, ""},
        ToolFault{"hang", 1, "a\n2 hang 1 b"}}) {
    CAPTURE(wrong.action, wrong.nth, wrong.text);
    CHECK_THROWS_AS(add_fault(state.path(), wrong), std::runtime_error);
  }
  CHECK_FALSE(std::filesystem::exists(state.file("faults")));
}

TEST_CASE("A call that hangs is let go by its rule's file", "[faults]") {
  const drover::test::TempDir state;
  const std::string id = add_fault(state.path(), {"hang", 1, "kubeadm"});
  release_fault(state.path(), id);
  CHECK(std::filesystem::exists(state.file("release-1")));
  CHECK_THROWS_WITH(release_fault(state.path(), "2"), Contains("no rule 2"));
  CHECK_THROWS_WITH(release_fault(state.path(), ""), Contains("no rule"));
}

TEST_CASE("Hits are read as the tools write them", "[faults]") {
  const drover::test::TempDir state;
  CHECK(fault_hits(state.path()).empty());
  std::ofstream(state.file("faults.hits")) << "1 kubeadm upgrade node\n3 apt-get update\n";
  CHECK(fault_hits(state.path()) ==
        std::vector<std::string>{"1 kubeadm upgrade node", "3 apt-get update"});
}
