"""Sends requests to the API server of the bed and keeps what it answers: see record_api.py."""
import base64
import dataclasses
import http.client
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import urllib.parse

from bed import cluster
from bed.common import BedError

TARGET = pathlib.Path(__file__).resolve().parent.parent.parent / "examples/sandbox/recorded/api"
HEADERS = ("Content-Type", "Retry-After")
# What nothing reads, or what tells of the machine on which it was recorded.
NOISE = {"managedFields", "images", "volumesInUse", "volumesAttached", "capacity", "allocatable", "env", "args", "command", "volumeMounts",
         "livenessProbe", "readinessProbe", "startupProbe", "securityContext", "lifecycle", "resources", "features", "runtimeHandlers",
         "kubectl.kubernetes.io/last-applied-configuration", "kernelVersion", "osImage", "machineID", "systemUUID", "addresses", "hostIP",
         "hostIPs", "podIP", "podIPs", "buildDate", "gitCommit", "gitTreeState", "goVersion", "platform", "emulationMajor", "emulationMinor",
         "minCompatibilityMajor", "minCompatibilityMinor"}


def trimmed(value, noise=NOISE):
    if isinstance(value, dict) and value.get("kind") == "APIResourceList":
        return value
    if isinstance(value, dict):
        if value.get("kind") == "ClusterRole":      # whose resources are no amounts
            noise = noise - {"resources"}
        return {key: trimmed(inner, noise) for key, inner in value.items() if key not in noise}
    return [trimmed(inner, noise) for inner in value] if isinstance(value, list) else value


def watched(text):
    """The lines of a watch, but for those that only tell how far it is: nobody knows when they come."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [line for line in lines if line["type"] != "BOOKMARK"]


def filled(template, values):
    """The template with its {placeholders} filled; in a path they are encoded."""
    if isinstance(template, dict):
        return {key: filled(inner, values) for key, inner in template.items()}
    if isinstance(template, list):
        return [filled(inner, values) for inner in template]
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], template) if isinstance(template, str) else template


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: object


class Server:
    """The API server, with the administrator's certificate, without any, or with a token that it does not know."""

    def __init__(self, folder):
        config = cluster.ADMIN.read_text()
        self.host, self.port = re.search(r"server: https://([^:\s]+):(\d+)", config).groups()
        field = lambda name: base64.b64decode(re.search(rf"{name}: (\S+)", config)[1])
        for name in ("certificate-authority", "client-certificate", "client-key"):
            (folder / name).write_bytes(field(f"{name}-data"))
        self.trusted = str(folder / "certificate-authority")
        self.identity = (str(folder / "client-certificate"), str(folder / "client-key"))

    def ask(self, verb, path, body=None, client="administrator"):
        context = ssl.create_default_context(cafile=self.trusted)
        if client == "administrator":
            context.load_cert_chain(*self.identity)
        headers = {"Accept": "application/json"}
        if body is not None:
            form = "apply-patch+yaml" if "fieldManager=" in path else "json-patch+json" if isinstance(body, list) else "merge-patch+json"
            headers["Content-Type"] = f"application/{form}" if verb == "PATCH" else "application/json"
        if client == "stranger":
            headers["Authorization"] = "Bearer nobody"
        connection = http.client.HTTPSConnection(self.host, int(self.port), context=context, timeout=30)
        connection.request(verb, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return Answer(answer.status, {name: answer.getheader(name) for name in HEADERS if answer.getheader(name)},
                      (watched(text) if "watch=1" in path else json.loads(text)) if is_json else text)


OPTIONS = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "{uid}"}}


class Recorder:
    def __init__(self, server, anew):
        self.server, self.count = server, 0
        if anew:
            shutil.rmtree(TARGET, ignore_errors=True)
        TARGET.mkdir(parents=True, exist_ok=True)

    def take(self, name, verb, path, body=None, scene="", client="administrator", expect=200, keep=trimmed, **values):
        """Sends the request, keeps what was answered, and returns it."""
        sent = filled(path, {key: urllib.parse.quote(value, safe="") for key, value in values.items()})
        answer = self.server.ask(verb, sent, filled(body, values), client)
        if answer.status != expect:
            raise BedError(f"{name}: {verb} {sent} was answered {answer.status}, not {expect}: {answer.body}")
        request = {"verb": verb, "path": path, "client": client} | ({"body": body} if body is not None else {})
        text = {"scene": scene, "request": request, "values": values, "status": answer.status, "headers": answer.headers,
                "body": keep(answer.body)}
        (TARGET / f"{name}.json").write_text(json.dumps(text, indent=1, sort_keys=True) + "\n")
        self.count += 1
        return answer.body


def kubectl(*words, text=None):
    p = subprocess.run(cluster.kubectl(*words), input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if p.returncode:
        raise BedError(f"kubectl {' '.join(words)}: {p.stdout}")
    return p.stdout
