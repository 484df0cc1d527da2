#!/usr/bin/env python3
"""Three control planes: the certificates of all renewed, one after the other; then etcd restored on all, killed twice on the way.

A scenario of the suite; run by itself it takes a cluster of `bed up 1.33.13 --cp 3 --workers 1 --no-metrics`."""
import argparse
import random
import sys
import time

sys.dont_write_bytecode = True
import certificates  # noqa: E402
import product  # noqa: E402
import report as reports  # noqa: E402
import restore  # noqa: E402
from bed import cluster, prerequisites  # noqa: E402

CONTROL_PLANES = ["cp1", "cp2", "cp3"]
LEAVES = {"cp1": 11, "cp2": 10, "cp3": 10}     # super-admin.conf is on the first one only


def well(report, drover, what):
    """etcd has a leader and no alarm, nodes are Ready, nothing is left to resume."""
    status = drover.run("etcd", "status")
    report.check(f"{what}: three members of etcd, all well", status.code == 0 and status.out.count("healthy") >= 3, status.text())
    cluster.wait_ready(len(CONTROL_PLANES) + 1)
    again = drover.run("resume", "--yes")
    report.check(f"{what}: nothing is unfinished", again.code == 0 and "unfinished" in again.out, again.text())


def renewed(report, drover):
    before = {name: (certificates.kubeadms(name), certificates.containers_there(name)) for name in CONTROL_PLANES}
    outcome = drover.run("certs", "renew", "--yes", seconds=1200)
    report.check(f"`certs renew` of three control planes ends with 0 after {outcome.seconds:.0f} s", outcome.code == 0, outcome.text())
    for at, name in enumerate(CONTROL_PLANES):
        ours, status = certificates.drovers(drover, at)
        theirs, old = certificates.kubeadms(name), before[name][0]
        later = [c for c in old if theirs[c] > old[c]]
        report.check(f"{name}: {LEAVES[name]} certificates are later, and `certs status` has them",
                     len(later) == LEAVES[name] and all(ours.get(c) == theirs[c] for c in theirs), [f"kubeadm {theirs}", status.text()])
        now = certificates.containers_there(name)
        report.check(f"{name}: every static pod has another container", all(now) and not set(now) & set(before[name][1]), [f"{before[name][1]} {now}"])
    well(report, drover, "renewed")


def run(report, names, target, seed=1):
    drover = product.Drover(report.folder / "control-planes", target)
    renewed(report, drover)
    restore.run(report, names, target, seed)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--target", default="1.34.4")
    p.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments at which Drover is killed")
    a = p.parse_args()
    reasons = prerequisites.trouble() or ([] if cluster.by_hand() else ["no cluster that was made with `bed up` is running"])
    if reasons:
        print("skipped: " + "; ".join(reasons))
        return 77
    report = reports.Report(product.ROOT / "build/cluster" / time.strftime("control-planes-%Y%m%d-%H%M%S"))
    report.say(f"Results in {report.folder}, seed {a.seed}")
    try:
        run(report, [*CONTROL_PLANES, "w1"], a.target, a.seed)
    except Exception:
        report.broken("three control planes")
    report.say(f"\nThree control planes: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
