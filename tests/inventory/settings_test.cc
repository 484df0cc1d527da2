#include "inventory/settings.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

std::vector<std::string> shown(std::string_view before, std::string_view after) {
  std::vector<std::string> lines;
  for (const Edit& edit : edits_between(before, after)) lines.push_back(edit.str());
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("an edit is a value that differs, not its place or its comments", "[settings]") {
  CHECK(shown("target: 1.34.4\ndrain: {timeout: 15m}\n",
              "# later\ndrain:\n  timeout: 15m\ntarget: 1.34.4\n") == Lines{});
  CHECK(shown("drain: {timeout: 15m}", "drain: {timeout: 30m}") ==
        Lines{"drain.timeout: 15m → 30m"});
  CHECK(shown("target: 1.34.4", "target: 1.34.4\nhealth: {settle: 5s}") ==
        Lines{"health.settle: (not set) → 5s"});
  CHECK(shown("hosts: {w1: {roles: [worker]}, w2: {roles: [worker]}}",
              "hosts: {w1: {roles: [worker, etcd]}}") ==
        Lines{"hosts.w1.roles: [worker] → [worker, etcd]", "hosts.w2.roles: [worker] → (not set)"});
}

TEST_CASE("a text as the user wrote it cannot act on the terminal", "[settings]") {
  CHECK(shown("a: x", "a: \"x\\e[31m\"").at(0).find('\x1b') == std::string::npos);
}

}  // namespace drover
