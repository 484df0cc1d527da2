#include "plans/logs/log_line.h"

#include <catch2/catch.hpp>
#include <vector>

namespace drover::plans {
namespace {

using Texts = std::vector<std::string>;

/// What passes of `lines`, "TIME TEXT" each.
Texts passing(LogPlace& place, const Texts& lines) {
  Texts passed;
  for (const std::string& text : lines) {
    const LogLine line = read_log_line(text);
    if (place.passes(line)) passed.push_back(line.text);
  }
  return passed;
}

Texts cut(LineCutter& cutter, std::string_view piece) {
  Texts lines;
  cutter.add(piece);
  while (auto line = cutter.next()) lines.push_back(*line);
  return lines;
}

}  // namespace

TEST_CASE("a line of a log and its time") {
  struct Row {
    const char* line;
    const char* time;
    const char* text;
  };
  const auto row = GENERATE(values<Row>({
      {"2026-11-28T08:29:10.123456789Z hello world", "2026-11-28T08:29:10.123456789Z",
       "hello world"},
      {"2026-11-28T10:29:10.1+02:00  indented", "2026-11-28T10:29:10.1+02:00", " indented"},
      {"2026-11-28T08:29:10Z ", "2026-11-28T08:29:10Z", ""},
      {"2026-11-28T08:29:10Z", "2026-11-28T08:29:10Z", ""},
      {"2026-11-28 no time", "", "2026-11-28 no time"},
      {"unable to retrieve container logs", "", "unable to retrieve container logs"},
      {"", "", ""},
  }));
  CAPTURE(row.line);
  const LogLine line = read_log_line(row.line);
  CHECK(line.time == row.time);
  CHECK(line.text == row.text);
}

TEST_CASE("pieces become lines, wherever they are cut") {
  const std::string whole = "one\ntwo\r\n\nthree";
  for (size_t at = 0; at <= whole.size(); ++at) {
    CAPTURE(at);
    LineCutter cutter;
    Texts lines = cut(cutter, whole.substr(0, at));
    for (const std::string& line : cut(cutter, whole.substr(at))) lines.push_back(line);
    CHECK(lines == Texts{"one", "two", ""});
    CHECK(cutter.last() == "three");
    CHECK(cutter.last() == std::nullopt);
  }
}

TEST_CASE("a line without an end is given out in parts, none of which breaks a character") {
  LineCutter cutter;
  std::string sent, got;
  for (int i = 0; i < 100'000; ++i) sent += "\xe2\x82\xac";
  for (const std::string& part : cut(cutter, sent)) {
    CHECK(part.size() <= size_t{64} << 10);
    CHECK(part.size() % 3 == 0);
    got += part;
  }
  got += cutter.last().value_or("");
  CHECK(got == sent);
  // Bytes that are no text come to an end, too.
  CHECK(cut(cutter, std::string(200'000, '\x80')).size() >= 3);
}

TEST_CASE("a second reading goes on where the first one ended") {
  const std::string a = "2026-11-28T08:00:00.000000001Z a", b = "2026-11-28T08:00:00.000000002Z b",
                    c = "2026-11-28T08:00:01.5Z c", c2 = "2026-11-28T08:00:01.5Z c2",
                    c3 = "2026-11-28T08:00:01.5Z c3", d = "2026-11-28T08:00:01.7Z d";
  LogPlace place;
  CHECK(place.since().empty());
  place.rewind();
  CHECK(passing(place, {a, b}) == Texts{"a", "b"});
  CHECK(place.since() == "2026-11-28T08:00:00Z");
  // The same time as it was written is not the same line.
  place.rewind();
  CHECK(passing(place, {a, b, c, c2}) == Texts{"c", "c2"});
  CHECK(place.since() == "2026-11-28T08:00:01Z");
  place.rewind();
  CHECK(passing(place, {c, c2, c3, d}) == Texts{"c3", "d"});
  // What was rotated away meanwhile is not waited for.
  place.rewind();
  CHECK(passing(place, {"2026-11-28T09:00:00Z e"}) == Texts{"e"});
  // A reading that broke off before it came to what is new has changed nothing.
  place.rewind();
  CHECK(passing(place, {}) == Texts{});
  place.rewind();
  CHECK(passing(place, {"2026-11-28T09:00:00Z e", "no time", "2026-11-28T09:00:00Z f"}) ==
        Texts{"no time", "f"});
}

TEST_CASE("the time to ask from keeps its zone") {
  LogPlace place;
  CHECK(passing(place, {"2026-11-28T10:00:00.25+02:00 a"}) == Texts{"a"});
  CHECK(place.since() == "2026-11-28T10:00:00+02:00");
  place.rewind();
  CHECK(passing(place, {"2026-11-28T10:00:00.25+02:00 a", "2026-11-28T08:00:00.3Z b"}) ==
        Texts{"b"});
}

}  // namespace drover::plans
