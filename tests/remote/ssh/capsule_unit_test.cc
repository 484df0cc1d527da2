#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/capsule_bed.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using Catch::EndsWith;
using Kind = CapsuleState::Kind;
using test::change;
using test::must;
using Bed = test::CapsuleBed;

namespace {

/// A stand-in for systemd-run, and what makes a host look as if systemd ran it. `script` finds its
/// parameters from `sh` on in "$@".
class Systemd {
 public:
  explicit Systemd(const std::string& script) {
    std::filesystem::create_directory(folder_.file("sbin"));
    const std::string program = folder_.file("sbin/systemd-run");
    test::write_file(program, fmt::format("#!/bin/sh\necho \"$*\" >>{}\n"
                                          "while [ \"$1\" != sh ]; do shift; done\n{}\n",
                                          folder_.file("calls"), script));
    chmod(program.c_str(), 0755);
  }
  std::string furnish() const {
    return fmt::format(
        "mount -t tmpfs tmpfs /run && mkdir -p /run/sshd /run/systemd/system && "
        "mount --bind {} /usr/local/sbin",
        folder_.file("sbin"));
  }
  std::string calls() const { return test::read_file(folder_.file("calls")); }

 private:
  test::TempDir folder_;
};

constexpr const char* kLaunch = "setsid \"$@\" </dev/null >/dev/null 2>&1 &";

}  // namespace

TEST_CASE("where systemd runs the host, a capsule is a transient unit", "[capsule]") {
  const Systemd systemd(kLaunch);
  Bed bed({}, systemd.furnish());
  const CommandResult result = must(bed.node.run("a.1", change("echo out; exit 3"), {}, {}));
  CHECK(result.exit_code == 3);
  CHECK(result.out == "out\n");
  CHECK(result.err.empty());
  CHECK(systemd.calls() ==
        fmt::format("--quiet --collect --service-type=exec --unit=drover-a.1.service "
                    "--description=Drover step a.1 -p KillMode=control-group -p "
                    "OOMScoreAdjust=-500 sh {}/a.1/supervise\n",
                    bed.capsules()));
}

TEST_CASE("S4: a unit that systemd refuses or starts late runs nothing", "[capsule]") {
  const bool late = GENERATE(false, true);
  const Systemd systemd(
      fmt::format("echo Failed to connect to bus >&2\n{}\nexit 1",
                  late ? "(sleep 4; setsid \"$@\") </dev/null >/dev/null 2>&1 &" : ""));
  Bed bed({}, systemd.furnish());
  const auto result = bed.node.run("a", change("touch " + bed.sshd.file("ran")), {}, {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Command);
  CHECK_THAT(result.error().message,
             Contains("nothing was started") && EndsWith("Failed to connect to bus"));
  CHECK(bed.kind("a") == Kind::Absent);
  if (late) poll(nullptr, 0, 3000);
  CHECK_FALSE(std::filesystem::exists(bed.sshd.file("ran")));
  CHECK(bed.kind("a") == Kind::Absent);
}

TEST_CASE("a unit that started although systemd-run failed is followed", "[capsule]") {
  const Systemd systemd(std::string(kLaunch) + "\necho Connection timed out >&2; exit 1");
  Bed bed({}, systemd.furnish());
  const CommandResult result = must(bed.node.run("a", change("echo out"), {}, {}));
  CHECK(result.exit_code == 0);
  CHECK(result.out == "out\n");
  CHECK(result.err.empty());
}
