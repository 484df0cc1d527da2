#!/usr/bin/env python3
"""Three control planes: the certificates of all renewed, one after the other, and again when those of one had expired; then etcd restored on all.
Killed twice in each of the last two.

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
from bed import access, cluster, prerequisites  # noqa: E402
from bed.common import wait_until  # noqa: E402
from kills import Kill, Killer  # noqa: E402

CONTROL_PLANES = ["cp1", "cp2", "cp3"]
LEAVES = {"cp1": 11, "cp2": 10, "cp3": 10}     # super-admin.conf is on the first one only


def well(report, drover, what):
    """etcd has a leader and no alarm, nodes are Ready, nothing is left to resume."""
    status = drover.run("etcd", "status")
    report.check(f"{what}: three members of etcd, all well", status.code == 0 and status.out.count("healthy") >= 3, status.text())
    cluster.wait_ready(len(CONTROL_PLANES) + 1)
    again = drover.run("resume", "--yes")
    report.check(f"{what}: nothing is unfinished", again.code == 0 and "unfinished" in again.out, again.text())


def renewed(report, drover, what, renew):
    """`renew` returns the outcome of the last process."""
    before = {name: (certificates.kubeadms(name), certificates.containers_there(name)) for name in CONTROL_PLANES}
    began = time.time()
    outcome = renew()
    report.check(f"{what}: `certs renew` of three control planes ends with 0 after {time.time() - began:.0f} s", outcome.code == 0, outcome.text())
    for at, name in enumerate(CONTROL_PLANES):
        ours, status = certificates.drovers(drover, at)
        theirs, old = certificates.kubeadms(name), before[name][0]
        later = [c for c in old if theirs[c] > old[c]]
        report.check(f"{what}: {name}: {LEAVES[name]} certificates are later, and `certs status` has them",
                     len(later) == LEAVES[name] and all(ours.get(c) == theirs[c] for c in theirs), [f"kubeadm {theirs}", status.text()])
        now = certificates.containers_there(name)
        report.check(f"{what}: {name}: every static pod has another container", all(now) and not set(now) & set(before[name][1]), [f"{before[name][1]} {now}"])
    well(report, drover, what)


def all_good(report, drover):
    renewed(report, drover, "all good", lambda: drover.run("certs", "renew", "--yes", seconds=1200))


def expired_on(report, drover, name, delays):
    """That of the control plane by which Drover reaches the API otherwise, and whose admin.conf it takes; killed with -9 at these delays into two steps."""
    access.on(name, certificates.EXPIRE)
    served = lambda: access.on(name, "echo | openssl s_client -connect 127.0.0.1:6443 2>/dev/null | openssl x509 -noout -enddate", check=False)
    wait_until(lambda: "2026 GMT" in served() and "Jan  1" in served(), 150, "the API server to serve what has expired", interval=2)
    status = drover.run("certs", "status")
    report.check(f"`certs status` says what of {name} has expired", status.code == 4 and status.out.count("expired") >= LEAVES[name], status.text())

    def renew():
        killer = Killer(drover, [Kill(f"node/{name}/{step}", delay, 3) for step, delay in zip(("certs-renew", "static-pods-restart"), delays)])
        outcome = drover.run("certs", "renew", "--yes", seconds=1200, meanwhile=killer)
        while killer.last:
            report.say(f"         killed with -9 {killer.last.delay:.2f} s into {killer.last.step}, resumed {killer.last.away:.0f} s later")
            time.sleep(killer.last.away)
            outcome = drover.run("resume", "--yes", seconds=1200, meanwhile=killer)
        report.check(f"{name} expired: killed at both moments", not killer.pending, str(killer.pending))
        return outcome

    renewed(report, drover, f"{name} expired", renew)


def run(report, names, target, seed=1):
    drover = product.Drover(report.folder / "control-planes", target)
    all_good(report, drover)
    dice = random.Random(seed)
    drover = product.Drover(report.folder / "one-expired", target)     # a killer reads the newest run of its own folder
    expired_on(report, drover, CONTROL_PLANES[0], (dice.uniform(0, 0.3), dice.uniform(0, 10)))
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
