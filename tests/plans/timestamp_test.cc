#include "plans/timestamp.h"

#include <catch2/catch.hpp>
#include <string>

namespace drover::plans {
namespace {

long long micros(std::optional<Timestamp> moment) {
  return moment ? moment->time_since_epoch().count() : -1;
}

}  // namespace

TEST_CASE("times of the API are read to the microsecond") {
  const auto [text, expected] = GENERATE(table<std::string, long long>({
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-22T21:14:08Z", 1795382048000000},
      {"2026-11-22T21:14:08.123456Z", 1795382048123456},
      {"2026-11-22T21:14:08.5Z", 1795382048500000},
      {"2026-11-22T21:14:08.123456789Z", 1795382048123456},
      {"2026-11-22T23:14:08+02:00", 1795382048000000},
      {"2026-11-22T17:44:08-03:30", 1795382048000000},
      {"2024-02-29T00:00:00Z", 1709164800000000},
      {"2016-12-31T23:59:60Z", 1483228800000000},
  }));
  CAPTURE(text);
  CHECK(micros(parse_timestamp(text)) == expected);
}

TEST_CASE("what is no time of the API gives none") {
  const std::string text =
      GENERATE("", "null", "2026-11-22", "2026-11-22 21:14:08Z", "2026-11-22T21:14:08",
               "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-22T24:00:00Z",
               "2026-11-22T21:60:00Z", "2026-11-22T21:14:08.Z", "2026-11-22T21:14:08Zx",
               "2026-11-22T21:14:08+0200", "2026-11-22T21:14:08+25:00", "-026-11-22T21:14:08Z",
               "2026-11-22T21:14:61Z");
  CAPTURE(text);
  CHECK_FALSE(parse_timestamp(text));
}

TEST_CASE("a time cut anywhere gives none") {
  const std::string whole = "2026-11-22T21:14:08.123456+02:00";
  REQUIRE(parse_timestamp(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_timestamp(whole.substr(0, size)));
  }
}

TEST_CASE("seconds since 1970 are read with and without a fraction") {
  CHECK(micros(parse_epoch("1795382048")) == 1795382048000000);
  CHECK(micros(parse_epoch("1795382048.25")) == 1795382048250000);
  CHECK(micros(parse_epoch("0")) == 0);
  const std::string wrong = GENERATE("", "x", "12x", "-1", " 1", "1.", "123456789012", "1e9");
  CAPTURE(wrong);
  CHECK_FALSE(parse_epoch(wrong));
}

TEST_CASE("the API's times and the node's clock compare") {
  CHECK(*parse_timestamp("2026-11-22T21:14:08.000001Z") > *parse_epoch("1795382048"));
  CHECK(*parse_timestamp("2026-11-22T21:14:08Z") == *parse_epoch("1795382048"));
}

}  // namespace drover::plans
