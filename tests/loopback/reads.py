"""The GETs that Drover sends, and what is answered to each."""
import re
import time
import urllib.parse

import objects

KUBE_SYSTEM = "/namespaces/kube-system"
LEASES = f"/apis/coordination.k8s.io/v1{KUBE_SYSTEM}/leases"
CONFIG = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: kubernetes\nkubernetesVersion: {}\n" \
         "imageRepository: registry.k8s.io\ncertificatesDir: /etc/kubernetes/pki\netcd:\n  local:\n    dataDir: /var/lib/etcd\n"


class NotFound(Exception):
    pass


def found(value):
    if value is None:
        raise NotFound
    return value


class Reads:
    """`routes` is the whole list: pattern of the path, query keys, what gives the body."""

    def __init__(self, world):
        self.world = world
        pods, apps = "/api/v1/pods", "/apis/apps/v1"
        self.routes = [
            ("/readyz", set(), lambda q: "ok"),
            ("/version", set(), lambda q: {"gitVersion": world.static_version()}),
            (f"/api/v1{KUBE_SYSTEM}", set(), lambda q: {"kind": "Namespace", "metadata": objects.metadata("kube-system", uid=world.uid)}),
            ("/api/v1/nodes", {"limit"}, lambda q: objects.listing("Node", [self.node(n) for n in world.nodes])),
            ("/api/v1/nodes/([^/]+)", set(), lambda q, name: self.node(name)),
            (pods, {"limit", "fieldSelector"}, lambda q: self.pods(q)),
            (f"/api/v1{KUBE_SYSTEM}/pods", {"limit", "fieldSelector", "labelSelector"}, lambda q: self.pods(q, "kube-system")),
            ("/apis/policy/v1/poddisruptionbudgets", {"limit"}, lambda q: self.budgets()),
            (f"{apps}/daemonsets", {"limit"}, lambda q: self.daemonsets()),
            (f"{apps}{KUBE_SYSTEM}/daemonsets/kube-proxy", set(), lambda q: self.daemonset("kube-system", "kube-proxy")),
            (f"{apps}{KUBE_SYSTEM}/deployments", {"limit"}, lambda q: objects.listing("Deployment", [self.coredns()])),
            (f"{apps}{KUBE_SYSTEM}/deployments/coredns", set(), lambda q: self.coredns()),
            (f"/api/v1{KUBE_SYSTEM}/configmaps/kubeadm-config", set(),
             lambda q: objects.config_map("kubeadm-config", "ClusterConfiguration", CONFIG.format(world.version()))),
            (f"/api/v1{KUBE_SYSTEM}/configmaps/coredns", set(), lambda q: objects.config_map("coredns", "Corefile", ".:53 {}\n")),
            (f"{LEASES}/drover", set(), lambda q: found(world.lock)),
            (f"{LEASES}/(kube-scheduler|kube-controller-manager)", set(), lambda q, name: objects.lease(name, "kube-system", "cp1_1", time.time())),
            ("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/([^/]+)", set(),
             lambda q, name: objects.lease(found(world.nodes.get(name)).name, "kube-node-lease", name, time.time())),
        ]

    def answer(self, path):
        """The body for a path with its query; None: not one of Drover's requests."""
        parts = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        for pattern, keys, body in self.routes:
            match = re.fullmatch(pattern, parts.path)
            if match and query.keys() <= keys:
                return body(query, *match.groups())
        return None

    def node(self, name):
        n = found(self.world.nodes.get(name))
        return objects.node(n, self.world.kubelet(name), n.machine.read("boot_id").strip())

    def pods(self, query, namespace=None):
        items = [p for p in self.world.all_pods(time.time()) if namespace in (None, p["metadata"]["namespace"])]
        field, label = query.get("fieldSelector"), query.get("labelSelector")
        if field:
            node = re.fullmatch("spec.nodeName=(.*)", field)[1]
            items = [p for p in items if p["spec"].get("nodeName") == node]
        if label:
            key, among, one = re.fullmatch(r"(\w+)(?: in \((.*)\)|=(.*))", label).groups()
            wanted = among.split(",") if among else [one]
            items = [p for p in items if p["metadata"]["labels"].get(key) in wanted]
        return objects.listing("Pod", items)

    def budgets(self):
        return objects.listing("PodDisruptionBudget", [self.world.budget_object(b, time.time()) for b in self.world.budgets])

    def daemonsets(self):
        return objects.listing("DaemonSet", [self.daemonset("default", "agent"), self.daemonset("kube-system", "kube-proxy")])

    def daemonset(self, namespace, name):
        image = f"registry.k8s.io/kube-proxy:{self.world.version()}" if name == "kube-proxy" else "registry.k8s.io/agent:1"
        return objects.workload("DaemonSet", name, namespace, image, len(self.world.nodes), len(self.world.nodes))

    def coredns(self):
        ready = sum(p.ready(time.time()) for p in self.world.pods if p.labels.get("k8s-app") == "kube-dns")
        return objects.workload("Deployment", "coredns", "kube-system", "registry.k8s.io/coredns/coredns:v1.12.0", 2, ready)
