#include "plans/observe/reboot_need.h"

#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "tests/support/shell.h"

namespace drover::plans {
namespace {

RebootNeed need_in(const std::string& out) {
  RebootNeed need;
  for (const std::string& line : split_lines(out)) {
    const size_t space = std::min(line.find(' '), line.size());
    INFO(line);
    CHECK(read_reboot_need(line.substr(0, space), line.substr(std::min(space + 1, line.size())),
                           need));
  }
  return need;
}

class Machine : public test::ScriptRoom {
 public:
  explicit Machine(const std::string& kernel) { program("uname", "echo " + kernel + "\n"); }
  std::string why() const {
    const CommandResult result = run("set -eu\n" + keyed_function() + reboot_need_rows());
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    std::string text = why_reboot(need_in(result.out));
    const size_t room = text.find(path());
    return room == std::string::npos ? text : text.erase(room, path().size());
  }
};

}  // namespace

TEST_CASE("a kernel is newer only than one of its own flavour") {
  struct Row {
    const char* installed;
    const char* running;
    bool newer;
  };
  for (const Row& row : {Row{"6.1.0-25-amd64", "6.1.0-21-amd64", true},
                         {"6.1.0-21-amd64", "6.1.0-21-amd64", false},
                         {"6.1.0-9-amd64", "6.1.0-21-amd64", false},
                         {"6.1.0-25-cloud-amd64", "6.1.0-21-amd64", false},
                         {"5.15.0-101-generic", "5.15.0-91-generic", true},
                         {"6.8.0-40-generic", "5.15.0-91-generic", true},
                         {"6.12.9+bpo-amd64", "6.12.6+bpo-amd64", true},
                         {"6.12.9+bpo-amd64", "6.1.0-21-amd64", false},
                         {"5.14.0-427.20.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4.x86_64", true},
                         {"0-rescue-0a1b2c", "5.14.0-427.13.1.el9_4.x86_64", false},
                         {"6.6.1", "6.6.0", true},
                         {"6.6.1", "6.6", false},
                         {"", "6.6.0", false},
                         {"6.6.0", "", false},
                         {"99999999999999999999999.1-amd64", "6.1-amd64", false},
                         {"old", "older", false}}) {
    INFO(row.installed << " and " << row.running);
    CHECK(newer_kernel(row.installed, row.running) == row.newer);
  }
}

TEST_CASE("a machine asks for a reboot by its file, or by a newer kernel than the one that runs") {
  Machine machine("6.1.0-21-amd64");
  CHECK(machine.why() == "");
  machine.file("boot/vmlinuz-6.1.0-9-amd64", "");
  machine.file("boot/vmlinuz-6.1.0-21-amd64", "");
  CHECK(machine.why() == "");
  machine.file("boot/vmlinuz-6.1.0-25-amd64", "");
  machine.file("boot/vmlinuz-6.1.0-100-amd64", "");
  CHECK(machine.why() == "kernel 6.1.0-100-amd64 is installed, 6.1.0-21-amd64 runs");
  machine.file("run/reboot-required", "*** System restart required ***\n");
  CHECK(machine.why() == "/run/reboot-required");
  machine.file("run/reboot-required.pkgs", "linux-base\nlibc6\nlinux-base\n");
  CHECK(machine.why() == "/run/reboot-required (libc6, linux-base)");
}

TEST_CASE(
    "S13, S19: what stands in the file reaches the reason as harmless data, and not all of it") {
  Machine machine("6.1.0-21-amd64");
  std::string packages = "kernel 9.9.9\n\x1b[2Jx\n$(touch \"$ROOM/pwned\")\n";
  for (int i = 100; i < 400; ++i) packages += "package-" + std::to_string(i) + "\n";
  machine.file("run/reboot-required", "");
  machine.file("run/reboot-required.pkgs", packages);
  const std::string why = machine.why();
  CHECK(why.size() < 300);
  CHECK(why.find('\x1b') == std::string::npos);
  CHECK(why.find("touch") != std::string::npos);
  CHECK_FALSE(machine.exists("pwned"));
}

TEST_CASE("a machine without kernels of its own asks for nothing") {
  Machine machine("6.1.0-21-amd64");
  machine.program("uname", "exit 1\n");
  CHECK(machine.why() == "");
  machine.file("boot/vmlinuz-6.1.0-25-amd64", "");
  CHECK(machine.why() == "");
}

}  // namespace drover::plans
