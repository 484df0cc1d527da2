#include "orchestrator/cli/etcd_spec.h"

namespace drover::orchestrator {

CommandSpec etcd_spec() {
  return {
      CommandId::Etcd,
      "etcd",
      "how etcd is; save, restore, defragment it; verify, list and prune what was saved",
      "status|backup|verify|list|restore|defrag [OPTIONS]",
      "Looks after the etcd that runs as static pods on the control planes, over SSH to them: "
      "neither the API nor etcdctl on this machine is needed, and on the control planes either "
      "etcdctl or crictl is enough. `status` exits with 0 when all members are well, with 4 when "
      "something is not, and with 8 when a member could not be asked and nothing else is wrong. "
      "`backup` saves a snapshot on a control plane, verifies it there, fetches it, verifies what "
      "has come, and only then gives it its name, for its owner only; nothing stays on the control "
      "plane. A snapshot holds all secrets of the cluster. Nothing is pruned unless --keep or "
      "--keep-for says so, and only what has the name of a backup of the same cluster. `verify` "
      "reads a file to its end and compares it with the checksum that etcd put there; it exits "
      "with 3 when the file is not what was saved. `restore` makes a snapshot the data of all "
      "members: it is verified here and on every "
      "control plane, their static pods are stopped, the old data are kept beside the new ones, "
      "and "
      "the kubelets of all nodes are restarted in the end. Everything that was changed since the "
      "snapshot is lost. It needs neither the API nor the cluster's lock, which are gone "
      "meanwhile; "
      "it is journalled, and gone on with by `drover resume`. `defrag` gives back what the "
      "databases do not "
      "use, "
      "member after member, the leader last, and goes on only while all are well; it is "
      "journalled, "
      "under the cluster's lock, and gone on with by `drover resume` when it was stopped or "
      "killed.",
      {{"inventory", 'i', "INV", "the inventory of the cluster (default: inventory.yaml)"},
       {"yes", '\0', "", "restore, defrag: do not ask"},
       {"dry-run", '\0', "", "restore: look, show what would be done, and change nothing"},
       {"commands", '\0', "", "restore: show the exact text of every node command and API request"},
       {"with-manifests", '\0', "DIR",
        "restore: put these manifests in place of those there, for a snapshot of another version: "
        "DIR/HOST/etcd.yaml, kube-apiserver.yaml, kube-controller-manager.yaml, "
        "kube-scheduler.yaml for each control plane HOST of the inventory"},
       {"to", '\0', "DIR", "backup: put it here (default: ./backups)"},
       {"keep", '\0', "N", "backup: keep the N newest, this one among them"},
       {"keep-for", '\0', "DURATION",
        "backup: keep those that are not older; with --keep, a backup goes only when neither keeps "
        "it"},
       {"host", '\0', "HOST",
        "backup: save on this control plane (default: on a follower that is well)"},
       {"via-dir", '\0', "DIR",
        "backup: folder of the control plane for the snapshot until it is fetched (default: "
        "/var/backups/drover)"}},
      {{"drover etcd status", "is it well?"},
       {"drover etcd backup --to /srv/backups --keep 14", "save it, keep two weeks of daily ones"},
       {"drover etcd list /srv/backups", "what is there, and is it whole?"},
       {"drover etcd verify backups/etcd-prod-20261128T065000Z-3f2a.db", ""},
       {"drover etcd restore --dry-run backups/etcd-prod-20261128T065000Z-3f2a.db",
        "what would be lost, what stands in the way?"},
       {"drover etcd restore --dry-run --commands old.db | less", "down to the last command"},
       {"drover etcd restore --with-manifests manifests/ old.db",
        "back to the version that it was saved with"},
       {"drover etcd defrag", "show the members, ask, and do it"},
       {"drover --output json etcd status | jq '.members[].size'", "for programs"}},
      {{"status",
        "[-i INV]",
        "members, leader, versions, size against quota, alarms, health of each; changes nothing",
        0,
        0,
        {"inventory"}},
       {"backup",
        "[-i INV] [--to DIR] [--keep N] [--keep-for DURATION] [...]",
        "save a snapshot and fetch it, verified",
        0,
        0,
        {"inventory", "to", "keep", "keep-for", "host", "via-dir"}},
       {"verify", "FILE", "is a file the snapshot that was saved, byte for byte?", 1, 1, {}},
       {"list",
        "[DIR]",
        "the snapshots in a folder (default: ./backups), each verified",
        0,
        1,
        {},
        false,
        true},
       {"restore",
        "FILE [-i INV] [--with-manifests DIR] [--yes] [--dry-run] [...]",
        "make a snapshot the data of all members; what was changed since it is lost",
        1,
        1,
        {"inventory", "with-manifests", "yes", "dry-run", "commands"}},
       {"defrag",
        "[-i INV] [--yes]",
        "give back what the databases do not use, the leader last",
        0,
        0,
        {"inventory", "yes"}}}};
}

}  // namespace drover::orchestrator
