#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "examples/sandbox/node/text_file.h"
#include "inventory/base/text.h"
#include "tests/sandbox/node_bed.h"

using namespace drover;
using test::NodeBed;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// Far longer than anything here takes, and in no other process's arguments.
const std::string kForEver = "sleep 86407";

constexpr auto kPatience = 30s;

/// What a command says on w1, which must do it with exit code 0.
std::string out(const NodeBed& bed, const std::string& command) {
  const auto result = bed.ssh("w1", command);
  CAPTURE(command, result.err);
  REQUIRE(result.exit_code == 0);
  return result.out;
}

bool comes_to_say(const NodeBed& bed, const std::string& command, const std::string& text) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (bed.ssh("w1", command).out == text) return true;
  }
  return false;
}

bool comes_to_exist(const std::filesystem::path& path) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!std::filesystem::exists(path)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// A session that goes on by itself; /tmp/begun is there once it runs.
std::future<remote::ProcessResult> begin(const NodeBed& bed, const std::string& command) {
  return std::async(std::launch::async,
                    [&bed, command] { return bed.ssh("w1", "touch /tmp/begun; " + command); });
}

}  // namespace

TEST_CASE("A node's session is one of a real machine", "[node]") {
  const NodeBed bed(test::one_worker());

  SECTION("exit codes come back") {
    for (const int code : {0, 1, 7, 126, 255}) {
      CHECK(bed.ssh("w1", "exit " + std::to_string(code)).exit_code == code);
    }
  }
  SECTION("so does the signal that ended a command") {
    CHECK_THAT(bed.shell("w1", "ssh -v 'kill -9 $$' 2>&1").out, Contains("rtype exit-signal"));
  }
  SECTION("three megabytes pass unchanged each way") {
    const auto result = bed.shell("w1", R"(
        d=$(mktemp -d) && head -c 3000000 /dev/urandom >$d/a
        ssh 'cat >/tmp/a' <$d/a && ssh 'cat /tmp/a' </dev/null >$d/b && cmp $d/a $d/b && echo same
        rm -r $d)");
    CHECK(result.out == "same\n");
  }
  SECTION("root is uid 0 in a place of its own") {
    CHECK(out(bed, "id -u; hostname; cd; pwd; echo \"$PATH\"; ls /usr/local | wc -l") ==
          "0\nw1\n/root\n/usr/bin:/usr/sbin:/bin:/sbin\n0\n");
    CHECK(bed.ssh("w1", "true", "ops").exit_code == 0);
    CHECK(bed.ssh("w1", "touch /usr/bin/drover-test").exit_code != 0);
    out(bed, "touch /etc/drover-test");
    CHECK(std::filesystem::exists(bed.folder() / "nodes/w1/etc/drover-test"));
    CHECK_FALSE(std::filesystem::exists("/etc/drover-test"));
  }
  SECTION("the stand-ins answer by every path, and no switch of this machine is there") {
    CHECK(out(bed, R"(for n in kubeadm reboot poweroff; do
          for p in /bin /usr/bin /sbin /usr/sbin; do readlink -f $p/$n; done; done | sort -u)") ==
          "/.host/tool\n");
  }
  SECTION("what left its session lives on") {
    const std::string pid(
        trim(out(bed, "setsid " + kForEver + " </dev/null >/dev/null 2>&1 & echo $!")));
    CHECK(out(bed, "kill -TERM -" + pid + " && echo was there") == "was there\n");
    CHECK(comes_to_say(bed, "kill -0 " + pid + " 2>/dev/null || echo gone", "gone\n"));
  }
}

TEST_CASE("A reset ends all that ran, and gives another boot id", "[node]") {
  const NodeBed bed(test::one_worker());
  const std::string boot = out(bed, "cat /proc/sys/kernel/random/boot_id");
  CHECK(boot == bed.node("w1").boot_id() + "\n");
  out(bed, "echo kept >/var/lib/a; echo lost >/run/a; echo lost >/tmp/a");
  out(bed, "setsid " + kForEver + " </dev/null >/dev/null 2>&1 &");
  REQUIRE(comes_to_say(bed, "pgrep -c -f '^" + kForEver + "'", "1\n"));
  sandbox::write_text(bed.node("w1").state() / "packages/kubelet", "1.34.4-1.1\n");

  bed.tell({"reset", "w1"});
  CHECK(out(bed, "cat /proc/sys/kernel/random/boot_id") != boot);
  CHECK(out(bed, "cat /var/lib/a; ls /run; ls -A /tmp") == "kept\nsshd\n");
  CHECK(bed.ssh("w1", "pgrep -c -f '^" + kForEver + "'").out == "0\n");
  CHECK_THAT(sandbox::read_text(bed.node("w1").state() / "kubelet"),
             StartsWith("v1.33.13 0\nv1.34.4 1"));
}

