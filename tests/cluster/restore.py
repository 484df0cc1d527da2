#!/usr/bin/env python3
"""etcd restored on a real cluster: saved, objects made, changed and deleted, restored with Drover killed twice on the way; every object is as it was
saved, nothing that came later is left, and the kubelets and controllers work with it.

A scenario of the suite; run by itself it takes a cluster of `bed up`."""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fingerprint  # noqa: E402
import product  # noqa: E402
import report as reports  # noqa: E402
from bed import access, cluster, prerequisites  # noqa: E402
from bed.common import sh, wait_until  # noqa: E402
from kills import Kill, Killer  # noqa: E402

# What controllers write by themselves as time goes by.
RESTLESS = ("Lease ", "EndpointSlice ", "Endpoints ")
MIRRORS = ("etcd-", "kube-apiserver-", "kube-controller-manager-", "kube-scheduler-")


def kubectl(*arguments):
    sh(*cluster.kubectl(*arguments), stdout=subprocess.DEVNULL)


def objects():
    """Without the kubelet's reflections of static pods, which it may make anew."""
    mirrors = tuple(f"Pod kube-system/{name}" for name in MIRRORS)
    return {name: value for name, value in fingerprint.api().items() if not name.startswith(RESTLESS + mirrors)}


def revision(drover):
    members = json.loads(drover.run("--output", "json", "etcd", "status").out)["members"]
    return members[0]["revision"]


def change_much():
    """After the snapshot: made, changed, deleted."""
    kubectl("create", "namespace", "late")
    kubectl("-n", "late", "create", "configmap", "late", "--from-literal=a=b")
    kubectl("-n", "late", "create", "deployment", "late", "--image=bed.local/web:1")
    kubectl("patch", "configmap", "kept", "--patch", '{"data":{"a":"changed"}}')
    kubectl("delete", "configmap", "gone")
    wait_until(lambda: cluster.ask("-n", "late", "get", "pods", "-o", "jsonpath={.items[*].status.phase}") == "Running", 90, "the pod that comes late")


def kills(names, dice):
    """One while the control plane is being stopped or restored, one while it comes back."""
    first = names[0]
    return [Kill(f"node/{first}/static-pods-stop", dice.uniform(0, 15), 2), Kill(f"node/{first}/etcd-restore-data", dice.uniform(0, 0.3), 2),
            Kill(f"node/{first}/api-server-start", dice.uniform(0, 8), 2)][dice.randrange(2):]


def restore(report, drover, snapshot, pending, *options):
    killer = Killer(drover, pending)
    began = time.time()
    outcome = drover.run("etcd", "restore", "--yes", *options, snapshot, seconds=600, meanwhile=killer)
    while killer.last:
        report.say(f"         killed with -9 {killer.last.delay:.2f} s into {killer.last.step}, resumed {killer.last.away:.0f} s later")
        time.sleep(killer.last.away)
        outcome = drover.run("resume", "--yes", seconds=600, meanwhile=killer)
    report.check(f"`etcd restore`, killed and resumed, ends with 0 after {time.time() - began:.0f} s", outcome.code == 0 and not killer.pending,
                 [str(killer.pending), *outcome.text().splitlines()])


def works(report, names):
    """Controllers, scheduler and every kubelet do what they are told."""
    cluster.wait_ready(len(names))
    kubectl("create", "deployment", "after", "--image=bed.local/web:1", "--replicas=2")
    wait_until(lambda: cluster.ask("get", "deployment", "after", "-o", "jsonpath={.status.readyReplicas}") == "2", 120, "pods that are made after the restore")
    kubectl("delete", "deployment", "after")
    wait_until(lambda: not cluster.ask("get", "pods", "-l", "app=after", "-o", "name"), 90, "them to go again")
    cluster.wait_rolled_out()
    report.check("kubelets, scheduler and controllers work with it", True)


def no_strangers(report, names):
    """Containers of pods that the restored data do not know are stopped."""
    running = lambda: [name for name in names if " late" in access.on(name, "crictl ps --state Running", check=False)]
    wait_until(lambda: not running(), 120, "the pod that came late to be stopped")
    report.check("what the snapshot does not know is stopped", True)


def run(report, names, target, seed=1):
    dice = random.Random(seed)
    drover = product.Drover(report.folder / "restore", target)
    kubectl("create", "configmap", "kept", "--from-literal=a=b")
    kubectl("create", "configmap", "gone", "--from-literal=a=b")
    before = objects()
    backup = drover.run("--output", "json", "etcd", "backup", "--to", "saved")
    report.check("`etcd backup` ends with 0", backup.code == 0, backup.text())
    snapshot = json.loads(backup.out)["path"]
    change_much()
    report.check("after it objects are made, changed and deleted", objects() != before)
    data = pathlib.Path(snapshot).read_bytes()
    for what, content in (("cut off", data[:-4096]), ("flipped", data[:9000] + bytes([data[9000] ^ 1]) + data[9001:])):
        bad = drover.folder / "bad.db"
        bad.write_bytes(content)
        outcome = drover.run("etcd", "restore", "--yes", bad)
        report.check(f"a snapshot that is {what} is refused with 4", outcome.code == 4, outcome.text())
    was = revision(drover)
    restore(report, drover, snapshot, kills(names, dice))
    wrong = fingerprint.differences({"api": before}, {"api": objects()})
    report.check(f"{len(before)} objects are as they were saved, each of them", not wrong, wrong)
    report.check("revisions went on", revision(drover) > was + 10**8, f"{was} {revision(drover)}")
    works(report, names)
    no_strangers(report, names)
    lock = cluster.ask("-n", "kube-system", "get", "lease", "drover", "-o", "jsonpath={.spec.holderIdentity}", "--ignore-not-found")
    report.check("nobody holds the lock", lock == "", lock)
    kubectl("delete", "configmap", "kept", "gone")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--target", default="1.34.4")
    p.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments at which Drover is killed")
    p.add_argument("--nodes", nargs="+", default=["cp1", "w1"])
    a = p.parse_args()
    reasons = prerequisites.trouble() or ([] if cluster.by_hand() else ["no cluster that was made with `bed up` is running"])
    if reasons:
        print("skipped: " + "; ".join(reasons))
        return 77
    report = reports.Report(product.ROOT / "build/cluster" / time.strftime("restore-%Y%m%d-%H%M%S"))
    report.say(f"Results in {report.folder}, seed {a.seed}")
    try:
        run(report, a.nodes, a.target, a.seed)
    except Exception:
        report.broken("the restore")
    report.say(f"\nRestore: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
