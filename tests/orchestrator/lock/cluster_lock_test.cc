#include "orchestrator/lock/cluster_lock.h"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/lease_api.h"

namespace drover::orchestrator {
namespace {

using test::FakeClock;
using test::LeaseApi;

Holder other_host(const std::string& run) {
  return {.run = run, .host = "elsewhere.example", .pid = 7, .since = 9};
}

/// A process of this machine that has ended.
Holder dead_here() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  Holder holder = this_process("dead-run");
  holder.pid = static_cast<int>(child);
  return holder;
}

struct ClusterLockBench {
  LeaseApi api;
  FakeClock clock;
  ClusterLock lock(const Holder& self) { return ClusterLock(api, api, clock, self); }
};

}  // namespace

TEST_CASE("a holder is read back as it was written, and nothing else is a holder") {
  const Holder holder = this_process("20260101T000000Z-ab12");
  CHECK(holder.since > 0);
  CHECK(parse_holder(holder.str()) == holder);
  CHECK(holder.shown() ==
        fmt::format("run 20260101T000000Z-ab12 on {}, pid {}", holder.host, getpid()));
  for (const char* text :
       {"", "run", "r on h pid x since 1", "r on h pid 1 since", "r at h pid 1 since 2",
        "r on h pid 1 since 2 more", "r on h pid 1 since 2 in", "r on h pid 1 since 2 in a/b",
        "r on h pid 1 since 2 in a//c", "r on h pid 1 since 2 at a/b/c",
        "\x1b[31m on h pid 1 since -2"}) {
    CHECK_FALSE(parse_holder(text).has_value());
  }
}

TEST_CASE("what earlier versions wrote is read, without a place") {
  const auto holder = parse_holder("run-1 on h pid 12 since 345");
  REQUIRE(holder);
  CHECK(holder->pid == 12);
  CHECK(holder->since == 345);
  CHECK(holder->boot.empty());
  CHECK(holder->str() == "run-1 on h pid 12 since 345");
  Holder here = this_process("run");
  here.machine = here.boot = here.pids = "";
  CHECK(life_of(here) == Life::Alive);
  here.since += 1;
  CHECK(life_of(here) == Life::Dead);
}

TEST_CASE("S14: a process id says something only of its own boot, machine and namespace") {
  const Holder self = this_process("run");
  CHECK(life_of(self) == Life::Alive);
  struct Row {
    const char* what;
    std::function<void(Holder&)> change;
    Life life;
  };
  const std::vector<Row> rows = {
      {"before a reboot, even with our own pid and start time",
       [](Holder& holder) { holder.boot = "another-boot"; }, Life::Dead},
      {"another machine of the same name",
       [](Holder& holder) {
         holder.boot = "another-boot";
         holder.machine = "another";
       },
       Life::Unknown},
      {"a machine without an id, after a reboot or not",
       [](Holder& holder) {
         holder.boot = "another-boot";
         holder.machine = "-";
       },
       Life::Unknown},
      {"another container on the same kernel", [](Holder& holder) { holder.pids = "1"; },
       Life::Unknown},
      {"the same kernel, whatever its machine id is now",
       [](Holder& holder) {
         holder.machine = "-";
         holder.pid = dead_here().pid;
       },
       Life::Dead},
      {"no boot id", [](Holder& holder) { holder.boot = "-"; }, Life::Unknown},
      {"another host", [](Holder& holder) { holder.host = "elsewhere"; }, Life::Unknown},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Holder holder = self;
    row.change(holder);
    CHECK(life_of(holder) == row.life);
    CHECK(parse_holder(holder.str()) == holder);
  }
}

TEST_CASE("S14: only a process of this machine can be known to be dead") {
  CHECK_FALSE(is_dead_here(this_process("run")));
  CHECK(is_dead_here(dead_here()));
  CHECK_FALSE(is_dead_here(other_host("run")));
  Holder reused = this_process("run");
  reused.since += 1;  // same pid, another process
  CHECK(is_dead_here(reused));
}

