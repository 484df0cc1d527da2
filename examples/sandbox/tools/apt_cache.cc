#include <fmt/format.h>

#include <algorithm>

#include "examples/sandbox/tools/apt_call.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {

/// apt-cache madison NAME...: the revisions that are offered, where the index of the repository was
/// read.
int apt_cache(Call& call) {
  const AptCall apt = read_apt_call(call);
  if (apt.verb != "madison") call.unknown();
  call.begin(Effect::Reads, "E: The package cache file is corrupted\n");
  const std::vector<Offer> offers = offers_of(with_lists(apt));
  for (const std::string& name : apt.names) {
    for (const Offer& offer : offers) {
      if (offer.name != name) continue;
      out(fmt::format("{:>10} | {:>10} | {} Packages\n", offer.name, offer.revision,
                      offer.from.shown()));
    }
  }
  return 0;
}

/// apt-config shell VARIABLE KEY...: the one key that is asked for.
int apt_config(Call& call) {
  const std::vector<std::string>& words = call.args();
  const bool known =
      words.size() == 3 && words[0] == "shell" && words[2] == "Dir::Cache::archives/d";
  if (!known) call.unknown();
  call.begin(Effect::Reads, "");
  out(fmt::format("{}='/var/cache/apt/archives/'\n", words[1]));
  return 0;
}

}  // namespace drover::sandbox
