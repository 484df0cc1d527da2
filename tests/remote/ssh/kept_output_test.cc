#include "remote/ssh/kept_output.h"

#include <catch2/catch.hpp>

using drover::remote::KeptOutput;

TEST_CASE("output is kept whole up to its limit, and beyond it both ends", "[kept]") {
  for (const size_t piece : {1u, 3u, 7u, 100u}) {
    CAPTURE(piece);
    std::string all;
    for (int i = 0; i < 60; ++i) all += static_cast<char>('!' + i);
    KeptOutput kept(20, 10);
    std::string passed;
    for (size_t at = 0; at < all.size(); at += piece) {
      const std::string bytes = all.substr(at, piece);
      passed += kept.add(bytes);
      const std::string so_far = all.substr(0, at + bytes.size());
      if (so_far.size() <= 40) CHECK((piece > 7 || kept.text() == so_far));
    }
    CHECK(passed == all.substr(0, 20));
    CHECK(kept.text().starts_with(all.substr(0, 20) + "\n["));
    CHECK(kept.text().ends_with("bytes are left out here]\n" +
                                all.substr(60 - kept.text().size() + kept.text().rfind('\n') + 1)));
    CHECK(kept.text().size() < 20 + 20 + 40);
  }
}

TEST_CASE("what the host has not kept is noted", "[kept]") {
  KeptOutput kept(20, 10);
  CHECK(kept.add("abc") == "abc");
  kept.leave_out(100);
  CHECK(kept.add("def").empty());
  CHECK(kept.text() == "abc\n[100 bytes are left out here]\ndef");
}
