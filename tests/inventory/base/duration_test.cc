#include "inventory/base/duration.h"

#include <catch2/catch.hpp>

namespace drover {

using std::chrono::seconds;

TEST_CASE("durations are read and written") {
  struct Row {
    const char* text;
    int value;
    const char* printed;
  };
  for (const Row& row : {Row{"90s", 90, "1m30s"}, Row{"15m", 900, "15m"},
                         Row{"1h30m", 5400, "1h30m"}, Row{"1h5s", 3605, "1h5s"}, Row{"0s", 0, "0s"},
                         Row{"2h0m1s", 7201, "2h1s"}, Row{"8760h", 31536000, "8760h"}}) {
    const auto value = parse_duration(row.text);
    INFO(row.text);
    REQUIRE(value);
    CHECK(*value == seconds(row.value));
    CHECK(format_duration(*value) == row.printed);
    CHECK(parse_duration(row.printed).value() == *value);
  }
  CHECK(format_duration(seconds(-90)) == "-1m30s");
}

TEST_CASE("what is not a duration is refused with the reason") {
  struct Row {
    const char* text;
    const char* why;
  };
  const char* units = "the units are h, m and s, in this order, each at most once";
  for (const Row& row :
       {Row{"", "it is empty"}, Row{"15", "the unit is missing"},
        Row{"s", "a whole number must come first"}, Row{"1.5h", units},
        Row{"-5s", "a whole number must come first"}, Row{"5m1h", units}, Row{"5m5m", units},
        Row{"5d", units}, Row{"5 m", units}, Row{"5M", units}, Row{"99999999999s", "too long"},
        Row{"8760h1s", "longer than 8760h"}, Row{"4294967295h", "longer than 8760h"},
        Row{"5ms", "a whole number must come first"}}) {
    const auto value = parse_duration(row.text);
    INFO(row.text);
    REQUIRE_FALSE(value);
    CHECK(value.error().kind == ErrorKind::File);
    CHECK(value.error().message ==
          "\"" + std::string(row.text) + "\" is not a duration: " + row.why);
    CHECK(value.error().remedy ==
          "expected hours, minutes and seconds, for example 90s, 15m or 1h30m");
  }
}

}  // namespace drover
