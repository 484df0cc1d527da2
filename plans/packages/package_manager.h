#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
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
  /// leaving anything behind (design 1.5). Prints what parse_offered reads.
  Command (*offered)(const std::vector<RepositoryLine>& lines, int minor);
  /// Downloads into the package manager's own archive from the target's repository.
  Command (*stage)(const std::vector<RepositoryLine>& lines, int minor,
                   const std::vector<PackageRevision>& packages);
  /// Shell text that makes the temporary folder $T, which goes when the script ends, and leaves
  /// kubeadm's own program of that revision in it as "$T/usr/bin/kubeadm", without installing it.
  std::string (*unpack_kubeadm)(const std::vector<RepositoryLine>& lines, int minor,
                                const std::string& revision);
  /// Points the node's own repository lines at another minor and reads its index.
  Command (*switch_repository)(const std::vector<RepositoryLine>& lines, int minor);
  /// Prints the repository lines and what the node's own index offers: what parse_repository reads.
  Command (*show_repository)(const std::vector<RepositoryLine>& lines);
  /// Finishes an interrupted run, installs exactly these, puts `held` back as found, in one command
  /// with a trap. Packages not named are not touched, unless a named one depends on them.
  /// `held`: every held package that the run may have to change, out of holds_in_the_way().
  Command (*install)(const std::vector<PackageRevision>& packages,
                     const std::vector<std::string>& held);
  /// Prints installed revisions and holds of the packages named: what parse_installed reads.
  Command (*installed)(const std::vector<std::string>& packages);
};

/// nullptr when nothing by that name is built.
const PackageManager* find_package_manager(std::string_view name);

/// A repository line with its minor replaced: `/v1.33/` becomes `/v1.34/` in every URI, in each
/// where it stands last.
std::string with_minor(std::string_view line, int minor);

/// The packages of a Kubernetes repository.
const std::vector<std::string>& kubernetes_packages();

/// Those of `held` that stand in the way of changing `packages`: the packages themselves, and what
/// kubeadm and kubelet depend on in newer revisions (cri-tools, kubernetes-cni).
std::vector<std::string> holds_in_the_way(const std::vector<PackageRevision>& packages,
                                          const std::set<std::string>& held);

/// Revisions and holds as `installed` prints them. A package that is unpacked but not configured
/// is not installed.
struct InstalledPackages {
  std::map<std::string, std::string> revisions;  ///< absent: not installed
  std::set<std::string> held;
};
Result<InstalledPackages> parse_installed(std::string_view text);

using Offers = std::map<std::string, std::vector<std::string>>;  ///< revisions, newest first

/// Offered revisions as `offered` prints them, newest first by the package manager's own order.
Result<Offers> parse_offered(std::string_view text);

/// What show_repository printed.
struct ShownRepository {
  std::vector<std::string> lines;  ///< in the order asked for; "" where there is no such line
  Offers offered;                  ///< by the index as the node has it now
};
Result<ShownRepository> parse_repository(std::string_view text);

}  // namespace drover::plans
