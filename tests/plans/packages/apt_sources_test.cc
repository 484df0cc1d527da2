#include "plans/packages/apt_sources.h"

#include <catch2/catch.hpp>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

const std::string kList = "/etc/apt/sources.list.d/kubernetes.list";
const std::string kSources = "/etc/apt/sources.list.d/kubernetes.sources";
const std::map<std::string, std::string> kAt33 = {{"kubeadm", "1.33.13-1.1"},
                                                  {"kubelet", "1.33.13-1.1"}};

std::vector<RepositoryLine> lines(const std::string& file, const std::string& text) {
  std::vector<RepositoryLine> all;
  for (const std::string& line : split_lines(text)) {
    all.push_back({file, static_cast<int>(all.size()) + 1, line});
  }
  return all;
}

std::vector<int> numbers(const std::vector<RepositoryLine>& found) {
  std::vector<int> result;
  for (const RepositoryLine& line : found) result.push_back(line.line);
  return result;
}

OfferRow row(const std::string& uri, const std::string& revision) {
  return {"kubeadm", revision, uri};
}

}  // namespace

TEST_CASE("the lines of the installed revision's repository are found by its index") {
  const auto all = lines(kList,
                         "# deb https://mirror/k8s/33/ /\n"
                         "deb http://mirror.example/debian bookworm main\n"
                         "deb [arch=amd64 signed-by=/k.gpg] https://mirror/k8s/v1.33/ /\n"
                         "deb-src https://mirror/k8s/v1.33/ /\n"
                         "deb\t[ trusted=yes ]\thttps://mirror/k8s/v1.34 /\n"
                         "deb [trusted=yes\n"
                         "deb\n");
  const std::vector<OfferRow> rows = {row("https://mirror/k8s/v1.34", "1.34.4-1.1"),
                                      row("https://mirror/k8s/v1.33", "1.33.13-1.1")};
  CHECK(numbers(kubernetes_lines(all, rows, kAt33)) == std::vector<int>{3});
  SECTION("none has it any more: all that offer the package") {
    CHECK(numbers(kubernetes_lines(all, rows, {{"kubeadm", "1.32.0-1.1"}})) ==
          std::vector<int>{3, 5});
  }
  SECTION("rows of other packages do not count") {
    CHECK(
        kubernetes_lines(all, {{"cri-tools", "1.33.13-1.1", "http://mirror.example/debian"}}, kAt33)
            .empty());
  }
}

TEST_CASE("without an index the community's path is what tells") {
  const auto all = lines(kList,
                         "deb https://mirror/isv:/kubernetes:/core:/stable:/v1.33/deb/ /\n"
                         "deb https://pkgs.k8s.io/addons:/cri-o:/stable:/v1.33/deb/ /\n"
                         "deb https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /\n");
  CHECK(numbers(kubernetes_lines(all, {}, kAt33)) == std::vector<int>{1, 3});
  CHECK(kubernetes_lines({}, {}, kAt33).empty());
}

TEST_CASE("S13: a masked password does not keep a line from matching its index") {
  const auto all = lines(kList, "deb https://***@mirror/v1.33/ /\n");
  CHECK(numbers(kubernetes_lines(all, {row("https://mirror/v1.33", "1.33.13-1.1")}, kAt33)) ==
        std::vector<int>{1});
}

TEST_CASE("in a deb822 file it is the line with the URI, of enabled binary paragraphs") {
  struct Case {
    std::string text;
    std::vector<int> expected;
  };
  const std::string other = "Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n\n";
  const std::string uri = "https://pkgs.k8s.io/core:/stable:/v1.33/deb/";
  for (const Case& c : std::vector<Case>{
           {"Types: deb\nURIs: " + uri + "\nSuites: /\n", {2}},
           {other + "types:  deb deb-src\nuris: " + uri + "\nsuites: /\n", {6}},
           {"Types: deb\nURIs:\n http://x/\n " + uri + "\nSuites: /\n", {4}},
           {"# kubernetes\nTypes: deb\n# here:\nURIs: " + uri + "\n", {4}},
           {"Types: deb\nURIs: " + uri + "\nEnabled: no\n", {}},
           {"Enabled: yes\nTypes: deb\nURIs: " + uri + "\n", {3}},
           {"Types: deb-src\nURIs: " + uri + "\n", {}},
           {"URIs: " + uri + "\n", {}},
           {"Types: deb\nSigned-By: " + uri + "\nURIs: http://x/\n", {}},
           {"Types: deb\n\nURIs: " + uri + "\n", {}},
           {"Types: deb\nURIs: " + uri + "\n \nTypes: deb\nURIs: " + uri + "\n", {2, 5}}}) {
    INFO(c.text);
    CHECK(numbers(kubernetes_lines(lines(kSources, c.text), {}, kAt33)) == c.expected);
  }
}

TEST_CASE("a paragraph ends with its file") {
  auto all = lines("/etc/apt/sources.list.d/a.sources", "Types: deb\n");
  const auto second =
      lines("/etc/apt/sources.list.d/b.sources", "URIs: https://x/core:/stable:/v1.33/deb/\n");
  all.insert(all.end(), second.begin(), second.end());
  CHECK(kubernetes_lines(all, {}, kAt33).empty());
}

}  // namespace drover::plans
