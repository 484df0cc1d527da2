#include "inventory/cluster/quantity.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

namespace drover {
namespace {

struct QuantityRow {
  const char* text;
  std::int64_t value;
  std::int64_t milli;
};

}  // namespace

TEST_CASE("amounts are read to the last nano unit, and rounded away from zero") {
  const auto row = GENERATE(values<QuantityRow>({
      {"0", 0, 0},
      {"1", 1, 1000},
      {"250m", 1, 250},
      {"1500m", 2, 1500},
      {"-1500m", -2, -1500},
      {"0.5", 1, 500},
      {".5", 1, 500},
      {"5.", 5, 5000},
      {"+2", 2, 2000},
      {"156085151n", 1, 157},
      {"1n", 1, 1},
      {"-1n", -1, -1},
      {"999999u", 1, 1000},
      {"1000001u", 2, 1001},
      {"1k", 1000, 1'000'000},
      {"1M", 1'000'000, 1'000'000'000},
      {"1Ki", 1024, 1'024'000},
      {"1234567Ki", 1'264'196'608, 1'264'196'608'000},
      {"1.5Gi", 1'610'612'736, 1'610'612'736'000},
      {"0.1Ki", 103, 102'400},
      {"1e3", 1000, 1'000'000},
      {"1E3", 1000, 1'000'000},
      {"1e-3", 1, 1},
      {"12e+1", 120, 120'000},
      {"1E", 1'000'000'000'000'000'000, std::numeric_limits<std::int64_t>::max()},
      {"7Ei", 8'070'450'532'247'928'832, std::numeric_limits<std::int64_t>::max()},
      {"0.0000000001", 1, 1},
      {"1.0000000001", 2, 1001},
      {"000000000000000000000000000000000000000000000000000001", 1, 1000},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max(),
       std::numeric_limits<std::int64_t>::max()},
  }));
  CAPTURE(row.text);
  const auto quantity = Quantity::parse(row.text);
  REQUIRE(quantity);
  CHECK(quantity->value() == row.value);
  CHECK(quantity->milli() == row.milli);
}

TEST_CASE("what is no amount is none") {
  const auto text = GENERATE(as<std::string>(), "", "-", "+", ".", "m", "Ki", "1K", "1ki", "1mm",
                             "1 Ki", " 1", "1 ", "1e", "1e+", "1e3m", "1e1000", "1e-10", "--1",
                             "1.2.3", "0x10", "1,5", "9223372036854775808", "8Ei", "10E", "1\n");
  CAPTURE(text);
  CHECK_FALSE(Quantity::parse(text));
}

TEST_CASE("amounts are added and compared exactly") {
  const auto of = [](const char* text) { return *Quantity::parse(text); };
  CHECK(of("1") == of("1000m"));
  CHECK(of("0.1") + of("0.2") == of("300m"));
  CHECK(of("1Ki") < of("1025"));
  CHECK_FALSE(of("1Mi") < of("1M"));
  Quantity sum;
  for (int i = 0; i < 1000; ++i) sum += of("7Ei");  // beyond the type that is given out
  CHECK(sum.value() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("a percentage is cut off, as kubectl does") {
  const auto of = [](const char* text) { return *Quantity::parse(text); };
  CHECK(percent_of(of("156085151n"), of("2")) == 7);
  CHECK(percent_of(of("999m"), of("1")) == 99);
  CHECK(percent_of(of("3"), of("2")) == 150);
  CHECK(percent_of(of("1"), of("0")) == 0);
  CHECK(percent_of(of("7Ei"), of("1m")) == std::numeric_limits<std::int64_t>::max());
}

}  // namespace drover
