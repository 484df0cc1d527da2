#include "inventory/manifest.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

using Manifests = std::vector<Manifest>;

Manifests good_manifests(std::string_view text) {
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
  const Manifests all = good_manifests(
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
  CHECK(
      good_manifests(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})").size() ==
      1);
  CHECK(good_manifests("---\napiVersion: v1\nkind: A\nmetadata: {name: a}\n").front().line == 2);
}

TEST_CASE("an object in the line of the dashes before it") {
  const Manifests all = good_manifests(
      "--- {\"apiVersion\":\"v1\",\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n"
      "---\t{\"apiVersion\":\"v1\",\"kind\":\"B\",\n\"metadata\":{\"name\":\"b\"}}\n"
      "--- \n--- # none\n");
  REQUIRE(all.size() == 2);
  CHECK(all[0].text == " {\"apiVersion\":\"v1\",\"kind\":\"A\",\"metadata\":{\"name\":\"a\"}}\n");
  CHECK(all[1].full_name() == "B b");
  CHECK(all[1].line == 2);
  CHECK(wrong("--- {}\n---\n--- {\"kind\": [1]}\n") ==
        "1: apiVersion is missing\n1: kind is missing\n1: metadata is missing\n"
        "3: apiVersion is missing\n3: kind is no word\n3: metadata is missing\n");
  const auto read = read_manifests("--- {\"kind\": [1]}\n", "a.yaml");
  CHECK(std::get<Diagnostics>(read).front().column == 5);
}

TEST_CASE("what the API server resolves itself is let pass as it stands") {
  const std::string text =
      "apiVersion: v1\nkind: !!str A\nmetadata: {name: &n a}\nspec:\n  base: &b {x: 1}\n"
      "  one: *b\n  two:\n    <<: *b\n  three: !!binary aGk=\n";
  const Manifests all = good_manifests(text);
  REQUIRE(all.size() == 1);
  CHECK(all[0].text == text);
  CHECK(all[0].kind == "A");
  const std::string deep = std::string(90, '[') + std::string(90, ']');
  CHECK(
      good_manifests("apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: " + deep + "\n").size() ==
      1);
  CHECK(wrong("apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: " + std::string(101, '[') +
              std::string(101, ']') + "\n") == "4: nested more than 100 deep\n");
  // What names the object must stand there.
  CHECK(wrong("apiVersion: v1\nkind: A\nmetadata: {name: *n}\n").find("3: ") == 0);
  CHECK(wrong("x: &n a\napiVersion: v1\nkind: A\nmetadata: {name: *n}\n") ==
        "4: metadata.name is no word\n");
  // Many of many of many: none of them is written out.
  std::string bomb = "apiVersion: v1\nkind: A\nmetadata: {name: a}\na0: &a0 [x]\n";
  for (int i = 1; i < 60; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) bomb += "*a" + std::to_string(i - 1) + ",";
    bomb += "x]\n";
  }
  CHECK(good_manifests(bomb).front().text == bomb);
}

TEST_CASE("which kinds a definition brings") {
  const Manifests all = good_manifests(
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
      "metadata: {name: things.example.com}\nspec:\n  group: example.com\n"
      "  names: {kind: Thing}\n  versions: [{name: v1}, {name: v2}]\n---\n"
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
      "metadata: {name: empty}\n---\n"
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\nspec: {versions: [{name: v1}]}\n");
  REQUIRE(all.size() == 3);
  CHECK(all[0].defines == std::vector<std::string>{"example.com/v1/Thing", "example.com/v2/Thing"});
  CHECK(all[1].defines.empty());
  CHECK(all[2].defines.empty());
}

TEST_CASE("dashes amid a line separate nothing") {
  CHECK(good_manifests(
            "apiVersion: v1\nkind: A\nmetadata: {name: a}\ndata:\n  x: a --- b\n  ---y: z\n")
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
