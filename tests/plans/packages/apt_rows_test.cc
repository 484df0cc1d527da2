#include "plans/packages/apt_rows.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

const std::string kInstalled =
    "package cri-tools install ok installed 1.33.0-1.1\n"
    "package kubeadm hold ok installed 1.33.13-1.1\n"
    "package kubectl deinstall ok config-files 1.33.13-1.1\n"
    "package kubelet hold reinstreq half-installed 1.33.13-1.1\n"
    "package kubernetes-cni unknown ok not-installed \n"
    "end\n";

// As recorded on a node of the bed, before and after its repository was switched.
const std::string kOffered =
    "   kubeadm | 1.34.4-1.1 | file:/srv/apt/v1.34 ./ Packages\n"
    "   kubeadm | 1.34.3-1.1 | file:/srv/apt/v1.34 ./ Packages\n"
    "   kubeadm | 1.34.3-1.1 | https://mirror/v1.34/deb  Packages\n"
    "   kubelet | 1.34.4-1.1 | file:/srv/apt/v1.34 ./ Packages\n"
    "   kubeadm | 1.34.4-1.1 | https://mirror/v1.34/deb  Sources\n"
    "end\n";

}  // namespace

TEST_CASE("installed: revisions of whole packages, holds of all") {
  const auto installed = parse_installed(kInstalled);
  REQUIRE(installed);
  CHECK(installed->revisions == std::map<std::string, std::string>{{"cri-tools", "1.33.0-1.1"},
                                                                   {"kubeadm", "1.33.13-1.1"}});
  CHECK(installed->held == std::set<std::string>{"kubeadm", "kubelet"});
}

TEST_CASE("a package row says whether it is there and whether it is whole") {
  struct Row {
    std::string line;
    bool present;
    bool whole;
  };
  for (const Row& row : std::vector<Row>{
           {"package kubelet install ok installed 1.34.4-1.1", true, true},
           {"package kubelet hold ok triggers-awaited 1.34.4-1.1", true, true},
           {"package kubelet install ok triggers-pending 1.34.4-1.1", true, true},
           {"package kubelet install ok half-configured 1.34.4-1.1", true, false},
           {"package kubelet install ok unpacked 1.34.4-1.1", true, false},
           {"package kubelet install reinstreq installed 1.34.4-1.1", true, false},
           {"package kubelet install reinstreq half-installed 1.33.13-1.1", true, false},
           {"package kubelet deinstall ok config-files 1.33.13-1.1", false, false},
           {"package kubelet unknown ok not-installed", false, false}}) {
    INFO(row.line);
    const auto read = read_package_row(row.line);
    REQUIRE(read);
    CHECK(read->present() == row.present);
    CHECK(read->whole() == row.whole);
  }
  CHECK_FALSE(read_package_row("package kubelet"));
  CHECK_FALSE(read_package_row("kubelet install ok installed 1"));
  CHECK_FALSE(read_package_row("package kubelet install ok installed 1 2"));
}

TEST_CASE("offered: each revision once, newest first, no source packages") {
  const auto offered = parse_offered(kOffered);
  REQUIRE(offered);
  CHECK(*offered == Offers{{"kubeadm", {"1.34.4-1.1", "1.34.3-1.1"}}, {"kubelet", {"1.34.4-1.1"}}});
  CHECK(parse_offered("end\n")->empty());
}

TEST_CASE("rows that are no rows are left out") {
  for (const char* line :
       {"", "N: Unable to locate package kubeadm", "kubeadm | 1.34.4-1.1", "a | b | Packages",
        " | 1 | x ./ Packages", "kubeadm | | x ./ Packages", "||"}) {
    INFO(line);
    CHECK_FALSE(read_offer_row(line));
  }
}

TEST_CASE("a repository's lines come in order, an absent one empty, with what the index offers") {
  const auto shown = parse_repository(
      "line deb file:/srv/apt/v1.33/ ./\n"
      "line \n"
      "offers    kubeadm | 1.33.13-1.1 | file:/srv/apt/v1.33 ./ Packages\n"
      "end\n");
  REQUIRE(shown);
  CHECK(shown->lines == std::vector<std::string>{"deb file:/srv/apt/v1.33/ ./", ""});
  CHECK(shown->offered == Offers{{"kubeadm", {"1.33.13-1.1"}}});
}

TEST_CASE("outputs cut at any byte are refused") {
  for (size_t size = 0; size < kInstalled.size(); ++size) {
    CHECK_FALSE(parse_installed(kInstalled.substr(0, size)));
  }
  for (size_t size = 0; size < kOffered.size(); ++size) {
    CHECK_FALSE(parse_offered(kOffered.substr(0, size)));
    CHECK_FALSE(parse_repository(kOffered.substr(0, size)));
  }
}

TEST_CASE("URIs are compared without trailing slashes and credentials") {
  CHECK(comparable_uri("https://pkgs.k8s.io/core:/stable:/v1.33/deb/") ==
        "https://pkgs.k8s.io/core:/stable:/v1.33/deb");
  CHECK(comparable_uri("https://***@mirror/x") == "https://mirror/x");
  CHECK(comparable_uri("https://mirror/a@b/") == "https://mirror/a@b");
  CHECK(comparable_uri("file:/srv/apt//") == "file:/srv/apt");
  CHECK(comparable_uri("").empty());
}

TEST_CASE("holds in the way: the packages' own, and those of what kubeadm and kubelet depend on") {
  const std::set<std::string> held = {"kubeadm", "kubelet", "kubernetes-cni", "linux-image"};
  CHECK(holds_in_the_way({{"kubeadm", "1"}}, held) ==
        std::vector<std::string>{"kubeadm", "kubernetes-cni"});
  CHECK(holds_in_the_way({{"kubelet", "1"}, {"kubectl", "1"}}, held) ==
        std::vector<std::string>{"kubelet", "kubernetes-cni"});
  CHECK(holds_in_the_way({{"kubectl", "1"}}, held).empty());
  CHECK(holds_in_the_way({{"kubeadm", "1"}}, {}).empty());
}

TEST_CASE("package managers are found by name") {
  REQUIRE(find_package_manager("apt"));
  CHECK(find_package_manager("apt")->name == "apt");
  CHECK(find_package_manager("rpm") == nullptr);
  CHECK(find_package_manager("") == nullptr);
}

}  // namespace drover::plans
