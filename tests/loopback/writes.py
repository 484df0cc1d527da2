"""The requests of Drover that change something, and what each does to the world."""
import re
import time

import objects
from reads import LEASES, found


class Writes:
    """Each gives a status and a body; None: not one of Drover's requests."""

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
