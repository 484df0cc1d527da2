"""`drover node drain` beside `kubectl drain`, on the same API server: the same pods are evicted, left and refused, looking only and for good.

The nodes are pretended ones (kwok), one a kind of pod, so that hundreds of pods cost nothing; the API server, its admission and its
controllers are real. Drover needs no machine for any of it: an inventory host that nobody answers for is enough."""
import json
import re
import subprocess

import product
from bed import cluster
from bed.common import wait_until

FLAGS = ("--ignore-daemonsets", "--delete-emptydir-data", "--force")
# None, each alone, and what operators type.
COMBINATIONS = ((), *((flag,) for flag in FLAGS), FLAGS[:2], FLAGS)
NOWHERE = "10.77.0.{}"
IMAGE = "bed.local/web:1"
GOING = "drover.local/kept"      # a finalizer


def pod_spec(node, volumes=()):
    return {"nodeName": node, "tolerations": [{"operator": "Exists"}], "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "main", "image": IMAGE}], "volumes": list(volumes)}


def named(kind, name, api="v1", **fields):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}} | fields


def bare(node, name, volumes=(), **metadata):
    pod = named("Pod", name, spec=pod_spec(node, volumes))
    pod["metadata"] |= metadata
    return pod


def of_controller(kind, node, name, replicas=2, api="apps/v1", volumes=()):
    labels = {"of": name}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(node, volumes)}
    spec = {"template": template} | ({} if kind == "Job" else {"selector": labels if kind == "ReplicationController" else {"matchLabels": labels}})
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        spec["completions"] = spec["parallelism"] = replicas
    elif kind == "DaemonSet":
        del template["spec"]["nodeName"]
        template["spec"]["nodeSelector"] = {"kubernetes.io/hostname": node}
    else:
        spec["replicas"] = replicas
    return named(kind, name, api, spec=spec) | ({"spec": spec | {"serviceName": name}} if kind == "StatefulSet" else {})


def owned(node, name, kind, api="apps/v1", owner="gone", **more):
    """A pod whose controller is none that there is."""
    owner = {"apiVersion": api, "kind": kind, "name": owner, "uid": "11111111-2222-4333-8444-555555555555", "controller": True}
    return bare(node, name, ownerReferences=[owner], **more)


SCRATCH = {"name": "scratch", "emptyDir": {}}
MIRROR = {"kubernetes.io/config.mirror": "0", "kubernetes.io/config.source": "file"}
# What lies on a node, by the name of the case.
CASES = {
    "replica-set": lambda n, c: [of_controller("ReplicaSet", n, c)],
    "deployment": lambda n, c: [of_controller("Deployment", n, c)],
    "stateful-set": lambda n, c: [of_controller("StatefulSet", n, c)],
    "job": lambda n, c: [of_controller("Job", n, c, api="batch/v1")],
    "replication-controller": lambda n, c: [of_controller("ReplicationController", n, c, api="v1")],
    "daemon-set": lambda n, c: [of_controller("DaemonSet", n, c)],
    "daemon-set-scratch": lambda n, c: [of_controller("DaemonSet", n, c, volumes=[SCRATCH])],
    "scratch": lambda n, c: [of_controller("ReplicaSet", n, c, volumes=[SCRATCH])],
    "unmanaged": lambda n, c: [bare(n, c)],
    "unmanaged-scratch": lambda n, c: [bare(n, c, [SCRATCH])],
    "unmanaged-beside": lambda n, c: [bare(n, f"{c}-bare"), of_controller("ReplicaSet", n, c)],
    "going": lambda n, c: [bare(n, c, finalizers=[GOING])],
    "mirror": lambda n, c: [bare(n, c, annotations=MIRROR)],
    "nothing": lambda n, c: [],
}

# How many pods of a case a drain takes away that may take all it can, and how many it leaves.
GO = {"replica-set": 2, "deployment": 2, "stateful-set": 2, "job": 2, "replication-controller": 2, "scratch": 2, "unmanaged": 1,
      "unmanaged-scratch": 1, "unmanaged-beside": 3, "daemon-set": 0, "daemon-set-scratch": 0}
STAY = {"daemon-set": 1, "daemon-set-scratch": 1}


def kubectl(*words, text=None, fails=False):
    p = subprocess.run(cluster.kubectl(*words), input=text, capture_output=True, text=True)
    if p.returncode and not fails:
        raise RuntimeError(f"kubectl {' '.join(words)}: {p.stderr}")
    return p


def pods_on(node):
    """{name: uid} of those that are not on their way out."""
    pods = json.loads(kubectl("get", "pods", "-A", "--field-selector", f"spec.nodeName={node}", "-o", "json").stdout)["items"]
    return {f"{p['metadata']['namespace']}/{p['metadata']['name']}": p["metadata"]["uid"] for p in pods if "deletionTimestamp" not in p["metadata"]}


