"""The Kubernetes API on loopback: knows exactly the requests that Drover sends; any other is answered 501 and remembered."""
import dataclasses
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

import objects

KUBE_SYSTEM = "/namespaces/kube-system"
LEASES = f"/apis/coordination.k8s.io/v1{KUBE_SYSTEM}/leases"
CONFIG = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: kubernetes\nkubernetesVersion: {}\n" \
         "imageRepository: registry.k8s.io\ncertificatesDir: /etc/kubernetes/pki\netcd:\n  local:\n    dataDir: /var/lib/etcd\n"


@dataclasses.dataclass
class Request:
    verb: str
    path: str
    body: str
    status: int = 0

    def mutates(self):
        return self.verb != "GET"

    def is_lock(self):
        return self.path == LEASES or self.path == f"{LEASES}/drover"


class NotFound(Exception):
    pass


def found(value):
    if value is None:
        raise NotFound
    return value


class Reads:
    """The GETs. `routes` is the whole list of them: pattern of the path, query keys, what gives the body."""

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
            (f"{apps}/daemonsets", {"limit"}, lambda q: objects.listing("DaemonSet", [self.daemonset("default", "agent"), self.daemonset("kube-system", "kube-proxy")])),
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

    def daemonset(self, namespace, name):
        image = f"registry.k8s.io/kube-proxy:{self.world.version()}" if name == "kube-proxy" else "registry.k8s.io/agent:1"
        return objects.workload("DaemonSet", name, namespace, image, len(self.world.nodes), len(self.world.nodes))

    def coredns(self):
        ready = sum(p.ready(time.time()) for p in self.world.pods if p.labels.get("k8s-app") == "kube-dns")
        return objects.workload("Deployment", "coredns", "kube-system", "registry.k8s.io/coredns/coredns:v1.12.0", 2, ready)


class Writes:
    """The requests that change something; each gives a status and a body."""

    def __init__(self, world):
        self.world = world

    def answer(self, verb, path, body):
        match = re.fullmatch("/api/v1/nodes/([^/]+)", path)
        if verb == "PATCH" and match:
            return self.patch_node(found(self.world.nodes.get(match[1])), body)
        match = re.fullmatch("/api/v1/namespaces/([^/]+)/pods/([^/]+)/eviction", path)
        if verb == "POST" and match and body["metadata"] == {"namespace": match[1], "name": match[2]}:
            return self.world.evict(match[1], match[2], body["deleteOptions"]["preconditions"]["uid"], time.time())
        if verb == "POST" and path == LEASES and body["metadata"]["name"] == "drover":
            return self.put_lock(body, 201)
        if verb == "PUT" and path == f"{LEASES}/drover":
            return self.put_lock(body, 200)
        return None

    def patch_node(self, node, patch):
        """A merge patch of annotations and spec, with the resourceVersion as precondition."""
        if patch["metadata"].get("resourceVersion") != str(node.resource_version):
            return 409, objects.refusal(409, "Conflict", "the object has been modified; please apply your changes to the latest version")
        for target, changes in ((node.annotations, patch["metadata"].get("annotations", {})), (node.spec, patch.get("spec", {}))):
            for key, value in changes.items():
                target.pop(key, None) if value is None else target.update({key: value})
        node.resource_version += 1
        return 200, objects.node(node, self.world.kubelet(node.name), node.machine.read("boot_id").strip())

    def put_lock(self, lease, success):
        old = self.world.lock
        if success == 201 and old is not None:
            return 409, objects.refusal(409, "AlreadyExists", 'leases "drover" already exists')
        if success == 200 and (old is None or lease["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]):
            return 409, objects.refusal(409, "Conflict", "the object has been modified")
        version = int(old["metadata"]["resourceVersion"]) + 1 if old else 1
        self.world.lock = {**lease, "metadata": {**lease["metadata"], "resourceVersion": str(version)}}
        return success, self.world.lock


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        answer = self.server.api.handle(self.command, self.path, body, self.headers.get("Content-Type"))
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        text = content if isinstance(content, str) else json.dumps(content)
        head = f"HTTP/1.1 {status} \r\nContent-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n\r\n"
        self.wfile.write((head + text).encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, api, context):
        self.api, self.context = api, context
        super().__init__(("127.0.0.1", 0), Handler)

    def finish_request(self, request, client_address):
        # In the connection's own thread: a client that is slow with its handshake holds up nobody else.
        try:
            with self.context.wrap_socket(request, server_side=True) as tls:
                self.RequestHandlerClass(tls, client_address, self)
        except OSError:
            pass      # the client went away


class Api:
    def __init__(self, world, keys):
        self.world, self.requests, self.unknown = world, [], []
        self.before_write = self.after_write = lambda request: None      # tests strike here
        self._reads, self._writes = Reads(world), Writes(world)
        self._one_at_a_time = threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys.file("server.crt"), keys.file("server.key"))
        context.load_verify_locations(keys.file("ca.crt"))
        context.verify_mode = ssl.CERT_REQUIRED
        context.num_tickets = 0
        self._server = Server(self, context)
        self.port = self._server.server_port
        self.down = False
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def handle(self, verb, path, body, content_type):
        """A status and a body; None: no answer, the connection ends."""
        request = Request(verb, path, body)
        if self.down or self.world.away(time.time()):
            return None
        if request.mutates():
            self.before_write(request)
        with self._one_at_a_time:
            self.requests.append(request)
            self.world.settle(time.time())
            request.status, answer = self._answer(request, content_type)
        if request.mutates():
            self.after_write(request)
        return request.status, answer

    def _answer(self, request, content_type):
        try:
            if request.mutates():
                expected = "application/merge-patch+json" if request.verb == "PATCH" else "application/json"
                answer = self._writes.answer(request.verb, request.path, json.loads(request.body)) if content_type == expected else None
            else:
                body = self._reads.answer(request.path)
                answer = None if body is None else (200, body)
        except NotFound:
            return 404, objects.refusal(404, "NotFound", f"{request.path} not found")
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            self.unknown.append(f"{request.verb} {request.path} {request.body}: {wrong!r}")
            return 400, objects.refusal(400, "BadRequest", repr(wrong))
        if answer is None:
            self.unknown.append(f"{request.verb} {request.path} {request.body}")
            return 501, objects.refusal(501, "NotImplemented", "not one of the requests that are known here")
        return answer

    def writes(self):
        return [r for r in self.requests if r.mutates()]
