#!/usr/bin/env python3
"""Records what a real API server answers to each request that Drover sends, refusals too, for the sandbox to be compared with.

Wants the cluster of `bed up 1.33.13 --cp 1 --workers 2 --no-metrics --apply web agent`, which it leaves as it was but for the pods it
evicted. Writes examples/sandbox/recorded/api/NAME.json, one file an exchange: `scene` (the state of the cluster before it), `request`
with {placeholders} where names and versions of that moment stood, `values` (what stood there), status, headers that matter, and the
body without what tells of the machine or of nothing. With PARTs, only their exchanges are recorded anew.
"""
import argparse
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from api_recorder import OPTIONS, Recorder, Server, TARGET, kubectl  # noqa: E402
from bed import cluster, network, prerequisites  # noqa: E402
from bed.common import BedError, NETNS, wait_until  # noqa: E402
from record_autoscaling import applied, autoscalers, measured  # noqa: E402

LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
PODS = "/api/v1/namespaces/default/pods"


def web_pods(server):
    """Those of the service that are well and not on their way out, the oldest first."""
    pods = server.ask("GET", f"{PODS}?labelSelector=app%3Dweb").body["items"]
    ready = lambda p: any(c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions", []))
    return sorted((p for p in pods if ready(p) and "deletionTimestamp" not in p["metadata"]), key=lambda p: p["metadata"]["creationTimestamp"])


def budget(server, name="web"):
    return server.ask("GET", f"/apis/policy/v1/namespaces/default/poddisruptionbudgets/{name}").body["status"]


def all_serve(server):
    wait_until(lambda: len(web_pods(server)) == 4 and budget(server)["disruptionsAllowed"] == 1, 90, "four web pods that a budget lets go")


def watches(r):
    """Of the metrics, some megabytes, the two lines that are read."""
    wanted = ('resource="services"', 'resource="endpointslices"')
    r.take("metrics", "GET", "/metrics", keep=lambda text: "".join(
        line for line in text.splitlines(keepends=True)
        if line.startswith("apiserver_longrunning_requests{") and 'verb="WATCH"' in line and any(w in line for w in wanted)))


def reads(r):
    r.take("readyz", "GET", "/readyz")
    r.take("version", "GET", "/version")
    watches(r)
    r.take("namespace", "GET", "/api/v1/namespaces/kube-system")
    r.take("nodes", "GET", "/api/v1/nodes?limit=500")
    page = r.take("nodes-first-page", "GET", "/api/v1/nodes?limit=2")
    r.take("nodes-last-page", "GET", "/api/v1/nodes?limit=2&continue={continue}", **{"continue": page["metadata"]["continue"]})
    r.take("nodes-bad-continue", "GET", "/api/v1/nodes?limit=2&continue=none", expect=400)
    r.take("node", "GET", "/api/v1/nodes/w1")
    r.take("node-missing", "GET", "/api/v1/nodes/w9", expect=404)
    r.take("pods", "GET", "/api/v1/pods?limit=500")
    r.take("pods-of-node", "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dw1&limit=500")
    r.take("pods-bad-field", "GET", "/api/v1/pods?fieldSelector=spec.shoe%3D9&limit=500", expect=400)
    system = "/api/v1/namespaces/kube-system"
    r.take("system-pods", "GET", f"{system}/pods?limit=500")
    r.take("control-plane-pods", "GET", f"{system}/pods?labelSelector=tier%3Dcontrol-plane&limit=500")
    components = "component%20in%20%28etcd%2Ckube-apiserver%2Ckube-controller-manager%2Ckube-scheduler%29"
    r.take("static-pods", "GET", f"{system}/pods?fieldSelector=spec.nodeName%3Dcp1&labelSelector={components}&limit=500")
    for name in ("kubeadm-config", "coredns"):
        r.take(f"config-map-{name}", "GET", f"{system}/configmaps/{name}")
    r.take("config-map-missing", "GET", f"{system}/configmaps/none", expect=404)
    r.take("budgets", "GET", "/apis/policy/v1/poddisruptionbudgets?limit=500")
    apps = "/apis/apps/v1"
    for resource in ("deployments", "daemonsets", "replicasets", "statefulsets"):
        r.take(resource, "GET", f"{apps}/{resource}?limit=500")
    for resource in ("replicasets", "statefulsets"):
        r.take(f"default-{resource}", "GET", f"{apps}/namespaces/default/{resource}?limit=500")
    r.take("statefulset-missing", "GET", f"{apps}/namespaces/default/statefulsets/none", expect=404)
    r.take("replication-controllers", "GET", "/api/v1/replicationcontrollers?limit=500")
    r.take("default-replication-controllers", "GET", "/api/v1/namespaces/default/replicationcontrollers?limit=500")
    r.take("cordoned-nodes", "GET", "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue&limit=500")
    r.take("api-services", "GET", "/apis/apiregistration.k8s.io/v1/apiservices?limit=500")
    for kind in ("validating", "mutating"):
        r.take(f"{kind}-webhooks", "GET", f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations?limit=500")
    r.take("system-deployments", "GET", f"{apps}/namespaces/kube-system/deployments?limit=500")
    r.take("deployment-coredns", "GET", f"{apps}/namespaces/kube-system/deployments/coredns")
    r.take("deployment-missing", "GET", f"{apps}/namespaces/kube-system/deployments/none", expect=404)
    r.take("daemon-set-kube-proxy", "GET", f"{apps}/namespaces/kube-system/daemonsets/kube-proxy")
    for name in ("kube-scheduler", "kube-controller-manager"):
        r.take(f"lease-{name}", "GET", f"{LEASES}/{name}")
    r.take("lease-node", "GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w1")
    r.take("lease-node-missing", "GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/w9", expect=404)
    r.take("anonymous-readyz", "GET", "/readyz", client="anonymous")
    r.take("anonymous-nodes", "GET", "/api/v1/nodes?limit=500", client="anonymous", expect=403)
    r.take("stranger-nodes", "GET", "/api/v1/nodes?limit=500", client="stranger", expect=401)


def logs(r):
    """What a container wrote is its own, so that nothing of it is asked for."""
    pod = web_pods(r.server)[0]
    name, container = pod["metadata"]["name"], pod["spec"]["containers"][0]["name"]
    r.take("pods-by-name", "GET", "/api/v1/pods?fieldSelector=metadata.name%3D{pod}&limit=500", pod=name)
    r.take("default-pods-by-label", "GET", f"{PODS}?labelSelector=app%3Dweb&limit=500")
    log = f"{PODS}/{{pod}}/log?container={{container}}&timestamps=true"
    r.take("pod-log", "GET", f"{log}&tailLines=0", pod=name, container=container)
    r.take("pod-log-since", "GET", f"{log}&sinceTime=2100-01-01T00%3A00%3A00Z", pod=name, container=container)
    r.take("pod-log-no-container", "GET", f"{PODS}/{{pod}}/log?container=none&timestamps=true", pod=name, expect=400)
    r.take("pod-log-no-previous", "GET", f"{log}&previous=true", pod=name, container=container, expect=400)
    r.take("pod-log-missing", "GET", f"{PODS}/none/log?container=main&timestamps=true", expect=404)


def events(r):
    """One whose words are known, about a node of which there are no others."""
    moment = "2026-11-22T12:00:00Z"
    before = r.server.ask("GET", "/api/v1/events").body["metadata"]["resourceVersion"]
    kubectl("create", "-f", "-", text=json.dumps({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "recorded", "namespace": "default"}, "reason": "Recorded", "type": "Warning",
        "message": "something was seen", "involvedObject": {"kind": "Node", "name": "w9"}, "source": {"component": "sandbox"}, "count": 3,
        "firstTimestamp": moment, "lastTimestamp": moment}))
    of_node = "involvedObject.kind%3DNode%2CinvolvedObject.name%3Dw9%2Ctype%21%3DNormal"
    r.take("events-of-node", "GET", f"/api/v1/events?fieldSelector={of_node}&limit=500", scene="event")
    r.take("events-none", "GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind%3DPod%2CinvolvedObject.name%3Dnone&limit=500",
           scene="event")
    watch = "watch=1&allowWatchBookmarks=true&resourceVersion={version}&timeoutSeconds=2"
    r.take("events-watched", "GET", f"/api/v1/events?{watch}&fieldSelector={of_node}", scene="event", version=before)
    r.take("default-events-watched", "GET", f"/api/v1/namespaces/default/events?{watch}&fieldSelector=involvedObject.kind%3DPod", scene="event", version=before)
    kubectl("delete", "event", "recorded")


def metrics(r):
    """Without metrics-server, with one that does not answer yet, and once it has measured all nodes and pods."""
    path = "/apis/metrics.k8s.io/v1beta1"
    manifest = str(pathlib.Path(cluster.__file__).resolve().parent / "addons/metrics-server.yaml")
    r.take("metrics-missing", "GET", f"{path}/nodes", expect=404)
    kubectl("apply", "-f", manifest)
    try:
        registered = lambda: r.server.ask("GET", f"{path}/nodes").status == 503
        wait_until(registered, 30, "the API server to know of metrics-server", interval=0.02)
        r.take("metrics-silent", "GET", f"{path}/nodes", scene="metrics silent", expect=503)
        measured = lambda: len(r.server.ask("GET", f"{path}/namespaces/default/pods?labelSelector=app%3Dweb").body.get("items", [])) == 4 and \
            len(r.server.ask("GET", f"{path}/nodes").body["items"]) == 3
        wait_until(lambda: r.server.ask("GET", f"{path}/nodes").status == 200 and measured(), 120, "the first metrics", interval=1)
        r.take("metrics-nodes", "GET", f"{path}/nodes", scene="metrics")
        r.take("metrics-nodes-by-label", "GET", f"{path}/nodes?labelSelector=kubernetes.io%2Fhostname%3Dw1", scene="metrics")
        r.take("metrics-pods", "GET", f"{path}/pods?labelSelector=app%3Dweb", scene="metrics")
        r.take("metrics-default-pods", "GET", f"{path}/namespaces/default/pods?labelSelector=app%3Dweb", scene="metrics")
    finally:
        kubectl("delete", "-f", manifest)


def attachments(r):
    """No driver is needed for the object itself; its name has the form of those that the attach controller makes."""
    name = "csi-" + hashlib.sha256(b"recorded").hexdigest()
    kubectl("create", "-f", "-", text=json.dumps({
        "apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": name},
        "spec": {"attacher": "csi.sandbox.local", "nodeName": "w1", "source": {"persistentVolumeName": "data"}}}))
    kubectl("patch", "volumeattachment", name, "--subresource=status", "--type=merge", "-p", '{"status":{"attached":true}}')
    r.take("volume-attachments", "GET", "/apis/storage.k8s.io/v1/volumeattachments?limit=500", scene="attached")
    kubectl("delete", "volumeattachment", name)
    kubectl("create", "-f", "-", text=json.dumps({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Mi"}, "hostPath": {"path": "/nowhere"},
                 "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "default", "name": "data"}}}))
    r.take("persistent-volume", "GET", "/api/v1/persistentvolumes/data", scene="attached")
    kubectl("delete", "persistentvolume", "data")
    r.take("persistent-volume-missing", "GET", "/api/v1/persistentvolumes/none", expect=404)
    r.take("volume-attachments-none", "GET", "/apis/storage.k8s.io/v1/volumeattachments?limit=500")


def webhooks(r):
    """Two that fail closed, asked about a kind of object that there is not; pods stand behind the service `web` only."""
    nobodys = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "none"}, "spec": {"selector": {"app": "none"}, "ports": [{"port": 443}]}}
    hook = lambda kind, name: {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": f"{kind}WebhookConfiguration", "metadata": {"name": name},
        "webhooks": [{"name": f"{name}.sandbox.local", "failurePolicy": "Fail", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                      "clientConfig": {"service": {"namespace": "default", "name": name}},
                      "rules": [{"apiGroups": ["sandbox.local"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["shoes"]}]}]}
    hooks = (("validating", "web"), ("mutating", "none"))
    slices = lambda name: f"/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D{name}"
    ready = lambda: [e["conditions"]["ready"] for s in r.server.ask("GET", slices("web")).body["items"] for e in s["endpoints"] or []]
    kubectl("create", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": [
        nobodys, *(hook(kind.capitalize(), name) for kind, name in hooks)]}))
    wait_until(lambda: ready() == [True] * 4 and r.server.ask("GET", slices("none")).body["items"], 30, "the endpoints of both services")
    for kind, name in hooks:
        r.take(f"{kind}-webhooks-some", "GET", f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations?limit=500", scene="webhooks")
        r.take(f"endpoint-slices-{name}", "GET", f"{slices(name)}&limit=500", scene="webhooks")
        kubectl("delete", f"{kind}webhookconfiguration", name)
    kubectl("delete", "service", "none")
    r.take("endpoint-slices-missing", "GET", f"{slices('nowhere')}&limit=500")


def lock(r):
    lease = lambda version, second="00": {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "drover", "namespace": "kube-system"} | ({"resourceVersion": version} if version else {}),
        "spec": {"holderIdentity": "20261122T120000Z-abcd on here pid 1 since 1", "leaseDurationSeconds": 900, "leaseTransitions": 0,
                 "acquireTime": "2026-11-22T12:00:00.000000Z", "renewTime": f"2026-11-22T12:00:{second}.000000Z"}}
    r.take("lock-missing", "GET", f"{LEASES}/drover", expect=404)
    r.take("lock-replace-missing", "PUT", f"{LEASES}/drover", lease("{version}"), expect=201, version="7")      # a Lease may be made so, too
    r.server.ask("DELETE", f"{LEASES}/drover")
    short = lease("")
    short["spec"] = short["spec"] | {"renewTime": "2026-11-22T12:00:00.000Z"}
    r.take("lock-bad-time", "POST", LEASES, short, expect=400)
    made = r.take("lock-create", "POST", LEASES, lease(""), expect=201)
    r.take("lock-create-again", "POST", LEASES, lease(""), scene="locked", expect=409)
    r.take("lock", "GET", f"{LEASES}/drover", scene="locked")
    r.take("lock-renew", "PUT", f"{LEASES}/drover", lease("{version}", "10"), scene="locked", version=made["metadata"]["resourceVersion"])
    r.take("lock-renew-outdated", "PUT", f"{LEASES}/drover", lease("{old}", "20"), scene="locked", expect=409, old=made["metadata"]["resourceVersion"])
    r.server.ask("DELETE", f"{LEASES}/drover")