TEST_CASE("A node that asks its power switch is obeyed", "[node]") {
  const NodeBed bed(test::one_worker());
  const std::string boot = out(bed, "cat /proc/sys/kernel/random/boot_id");
  bed.ssh("w1", "echo reboot >/var/lib/sandbox/power; " + kForEver);
  CHECK(out(bed, "cat /proc/sys/kernel/random/boot_id") != boot);
  CHECK_FALSE(std::filesystem::exists(bed.node("w1").state() / "power"));
}

TEST_CASE("A node without power answers nobody, and comes back", "[node]") {
  const NodeBed bed(test::one_worker());
  bed.tell({"off", "w1"});
  CHECK(bed.tell({"node", "w1"}).at("power") == false);
  const auto silent = bed.shell("w1", "ssh -o ConnectTimeout=1 true");
  CHECK(silent.exit_code == 255);
  CHECK_THAT(silent.err, Contains("timed out"));
  bed.tell({"on", "w1"});
  CHECK(out(bed, "echo up") == "up\n");
}

TEST_CASE("The cable of a node can be broken in each way, and mended", "[node]") {
  const NodeBed bed(test::one_worker());
  const auto tmp = bed.node("w1").spec().folder / "tmp";

  SECTION("refused") {
    bed.tell({"refuse", "w1"});
    CHECK_THAT(bed.ssh("w1", "true").err, Contains("Connection refused"));
    bed.tell({"mend", "w1"});
    CHECK(bed.ssh("w1", "true").exit_code == 0);
  }
  SECTION("slow") {
    bed.tell({"slow", "w1", "40"});
    const auto start = std::chrono::steady_clock::now();
    CHECK(bed.ssh("w1", "true").exit_code == 0);
    // Never fewer than five round trips until a command's end is known.
    CHECK(std::chrono::steady_clock::now() - start >= 5 * 40ms);
    CHECK_THROWS_WITH(bed.tell({"slow", "w1", "-1"}), Contains("less than 0"));
  }
  SECTION("cut, and the session goes on where it was") {
    auto session = begin(bed, "while ! test -e /tmp/go; do sleep 0.01; done; echo on");
    REQUIRE(comes_to_exist(tmp / "begun"));
    bed.tell({"cut", "w1"});
    sandbox::write_text(tmp / "go", "");
    CHECK(session.wait_for(300ms) == std::future_status::timeout);
    bed.tell({"mend", "w1"});
    CHECK(session.get().out == "on\n");
  }
  SECTION("dropped, and what left the session lives on") {
    auto session = begin(bed,
                         "setsid sh -c 'while ! test -e /tmp/go; do sleep 0.01; done; "
                         "touch /tmp/done' >/dev/null 2>&1 & " +
                             kForEver);
    REQUIRE(comes_to_exist(tmp / "begun"));
    bed.tell({"drop", "w1"});
    CHECK(session.get().exit_code == 255);
    sandbox::write_text(tmp / "go", "");
    CHECK(comes_to_exist(tmp / "done"));
    CHECK(out(bed, "echo again") == "again\n");
  }
}

TEST_CASE("A node whose host key changed is not the one that is known", "[node]") {
  const NodeBed bed(test::one_worker());
  const std::string known = bed.node("w1").known_host();
  const std::string now = bed.tell({"rekey", "w1"}).at("known_hosts");
  CHECK(now != known);
  CHECK_THAT(bed.ssh("w1", "true").err, Contains("REMOTE HOST IDENTIFICATION HAS CHANGED"));
  sandbox::write_text(bed.folder() / "known_hosts", now + "\n");
  CHECK(bed.ssh("w1", "true").exit_code == 0);
}

TEST_CASE("A full disk takes nothing and loses nothing, a reset or not", "[node]") {
  const NodeBed bed(test::one_worker());
  CHECK(out(bed, "mkdir -m 700 /var/lib/drover && echo old >/var/lib/drover/old") == "");
  bed.tell({"fill", "w1"});
  for (int boots = 0; boots < 2; ++boots) {
    for (const std::string change : {"echo a >>/var/lib/drover/old", "echo a >/var/lib/drover/new",
                                     "mkdir /var/lib/drover/folder", "rm /var/lib/drover/old"}) {
      const auto result = bed.ssh("w1", change);
      CAPTURE(change, result.err);
      CHECK(result.exit_code != 0);
      CHECK_THAT(result.err, Contains("No space left"));
    }
    CHECK(out(bed, "cat /var/lib/drover/old; stat -c %a /var/lib/drover") == "old\n700\n");
    CHECK(out(bed, "echo a >/var/lib/elsewhere && echo fine") == "fine\n");
    bed.tell({"reset", "w1"});
  }
  CHECK_THROWS_WITH(bed.tell({"fill", "w1"}), Contains("full already"));
  CHECK_THROWS_WITH(bed.tell({"fill", "w1", "var"}), Contains("no path"));
  CHECK_THROWS_WITH(bed.tell({"free", "w1", "/var"}), Contains("not full"));
  bed.tell({"free", "w1"});
  CHECK(out(bed, "echo new >>/var/lib/drover/old; cat /var/lib/drover/old") == "old\nnew\n");
}