TEST_CASE("S14: somebody else's process that /proc does not show is not taken for dead") {
  if (geteuid() != 0) return;  // only root can hide processes
  const Holder living = this_process("run");
  const Holder dead = dead_here();
  const pid_t child = fork();
  if (child == 0) {
    constexpr id_t kNobody = 65534;
    const bool hidden = unshare(CLONE_NEWNS) == 0 &&
                        mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                        mount("proc", "/proc", "proc", 0, "hidepid=2") == 0;
    // The group of root sees all; and what changes its user is hidden from itself at first.
    const bool nobody = setgroups(0, nullptr) == 0 && setgid(kNobody) == 0 &&
                        setuid(kNobody) == 0 && prctl(PR_SET_DUMPABLE, 1) == 0;
    if (!hidden || !nobody) _exit(2);
    _exit(life_of(living) == Life::Unknown && life_of(dead) == Life::Dead ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
    WARN("this container does not let its root mount /proc");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("S14: what may be done with a Lease") {
  const Holder self = this_process("run-1");
  const auto held = [](const std::string& holder) {
    return std::optional<Lease>(Lease{.holder = holder});
  };
  CHECK(lease_move(std::nullopt, self) == LeaseMove::Create);
  CHECK(lease_move(held(""), self) == LeaseMove::Take);
  CHECK(lease_move(held(self.str()), self) == LeaseMove::Renew);
  CHECK(lease_move(held(other_host("run-2").str()), self) == LeaseMove::Held);
  CHECK(lease_move(held("something else"), self) == LeaseMove::Held);
  CHECK(lease_move(held(dead_here().str()), self) == LeaseMove::Take);
}

TEST_CASE("S14: the lock is made, renewed and given back") {
  ClusterLockBench bench;
  const Holder self = this_process("run-1");
  ClusterLock lock = bench.lock(self);
  REQUIRE(lock.acquire({}));
  CHECK(bench.api.holder() == self.str());
  const std::string renewed = (*bench.api.lease)["spec"]["renewTime"];
  CHECK(renewed.size() == std::string("2026-01-01T00:00:00.000000Z").size());
  bench.clock.pass(std::chrono::seconds(10));
  REQUIRE(lock.renew({}));
  CHECK((*bench.api.lease)["spec"]["renewTime"] != renewed);
  REQUIRE(lock.release({}));
  CHECK(bench.api.holder().empty());
  REQUIRE(bench.lock(other_host("run-2")).acquire({}));
}

TEST_CASE("S14: a renewal that arrives late does not keep a lock from being given back") {
  ClusterLockBench bench;
  ClusterLock lock = bench.lock(this_process("run-1"));
  REQUIRE(lock.acquire({}));
  int requests = 0;
  bench.api.before = [&] {
    if (++requests == 2) bench.api.put(this_process("run-1").str());  // after the read
  };
  CHECK(lock.release({}));
  CHECK(bench.api.holder().empty());
}

TEST_CASE("S14: a lock is given back though an answer is garbled or lost on the way") {
  struct Row {
    int LeaseApi::*trouble;
    int times;
    bool given_back;
  };
  for (const Row& row : std::vector<Row>{{&LeaseApi::garble_reads, 1, true},
                                         {&LeaseApi::garble_reads, 2, true},
                                         {&LeaseApi::garble_reads, 3, false},
                                         {&LeaseApi::lose_requests, 2, true},
                                         {&LeaseApi::lose_requests, 3, false},
                                         {&LeaseApi::lose_answers, 1, true}}) {
    ClusterLockBench bench;
    ClusterLock lock = bench.lock(this_process("run-1"));
    REQUIRE(lock.acquire({}));
    bench.api.*row.trouble = row.times;
    INFO(row.times);
    CHECK(lock.release({}).has_value() == row.given_back);
    CHECK(bench.api.holder().empty() == row.given_back);
  }
}

TEST_CASE("S16: an end is not held up by giving a lock back to an API that does not answer") {
  ClusterLockBench bench;
  ClusterLock lock = bench.lock(this_process("run-1"));
  REQUIRE(lock.acquire({}));
  int requests = 0;
  bench.api.garble_reads = 9;
  bench.api.before = [&] {
    ++requests;
    bench.clock.pass(std::chrono::seconds(10));
  };
  CHECK_FALSE(lock.release({}).has_value());
  CHECK(requests == 1);
}

TEST_CASE("S14: a lock held elsewhere is refused, and its holder and the way out are named") {
  ClusterLockBench bench;
  bench.api.put(other_host("run-2").str());
  const Status taken = bench.lock(this_process("run-1")).acquire({});
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().kind == ErrorKind::Locked);
  CHECK(taken.error().message.find("run run-2 on elsewhere.example, pid 7") != std::string::npos);
  CHECK(taken.error().remedy.find("drover lock release") != std::string::npos);
}

TEST_CASE("S14: of two that try at the same time, wherever they meet, one gets it") {
  const Holder first = other_host("run-1");
  const Holder second = other_host("run-2");
  for (int meeting = 0; meeting < 4; ++meeting) {
    for (const bool existed : {false, true}) {
      ClusterLockBench bench;
      if (existed) bench.api.put("");
      Status rival = Error{};
      int requests = 0;
      bench.api.before = [&] {
        if (requests++ != meeting) return;
        const auto this_hook = std::move(bench.api.before);  // the rival's requests meet nobody
        rival = bench.lock(second).acquire({});
      };
      const Status mine = bench.lock(first).acquire({});
      INFO("met at request " << meeting << ", lease existed: " << existed);
      const bool met = requests > meeting;
      CHECK((mine.has_value() ? 1 : 0) + (met && rival.has_value() ? 1 : 0) == 1);
      CHECK(bench.api.holder() == (mine ? first.str() : second.str()));
    }
  }
}

TEST_CASE("S4: after a lost answer the Lease is read before anything is sent again") {
  ClusterLockBench bench;
  bench.api.lose_answers = 1;
  const Holder self = this_process("run-1");
  REQUIRE(bench.lock(self).acquire({}));
  CHECK(bench.api.holder() == self.str());
}

TEST_CASE("S14: a renewal that meets another holder says lost; an unreachable API does not") {
  ClusterLockBench bench;
  ClusterLock lock = bench.lock(this_process("run-1"));
  REQUIRE(lock.acquire({}));
  bench.api.lose_answers = 1;
  const Status no_answer = lock.renew({});
  REQUIRE_FALSE(no_answer.has_value());
  CHECK(no_answer.error().kind != ErrorKind::Locked);
  bench.api.put(other_host("run-2").str());
  const Status lost = lock.renew({});
  REQUIRE_FALSE(lost.has_value());
  CHECK(lost.error().kind == ErrorKind::Locked);
  CHECK(lost.error().message == "is now held by run run-2 on elsewhere.example, pid 7");
  REQUIRE(lock.release({}));
  CHECK(bench.api.holder() == other_host("run-2").str());
}

TEST_CASE("S14: the clock alone never makes a lock free: a holder elsewhere keeps it") {
  ClusterLockBench bench;
  REQUIRE(bench.lock(other_host("run-2")).acquire({}));
  bench.clock.pass(std::chrono::hours(24));
  const Status taken = bench.lock(this_process("run-1")).acquire({});
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().kind == ErrorKind::Locked);
}

TEST_CASE("S14: a lock that was taken away is lost to its holder, and free for others") {
  ClusterLockBench bench;
  ClusterLock old = bench.lock(other_host("run-1"));
  REQUIRE(old.acquire({}));
  ClusterLock operators = bench.lock(this_process("lock-release"));
  const auto seen = operators.read({});
  REQUIRE((seen && *seen));
  REQUIRE(operators.take_away(**seen, {}));
  CHECK(bench.api.holder().empty());
  const Status renewed = old.renew({});
  REQUIRE_FALSE(renewed.has_value());
  CHECK(renewed.error().kind == ErrorKind::Locked);
  CHECK(renewed.error().message.find("drover lock release") != std::string::npos);
  CHECK(bench.api.holder().empty());  // it did not take it again
  REQUIRE(bench.lock(this_process("run-2")).acquire({}));
  CHECK_FALSE(old.renew({}).has_value());
}

TEST_CASE("S14: a lock is not taken away from a holder that renews it meanwhile") {
  for (const bool by_another : {false, true}) {
    ClusterLockBench bench;
    ClusterLock old = bench.lock(other_host("run-1"));
    REQUIRE(old.acquire({}));
    ClusterLock operators = bench.lock(this_process("lock-release"));
    const auto seen = operators.read({});
    REQUIRE((seen && *seen));
    if (by_another) {
      REQUIRE(old.release({}));
      REQUIRE(bench.lock(other_host("run-2")).acquire({}));
    } else {
      REQUIRE(old.renew({}));
    }
    const std::string holder = bench.api.holder();
    const Status taken = operators.take_away(**seen, {});
    INFO("by another: " << by_another);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().kind == ErrorKind::Locked);
    CHECK(taken.error().message.find(by_another ? "taken meanwhile" : "renewed meanwhile") !=
          std::string::npos);
    CHECK(bench.api.holder() == holder);
  }
}

TEST_CASE("S4: a lock taken away whose answer is lost is read before anything is said") {
  for (const bool arrived : {true, false}) {
    ClusterLockBench bench;
    REQUIRE(bench.lock(other_host("run-1")).acquire({}));
    ClusterLock operators = bench.lock(this_process("lock-release"));
    const auto seen = operators.read({});
    REQUIRE((seen && *seen));
    bench.api.lose_answers = arrived ? 1 : 0;
    bench.api.lose_requests = arrived ? 0 : 1;
    const Status taken = operators.take_away(**seen, {});
    INFO("arrived: " << arrived);
    CHECK(taken.has_value() == arrived);
    if (!taken) CHECK(taken.error().kind == ErrorKind::Unknown);
    CHECK(bench.api.holder().empty() == arrived);
  }
}

}  // namespace drover::orchestrator
