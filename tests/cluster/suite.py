#!/usr/bin/env python3
"""The real-cluster suite: makes a kubeadm cluster on this host, runs Drover against it, removes it.

Ends with one line `Real-cluster suite: N passed, N failed in M minutes`. Exit code 0: all passed, 1: not, 77: it cannot run here (the line before says why).
"""
import argparse
import os
import pathlib
import secrets
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import certificates  # noqa: E402
import control_planes  # noqa: E402
import drains  # noqa: E402
import failures  # noqa: E402
import go_back  # noqa: E402
import incident  # noqa: E402
import maintenance  # noqa: E402
import preview  # noqa: E402
import product  # noqa: E402
import put_off  # noqa: E402
import reboots  # noqa: E402
import refusals  # noqa: E402
import report as reports  # noqa: E402
import restore  # noqa: E402
import rolling  # noqa: E402
import scaling  # noqa: E402
import upgrade  # noqa: E402
from bed import access, build, cluster, images, machines, packages, prerequisites, system  # noqa: E402
from bed.common import CACHE, BedError, alone, sh  # noqa: E402

OLD, TARGET = "1.33.13", "1.34.4"
NODES = ["cp1", "w1", "w2"]
DUMPS = {"nodes.txt": ("get", "nodes", "-o", "wide"), "pods.txt": ("get", "pods", "-A", "-o", "wide"),
         "nodes-described.txt": ("describe", "nodes"), "events.txt": ("get", "events", "-A", "--sort-by=.lastTimestamp"),
         "objects.txt": ("get", "leases,deploy,ds,sts,pdb,svc", "-A", "-o", "wide")}
NODE_DUMPS = {"kubelet.log": "journalctl -q -u kubelet -n 2000 --no-pager", "containerd.log": "journalctl -q -u containerd -n 500 --no-pager",
              "system.log": "journalctl -q -n 1000 --no-pager", "dpkg.log": "cat /var/log/dpkg.log",
              "kube-proxy.log": "tail -n 2000 /var/log/pods/kube-system_kube-proxy-*/kube-proxy/*.log",
              "drover.txt": "find /var/lib/drover -type f -printf '%T+ %p %s\\n' | sort; systemctl list-units --all 'drover*'"}


def keep_evidence(report):
    """Everything that explains a failure, into the results folder."""
    folder = report.folder / "cluster"
    folder.mkdir(parents=True, exist_ok=True)
    for name, arguments in DUMPS.items():
        (folder / name).write_text(cluster.ask(*arguments))
    for m in machines.machines():
        for name, script in NODE_DUMPS.items():
            (folder / f"{m['name']}-{name}").write_text(sh(*access.ssh(m["name"], script), check=False, capture=True))
    report.say(f"\nEvidence of the failures: {report.folder}")


def prepare(report):
    report.section(f"The bed's binaries, packages and images (kept in {CACHE})")
    versions = [OLD, TARGET]
    build.build(versions)
    cluster.remove()      # a killed run's machines: their base system must not change under them
    packages.packages(versions)
    system.base()
    images.images(versions)
    report.check("binaries, packages and images are there", True)


def bring_up(report, workers):
    cluster.up(OLD, 1, workers, workloads=["web", "agent"])
    report.check(f"a cluster of {OLD} is up: 1 control plane, {workers} worker{'s' if workers > 1 else ''}, workloads web and agent", True)


