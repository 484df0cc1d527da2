"""A cluster, its inventory and a plan file, drawn from a seed: what random_runs.py upgrades. Drawing needs no sandbox and always gives the
same for the same seed; furnish() makes a bed so."""
import dataclasses
import random
import secrets

USERS = ("root", "root", "ops", "ops with a password")
NAMES = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclasses.dataclass
class Workload:
    kind: str
    name: str
    replicas: int
    pods: dict
    budget: dict = None      # min_available or max_unavailable


@dataclasses.dataclass
class Scene:
    workers: int
    hosts: dict                 # what the inventory calls each node
    user: str
    plan: str
    excluded: set
    workloads: list
    bare_pod: str               # the worker on which a pod runs that nothing would start again; empty: none
    unheld: dict                # by node: packages that are not on hold
    cordoned: str               # the worker that somebody else has cordoned; empty: none
    wants_reboot: set
    blockers: list              # why it can only be refused; empty: it can be upgraded


def host_name(rng):
    return rng.choice(NAMES) + "".join(rng.choice(NAMES + "-_.") for _ in range(rng.randint(0, 20))) + rng.choice(NAMES)


def budget(rng, replicas):
    """(budget, whether it ever lets a pod go)"""
    kind = rng.choice(("least", "least", "share", "most", "none", "never"))
    if kind == "least":
        return {"min_available": rng.randint(0, max(0, replicas - 1))}, replicas > 1
    if kind == "share":
        return {"min_available": "50%"}, replicas > 1
    if kind == "most":
        return {"max_unavailable": rng.randint(1, 2)}, True
    if kind == "never" and rng.random() < 0.15:
        return rng.choice(({"max_unavailable": 0}, {"min_available": replicas}, {"min_available": "100%"})), False
    return None, True


