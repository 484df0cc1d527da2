#include "examples/sandbox/node/relay.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using drover::sandbox::Relay;

namespace {

const Relay::Time kStart{};

}  // namespace

TEST_CASE("Bytes arrive in order, each after its time", "[relay]") {
  Relay relay;
  relay.take("one", kStart + 10ms);
  relay.take("two", kStart + 20ms);
  CHECK(relay.arrived(kStart + 9ms).empty());
  CHECK(relay.next(kStart + 9ms) == kStart + 10ms);
  CHECK(relay.arrived(kStart + 10ms) == "one");
  relay.handed_on(1);
  CHECK(relay.arrived(kStart + 20ms) == "ne");
  relay.handed_on(2);
  CHECK(relay.arrived(kStart + 20ms) == "two");
  CHECK_FALSE(relay.next(kStart + 20ms));
}

TEST_CASE("Bytes on a line that became faster do not overtake others", "[relay]") {
  Relay relay;
  relay.take("slow", kStart + 100ms);
  relay.take("fast", kStart + 10ms);
  CHECK(relay.arrived(kStart + 50ms).empty());
  relay.take_end(kStart + 20ms);
  CHECK(relay.arrived(kStart + 100ms) == "slow");
  relay.handed_on(4);
  CHECK(relay.arrived(kStart + 100ms) == "fast");
}

TEST_CASE("The end of a stream comes behind its last byte", "[relay]") {
  Relay relay;
  relay.take("x", kStart + 10ms);
  relay.take_end(kStart + 10ms);
  CHECK(relay.end_taken());
  CHECK_FALSE(relay.ended(kStart + 10ms));
  relay.handed_on(1);
  CHECK(relay.ended(kStart + 10ms));

  Relay empty;
  empty.take_end(kStart + 5ms);
  CHECK_FALSE(empty.ended(kStart + 4ms));
  CHECK(empty.next(kStart + 4ms) == kStart + 5ms);
  CHECK(empty.ended(kStart + 5ms));
}

TEST_CASE("A sender has to wait when too much is under way", "[relay]") {
  Relay relay;
  const std::string piece(64 * 1024, 'x');
  size_t pieces = 0;
  while (!relay.full()) {
    relay.take(piece, kStart);
    ++pieces;
  }
  CHECK(pieces == 16);
  relay.handed_on(piece.size());
  CHECK_FALSE(relay.full());
}