def scenarios(report, full, seed):
    def guarded(title, scenario, *arguments):
        report.section(title)
        try:
            scenario(*arguments)
        except Exception:
            report.broken(title)

    bring_up(report, workers=2)
    guarded("Scenario b: looking changes nothing", preview.run, report, NODES, TARGET)
    guarded("What must be refused", refusals.run, report, NODES, TARGET, full)
    guarded(f"Scenario a: {OLD} to {TARGET} under load, killed three times", upgrade.run, report, NODES, OLD, TARGET, "root", seed)
    guarded("What is looked at and saved", maintenance.run, report, TARGET, "3.6", full)
    guarded("What is looked at in an incident", incident.run, report, TARGET)
    guarded("Certificates", certificates.run, report, TARGET, full)
    if full:
        guarded("An autoscaler at work", scaling.run, report, TARGET)
    if full and not report.failed:
        report.section("Another cluster")
        bring_up(report, workers=1)
        guarded("The same at one go, as a user with passwordless sudo", upgrade.run, report, NODES[:2], OLD, TARGET, "deploy")
    if full and not report.failed:
        report.section("A third cluster")
        bring_up(report, workers=2)
        guarded("Steps that fail, and resume", failures.run, report, NODES, TARGET)
    if full and not report.failed:
        report.section("A fourth cluster")
        bring_up(report, workers=2)
        guarded("Every node rebooted in its drain", reboots.rebooted, report, NODES, TARGET)
    if full and not report.failed:
        report.section("Drains beside kubectl's")
        bring_up(report, workers=2)
        guarded("Drains beside kubectl's", drains.run, report)
        guarded("What is looked at and saved, with the etcd before", maintenance.run, report, TARGET, "3.5")
        guarded("etcd restored, killed twice", restore.run, report, NODES, TARGET, seed)
        guarded("A budget that can never be met: its node is put off", put_off.run, report, NODES, OLD, TARGET)
    if full and not report.failed:
        report.section("An upgrade taken back")
        bring_up(report, workers=1)
        guarded("etcd restored with the manifests of the version before", go_back.run, report, NODES[:2], OLD, TARGET, seed)
    if full and not report.failed:
        report.section("Three control planes")
        cluster.up(OLD, 3, 1, metrics=False)
        guarded("Certificates and etcd of three control planes", control_planes.run, report, [*control_planes.CONTROL_PLANES, "w1"], OLD, seed)
    if full and not report.failed:
        report.section("Four workers")
        bring_up(report, workers=4)
        guarded("Two of four workers at once, and a rolling reboot", rolling.run, report, ["cp1", "w1", "w2", "w3", "w4"], OLD, TARGET)
    if full and not report.failed:
        report.section("A fifth cluster")
        bring_up(report, workers=2)
        guarded("A machine reset ten times, another cut off for a minute", reboots.reset_and_cut, report, NODES, TARGET, seed)


def end_in_order(*_):
    raise KeyboardInterrupt


def conclude(report):
    minutes = (time.time() - report.began) / 60
    report.say(f"\nReal-cluster suite: {report.passed} passed, {report.failed} failed in {minutes:.1f} minutes")
    return 1 if report.failed else 0


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--full", action="store_true", help="every scenario, not only CI's selection")
    p.add_argument("--prepare", action="store_true", help="only make what it needs beforehand, which takes long the first time")
    p.add_argument("--keep", action="store_true", help="leave the cluster up afterwards")
    p.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the moments at which Drover is killed and machines are reset; default: another each time")
    p.add_argument("--results", type=pathlib.Path, help="default: build/cluster/<time>")
    a = p.parse_args()
    reasons = prerequisites.trouble()
    if reasons:
        print("skipped: " + "; ".join(reasons))
        return 77
    signal.signal(signal.SIGTERM, end_in_order)
    report = reports.Report(a.results or product.ROOT / "build/cluster" / time.strftime("%Y%m%d-%H%M%S"))
    report.say(f"Results in {report.folder}")
    if not a.prepare and not os.access(product.binary(), os.X_OK):
        report.check(f"{product.binary()} is a program (build it, or name one in DROVER)", False)
        return conclude(report)
    try:
        with alone():
            if cluster.by_hand() and os.environ.get("CI") != "true":
                raise BedError("a cluster that was made with `bed up` is running: end it with `bed down` first")
            try:
                prepare(report)
                if not a.prepare:
                    scenarios(report, a.full, a.seed)
            finally:
                if report.failed or sys.exc_info()[0]:
                    try:
                        keep_evidence(report)
                    except (BedError, OSError) as e:
                        report.say(f"no evidence could be kept: {e}")
                if a.keep:
                    cluster.BY_HAND.touch()
                else:
                    cluster.remove()
    except BedError as e:
        report.check("the bed works", False, str(e))
    except KeyboardInterrupt:
        report.check("the suite ran to its end", False, "interrupted")
    return conclude(report)


if __name__ == "__main__":
    sys.exit(main())