def workload(rng, number):
    """(workload, whether its pods can leave a node while others run)"""
    kind = rng.choice(("Deployment", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"))
    replicas = rng.randint(1, 6)
    pods = {"empty_dir": rng.random() < 0.2, "starts": rng.choice((0.1, 2, 5)), "terminates": rng.choice((0.1, 4, 10))}
    if rng.random() < 0.2:
        pods["tolerations"] = ["*"]
    limits, goes = (None, True) if kind == "DaemonSet" else budget(rng, replicas)
    if limits and limits.get("min_available") == 0:
        goes = True
    return Workload(kind, f"apps-{number % 2}/app-{number}", replicas, pods, limits), goes


def drain_keys(rng, emptied, blockers):
    keys = [f"timeout: {rng.choice(('10s', '20s'))}"]
    if rng.random() < 0.2:
        keys.append(f"grace_period: {rng.choice((0, 1, 30))}")
    if emptied and rng.random() < 0.1:
        keys.append("delete_emptydir_data: false")
        blockers.append("pods with an emptyDir")
    return keys


def roll_out(rng, wide):
    """Keys of `workers`. Where all workers may be down at once their drains can wait for each other: then only to put them off helps."""
    keys = [f"canary: {rng.choice((1, 2))}"] if rng.random() < 0.25 else []
    action = rng.choice(("defer", "wait", "fail"))
    if rng.random() < 0.4 and (action == "defer" or not wide):
        keys.append(f"on_blocked: {action}")
    return keys


def draw_plan(rng, seed, drain, excluded, hosts):
    lines = [f"health: {{settle: {rng.choice(('0s', '0s', '1s'))}, interval: 1s, consecutive: {rng.randint(1, 2)}, timeout: 1m}}",
             f"drain: {{{', '.join(drain)}}}"]
    workers = [f"max_unavailable: {rng.choice((1, 2, '20%', '100%'))}"] if rng.random() < 0.3 else []
    workers += roll_out(random.Random(f"roll-out of {seed}"), wide=bool(workers))      # of its own, so that the rest of a seed stays what it was
    if excluded:
        workers.append(f"exclude: [{', '.join(repr(hosts[name]) for name in sorted(excluded))}]")
    if workers:
        lines.append(f"workers: {{{', '.join(workers)}}}")
    if rng.random() < 0.15:
        lines.append("prestage: {enabled: false}")
    if rng.random() < 0.15:
        lines.append(f"etcd: {{snapshot: {rng.choice(('true, keep: 1', 'false'))}}}")
    reboot = rng.choice(("never",) * 8 + ("if-required", "always"))
    if reboot != "never":
        lines.append(f"os: {{reboot: {reboot}}}")
    return "\n".join(lines) + "\n"


def draw(seed):
    rng = random.Random(seed)
    workers = rng.choice((0, 1, 2, 2, 3, 3, 4, 5))
    nodes = ["cp1", *(f"w{i + 1}" for i in range(workers))]
    hosts = {name: name if rng.random() < 0.3 else f"{host_name(rng)}{i}" for i, name in enumerate(nodes)}
    blockers, workloads = [], []
    for number in range(rng.randint(0, 4)):
        one, goes = workload(rng, number)
        if workers < 2:
            one.budget, goes = None, True      # nowhere else to go: a budget would hold forever, or not, as the pods lie
        if not goes:
            blockers.append(f"the budget of {one.name}")
        workloads.append(one)
    bare = rng.choice(nodes[1:]) if workers and rng.random() < 0.05 else ""
    if bare:
        blockers.append("a pod that nothing would start again")
    cordoned = rng.choice(nodes[1:]) if workers > 2 and rng.random() < 0.1 else ""
    drain = drain_keys(rng, workers and any(w.pods["empty_dir"] and w.kind != "DaemonSet" for w in workloads), blockers)
    # What can only be refused is so wherever its pods lie: then nothing is left out.
    excluded = {rng.choice(nodes[1:])} if workers > 1 and not blockers and rng.random() < 0.1 else set()
    return Scene(workers, hosts, rng.choice(USERS), draw_plan(rng, seed, drain, excluded, hosts), excluded, workloads, bare,
                 {name: {p for p in ("kubeadm", "kubelet", "kubectl") if rng.random() < 0.1} for name in nodes}, cordoned,
                 {name for name in nodes if rng.random() < 0.2}, blockers)


def inventory(bed, scene):
    lines = [f"  {scene.hosts[name]!r}: {{address: 127.0.0.1, port: {node.port}, roles: [{'control-plane' if name == 'cp1' else 'worker'}], node: {name}}}\n"
             for name, node in bed.nodes.items()]
    sudo = "sudo: {password: {file: password}}\n" if "password" in scene.user else ""
    return (f"apiVersion: drover/v1\nkind: Inventory\ncluster: sandbox\nssh: {{user: {scene.user.split()[0]}, identity_file: {bed.identity}, "
            f"known_hosts: {bed.known_hosts}}}\n{sudo}hosts:\n{''.join(lines)}")


def ask_for_password(bed):
    word = secrets.token_hex(8)
    bed.secrets.append(word)
    file = bed.folder / "password"
    file.write_text(word + "\n")
    file.chmod(0o600)
    for node in bed.nodes.values():
        node.write("var/lib/sandbox/sudo-password", word + "\n")


def furnish(bed, scene):
    bed.hosts = scene.hosts
    (bed.folder / "inventory.yaml").write_text(inventory(bed, scene))
    if "password" in scene.user:
        ask_for_password(bed)
    if scene.workers < 2:
        bed.do("budget", what="remove", name="default/web")
    for one in scene.workloads:
        bed.do("workload", what="add", name=one.name, kind=one.kind, replicas=one.replicas, **one.pods)
        if one.budget:
            bed.do("budget", what="add", name=one.name, app=one.name.split("/")[1], **one.budget)
    if scene.bare_pod:
        bed.do("pod", what="add", name="default/lonely", node=scene.bare_pod)
    for name, packages in scene.unheld.items():
        for package in packages:
            (bed.nodes[name].root / "var/lib/sandbox/holds" / package).unlink(missing_ok=True)
    for name in scene.wants_reboot:
        bed.nodes[name].write("run/reboot-required", "")
    if scene.cordoned:
        bed.do("patch-node", node=scene.cordoned, patch={"spec": {"unschedulable": True}})
    bed.before = bed.found()
    bed.before.excluded = scene.excluded
