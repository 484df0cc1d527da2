#include "remote/ssh/frame.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "remote/ssh/capsule.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_dir.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using test::TempDir;

namespace {

const std::string kNonce = "0123456789abcdef";

struct Ran {
  int status = -1;
  std::string out;
  std::string err;
};

/// What `shell` makes of `input`.
Ran feed_shell(const TempDir& folder, const std::string& shell, const std::string& input) {
  test::write_file(folder.file("in"), input);
  const std::string line = fmt::format("cat {0}/in | {1} >{0}/out 2>{0}/err", folder.path(), shell);
  const int status = std::system(fmt::format("bash -c 'set -o pipefail; {}'", line).c_str());
  return {WEXITSTATUS(status), test::read_file(folder.file("out")),
          test::read_file(folder.file("err"))};
}

struct Parts {
  std::string out;
  std::string err;
  std::optional<std::string> ending;
  std::optional<std::string> announcement;
  std::string preface;
};

/// Takes `out` and `err` apart, given in pieces of `piece` bytes, in turns.
Parts take_apart(const std::string& out, const std::string& err, size_t piece,
                 FramedOutput::Ending ending = FramedOutput::Ending::Nonce) {
  Parts parts;
  FramedOutput framed(kNonce, ending, [&](Stream stream, std::string_view bytes) {
    (stream == Stream::Out ? parts.out : parts.err) += bytes;
  });
  for (size_t at = 0; at < std::max(out.size(), err.size()); at += piece) {
    if (at < err.size()) framed.feed(Stream::Err, std::string_view(err).substr(at, piece));
    if (at < out.size()) framed.feed(Stream::Out, std::string_view(out).substr(at, piece));
  }
  parts.ending = framed.ending();
  parts.announcement = framed.announcement();
  parts.preface = framed.preface(Stream::Err);
  return parts;
}

}  // namespace

TEST_CASE("a framed script's output and exit code come through whatever shell runs it", "[frame]") {
  const TempDir folder;
  const std::string script =
      "printf 'no newline'; echo \"it's \\\\ $0 \\$x `echo q`\" >&2; cat; printf "
      "'\\001\\377'\nexit 7";
  for (const std::string shell : {"dash", "bash --posix", "bash"}) {
    CAPTURE(shell);
    const Ran ran = feed_shell(folder, shell, script_input(kNonce, script));
    CHECK(ran.status == 7);
    const Parts parts = take_apart(ran.out, ran.err, 1'000'000);
    CHECK(parts.ending == "rc=7");
    CHECK(parts.out == "no newline\001\377");
    CHECK_THAT(parts.err, Contains("it's \\") && Contains(" $x q\n"));
  }
}

TEST_CASE("a script that sh cannot read is a failure of its own", "[frame]") {
  const TempDir folder;
  for (const std::string shell : {"dash", "bash --posix"}) {
    const Ran ran = feed_shell(folder, shell, script_input(kNonce, "echo before; ( echo 'x"));
    const Parts parts = take_apart(ran.out, ran.err, 1'000'000);
    REQUIRE(parts.ending);
    CHECK(*parts.ending != "rc=0");
    CHECK_FALSE(parts.err.empty());
  }
}

TEST_CASE("a script runs in a fixed environment and without input", "[frame]") {
  const TempDir folder;
  const std::string script = "echo \"$LC_ALL $HOME $PATH\"; read -r line; echo $?";
  const Ran ran = feed_shell(folder, "env LC_ALL=de_DE.UTF-8 PATH=/tmp:/usr/bin:/bin dash",
                             script_input(kNonce, script) + "more input\n");
  CHECK(take_apart(ran.out, ran.err, 1'000'000).out ==
        "C /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n1\n");
}

TEST_CASE("S4: a frame that is cut at any byte has no effect", "[frame]") {
  const TempDir folder;
  const std::string effect = fmt::format("touch {}/effect", folder.path());
  const std::string input = script_input(kNonce, effect + "\n" + effect);
  for (const std::string shell : {"dash", "bash --posix"}) {
    REQUIRE(feed_shell(folder, shell, input).status == 0);
    REQUIRE(std::filesystem::remove(folder.file("effect")));
    // Without its last newline it is whole. bash reads as dash does, only slower.
    const size_t stride = shell == "dash" ? 1 : 7;
    for (size_t length = 0; length + 1 < input.size(); length += stride) {
      CAPTURE(shell, length);
      test::write_file(folder.file("in"), input.substr(0, length));
      const std::string line = fmt::format("{} <{}/in >/dev/null 2>&1", shell, folder.path());
      REQUIRE(std::system(line.c_str()) >= 0);
      REQUIRE_FALSE(std::filesystem::exists(folder.file("effect")));
    }
  }
}

