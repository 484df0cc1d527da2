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


RESTART_ALL = """for c in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  id=$(crictl ps --name "^$c$" --state Running -q | head -n 1)
  [ -z "$id" ] || crictl stop --timeout 10 "$id"
done"""


def expired_on(report, name, delays, target):
    """On the control plane by which Drover reaches the API otherwise, and whose admin.conf it takes, everything has expired, and everything was
    started with that, as by a reboot. Killed with -9 at these delays into two steps: given up the first time, and begun anew; resumed the second."""
    access.on(name, certificates.EXPIRE)
    served = lambda: access.on(name, "echo | openssl s_client -connect 127.0.0.1:6443 2>/dev/null | openssl x509 -noout -enddate", check=False)
    wait_until(lambda: "2026 GMT" in served() and "Jan  1" in served(), 150, "the API server to serve what has expired", interval=2)
    access.on(name, RESTART_ALL)
    drover = product.Drover(report.folder / "one-expired", target)     # a killer reads the newest run of its own folder
    status = drover.run("certs", "status")
    report.check(f"`certs status` says what of {name} has expired", status.code == 4 and status.out.count("expired") >= LEAVES[name], status.text())

    def killed_in(drover, step, delay):
        kill = Kill(f"node/{name}/{step}", delay, 3)
        killer = Killer(drover, [kill])
        drover.run("certs", "renew", "--yes", seconds=1200, meanwhile=killer)
        ends = [e for e in drover.journalled_events() if e["event"] == "step_finished" and e["step"] == kill.step]
        report.check(f"{name} expired: killed with -9 {delay:.2f} s into {step}", killer.last and not ends, [str(killer.pending), str(ends)])
        time.sleep(kill.away)

    def renew():
        killed_in(drover, "certs-renew", delays[0])
        given_up = drover.run("cancel", seconds=300)
        report.check(f"{name} expired: given up while it is renewed", given_up.code == 0, given_up.text())
        wait_until(lambda: drover.run("etcd", "status").code == 0, 300, "the members of etcd to believe each other again", interval=5)
        again = product.Drover(report.folder / "expired-again", target)
        killed_in(again, "static-pods-restart", delays[1])
        return again.run("resume", "--yes", seconds=1200)

    renewed(report, drover, f"{name} expired", renew)


def run(report, names, target, seed=1):
    drover = product.Drover(report.folder / "control-planes", target)
    all_good(report, drover)
    dice = random.Random(seed)
    expired_on(report, CONTROL_PLANES[0], (dice.uniform(0, 0.3), dice.uniform(0, 10)), target)
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
