#!/usr/bin/env python3
"""A real cluster taken back to the version it had: saved at the old version, its control plane upgraded, the upgrade given up before any kubelet was
replaced, etcd restored with the manifests that kubeadm left behind. Drover is killed on the way.

Takes a cluster of `bed up 1.33.13`, which afterwards has kubeadm of the target on its first control plane."""
import argparse
import json
import pathlib
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import fingerprint  # noqa: E402
import product  # noqa: E402
import report as reports  # noqa: E402
import restore as restoring  # noqa: E402
from bed import access, cluster, prerequisites  # noqa: E402

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
FOLDER = "/etc/kubernetes"


def manifests(name, folder=f"{FOLDER}/manifests"):
    return {component: access.on(name, f"cat {folder}/{component}.yaml") for component in COMPONENTS}


def images(name):
    shown = json.loads(cluster.ask("-n", "kube-system", "get", "pods", "-l", "tier=control-plane", "-o", "json"))
    return {pod["metadata"]["labels"]["component"]: pod["spec"]["containers"][0]["image"].rpartition(":")[2]
            for pod in shown["items"] if pod["spec"]["nodeName"] == name}


def kill_after(drover, step):
    """Kills Drover as soon as this step has succeeded."""
    def watch(process):
        end = time.monotonic() + 600
        while process.poll() is None and time.monotonic() < end:
            if any(e["event"] == "step_finished" and e["step"] == step for e in drover.journalled_events()):
                process.kill()
                return
            time.sleep(0.02)
    return watch


def half_upgraded(report, drover, name, target):
    step = f"v{target.rpartition('.')[0]}/{name}/control-plane-healthy"
    drover.run("apply", "UPGRADE", "--yes", seconds=900, meanwhile=kill_after(drover, step))
    report.check(f"the control plane is at {target}", images(name).get("kube-apiserver") == f"v{target}", str(images(name)))
    outcome = drover.run("cancel", seconds=120)
    report.check("the upgrade is given up", outcome.code == 0, outcome.text())


def left_by_kubeadm(folder, name):
    """As an operator would fetch them: what kubeadm put aside."""
    found = access.on(name, f"ls -d {FOLDER}/tmp/kubeadm-backup-manifests-*").split()[-1]
    (folder / name).mkdir(parents=True)
    for component, text in manifests(name, found).items():
        (folder / name / f"{component}.yaml").write_text(text)


def run(report, names, version, target, seed=1):
    dice, first = random.Random(seed), names[0]
    drover = product.Drover(report.folder / "go-back", target)
    restoring.kubectl("create", "configmap", "kept", "--from-literal=a=b")
    objects, old, tags = restoring.objects(), manifests(first), images(first)
    backup = drover.run("--output", "json", "etcd", "backup", "--to", "saved")
    snapshot = json.loads(backup.out)["path"]
    half_upgraded(report, drover, first, target)
    new, drover = manifests(first), product.Drover(report.folder / "back", target)     # from another workstation
    restoring.kubectl("delete", "configmap", "kept")
    outcome = drover.run("etcd", "restore", "--yes", snapshot)
    report.check("without manifests it is refused with 4", outcome.code == 4 and "snapshot-version" in outcome.out, outcome.text())
    folder = drover.folder / "before"
    left_by_kubeadm(folder, first)
    report.check("what kubeadm left is what was there", {c: (folder / first / f"{c}.yaml").read_text() for c in COMPONENTS} == old)
    outcome = drover.run("etcd", "restore", "--dry-run", "--commands", "--with-manifests", "before", snapshot)
    report.check("--dry-run ends with 0 and changes nothing", outcome.code == 0 and manifests(first) == new, outcome.text())
    restoring.restore(report, drover, snapshot, restoring.kills(names, dice), "--with-manifests", "before")
    report.check("the manifests of before the upgrade are in place", manifests(first) == old)
    kept = access.on(first, f"ls -d {FOLDER}/manifests.before-* {FOLDER}/drover-* 2>/dev/null", check=False).split()
    report.check("those of the upgrade are kept, and nothing else is left", len(kept) == 1 and manifests(first, kept[0]) == new, kept)
    cluster.wait_ready(len(names))
    shown = images(first)
    report.check(f"etcd and Kubernetes are those of {version}", shown == tags and tags["kube-apiserver"] == f"v{version}", f"{tags} {shown}")
    wrong = fingerprint.differences({"api": objects}, {"api": restoring.objects()})
    report.check(f"{len(objects)} objects are as they were saved, each of them", not wrong, wrong)
    restoring.works(report, names)
    restoring.kubectl("delete", "configmap", "kept")


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--version", default="1.33.13")
    p.add_argument("--target", default="1.34.4")
    p.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments at which Drover is killed")
    p.add_argument("--nodes", nargs="+", default=["cp1", "w1"])
    a = p.parse_args()
    reasons = prerequisites.trouble() or ([] if cluster.by_hand() else ["no cluster that was made with `bed up` is running"])
    if reasons:
        print("skipped: " + "; ".join(reasons))
        return 77
    report = reports.Report(product.ROOT / "build/cluster" / time.strftime("go-back-%Y%m%d-%H%M%S"))
    report.say(f"Results in {report.folder}, seed {a.seed}")
    try:
        run(report, a.nodes, a.version, a.target, a.seed)
    except Exception:
        report.broken("the way back")
    report.say(f"\nThe way back: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
