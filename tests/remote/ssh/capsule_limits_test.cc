#include <fmt/format.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "inventory/base/text.h"
#include "remote/ssh/capsule_script.h"
#include "tests/support/capsule_bed.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using Kind = CapsuleState::Kind;
using test::await;
using test::change;
using test::must;
using test::Sshd;
using Bed = test::CapsuleBed;

namespace {

/// A process that is there and no zombie, which only its parent can take away.
bool lives(const std::string& pid_file) {
  const std::string pid(trim(test::read_file(pid_file)));
  const std::string stat = test::read_file("/proc/" + pid + "/stat");
  return !stat.empty() && stat.find(") Z ") == std::string::npos;
}

}  // namespace

TEST_CASE("S15: a cancelled capsule ends with all that it runs", "[capsule]") {
  Bed bed;
  const std::string ready = bed.sshd.file("ready");
  const std::string child = bed.sshd.file("child");
  std::string ignores;
  int code = 143;
  SECTION("in order") {}
  SECTION("by force, where it does not listen") {
    ignores = "trap '' TERM; ";
    code = 137;
  }
  const std::string script = fmt::format(
      "{}(sh -c 'echo $$ >{}; exec sleep 60' & wait) & touch {}; sleep 60", ignores, child, ready);
  Result<CommandResult> followed = CommandResult{};
  std::jthread follower([&] {
    SshNode node = bed.another();
    followed = node.run("a", change(script), {}, {});
  });
  await([&] { return std::filesystem::exists(ready) && !test::read_file(child).empty(); });
  const Instant before = std::chrono::steady_clock::now();
  const auto state = bed.node.cancel("a", {});
  const auto took = std::chrono::steady_clock::now() - before;
  INFO((state ? "" : state.error().message));
  REQUIRE(state);
  CHECK(state->kind == Kind::Done);
  CHECK(state->exit_code == code);
  CHECK((ignores.empty() ? took < 5s : took > 9s));
  CHECK_FALSE(lives(child));
  follower.join();
  REQUIRE(followed);
  CHECK(followed->exit_code == code);
}

TEST_CASE("what does not run is not cancelled", "[capsule]") {
  Bed bed;
  CHECK(bed.node.cancel("a", {})->kind == Kind::Absent);
  must(bed.node.run("a", change("exit 3"), {}, {}));
  const auto state = bed.node.cancel("a", {});
  CHECK(state->kind == Kind::Done);
  CHECK(state->exit_code == 3);
}

TEST_CASE("one capsule at a time on a host: the next one waits", "[capsule]") {
  Bed bed;
  const std::string begun = bed.sshd.file("begun");
  const std::string go = bed.sshd.file("go");
  const std::string log = bed.sshd.file("effects");
  std::jthread first([&] {
    SshNode node = bed.another();
    must(node.run(
        "first",
        change(fmt::format("touch {}; until [ -e {} ]; do sleep 0.01; done; echo first >>{}", begun,
                           go, log)),
        {}, {}));
  });
  await([&] { return std::filesystem::exists(begun); });
  const auto refused = bed.node.run("second", change(fmt::format("echo no >>{}", log), 1s), {}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Command);
  CHECK_THAT(refused.error().message,
             Contains("another command of Drover runs on the host: first; nothing was started"));
  CHECK(bed.kind("second") == Kind::Prepared);
  std::jthread opens([&] {
    await([&] { return std::filesystem::exists(bed.in_capsule("third", "busy")); });
    test::write_file(go, "");
  });
  must(bed.node.run("third", change(fmt::format("echo third >>{}", log)), {}, {}));
  first.join();
  CHECK(test::read_file(log) == "first\nthird\n");
}

