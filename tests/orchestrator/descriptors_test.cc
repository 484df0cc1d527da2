#include "orchestrator/descriptors.h"

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>

namespace drover::orchestrator {

TEST_CASE("as many files may be opened as the hard limit allows") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(64, before.rlim_max);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
  raise_descriptor_limit();
  rlimit now{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &now) == 0);
  CHECK(now.rlim_cur == std::max(low.rlim_cur, std::min<rlim_t>(before.rlim_max, 65536)));
  CHECK(now.rlim_max == before.rlim_max);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
}

}  // namespace drover::orchestrator