TEST_CASE("a stream is split at its mark wherever its pieces end", "[frame]") {
  const std::string content = "01234\n0123456789abcde\n" + kNonce.substr(0, 15) + "-" + "0";
  const std::string out = "noise\n012" + kNonce + "\n" + content + kNonce + " rc=3\nlate";
  const std::string err = kNonce + "\nerr" + kNonce + " rc=3\n";
  for (size_t piece = 1; piece <= out.size(); ++piece) {
    CAPTURE(piece);
    const Parts parts = take_apart(out, err, piece);
    CHECK(parts.out == content);
    CHECK(parts.err == "err");
    CHECK(parts.ending == "rc=3");
  }
}

TEST_CASE("an ending counts when both streams have come to it, whole", "[frame]") {
  const std::string whole = kNonce + "\nx" + kNonce + " rc=10\n";
  for (size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK_FALSE(take_apart(whole.substr(0, length), whole, 1000).ending);
    CHECK_FALSE(take_apart(whole, whole.substr(0, length), 1000).ending);
  }
  CHECK(take_apart(whole, whole, 1000).ending == "rc=10");
}

TEST_CASE("an announced mark ends a stream, and what came before it is told apart", "[frame]") {
  const std::string announcement = kNonce + " running feed\n";
  const std::string out =
      "noise" + kNonce + "\n" + announcement + "text " + kNonce + " textfeed rc=0\n";
  const std::string err = kNonce + "\nmkdir: no\n" + announcement + "feefeed rc=0\n";
  for (size_t piece = 1; piece <= out.size(); ++piece) {
    CAPTURE(piece);
    const Parts parts = take_apart(out, err, piece, FramedOutput::Ending::Announced);
    CHECK(parts.announcement == "running");
    CHECK(parts.out == "text " + kNonce + " text");
    CHECK(parts.err == "fee");
    CHECK(parts.preface == "mkdir: no\n");
    CHECK(parts.ending == "rc=0");
  }
}

TEST_CASE("noise is kept, the beginning of much", "[frame]") {
  FramedOutput framed(kNonce, FramedOutput::Ending::Nonce, {});
  framed.feed(Stream::Err, "sudo: a password is required\n");
  CHECK_FALSE(framed.began());
  CHECK(framed.noise(Stream::Err) == "sudo: a password is required\n");
  for (int i = 0; i < 100; ++i) framed.feed(Stream::Out, std::string(1000, 'x'));
  CHECK(framed.noise(Stream::Out) == std::string(4096, 'x'));
}

TEST_CASE("capsule states are read strictly", "[frame]") {
  using Kind = CapsuleState::Kind;
  CHECK(parse_capsule_state("absent")->kind == Kind::Absent);
  CHECK(parse_capsule_state("prepared")->kind == Kind::Prepared);
  CHECK(parse_capsule_state("running")->kind == Kind::Running);
  CHECK(parse_capsule_state("lost")->kind == Kind::Lost);
  CHECK(parse_capsule_state("rebooted")->kind == Kind::Rebooted);
  CHECK(parse_capsule_state("rc=0")->kind == Kind::Done);
  CHECK(parse_capsule_state("rc=137")->exit_code == 137);
  for (const char* text : {"", "rc=", "rc=x", "rc=1x", "rc= 1", "done", "refused", "Running"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_capsule_state(text));
  }
}

TEST_CASE("S19: only plain names can name a capsule", "[frame]") {
  for (const char* id : {"a", "2026-01-02.v1.34-w1-drain.1.2", "A_b"}) CHECK(valid_capsule_id(id));
  for (const char* id : {"", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a$b", "a\n", "ä"}) {
    CAPTURE(id);
    CHECK_FALSE(valid_capsule_id(id));
  }
  CHECK(valid_capsule_id(std::string(200, 'a')));
  CHECK_FALSE(valid_capsule_id(std::string(201, 'a')));
}
