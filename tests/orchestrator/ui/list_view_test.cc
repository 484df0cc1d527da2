#include "orchestrator/ui/list_view.h"

#include <catch2/catch.hpp>

namespace drover::orchestrator {
namespace {

struct Shoe {
  std::string name;
  int size = 0;
};

ListView<Shoe> shoes() {
  return {.kind = "Shoes",
          .none = "There are no shoes.",
          .columns = {{"NAME", [](const Shoe& shoe) { return shoe.name; }},
                      {"SIZE", [](const Shoe& shoe) { return std::to_string(shoe.size); }, true},
                      {"FITS", [](const Shoe& shoe) { return shoe.size > 40 ? "yes" : "no"; }}},
          .fields = [](const Shoe& shoe) {
            return R"({"name":"x","size":)" + std::to_string(shoe.size) + "}";
          }};
}

std::string shown(OutputFormat format,
                  const std::vector<Shoe>& rows = {{"left", 41}, {"right", 9}}) {
  return list_text(shoes(), rows, {.format = format, .cluster = "prod"});
}

}  // namespace

TEST_CASE("a list in every format from one description") {
  CHECK(shown(OutputFormat::Text) == "NAME   FITS\nleft   yes\nright  no\n");
  CHECK(shown(OutputFormat::Wide) == "NAME   SIZE  FITS\nleft   41    yes\nright  9     no\n");
  CHECK(shown(OutputFormat::Json) ==
        R"({"v":1,"kind":"Shoes","cluster":"prod","items":[{"name":"x","size":41},)"
        R"({"name":"x","size":9}]})"
        "\n");
  CHECK(shown(OutputFormat::Yaml) ==
        "v: 1\nkind: Shoes\ncluster: prod\nitems:\n  - name: x\n    size: 41\n"
        "  - name: x\n    size: 9\n");
}

TEST_CASE("a list without rows") {
  CHECK(shown(OutputFormat::Text, {}) == "There are no shoes.\n");
  CHECK(shown(OutputFormat::Wide, {}) == "There are no shoes.\n");
  CHECK(shown(OutputFormat::Json, {}) == R"({"v":1,"kind":"Shoes","cluster":"prod","items":[]})"
                                         "\n");
  CHECK(shown(OutputFormat::Yaml, {}) == "v: 1\nkind: Shoes\ncluster: prod\nitems: []\n");
}

TEST_CASE("S13: no cell acts on a terminal, and each stays on its line") {
  const std::string text = shown(OutputFormat::Text, {{"a\n\x1b[31mb\t c", 1}});
  CHECK(text.find("\na\\n\\x1b[31mb c  no\n") != std::string::npos);
}

TEST_CASE("documents of a watch") {
  const std::string fields = R"({"name":"left"})";
  CHECK(watch_document("Shoe", fields, {.format = OutputFormat::Json, .cluster = "prod"}) ==
        R"({"v":1,"kind":"Shoe","cluster":"prod","name":"left"})"
        "\n");
  CHECK(watch_document("Shoe", fields, {.format = OutputFormat::Yaml, .cluster = "prod"}) ==
        "---\nv: 1\nkind: Shoe\ncluster: prod\nname: left\n");
}

}  // namespace drover::orchestrator
