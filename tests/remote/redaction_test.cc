#include "remote/redaction.h"

#include <catch2/catch.hpp>
#include <random>

#include "remote/redacted_node.h"
#include "tests/support/fake_ports.h"

using namespace drover;
using namespace drover::remote;
using test::FakeNode;

namespace {

std::string in_pieces(const Redaction& redaction, const std::string& text,
                      std::minstd_rand& random) {
  RedactedStream stream(redaction);
  std::string clean;
  for (size_t at = 0; at < text.size();) {
    const size_t size = 1 + random() % 5;
    clean += stream.feed(std::string_view(text).substr(at, size));
    at += size;
  }
  return clean + stream.end();
}

}  // namespace

TEST_CASE("S13: secrets are taken out of a text, and nothing else", "[redaction]") {
  Redaction redaction;
  redaction.add("hunter2!");
  redaction.add("hunter2!hunter3");
  redaction.add("abc");  // too short to be told from other text
  CHECK(redaction.apply("") == "");
  CHECK(redaction.apply("abc hunter2 ") == "abc hunter2 ");
  CHECK(redaction.apply("hunter2!hunter2!") == "[secret][secret]");
  CHECK(redaction.apply("xhunter2!hunter3x") == "x[secret]x");
  CHECK(redaction.apply("hunthunter2!") == "hunt[secret]");
}

TEST_CASE("S13: seeded secrets among hostile text never come through, however it is cut",
          "[redaction]") {
  std::minstd_rand random(20260101);
  // Few letters, so that secrets overlap each other and their own beginnings.
  const std::string letters = "ab\n\x1b\xff'\"";
  const auto word = [&](size_t least, size_t most) {
    std::string text;
    for (size_t size = least + random() % (most - least + 1); size > 0; --size) {
      text += letters[random() % letters.size()];
    }
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    Redaction redaction;
    std::vector<std::string> secrets;
    for (int i = 0; i < 3; ++i) {
      secrets.push_back(word(4, 9));
      redaction.add(secrets.back());
    }
    std::string text = word(0, 20);
    for (int i = 0; i < 4; ++i) text += secrets[random() % 3] + word(0, 6);
    const std::string whole = redaction.apply(text);
    std::string rest = whole;
    for (size_t at; (at = rest.find(Redaction::kMark)) != std::string::npos;) {
      rest.replace(at, Redaction::kMark.size(), "|");
    }
    CAPTURE(round, text);
    for (const std::string& secret : secrets) {
      REQUIRE(rest.find(secret) == std::string::npos);
    }
    REQUIRE(in_pieces(redaction, text, random) == whole);
  }
}

TEST_CASE("S13: what a node says is freed of secrets in results, output and errors",
          "[redaction]") {
  Redaction redaction;
  redaction.add("hunter2!");
  FakeNode fake;
  RedactedNode node(fake, fake, redaction);
  fake.on_read = [](const Command&) {
    return CommandResult{.exit_code = 1, .out = "a hunter2! b", .err = "hunter2!"};
  };
  const auto read = node.read({"echo hunter2!", false}, {});
  REQUIRE(read);
  CHECK(read->out == "a [secret] b");
  CHECK(read->err == "[secret]");
  CHECK(fake.reads == std::vector<std::string>{"echo hunter2!"});

  fake.on_run = [](const Command&) { return CommandResult{.exit_code = 0, .out = "x hunter2!"}; };
  std::string seen;
  const auto run =
      node.run("a", {"true", true}, [&](Stream, std::string_view bytes) { seen += bytes; }, {});
  REQUIRE(run);
  CHECK(seen == "x [secret]");
  CHECK(run->out == "x [secret]");

  fake.on_read = [](const Command&) -> Result<CommandResult> {
    return Error{.kind = ErrorKind::Sudo,
                 .message = "said hunter2!",
                 .remedy = "not hunter2!",
                 .detail = "hunter2!\nhunter2!"};
  };
  const auto failed = node.read({"true", false}, {});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "said [secret]");
  CHECK(failed.error().remedy == "not [secret]");
  CHECK(failed.error().detail == "[secret]\n[secret]");
}
