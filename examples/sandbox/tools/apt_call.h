#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "examples/sandbox/tools/call.h"

namespace drover::sandbox {

/// The words of apt-get or apt-cache, taken apart.
struct AptCall {
  std::map<std::string, std::string>
      settings;                 ///< of -o; keys in lower case, as apt does not tell cases apart
  std::set<std::string> flags;  ///< "--download-only"; short ones are told by their long names
  std::string verb;
  std::vector<std::string> names;  ///< "kubeadm=1.34.4-1.1"

  bool has(const std::string& flag) const { return flags.count(flag) > 0; }
  /// The value of a setting; `otherwise` when it was not given.
  std::string setting(const std::string& key, const std::string& otherwise) const;
};

/// Ends the call as unknown when a flag is none of those that the stand-in knows.
AptCall read_apt_call(const Call& call);

}  // namespace drover::sandbox