def furnish(nodes, namespace):
    """{case: node}: each case on a node of its own."""
    kubectl("create", "namespace", namespace)
    wait_until(lambda: "default" in kubectl("-n", namespace, "get", "serviceaccounts", "-o", "name").stdout, 20, "the service account of a namespace")
    where = dict(zip(CASES, nodes))
    items = [one for case, node in where.items() for one in CASES[case](node, case)]
    kubectl("-n", namespace, "create", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    made = lambda case: [name for name in pods_on(where[case]) if name.startswith(f"{namespace}/")]
    wait_until(lambda: all(len(made(case)) == number + STAY.get(case, 0) for case, number in GO.items()), 90, "the pods of the cases")
    kubectl("-n", namespace, "delete", "pod", "going", "--wait=false")
    return where


# What kubectl says, and what Drover says, as the same: {"evicted": names, "refused": names}.

def by_kubectl(node, flags):
    p = kubectl("drain", node, "--dry-run=client", *flags, fails=True)
    evicted = set(re.findall(r"^(?:evicting|deleting) pod (\S+)", p.stdout + p.stderr, re.M))
    refused = set()
    for said in re.findall(r"cannot delete [^:]*: ([^\n]*)", p.stderr):
        refused |= {name.strip() for name in re.split(r",\s*", said.split(", cannot delete")[0]) if "/" in name}
    return {"evicted": set() if refused else evicted, "refused": refused}, p.stdout + p.stderr


def by_drover(drover, node, flags):
    outcome = drover.run("--output", "json", "node", "drain", node, "--dry-run", *flags)
    said = json.loads(outcome.out.splitlines()[0])
    one = said["nodes"][0] if said["nodes"] else {}
    refused = {line.split(": ")[0] for line in one.get("blocked_by", [])}
    going = {stay["pod"] for stay in one.get("stays", []) if "terminating" in stay["why"]}
    return {"evicted": set() if refused else set(one.get("evicts", [])), "refused": refused}, going, outcome.text()


def looking_only(report, drover, where):
    compared, wrong = 0, []

    def compare(case, flags):
        theirs, kubectl_said = by_kubectl(where[case], flags)
        ours, going, drover_said = by_drover(drover, where[case], flags)
        # The one difference, on purpose: kubectl refuses or evicts once more what is being deleted already; Drover awaits its end.
        theirs = {fate: pods - going for fate, pods in theirs.items()}
        if case == "going" and len(going) != 1:
            return ["the pod that is being deleted is not said to be", drover_said]
        return [] if ours == theirs else [f"{case} {' '.join(flags)}: kubectl {theirs}, drover {ours}", kubectl_said, drover_said]

    for case in where:
        for flags in COMBINATIONS:
            compared += 1
            wrong += compare(case, flags)
    report.check(f"{compared} drains that only look: what is evicted and what is refused is what kubectl says", not wrong, wrong)


def for_good(report, drover, mine, theirs):
    """The same cases on nodes of two sorts: one is drained by kubectl, the other by Drover."""
    wrong = []
    for case, number in GO.items():
        before = {node: pods_on(node) for node in (mine[case], theirs[case])}
        kubectl("drain", theirs[case], *FLAGS, "--timeout=60s", fails=True)
        outcome = drover.run("node", "drain", mine[case], *FLAGS, "--yes", "--timeout", "60s")
        gone = {node: len(set(pods.values()) - set(pods_on(node).values())) for node, pods in before.items()}
        if outcome.code != 0 or set(gone.values()) != {number}:
            wrong += [f"{case}: {gone} gone, not {number}", outcome.text()]
    report.check(f"{len(GO)} nodes drained by Drover and as many by kubectl: of each the same pods went, {sum(GO.values())} each", not wrong, wrong)


def run(report):
    number = len(CASES)
    cluster.kwok(2 * number)
    nodes = [f"fake-{i:04}" for i in range(2 * number)]
    wait_until(lambda: all(" Ready" in line for line in cluster.ask("get", "nodes", "-l", "type=kwok", "--no-headers").splitlines()), 60, "the pretended nodes")
    inventory = cluster.inventory() + "".join(f"  {node}: {{address: {NOWHERE.format(100 + i)}, roles: [worker]}}\n" for i, node in enumerate(nodes))
    drover = product.Drover(report.folder / "drains", "1.34.4", inventory=inventory)
    mine, theirs = furnish(nodes[:number], "by-drover"), furnish(nodes[number:], "by-kubectl")
    looking_only(report, drover, mine)
    for_good(report, drover, mine, theirs)
    for namespace in ("by-drover", "by-kubectl"):
        kubectl("-n", namespace, "patch", "pod", "going", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
        kubectl("delete", "namespace", namespace, "--wait=false")
    cluster.kwok(0)
