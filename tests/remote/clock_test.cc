#include "remote/clock.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace std::chrono_literals;
using drover::remote::Instant;
using drover::remote::SystemClock;

TEST_CASE("a wait lasts until its deadline", "[clock]") {
  SystemClock clock;
  const Instant deadline = clock.now() + 20ms;
  CHECK(clock.wait_until(deadline, {}));
  CHECK(clock.now() >= deadline);
}

TEST_CASE("a wait whose deadline has passed does not block", "[clock]") {
  SystemClock clock;
  const Instant before = clock.now();
  CHECK(clock.wait_until(before - 1h, {}));
  CHECK(clock.now() - before < 1s);
}

TEST_CASE("S16: a stop ends a wait at once", "[clock]") {
  SystemClock clock;
  std::stop_source source;
  Instant stopped;
  std::jthread operator_thread([&] {
    clock.wait_until(clock.now() + 20ms, {});
    stopped = clock.now();
    source.request_stop();
  });
  CHECK_FALSE(clock.wait_until(clock.now() + 1h, source.get_token()));
  const Instant ended = clock.now();
  operator_thread.join();
  CHECK(ended - stopped < 100ms);
  CHECK_FALSE(clock.wait_until(clock.now() + 1h, source.get_token()));
}

TEST_CASE("wall time is the system's", "[clock]") {
  SystemClock clock;
  const auto before = std::chrono::system_clock::now();
  const auto wall = clock.wall();
  CHECK(before <= wall);
  CHECK(wall <= std::chrono::system_clock::now());
}