TEST_CASE("capsules that ended long ago are removed, and no others", "[capsule]") {
  Bed bed;
  must(bed.node.run("first", change("true"), {}, {}));
  const auto age = [&](const std::string& id, int days) {
    const auto then = std::filesystem::file_time_type::clock::now() - days * 24h;
    std::filesystem::last_write_time(bed.capsules() + "/" + id, then);
  };
  for (int i = 0; i < 220; ++i) {
    const std::string id = fmt::format("old{}", i);
    std::filesystem::copy(bed.capsules() + "/first", bed.capsules() + "/" + id);
    if (i == 7) test::write_file(bed.in_capsule(id, "end"), std::string(64, ' '));  // has no end
    age(id, i < 10 ? 30 - i : i < 215 ? 1 : 0);
  }
  must(bed.node.run("last", change("true"), {}, {}));
  await([&] { return !std::filesystem::exists(bed.capsules() + "/old0"); });
  await([&] { return !std::filesystem::exists(bed.capsules() + "/old9"); });
  for (int i = 0; i < 220; ++i) {
    CAPTURE(i);
    const bool there = std::filesystem::exists(fmt::format("{}/old{}", bed.capsules(), i));
    CHECK(there == (i == 7 || i >= 10));
  }
  CHECK(bed.kind("first") == Kind::Done);
  CHECK(bed.kind("last") == Kind::Done);
}

TEST_CASE("output without end fills neither the disk nor the memory", "[capsule]") {
  Bed bed;
  const std::string go = bed.sshd.file("go");
  // Nobody follows while it writes: the first follower is cut off at once.
  const std::string script = fmt::format(
      "echo begin; head -c {} /dev/zero | tr '\\0' x; until [ -e {} ]; do sleep 0.05; done; echo "
      "end",
      3 * kCapsuleKeeps, go);
  std::stop_source gone;
  const auto cut = bed.node.run(
      "a", change(script), [&](Stream, std::string_view) { gone.request_stop(); },
      gone.get_token());
  REQUIRE_FALSE(cut);
  await([&] { return std::filesystem::exists(bed.in_capsule("a", "out.from")); });
  struct stat out {};
  REQUIRE(stat(bed.in_capsule("a", "out").c_str(), &out) == 0);
  CHECK(static_cast<std::uint64_t>(out.st_blocks) * 512 < 2 * kCapsuleKeeps + (1 << 20));
  test::write_file(go, "");
  SshNode other = bed.another();
  const CommandResult result = must(other.run("a", change(script), {}, {}));
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.out.substr(0, 60), Contains("bytes are left out here]\nx"));
  CHECK(result.out.ends_with("xxxend\n"));
  CHECK(result.out.size() < kCapsuleKeeps + (1 << 20));
}

TEST_CASE("S4: on a disk that is full it runs, or nothing was started: never a doubt",
          "[capsule]") {
  int ran = 0;
  int refused = 0;
  for (int pages = 1; pages <= 8; ++pages) {
    CAPTURE(pages);
    const test::TempDir disk;
    REQUIRE(mount("tmpfs", disk.path().c_str(), "tmpfs", 0,
                  fmt::format("size={}k", 4 * pages).c_str()) == 0);
    const Sshd sshd;
    SshNode node(sshd.target(), disk.file("steps"));
    const auto result =
        node.run("a", change("echo x >>" + sshd.file("ran") + "; exit 3", 3s), {}, {});
    const auto state = node.state("a", {});
    umount2(disk.path().c_str(), MNT_DETACH);
    const bool effect = std::filesystem::exists(sshd.file("ran"));
    REQUIRE(state);
    if (result) {
      ++ran;
      CHECK(effect);
      CHECK(result->exit_code == 3);
      CHECK(state->exit_code == 3);
    } else {
      ++refused;
      CHECK_FALSE(effect);
      CHECK(result.error().kind == ErrorKind::Command);
      CHECK_THAT(result.error().message, Contains("nothing was started"));
      CHECK((state->kind == Kind::Absent || state->kind == Kind::Prepared));
    }
  }
  CHECK(ran > 0);
  CHECK(refused > 0);
}
