#include "orchestrator/ui/lock_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

LockView held_by(const std::string& identity) {
  return {.cluster = "prod",
          .lease = Lease{.holder = identity,
                         .renew_time = "2026-11-22T21:24:08.000000Z",
                         .acquire_time = "2026-11-22T21:10:00.000000Z",
                         .duration_seconds = 900},
          .file = "/state/prod/lock"};
}

LockView elsewhere() {
  return held_by("20261122T211000Z-aaaa on ops1.example pid 4711 since 12345 in a1/b2/c3");
}

}  // namespace

TEST_CASE("lock show says who holds the lock, until when, and what to do", "[lock]") {
  Holder dead = this_process("20261122T211000Z-aaaa");
  dead.since += 1;
  LockView dead_view = held_by(dead.str());
  LockView own = held_by(this_process("20261122T211000Z-aaaa").str());
  own.file_holder = Holder{.run = "20261122T211000Z-aaaa", .host = "ops1", .pid = 4711};
  LockView released = elsewhere();
  released.lease.reset();
  released.released = true;
  test::check_golden("ui/lock_elsewhere.txt", lock_text(elsewhere()));
  test::check_golden("ui/lock_free.txt",
                     lock_text({.cluster = "prod", .file = "/state/prod/lock"}));
  test::check_golden("ui/lock_stranger.txt", lock_text(held_by("\x1b[31mother tool")));
  test::check_golden("ui/lock_released.txt", lock_text(released));
  CHECK(lock_text(dead_view).find("is dead") != std::string::npos);
  CHECK(lock_text(dead_view).find("drover resume 20261122T211000Z-aaaa") != std::string::npos);
  CHECK(lock_text(own).find("alive, on this machine") != std::string::npos);
  CHECK(lock_text(own).find("is held by run 20261122T211000Z-aaaa on ops1, pid 4711") !=
        std::string::npos);
}

TEST_CASE("lock show for programs", "[lock]") {
  test::check_golden("ui/lock.jsonl",
                     lock_json(elsewhere()) + lock_json(held_by("\x1b[31mother tool")) +
                         lock_json({.cluster = "prod", .file = "/state/prod/lock"}));
  const auto json = nlohmann::json::parse(lock_json(held_by(this_process("r").str())));
  CHECK(json["holder"]["process"] == "alive");
  CHECK(json["expires"] == "2026-11-22T21:39:08Z");
}

}  // namespace drover::orchestrator
