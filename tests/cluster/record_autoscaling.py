"""Parts of record_api.py: autoscalers, server-side apply, and metrics-server as an add-on."""
import json
import pathlib
import urllib.parse

from api_recorder import OPTIONS, kubectl
from bed import images
from bed.common import wait_until

OBJECTS = pathlib.Path(__file__).resolve().parent.parent / "golden/requests/metrics_server.jsonl"


def autoscalers(r):
    """No metrics-server is there: its controller cannot see, and nobody answers for the group of its figures."""
    path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
    wish = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 4, "maxReplicas": 6,
                     "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}],
                     "behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 300}]}}}}
    r.take("hpa-none", "GET", "/apis/autoscaling/v2/horizontalpodautoscalers?limit=500")
    r.take("hpa-missing", "GET", f"{path}/web", expect=404)
    r.take("hpa-invalid", "POST", path, wish | {"spec": wish["spec"] | {"minReplicas": 7}}, expect=422)
    made = r.take("hpa-create", "POST", path, wish, expect=201)
    r.take("hpa-create-again", "POST", path, wish, scene="autoscaler", expect=409)
    ask = lambda: r.server.ask("GET", f"{path}/web").body["status"]
    wait_until(lambda: any(c["type"] == "ScalingActive" for c in ask().get("conditions", [])), 60, "the controller to look at its autoscaler")
    r.take("hpa", "GET", f"{path}/web", scene="autoscaler")
    r.take("hpas", "GET", f"{path}?limit=500", scene="autoscaler")
    r.take("hpa-selected", "GET", f"{path}?fieldSelector=metadata.name%3Dweb&limit=500", scene="autoscaler")
    r.take("hpa-events", "GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind%3DHorizontalPodAutoscaler"
           "%2CinvolvedObject.name%3Dweb&limit=500", scene="autoscaler")
    r.take("hpa-delete-other-uid", "DELETE", f"{path}/web", OPTIONS, scene="autoscaler", expect=409, uid="11111111-2222-4333-8444-555555555555")
    r.take("hpa-delete", "DELETE", f"{path}/web", OPTIONS, scene="autoscaler", uid=made["metadata"]["uid"])
    r.take("hpa-delete-missing", "DELETE", f"{path}/web", OPTIONS, expect=404, uid="u")
    r.take("scale", "GET", "/apis/apps/v1/namespaces/default/deployments/web/scale")
    r.take("scale-missing", "GET", "/apis/apps/v1/namespaces/default/deployments/none/scale", expect=404)
    r.take("default-budgets", "GET", "/apis/policy/v1/namespaces/default/poddisruptionbudgets?limit=500")
    r.take("controller-managers", "GET", "/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-controller-manager&limit=500")


def applied(r):
    """Server-side apply of one object, and of a field that somebody else manages."""
    path = "/api/v1/namespaces/default/configmaps/applied"
    wish = lambda value: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "applied"}, "data": {"x": value}}
    for group in ("api/v1", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1", "apis/apiregistration.k8s.io/v1"):
        r.take(f"resources-{group.replace('/', '-')}", "GET", f"/{group}")
    r.take("resources-missing", "GET", "/apis/example.com/v1", expect=404)
    apply = f"{path}?fieldManager=drover"
    r.take("apply-create", "PATCH", apply, wish("one"), expect=201)
    r.take("apply-again", "PATCH", apply, wish("one"), scene="applied")
    r.take("apply-change", "PATCH", apply, wish("two"), scene="applied")
    kubectl("patch", "configmap", "applied", "--type=merge", "-p", '{"data":{"x":"three"}}')
    r.take("apply-conflict", "PATCH", apply, wish("four"), scene="applied by others", expect=409)
    r.take("apply-force", "PATCH", f"{apply}&force=true", wish("four"), scene="applied by others")
    r.take("apply-invalid", "PATCH", apply, wish("five") | {"data": {"not a key": "x"}}, scene="applied", expect=422)
    uid = r.server.ask("GET", path).body["metadata"]["uid"]
    r.take("applied-delete", "DELETE", path, OPTIONS | {"propagationPolicy": "Background"}, scene="applied", uid=uid)


METRICS = "/apis/metrics.k8s.io/v1beta1"
# Where Drover finds the objects of metrics-server, by kind.
PLACES = {"ServiceAccount": "/api/v1/namespaces/kube-system/serviceaccounts", "Service": "/api/v1/namespaces/kube-system/services",
          "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
          "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings",
          "Deployment": "/apis/apps/v1/namespaces/kube-system/deployments", "APIService": "/apis/apiregistration.k8s.io/v1/apiservices"}


def metrics_server_objects():
    """[(kind, path, object)], as `drover addon metrics-server install` sends them."""
    wishes = [json.loads(line.replace("r/ms:1", images.METRICS_SERVER)) for line in OBJECTS.read_text().splitlines()]
    return [(wish["kind"].lower(), f"{PLACES[wish['kind']]}/{urllib.parse.quote(wish['metadata']['name'], safe='')}", wish) for wish in wishes]


def measured(r):
    """metrics-server given to the cluster, what the API then knows of nodes, pods and autoscalers, and the objects taken away again."""
    objects = metrics_server_objects()
    first = {kind: (path, wish) for kind, path, wish in reversed(objects)}      # of each kind one is recorded
    for kind, path, wish in objects:
        apply = f"{path}?fieldManager=drover"
        if first[kind] == (path, wish):
            r.take(f"addon-{kind}-missing", "GET", path, expect=404)
            r.take(f"addon-{kind}-apply", "PATCH", apply, wish, expect=201)
        else:
            r.server.ask("PATCH", apply, wish)
    nodes = lambda: r.server.ask("GET", f"{METRICS}/nodes")
    wait_until(lambda: (said := nodes()).status == 200 and len(said.body["items"]) == 3, 120, "the figures of every node")
    pods = lambda: r.server.ask("GET", f"{METRICS}/namespaces/default/pods?labelSelector=app%3Dweb").body["items"]
    wait_until(lambda: len(pods()) == 4, 60, "the figures of four web pods")
    uids = {kind: r.take(f"addon-{kind}", "GET", path, scene="metrics-server")["metadata"]["uid"] for kind, (path, _) in first.items()}
    r.take("api-services-measured", "GET", "/apis/apiregistration.k8s.io/v1/apiservices?limit=500", scene="metrics-server")
    path = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"
    r.server.ask("POST", path, {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "minReplicas": 4, "maxReplicas": 6,
                 "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "900m"}}}]}})
    ask = lambda: r.server.ask("GET", f"{path}/web").body["status"]
    wait_until(lambda: ask().get("currentMetrics"), 90, "the controller to look at its autoscaler")
    r.take("hpa-measured", "GET", f"{path}/web", scene="measured autoscaler")
    r.server.ask("DELETE", f"{path}/web")
    for kind, path, wish in reversed(objects):
        if first[kind] == (path, wish):
            r.take(f"addon-{kind}-delete", "DELETE", path, OPTIONS | {"propagationPolicy": "Background"}, scene="metrics-server", uid=uids[kind])
        else:
            r.server.ask("DELETE", path)
