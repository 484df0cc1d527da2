#include <catch2/catch.hpp>

#include "plans/packages/package_manager.h"
#include "tests/support/golden.h"
#include "tests/support/shell.h"

namespace drover::plans {
namespace {

const PackageManager& apt() { return *find_package_manager("apt"); }

const std::vector<RepositoryLine> kLine = {
    {"/etc/apt/sources.list.d/kubernetes.list", 1, "deb [trusted=yes] file:/srv/apt/v1.33/ ./"}};

// One line style and deb822 side by side, names and texts that a shell would take for its own.
const std::vector<RepositoryLine> kOdd = {
    {"/etc/apt/sources.list.d/kubernetes.sources", 3, "URIs: https://mirror/v1.33/deb/"},
    {"/etc/apt/sources.list.d/kubernetes.sources", 9, " https://other/v1.33/$(touch pwned)'/"},
    {"/etc/apt/sources.list", 12, "deb [signed-by=/k.gpg] https://***@mirror/v1.33/ ./ # `x`"}};

const std::vector<PackageRevision> kKubelet = {{"kubelet", "1.34.4-1.1"},
                                               {"kubectl", "1.34.4-1.1"}};

struct Built {
  std::string name;
  Command command;
  bool mutates;
};

std::vector<Built> all_commands() {
  return {
      {"offered", apt().offered(kLine, 34), false},
      {"offered_odd", apt().offered(kOdd, 34), false},
      {"stage", apt().stage(kLine, 34, {{"kubeadm", "1.34.4-1.1"}, {"kubelet", "1.34.4-1.1"}}),
       true},
      {"switch_repository", apt().switch_repository(kLine, 34), true},
      {"switch_repository_odd", apt().switch_repository(kOdd, 34), true},
      {"switch_nothing", apt().switch_repository({}, 34), true},
      {"show_repository", apt().show_repository(kOdd), false},
      {"install", apt().install(kKubelet, {"kubectl", "kubelet"}), true},
      {"install_not_held", apt().install(kKubelet, {}), true},
      {"install_odd", apt().install({{"kubeadm", "1:1.34.4~'a'-1"}}, {"$HOME"}), true},
      {"installed", apt().installed({"kubelet", "kubectl"}), false},
  };
}

}  // namespace

TEST_CASE("S3: the commands of apt are these, byte for byte") {
  for (const Built& built : all_commands()) {
    test::check_golden("commands/apt/" + built.name + ".sh", built.command.script);
    CHECK(built.command.mutates == built.mutates);
  }
  test::check_golden("commands/apt/unpack_kubeadm.sh",
                     apt().unpack_kubeadm(kLine, 34, "1:1.34.4-1.1"));
}

TEST_CASE("S19: every command of apt is a script, whatever names are in it") {
  for (const Built& built : all_commands()) {
    INFO(built.name);
    CHECK(test::syntax_errors(built.command.script) == "");
  }
}

}  // namespace drover::plans
