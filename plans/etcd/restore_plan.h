#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "plans/etcd/restore_look.h"
#include "plans/plan.h"

/// `drover etcd restore` as a plan. All that stands in a row below waits for all that stands above.
///
/// | who | steps `node/<host>/<kind>` |
/// |---|---|
/// | control planes | snapshot-present, of manifests that were given, too |
/// | control planes | static-pods-stop |
/// | control planes | etcd-restore-data |
/// | control planes | etcd-start |
/// | the cluster | etcd-quorum |
/// | control planes | api-server-start |
/// | control planes | controllers-start |
/// | all nodes | kubelet-restart, node-healthy, on control planes static-pods-healthy |
/// | the cluster | restore-verified |
namespace drover::plans {

/// The snapshot, verified on the operator's machine.
struct RestoreSource {
  std::string path;  ///< absolute
  std::string sha256;
  std::uint64_t bytes = 0;
  std::uint64_t revision = 0;
  std::string saved = {};       ///< RFC 3339; "": not known
  std::string kubernetes = {};  ///< version in its kubeadm-config, "v1.33.13"; "": not known
};

struct RestoreInput {
  const Inventory& inventory;
  const ClusterFacts& facts;  ///< of the machines; of the cluster only when its API answers
  const RestoreSource& source;
  const std::vector<RestoreSeen>& seen;  ///< of all control planes, in the inventory's order
  bool api = false;                      ///< the API answered: `facts` has lock, nodes and pods
  std::string manifests = {};  ///< folder here that `seen` has the given ones of; "": none
  std::uint64_t revision = 0;  ///< that etcd is at now; 0: it does not say
  std::vector<std::string> strangers = {};  ///< etcd's members on no control plane of the inventory
  std::string run = {};                     ///< id of the run that this would be
  std::string unfinished = {};              ///< an earlier restore that can go on; "": none
  std::string created = {};                 ///< RFC 3339
  std::string preamble = {};                ///< the frame in which node commands run
  std::string self = {};                    ///< holder identity of a lock that is not foreign
  std::string inventory_path = {};          ///< absolute
};

/// With blockers and without steps when it must not be done.
Plan make_restore_plan(const RestoreInput& input);

/// What the plan, or one read back from its file, is about to send to each control plane: the file
/// here and its place there. Nothing: it restores nothing.
struct SnapshotCopy {
  std::string file;
  std::string copy;
  std::string sha256;
  std::vector<std::string> hosts;
};
std::optional<SnapshotCopy> copies_of(const Plan& plan);

/// True for the step that verifies manifests that were given for its control plane; its param
/// `folder` says where they are here, `kept_manifests` where those of before will be there.
bool gives_manifests(const Step& step);

/// Steps that tell which manifests are sent to which control plane, where they are not all in
/// place yet; none: those there stay. `done`: ids of steps that were done.
std::vector<const Step*> manifests_to_send(const Plan& plan, const std::set<std::string>& done);

/// True for a plan that takes the API away and brings it back: it is carried out without the lock
/// in the cluster.
bool replaces_etcd(const Plan& plan);

/// For whoever gives a restore up that was begun: what may stand still, and where its parts are.
/// "": nothing does. `left`: ids of steps that were not done.
std::string left_standing_still(const Plan& plan, const std::vector<std::string>& left);

}  // namespace drover::plans
