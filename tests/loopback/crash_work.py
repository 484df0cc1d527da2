"""What the crash sweep disturbs: each work makes a bed ready, names Drover's words, and knows how the bed must be once it is done."""
import invariants
import meddle
import restore


class Upgrade:
    """One control plane and three workers, to another version."""
    workers = 3
    words = ("apply", "UPGRADE", "--yes")
    locks = True        # it takes the lock in the cluster
    disks = range(84, 260, 4)       # KiB of a state folder that is full at some time of the run
    answers = [f"PATCH /api/v1/nodes/{node}" for node in ("cp1", "w1", "w2", "w3")] + [
        "eviction", "/pods/web", "POST /apis/coordination", "PUT /apis/coordination", "GET /api/v1/nodes", "GET /api/v1/pods", "leases/kube-scheduler",
        "configmaps/kubeadm-config", "poddisruptionbudgets"]

    def __init__(self, bed):
        self.bed = bed

    def wrong_at_any_time(self):
        return invariants.broken(self.bed, self.bed.before)

    def wrong_at_the_end(self):
        return invariants.not_finished(self.bed, self.bed.before)


class Restore:
    """etcd of one control plane, from a snapshot that is saved before."""
    workers = 1
    locks = False
    disks = range(16, 120, 4)
    answers = ["GET /api/v1/nodes", "GET /api/v1/pods", "PUT /apis/coordination", "GET /readyz"]

    def __init__(self, bed):
        self.bed = bed
        snapshot = restore.backup(bed, bed.folder / "saved")
        meddle.remove_capsules(bed, "cp1")      # that was another command
        bed.nodes["cp1"].write("var/lib/sandbox/starts", "")
        self.words = ("etcd", "restore", "--yes", str(snapshot))
        self.data = restore.database(bed)

    def wrong_at_any_time(self):
        return invariants.of_any_run(self.bed)

    def wrong_at_the_end(self):
        return restore.restored(self.bed, self.data) + invariants.left_behind(self.bed, self.bed.before)


WORKS = {"upgrade": Upgrade, "restore": Restore}
