"""Cluster objects as the API prints them, with the fields that an operator's tool reads."""
import datetime


def stamp(seconds, micro=False):
    """RFC 3339 of a moment: whole seconds, as of containers, or with micro-seconds, as of Leases."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ")


def metadata(name, namespace=None, **more):
    return {"name": name, **({"namespace": namespace} if namespace else {}), **more}


def condition(ready):
    return [{"type": "Ready", "status": "True" if ready else "False", "reason": "" if ready else "ContainersNotReady"}]


def node(n, kubelet, boot_id):
    labels = {"kubernetes.io/hostname": n.name, **({"node-role.kubernetes.io/control-plane": ""} if n.control_plane else {})}
    return {"kind": "Node", "apiVersion": "v1",
            "metadata": metadata(n.name, uid=n.uid, resourceVersion=str(n.resource_version), labels=labels, annotations=n.annotations),
            "spec": n.spec,
            "status": {"conditions": condition(True),
                       "nodeInfo": {"kubeletVersion": kubelet, "containerRuntimeVersion": "containerd://1.6.20", "bootID": boot_id}}}


def pod(name, namespace, uid, labels, image, node_name, started, container_id, ready=True, owner=None, mirror=False, deleting=None):
    meta = metadata(name, namespace, uid=uid, labels=labels)
    if owner:
        meta["ownerReferences"] = [{"apiVersion": "apps/v1", "kind": owner[0], "name": owner[1], "controller": True}]
    if mirror:
        meta["annotations"] = {"kubernetes.io/config.mirror": container_id}
    if deleting:
        meta["deletionTimestamp"] = stamp(deleting)
    state = {"running": {"startedAt": stamp(started)}} if node_name else {"waiting": {"reason": "Pending"}}
    return {"metadata": meta, "spec": {"containers": [{"name": "main", "image": image}], **({"nodeName": node_name} if node_name else {})},
            "status": {"phase": "Running" if ready else "Pending", "conditions": condition(ready),
                       "containerStatuses": [{"name": "main", "containerID": f"containerd://{container_id}", "ready": ready,
                                              "restartCount": 0, "state": state}]}}


def workload(kind, name, namespace, image, wanted, available):
    status = {"observedGeneration": 2}
    if kind == "Deployment":
        spec = {"replicas": wanted}
        status.update(updatedReplicas=wanted, availableReplicas=available)
    else:
        spec = {}
        status.update(desiredNumberScheduled=wanted, updatedNumberScheduled=wanted, numberAvailable=available)
    spec["template"] = {"spec": {"containers": [{"name": "main", "image": image}]}}
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": metadata(name, namespace, generation=2), "spec": spec, "status": status}


def budget(name, namespace, labels, least, healthy, pods):
    return {"metadata": metadata(name, namespace), "spec": {"minAvailable": least, "selector": {"matchLabels": labels}},
            "status": {"disruptionsAllowed": max(0, healthy - least), "currentHealthy": healthy, "desiredHealthy": least, "expectedPods": pods}}


def lease(name, namespace, holder, renewed):
    return {"kind": "Lease", "apiVersion": "coordination.k8s.io/v1", "metadata": metadata(name, namespace, resourceVersion="1"),
            "spec": {"holderIdentity": holder, "leaseDurationSeconds": 15, "renewTime": stamp(renewed, micro=True)}}


def config_map(name, key, value):
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata(name, "kube-system"), "data": {key: value}}


def listing(kind, items):
    return {"kind": f"{kind}List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items}


def refusal(code, reason, message, cause=None):
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}
    if cause:
        body["details"] = {"causes": [{"reason": cause[0], "message": cause[1]}]}
    return body
