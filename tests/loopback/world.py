"""What stands behind the API: nodes, pods that move, budgets, Leases, and a control plane that follows its node's files."""
import dataclasses
import itertools
import math
import time
import uuid

import objects

STATIC = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
ETCD = {"v1.33": "3.5.24-0", "v1.34": "3.6.5-0"}
TERMINATES_IN = 0.3     # seconds from an eviction until the pod is gone
STARTS_IN = 0.3         # seconds from a pod's place on a node until it is Ready


@dataclasses.dataclass
class ClusterNode:
    machine: object
    control_plane: bool
    uid: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    resource_version: int = 100
    annotations: dict = dataclasses.field(default_factory=dict)
    spec: dict = dataclasses.field(default_factory=dict)

    @property
    def name(self):
        return self.machine.name

    def events(self, what):
        """Lines "VERSION EPOCH" of the node's own record of `kubelet` or `control-plane`, the oldest first."""
        rows = (line.split() for line in self.machine.read(f"var/lib/world/{what}").splitlines())
        return [(version, float(epoch)) for version, epoch in rows]


@dataclasses.dataclass
class Pod:
    name: str
    namespace: str
    labels: dict
    image: str
    owner: tuple
    node: str = ""
    uid: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    placed: float = 0.0
    deleting: float = 0.0

    def ready(self, now):
        return bool(self.node) and not self.deleting and now >= self.placed + STARTS_IN


@dataclasses.dataclass
class Budget:
    name: str
    namespace: str
    labels: dict
    least: int


class World:
    def __init__(self, control_plane, workers):
        self.uid = str(uuid.uuid4())
        self.nodes = {n.name: n for n in [ClusterNode(control_plane, True), *(ClusterNode(w, False) for w in workers)]}
        self.control_plane = self.nodes[control_plane.name]
        self.workers = [w.name for w in workers]
        self.pods, self.budgets, self.lock = [], [], None
        self._numbers = itertools.count(1)
        for name in self.nodes:
            self._add("agent", "default", {"app": "agent"}, ("DaemonSet", "agent"), name)
            self._add("kube-proxy", "kube-system", {"k8s-app": "kube-proxy"}, ("DaemonSet", "kube-proxy"), name)
        for _ in range(2):
            self._add("coredns", "kube-system", {"k8s-app": "kube-dns"}, ("ReplicaSet", "coredns-674b8bbfcf"), control_plane.name)
        self.add_web(replicas=4, least=3)

    def add_web(self, replicas, least, name="web"):
        """A service on the workers with a budget of its own."""
        for i in range(replicas):
            self._add(name, "default", {"app": name}, ("ReplicaSet", f"{name}-7d4b9c6f8"), self.workers[i % len(self.workers)])
        self.budgets.append(Budget(name, "default", {"app": name}, least))

    def _add(self, name, namespace, labels, owner, node="", placed=0.0):
        self.pods.append(Pod(f"{name}-{next(self._numbers):05}", namespace, labels, f"registry.k8s.io/{name}:1", owner, node, placed=placed))

    # What time brings about is worked out whenever somebody asks.
    def settle(self, now):
        for pod in [p for p in self.pods if p.deleting and now >= p.deleting + TERMINATES_IN]:
            self.pods.remove(pod)
        open_nodes = [n for n in self.workers if not self.nodes[n].spec.get("unschedulable")]
        for pod in self.pods:
            if not pod.node and open_nodes:
                pod.node = min(open_nodes, key=lambda name: sum(p.node == name for p in self.pods))
                pod.placed = now

    def kubelet(self, name):
        return self.nodes[name].events("kubelet")[-1][0]

    def version(self):
        """Of kubeadm-config and all that `kubeadm upgrade apply` changes at its end."""
        return self.control_plane.events("control-plane")[-1][0]

    def static_version(self):
        """Of the API server that runs."""
        return [version for start, _, version in self.restarts() if start <= time.time()][-1]

    def restarts(self):
        """(when, version) of each start of the static pods: after an upgrade, and after a kubelet of another minor."""
        starts = [(math.floor(at) + 1 if at else 0, at, version) for version, at in self.control_plane.events("control-plane")]
        kubelets = self.control_plane.events("kubelet")
        for (old, _), (new, at) in zip(kubelets, kubelets[1:]):
            if old.rsplit(".", 1)[0] != new.rsplit(".", 1)[0]:
                before = [version for start, _, version in starts if start <= math.floor(at) + 1]
                starts.append((math.floor(at) + 1, at, before[-1]))
        return sorted(starts)

    def away(self, now):
        """The API server itself restarts at this moment."""
        return any(at <= now < start for start, at, _ in self.restarts())

    def static_pods(self, now):
        start, _, version = [r for r in self.restarts() if r[0] <= now][-1]
        node = self.control_plane
        for component in STATIC:
            tag = ETCD[version.rsplit(".", 1)[0]] if component == "etcd" else version
            yield objects.pod(f"{component}-{node.name}", "kube-system", f"{component}-{node.uid}", {"component": component, "tier": "control-plane"},
                              f"registry.k8s.io/{component}:{tag}", node.name, start or 1795000000, f"{component}-{start}", mirror=True)

    def all_pods(self, now):
        for p in self.pods:
            yield objects.pod(p.name, p.namespace, p.uid, p.labels, p.image, p.node, p.placed or 1795000000, f"{p.name}-{p.uid}",
                              p.ready(now), p.owner, deleting=p.deleting)
        yield from self.static_pods(now)

    def covered(self, budget):
        return [p for p in self.pods if p.namespace == budget.namespace and budget.labels.items() <= p.labels.items()]

    def budget_object(self, budget, now):
        pods = self.covered(budget)
        healthy = sum(p.ready(now) for p in pods)
        return objects.budget(budget.name, budget.namespace, budget.labels, budget.least, healthy, sum(not p.deleting for p in pods))

    def evict(self, namespace, name, uid, now):
        """The status and body of the answer to an eviction."""
        pod = next((p for p in self.pods if (p.namespace, p.name) == (namespace, name)), None)
        if pod is None:
            return 404, objects.refusal(404, "NotFound", f'pods "{name}" not found')
        if uid != pod.uid:
            return 409, objects.refusal(409, "Conflict", "the UID in the precondition does not match the UID in record")
        for budget in self.budgets:
            status = self.budget_object(budget, now)["status"]
            if pod in self.covered(budget) and pod.ready(now) and status["disruptionsAllowed"] <= 0:
                cause = (f"The disruption budget {budget.name} needs {budget.least} healthy pods and has {status['currentHealthy']} currently")
                return 429, objects.refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
                                            ("DisruptionBudget", cause))
        if not pod.deleting:
            pod.deleting = now
            self._add(pod.name.rsplit("-", 1)[0], pod.namespace, pod.labels, pod.owner)
        return 201, {"kind": "Status", "apiVersion": "v1", "status": "Success", "code": 201}
