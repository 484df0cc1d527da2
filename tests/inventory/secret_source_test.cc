#include "inventory/secret_source.h"

#include <catch2/catch.hpp>

namespace drover {

TEST_CASE("a place of a secret survives its text") {
  using Kind = SecretSource::Kind;
  struct Row {
    SecretSource source;
    const char* text;
  };
  for (const Row& row : {
           Row{{Kind::None, "", "", {}}, ""},
           Row{{Kind::Env, "", "PW", {}}, "env:PW"},
           Row{{Kind::File, "", "/a b/ü", {}}, "file:%2Fa%20b%2F%C3%BC"},
           Row{{Kind::Command, "", "", {"pass", "a,b c", ""}}, "command:pass,a%2Cb%20c,"},
           Row{{Kind::Prompt, "health.prometheus.token", "", {}}, "prompt:health.prometheus.token"},
       }) {
    INFO(row.text);
    CHECK(text_of(row.source) == row.text);
    const auto read = read_secret_source(row.text);
    CHECK(read.has_value() == row.source.named());
    if (!read) continue;
    CHECK(read->kind == row.source.kind);
    CHECK(same_secret(*read, row.source));
  }
}

TEST_CASE("a text that names no place is none") {
  for (const char* text : {"env:", "file:", "command:", "command:,a", "prompt:", "vault:x", "env",
                           "env:%", "env:%4", "env:%zz", "command:a,%4"}) {
    INFO(text);
    CHECK_FALSE(read_secret_source(text));
  }
}

}  // namespace drover
