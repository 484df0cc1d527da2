#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "examples/sandbox/tools/call.h"

namespace drover::sandbox {

/// kubeadm's command line: words without a dash, and options with or without "=".
struct KubeadmWords {
  std::vector<std::string> words;              ///< "upgrade", "apply", "v1.34.4"
  std::map<std::string, std::string> options;  ///< "--kubernetes-version" → value; "" for flags

  bool has(const std::string& option) const { return options.count(option) > 0; }
  std::string option(const std::string& name, const std::string& otherwise = "") const;
  /// The words' beginning: {"upgrade", "apply"}.
  bool begins(const std::vector<std::string>& front) const;
  /// --ignore-preflight-errors names this check, or all.
  bool ignores(const std::string& check) const;
};

/// Ends the call as unknown for an option that the stand-in does not know.
KubeadmWords read_kubeadm_words(const Call& call);

}  // namespace drover::sandbox
