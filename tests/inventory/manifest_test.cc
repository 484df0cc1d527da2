#include "inventory/manifest.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

using Manifests = std::vector<Manifest>;

Manifests good(std::string_view text) {
  const auto read = read_manifests(text, "a.yaml");
  if (const auto* wrong = std::get_if<Diagnostics>(&read))
    FAIL(wrong->front().line << ": " << wrong->front().message);
  return std::get<Manifests>(read);
}

std::string wrong(std::string_view text) {
  const auto read = read_manifests(text, "a.yaml");
  REQUIRE(std::holds_alternative<Diagnostics>(read));
  std::string all;
  for (const Diagnostic& each : std::get<Diagnostics>(read))
    all += std::to_string(each.line) + ": " + each.message + "\n";
  return all;
}

}  // namespace

TEST_CASE("the objects of a file, each with its own text") {
  const Manifests all = good(
      "# a comment\n"
      "apiVersion: v1\n"
      "kind: Namespace\n"
      "metadata: {name: tools}\n"
      "--- # the next one\n"
      "apiVersion: apps/v1\r\n"
      "kind: Deployment\r\n"
      "metadata:\r\n"
      "  name: web\r\n"
      "  namespace: tools\r\n"
      "spec:\r\n"
      "  note: |\r\n"
      "    text\r\n"
      "---\n"
      "# nothing here\n"
      "---\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].full_name() == "Namespace tools");
  CHECK(all[0].text.find("# a comment") == 0);
  CHECK(all[0].text.find("---") == std::string::npos);
  CHECK(all[1].full_name() == "Deployment tools/web");
  CHECK(all[1].api_version == "apps/v1");
  CHECK(all[1].line == 6);
  CHECK(all[1].text.find("apiVersion: apps/v1") == 0);
  CHECK(good(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})").size() == 1);
  CHECK(good("---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n").front().line == 2);
}

TEST_CASE("dashes amid a line separate nothing") {
  CHECK(good("apiVersion: v1\nkind: A\nmetadata: {name: a}\ndata:\n  x: a --- b\n  ---y: z\n")
            .size() == 1);
}

TEST_CASE("what does not say which object it is, with its place in the file") {
  CHECK(wrong("apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\n\nkind: B\nmetadata: {}\n") ==
        "6: apiVersion is missing\n7: metadata.name is missing\n");
  CHECK(wrong("apiVersion: v1\nkind: A\n") == "1: metadata is missing\n");
  CHECK(wrong("apiVersion: v1\nkind: [A]\nmetadata: {name: a}\n") == "2: kind is no word\n");
  CHECK(wrong("apiVersion: v1\nkind: List\nmetadata: {name: a}\nitems: []\n") ==
        "1: a List is not supported\n");
  CHECK(wrong("# only this\n") == "0: there is no object in it\n");
  CHECK(wrong("") == "0: there is no object in it\n");
  CHECK(wrong("apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\nkind: B\nkind: C\n")
            .find("6: kind: given twice") == 0);
}

}  // namespace drover
