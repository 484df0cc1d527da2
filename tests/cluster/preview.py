"""Scenario b: whatever only looks (plan, check, apply --dry-run) changes nothing on any node and nothing in the API."""
import json
import subprocess

import fingerprint
import product
from bed import access, cluster
from bed.common import sh

NODE_PART = ["kubelet-package", "kubelet-restart", "node-healthy"]
FIRST = ["repository", "kubeadm-package", "kubeadm-version", "upgrade-plan", "upgrade-apply", "control-plane-healthy", "cordon", "drain",
         *NODE_PART, "static-pods-healthy", "uncordon", "settled"]
WORKER = ["cordon", "drain", "repository", "kubeadm-package", "upgrade-node", *NODE_PART, "uncordon", "settled"]


def expected_steps(nodes):
    """The ids of an upgrade of one control plane and workers by one minor, in the order in which they must stand."""
    first, *workers = nodes
    ids = ["cluster/preflight", *(f"{n}/{s}" for n in nodes for s in ("stage-packages", "stage-images")), "cluster/etcd-snapshot"]
    ids += [f"{first}/{s}" for s in FIRST] + ["cluster/addons-healthy"]
    ids += [f"{w}/{s}" for w in workers for s in WORKER] + ["cluster/verify"]
    return ["v1.34/" + i for i in ids]


def plan_faults(plan, nodes):
    """What is wrong with a PLAN.json for this cluster, a line a fault."""
    ids = [s["id"] for s in plan["steps"]]
    faults = [f"step missing: {i}" for i in expected_steps(nodes) if i not in ids]
    faults += [f"step not expected: {i}" for i in ids if i not in expected_steps(nodes)]
    faults += [f"{s['id']} needs {n}, which does not stand before it" for i, s in enumerate(plan["steps"]) for n in s["needs"] if n not in ids[:i]]
    faults += [f"{s['id']} says not why" for s in plan["steps"] if not s["why"]]
    faults += [f"blocker: {v}" for v in plan["verdicts"] if v["severity"] == "blocker"]
    if plan["schema"] != "drover/plan/1":
        faults.append(f"schema is {plan['schema']}")
    drains = {d["node"]: " ".join(map(str, d["evicts"])) for d in plan["drains"]}
    if "web" not in "".join(drains.values()):
        faults.append(f"no drain foresees a pod of web: {drains}")
    return faults


def notices(nodes):
    """Can this fingerprint fail?  One file touched on a node, one object made and removed again must both be seen."""
    before = fingerprint.take(nodes)
    access.on(nodes[-1], "touch /etc/kubernetes")
    sh(*cluster.kubectl("create", "configmap", "passing"), stdout=subprocess.DEVNULL)
    sh(*cluster.kubectl("delete", "configmap", "passing"), stdout=subprocess.DEVNULL)
    seen = "\n".join(fingerprint.differences(before, fingerprint.take(nodes)))
    return f"{nodes[-1]} /etc/kubernetes" in seen and 'resource="configmaps"' in seen, seen


def run(report, nodes, target):
    drover = product.Drover(report.folder / "preview", target)
    fingerprint.at_rest(nodes)
    report.check("the fingerprint sees a touched folder and an object that came and went", *notices(nodes))
    before = fingerprint.at_rest(nodes)
    report.check(f"the cluster is at rest ({sum(map(len, before.values()))} things compared)", True)

    def exits(code, *arguments, says=()):
        outcome = drover.run(*arguments)
        missing = [s for s in says if s not in outcome.out]
        shown = " ".join(arguments).replace("UPGRADE", "upgrade.yaml").replace(f"{drover.folder}/", "")
        report.check(f"{shown} exits {code}" + (f" and names {', '.join(says)}" if says else ""),
                     outcome.code == code and not missing, outcome.text())
        return outcome

    exits(0, "plan", "UPGRADE", says=[*nodes, target])
    exits(0, "plan", "UPGRADE", "--commands", says=["kubeadm upgrade apply", "kubeadm upgrade node", "apt-get"])
    plans = []
    for name in ("PLAN.json", "PLAN-again.json"):
        outcome = exits(0, "plan", "UPGRADE", "-o", str(drover.folder / name))
        try:
            plans.append(json.loads((drover.folder / name).read_text()))
        except (OSError, ValueError) as e:
            report.check(f"{name} is JSON", False, f"{e}\n{outcome.text()}")
    if len(plans) == 2:
        faults = plan_faults(plans[0], nodes)
        report.check("PLAN.json holds exactly the steps of this upgrade, each after what it needs and with a reason", not faults, faults)
        report.check("planning again gives the same plan id", plans[0]["id"] == plans[1]["id"], f"{plans[0]['id']}\n{plans[1]['id']}")
    exits(10, "plan", "UPGRADE", "--detailed-exitcode")
    exits(0, "check", "UPGRADE")
    exits(0, "apply", "UPGRADE", "--dry-run")
    exits(2, "apply", "UPGRADE")      # neither a terminal nor --yes
    outcome = exits(0, "--output", "json", "plan", "UPGRADE")
    try:
        events = outcome.events()
        report.check("its only event is `plan`", [e["event"] for e in events] == ["plan"], outcome.text())
        if product.SCHEMA.exists():
            errors = product.schema_errors(events)
            report.check("and fits the published schema", not errors, errors)
    except (ValueError, KeyError):
        report.check("its only event is `plan`", False, outcome.text())

    changed = fingerprint.differences(before, fingerprint.take(nodes))
    report.check("nothing changed on any node or in the API", not changed, changed)
