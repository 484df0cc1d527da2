#pragma once

#include <string>
#include <vector>

#include "examples/sandbox/tools/apt_call.h"

namespace drover::sandbox {

/// A Kubernetes repository of a source file: one whose address names the minor.
struct Repository {
  std::string uri;    ///< without the last slash: "file:/srv/apt/v1.34"
  std::string suite;  ///< "./" or "/"
  std::string minor;  ///< "v1.34"

  /// Of this machine itself: apt copies nothing of it into its archive.
  bool local() const { return uri.starts_with("file:"); }
  /// As apt names it before the file: "file:/srv/apt/v1.34 ./", and with a suite of "/" a blank
  /// alone.
  std::string shown() const;
  /// Its packages lie in this folder of the machine, when it is local.
  std::string folder() const;
};

/// Those of the source files that the call's settings name (Dir::Etc::sourcelist, sourceparts), or
/// else of /etc/apt. Both forms are read, one line each and deb822.
std::vector<Repository> repositories(const AptCall& apt);

/// Where the call keeps its lists; the node's own ones lie in its state.
std::string lists_folder(const AptCall& apt);

/// Those of them whose index was read last (`minor` in the folder of lists).
std::vector<Repository> with_lists(const AptCall& apt);

}  // namespace drover::sandbox
