"""S11, a budget that can never be met: refused before anything is cordoned; with the check passed over, its node is put off and given back, all
others are done, and the run says what is left."""
import subprocess

import fingerprint
import product
from bed import cluster
from bed.common import sh, wait_until

PLAN = "workers: {on_blocked: defer}\ndrain: {timeout: 20s}\npreflight: {ignore: [drain]}\n"


def kubelets():
    return {n["metadata"]["name"]: n["status"]["nodeInfo"]["kubeletVersion"].removeprefix("v") for n in nodes()}


def cordoned():
    return [n["metadata"]["name"] for n in nodes() if n["spec"].get("unschedulable")]


def nodes():
    return fingerprint.kubectl_json("get", "nodes")["items"]


def run(report, names, old, target):
    manifest = cluster.workload("stuck")
    cluster.apply(manifest)
    cluster.wait_rolled_out()
    wait_until(lambda: cluster.ask("get", "pdb", "stuck", "-o", "jsonpath={.status.currentHealthy}") == "1", 60, "the budget `stuck` to count its pod")
    held = cluster.ask("get", "pods", "-l", "app=stuck", "-o", "jsonpath={.items[0].spec.nodeName}")
    drover = product.Drover(report.folder / "put-off", target, plan=PLAN)
    outcome = drover.run("apply", "UPGRADE", "--yes", seconds=900)
    said = outcome.out + outcome.err
    missing = [s for s in (f"{held} was put off", "default/stuck", "resume") if s not in said]
    report.check(f"the run ends 5 and names {held} and the budget", outcome.code == 5 and not missing, [str(missing), *outcome.text().splitlines()])
    report.check("all other nodes are done", kubelets() == {n: old if n == held else target for n in names}, str(kubelets()))
    report.check("and none is left cordoned", not cordoned(), cordoned())
    status = drover.run("status")
    report.check("`status` names what blocks it", held in status.out and "default/stuck" in status.out, status.text())
    sh(*cluster.kubectl("delete", "pdb", "stuck"), stdout=subprocess.DEVNULL)
    outcome = drover.run("resume", "--yes", seconds=900)
    report.check("without the budget `resume` exits 0", outcome.code == 0, outcome.text())
    report.check("every node is done and takes pods", set(kubelets().values()) == {target} and not cordoned(), f"{kubelets()} {cordoned()}")
