#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "inventory/inventory.h"
#include "plans/steps/scope.h"

/// What all steps of one `drover etcd restore` agree upon, and their builders.
namespace drover::plans {

/// The program that makes a data folder out of a snapshot, on a control plane whose etcd is
/// stopped.
enum class RestoreTool {
  None,
  Etcdutl,  ///< of the machine
  Etcdctl,  ///< of the machine, up to 3.5
  Image,    ///< out of etcd's own image, by containerd's ctr
};

/// etcd on one control plane, as its manifest has it.
struct RestoreMember {
  const Host* host = nullptr;
  std::string name;      ///< of the member
  std::string peer_url;  ///< "https://10.0.0.11:2380"
  std::string data = "/var/lib/etcd";
  bool mounted = false;  ///< `data` is a file system of its own, and cannot be moved
  std::string image;     ///< "registry.k8s.io/etcd:3.5.24-0"
  RestoreTool tool = RestoreTool::None;
  /// By component, the SHA-256 of the manifest that is to come in place of its own; empty: its own
  /// stay.
  std::map<std::string, std::string> given = {};
};

struct Restore {
  std::string run;     ///< the run's id, in the names of all that it leaves
  std::string file;    ///< the snapshot on the operator's machine, absolute
  std::string sha256;  ///< of the whole file
  std::uint64_t bytes = 0;
  std::uint64_t revision = 0;  ///< of its newest key
  std::string manifests = {};  ///< folder on the operator's machine with the given ones, absolute
  std::vector<RestoreMember> members;

  /// Where the copy of the snapshot lies on each control plane.
  std::string copy() const;
  /// Beside the manifests' folder: where they are while their pods are stopped.
  std::string stopped_folder() const;
  /// What the names of the copies of given manifests begin with: "etcd.yaml" and its like follow.
  std::string given_prefix() const;
  /// Where the manifests of before are in the end, when others were given.
  std::string kept_manifests() const;
  /// Where the data go that were there before.
  std::string kept_folder(const RestoreMember& member) const;
  /// "cp1=https://10.0.0.11:2380,...": the same for all members.
  std::string initial_cluster() const;
  /// Of the new cluster, so that no member of the old one can join it.
  std::string token() const;
};

/// Revisions never go back for whoever watches them: so much is added to the snapshot's.
inline constexpr std::uint64_t kRevisionBump = 1'000'000'000;

/// Reads what the copy of a snapshot is.
Command look_at_copy(const std::string& path);
/// Whether that said that it is there, and is the file with this SHA-256.
bool is_copy(const CommandResult& result, const std::string& sha256);

/// Of the manifests that were given, too.
Step make_snapshot_present(const Scope& scope, const Restore& restore, const RestoreMember& member);
Step make_static_pods_stop(const Scope& scope, const Restore& restore, const RestoreMember& member);
Step make_etcd_restore_data(const Scope& scope, const Restore& restore,
                            const RestoreMember& member);
Step make_etcd_start(const Scope& scope, const Restore& restore, const RestoreMember& member);
Step make_etcd_quorum(const Scope& scope, const Restore& restore);
Step make_api_server_start(const Scope& scope, const Restore& restore, const RestoreMember& member);
Step make_controllers_start(const Scope& scope, const Restore& restore,
                            const RestoreMember& member);
/// `created`: when the run was planned, RFC 3339. A Lease that is older came with the snapshot.
Step make_restore_verified(const Scope& scope, const std::string& created);

}  // namespace drover::plans
