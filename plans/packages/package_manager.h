#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/facts.h"

/// Package managers as pure builders of commands. A new one is one more row in registry.cc.
namespace drover::plans {

struct PackageRevision {
  std::string name;
  std::string revision;
};

struct PackageManager {
  std::string_view name;  ///< "apt"

  /// What the target minor's repository offers, read without switching the node's own and without
  /// leaving anything behind (design 1.5).
  Command (*offered)(const std::vector<RepositoryLine>& lines, int minor);
  /// Downloads into the package manager's own archive from the target's repository.
  Command (*stage)(const std::vector<RepositoryLine>& lines, int minor,
                   const std::vector<PackageRevision>& packages);
  /// Shell text that leaves kubeadm's own program of that revision as "$T/usr/bin/kubeadm" in the
  /// temporary folder $T, without installing it.
  std::string (*unpack_kubeadm)(const std::vector<RepositoryLine>& lines, int minor,
                                const std::string& revision);
  /// Points the node's own repository lines at another minor and reads its index.
  Command (*switch_repository)(const std::vector<RepositoryLine>& lines, int minor);
  /// Prints the repository lines, for switch_repository's observation.
  Command (*show_repository)(const std::vector<RepositoryLine>& lines);
  /// Finishes an interrupted run, installs exactly these, puts `held` back as found, in one command
  /// with a trap. Packages not named are not touched, unless a named one depends on them.
  Command (*install)(const std::vector<PackageRevision>& packages,
                     const std::vector<std::string>& held);
  /// Prints installed revisions and holds of the packages named.
  Command (*installed)(const std::vector<std::string>& packages);
};

/// nullptr when nothing by that name is built.
const PackageManager* find_package_manager(std::string_view name);

/// A repository line with its minor replaced: `/v1.33/` becomes `/v1.34/`.
std::string with_minor(std::string_view line, int minor);

/// Revisions and holds as `installed` prints them.
struct InstalledPackages {
  std::map<std::string, std::string> revisions;  ///< absent: not installed
  std::set<std::string> held;
};
Result<InstalledPackages> parse_installed(std::string_view text);

/// Offered revisions as `offered` prints them, newest first by Debian's order.
Result<std::map<std::string, std::vector<std::string>>> parse_offered(std::string_view text);

}  // namespace drover::plans