def node_patches(r):
    path = "/api/v1/nodes/w1"
    cordon = {"metadata": {"resourceVersion": "{version}", "annotations": {"drover.local/cordon": '{"run":"r","was":false}'}},
              "spec": {"unschedulable": True}}
    version = lambda: r.server.ask("GET", path).body["metadata"]["resourceVersion"]
    old = version()
    r.take("node-cordon", "PATCH", path, cordon, version=old)
    r.take("node-cordon-outdated", "PATCH", path, cordon | {"metadata": cordon["metadata"] | {"resourceVersion": "{old}"}}, scene="cordoned",
           expect=409, old=old)
    wait_until(lambda: r.server.ask("GET", path).body["spec"].get("taints"), 20, "the taint of a cordoned node")
    r.take("node-cordoned", "GET", path, scene="cordoned")
    back = {"metadata": {"resourceVersion": "{version}", "annotations": {"drover.local/cordon": None}}, "spec": {"unschedulable": None}}
    r.take("node-uncordon", "PATCH", path, back, scene="cordoned", version=version())
    wait_until(lambda: not r.server.ask("GET", path).body["spec"].get("taints"), 20, "the taint to go with the cordon")
    pending = {"metadata": {"resourceVersion": "{version}"}, "spec": {"taints": [{"key": "drover.local/pending", "effect": "PreferNoSchedule"}]}}
    r.take("node-taint", "PATCH", path, pending, version=version())
    r.take("node-untaint", "PATCH", path, pending | {"spec": {"taints": None}}, scene="tainted", version=version())
    at = {"op": "replace", "path": "/metadata/resourceVersion", "value": "{version}"}
    taint = pending["spec"]["taints"][0]
    r.take("node-append-taint-to-none", "PATCH", path, [at, {"op": "add", "path": "/spec/taints/-", "value": taint}], expect=422, version=version())
    r.take("node-first-taint", "PATCH", path, [at, {"op": "add", "path": "/spec/taints", "value": [taint]}], version=version())
    r.take("node-taint-outdated", "PATCH", path, [at | {"value": "{old}"}, {"op": "add", "path": "/spec/taints/-", "value": taint | {"key": "other"}}],
           scene="tainted", expect=409, old="1")
    r.take("node-remove-taint", "PATCH", path, [at, {"op": "remove", "path": "/spec/taints/0"}], scene="tainted", version=version())
    r.take("node-patch-missing", "PATCH", "/api/v1/nodes/w9", {"spec": {"unschedulable": True}}, expect=404)


EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "{pod}", "namespace": "default"},
            "deleteOptions": {"preconditions": {"uid": "{uid}"}}}


def of(pod):
    return {"pod": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}


def evictions(r):
    evict = f"{PODS}/{{pod}}/eviction"
    all_serve(r.server)
    first, second, third, *_ = web_pods(r.server)
    r.take("pod", "GET", f"{PODS}/{{pod}}", **of(first))
    r.take("pod-missing", "GET", f"{PODS}/none", expect=404)
    r.take("evict-missing", "POST", f"{PODS}/none/eviction", EVICTION | {"metadata": {"name": "none", "namespace": "default"}}, expect=404, uid="u")
    r.take("evict-other-name", "POST", evict, EVICTION | {"metadata": {"name": "other", "namespace": "default"}}, expect=400, **of(first))
    r.take("evict", "POST", evict, EVICTION, expect=201, **of(first))
    r.take("evict-again", "POST", evict, EVICTION, scene="evicted", expect=201, **of(first))
    r.take("evict-refused", "POST", evict, EVICTION, scene="budget used up", expect=429, **of(second))
    r.take("budgets-used-up", "GET", "/apis/policy/v1/poddisruptionbudgets?limit=500", scene="budget used up")
    r.take("pod-terminating", "GET", f"{PODS}/{{pod}}", scene="evicted", **of(first))
    all_serve(r.server)
    kubectl("create", "-f", "-", text=json.dumps({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web-too"},
                                                  "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}}))
    wait_until(lambda: budget(r.server, "web-too").get("observedGeneration"), 20, "the second budget to be processed")
    r.take("budgets-two", "GET", "/apis/policy/v1/poddisruptionbudgets?limit=500", scene="two budgets")
    r.take("evict-two-budgets", "POST", evict, EVICTION, scene="two budgets", expect=500, **of(third))
    kubectl("delete", "pdb", "web-too")
    r.take("delete-other-uid", "DELETE", f"{PODS}/{{pod}}", OPTIONS, expect=409, pod=third["metadata"]["name"],
           uid="11111111-2222-4333-8444-555555555555")
    r.take("delete", "DELETE", f"{PODS}/{{pod}}", OPTIONS, **of(third))
    r.take("delete-missing", "DELETE", f"{PODS}/none", OPTIONS, expect=404, uid="u")
    all_serve(r.server)
    # The budget counts this pod as gone for two minutes, although it was not evicted: nothing of the service is evicted after it.
    last = web_pods(r.server)[0]
    r.take("evict-other-uid", "POST", evict, EVICTION, expect=409, pod=last["metadata"]["name"], uid="11111111-2222-4333-8444-555555555555")


def terminating_namespace(r):
    """A pod that a finalizer keeps there while its namespace goes."""
    kubectl("create", "namespace", "going")
    wait_until(lambda: "default" in kubectl("-n", "going", "get", "serviceaccounts", "-o", "name"), 20, "the service account of a new namespace")
    kubectl("create", "-f", "-", text=json.dumps({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "last", "namespace": "going", "finalizers": ["drover.local/recorded"]},
        "spec": {"containers": [{"name": "main", "image": "bed.local/web:1"}], "terminationGracePeriodSeconds": 0}}))
    kubectl("delete", "namespace", "going", "--wait=false")
    wait_until(lambda: "Terminating" in kubectl("get", "namespace", "going"), 20, "the namespace to terminate")
    uid = r.server.ask("GET", "/api/v1/namespaces/going/pods/last").body["metadata"]["uid"]
    r.take("evict-from-terminating", "POST", "/api/v1/namespaces/going/pods/last/eviction",
           EVICTION | {"metadata": {"name": "last", "namespace": "going"}}, scene="namespace going", expect=403, uid=uid)
    kubectl("-n", "going", "patch", "pod", "last", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')


PARTS = (reads, logs, events, metrics, attachments, webhooks, lock, node_patches, autoscalers, applied, evictions,
         terminating_namespace, measured)


def record(names):
    with tempfile.TemporaryDirectory() as folder:
        r = Recorder(Server(pathlib.Path(folder)), anew=not names)
        all_serve(r.server)
        began = time.time()
        for part in PARTS:
            if not names or part.__name__ in names:
                part(r)
        print(f"{r.count} exchanges recorded in {time.time() - began:.0f} s: {TARGET}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(part.__name__ for part in PARTS)}")
    names = p.parse_args().parts
    if unknown := set(names) - {part.__name__ for part in PARTS}:
        p.error(f"there is no part {', '.join(sorted(unknown))}")
    here = subprocess.run(["ip", "netns", "identify", str(os.getpid())], capture_output=True, text=True).stdout.strip()
    if here != NETNS:
        reasons = prerequisites.trouble() or ([] if cluster.by_hand() else ["no cluster that was made with `bed up` is running"])
        if reasons:
            sys.exit("record_api: " + "; ".join(reasons))
        os.execvp("ip", network.operator(sys.executable, __file__, *names))
    try:
        record(names)
    except BedError as wrong:
        sys.exit(f"record_api: {wrong}")


if __name__ == "__main__":
    main()
