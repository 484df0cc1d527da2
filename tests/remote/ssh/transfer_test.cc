#include "remote/ssh/transfer.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>
#include <thread>

#include "inventory/base/digest.h"
#include "remote/ssh/ssh_node.h"
#include "tests/support/sudo_host.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using test::read_file;
using test::Sshd;
using test::write_file;

namespace {

/// Bytes of every value, shell words and line ends among them.
std::string random_bytes(size_t size) {
  std::minstd_rand random(42);
  std::string bytes = "touch /tmp/never; exit\n";
  while (bytes.size() < size) bytes += static_cast<char>(random() >> 8);
  bytes.resize(size);
  return bytes;
}

/// The files in `folder` whose names end in .part.
int parts_in(const std::string& folder) {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    found += entry.path().extension() == ".part" ? 1 : 0;
  }
  return found;
}

}  // namespace

TEST_CASE("files go there and back, byte for byte", "[transfer]") {
  const Sshd sshd;
  const test::TempDir folder;
  SshNode node(sshd.target());
  for (const size_t size : {size_t{0}, size_t{1}, size_t{300'000}, size_t{5'000'000}}) {
    CAPTURE(size);
    const std::string bytes = random_bytes(size);
    write_file(folder.file("here"), bytes);
    const Status up = node.upload(folder.file("here"), folder.file("it's there"), 60s, {});
    INFO((up ? "" : up.error().message));
    REQUIRE(up);
    CHECK((read_file(folder.file("it's there")) == bytes));
    struct stat info {};
    REQUIRE(stat(folder.file("it's there").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const Status down = node.download(folder.file("it's there"), folder.file("back"), 60s, {});
    INFO((down ? "" : down.error().message));
    REQUIRE(down);
    CHECK((read_file(folder.file("back")) == bytes));
    CHECK(node.read({"echo on", false, 30s}, {})->out == "on\n");
  }
  CHECK(parts_in(folder.path()) == 0);
}

TEST_CASE("files go by sudo too", "[transfer][sudo]") {
  const test::SudoHost host("ops ALL=(ALL) ALL\nDefaults use_pty");
  const test::TempDir folder;
  SshNode node(host.target(host.password()));
  const std::string bytes = random_bytes(1'000'000);
  write_file(folder.file("here"), bytes);
  REQUIRE(node.upload(folder.file("here"), folder.file("there"), 60s, {}));
  REQUIRE(node.download(folder.file("there"), folder.file("back"), 60s, {}));
  CHECK((read_file(folder.file("back")) == bytes));
}

TEST_CASE("a file goes on where a lost connection left it", "[transfer]") {
  const Sshd sshd;
  const test::TempDir folder;
  const std::string bytes = random_bytes(40'000'000);
  write_file(folder.file("here"), bytes);
  const bool up = GENERATE(true, false);
  std::atomic<bool> over = false;
  std::jthread cutter([&] {
    std::minstd_rand random(7);
    for (int cuts = 0; cuts < 6 && !over; ++cuts) {
      poll(nullptr, 0, 60 + static_cast<int>(random() % 60));
      sshd.kill_sessions();
    }
  });
  SshNode node(sshd.target());
  const Status done = up ? node.upload(folder.file("here"), folder.file("there"), 120s, {})
                         : node.download(folder.file("here"), folder.file("there"), 120s, {});
  over = true;
  cutter.join();
  INFO((done ? "" : done.error().message));
  REQUIRE(done);
  CHECK((read_file(folder.file("there")) == bytes));
  CHECK(parts_in(folder.path()) == 0);
}

TEST_CASE("the part of an earlier call is gone on with, and a wrong one is not believed",
          "[transfer]") {
  const Sshd sshd;
  const test::TempDir folder;
  SshNode node(sshd.target());
  const std::string bytes = random_bytes(400'000);
  write_file(folder.file("here"), bytes);
  const bool right = GENERATE(true, false);
  std::string part = bytes.substr(0, 300'000);
  if (!right) part[5] = static_cast<char>(part[5] + 1);
  SECTION("down") {
    write_file(folder.file("there.part"), part);
    REQUIRE(node.download(folder.file("here"), folder.file("there"), 60s, {}));
    CHECK((read_file(folder.file("there")) == bytes));
  }
  SECTION("up") {
    write_file(folder.file("there." + sha256_hex(bytes) + ".part"), part);
    const Status first = node.upload(folder.file("here"), folder.file("there"), 60s, {});
    CHECK(first.has_value() == right);
    if (!right) CHECK_THAT(first.error().message, Contains("another SHA-256"));
    REQUIRE(node.upload(folder.file("here"), folder.file("there"), 60s, {}));
    CHECK((read_file(folder.file("there")) == bytes));
  }
}

TEST_CASE("S4: of a file that cannot be kept nothing is taken for a script", "[transfer]") {
  const Sshd sshd;
  const test::TempDir folder;
  const test::TempDir disk;
  REQUIRE(mount("tmpfs", disk.path().c_str(), "tmpfs", 0, "size=64k") == 0);
  const Sshd other;
  SshNode node(other.target());
  std::string lines;
  while (lines.size() < 3'000'000) lines += "touch " + folder.file("ran") + "\n";
  write_file(folder.file("here"), lines);
  const Status full = node.upload(folder.file("here"), disk.file("there"), 60s, {});
  umount2(disk.path().c_str(), MNT_DETACH);
  REQUIRE_FALSE(full);
  CHECK(full.error().kind == ErrorKind::Command);
  CHECK_THAT(full.error().message, Contains("No space left on device"));
  CHECK_FALSE(std::filesystem::exists(folder.file("ran")));
  const Status no_folder = node.upload(folder.file("here"), "/nowhere/there", 60s, {});
  REQUIRE_FALSE(no_folder);
  CHECK_THAT(no_folder.error().message, Contains("/nowhere/there"));
  CHECK_FALSE(std::filesystem::exists(folder.file("ran")));
  const Status none = node.download("/nowhere/there", folder.file("x"), 60s, {});
  REQUIRE_FALSE(none);
  CHECK_THAT(none.error().message, Contains("/nowhere/there"));
  CHECK_FALSE(std::filesystem::exists(folder.file("x")));
  CHECK(parts_in(folder.path()) == 0);
  CHECK_FALSE(node.upload(folder.file("missing"), folder.file("there"), 60s, {}));
}
