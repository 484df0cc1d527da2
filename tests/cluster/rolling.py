"""Four workers, two of them down at once, under a client that never waits: an upgrade, then a rolling reboot. Not one request fails, the service
keeps the pods that its budget asks for, and the time is near what the steps themselves take on two machines at once."""
import json
import subprocess
import threading
import time

import after
import product
import stream
from bed import cluster
from bed.common import each
from clients import Clients, reachability

PLAN = "workers: {max_unavailable: 2, on_blocked: wait}\nhealth: {settle: 5s}\n"
STATEFUL = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  replicas: 3
  serviceName: store
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      terminationGracePeriodSeconds: 1
      affinity:
        podAntiAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: store}}}
      containers:
      - {name: store, image: "bed.local/web:1"}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: store}
spec: {minAvailable: 2, selector: {matchLabels: {app: store}}}
"""


class Availability:
    """Every change of the pods that each budget counts as healthy, and needs: by a watch, which begins anew when the API is back."""

    def __init__(self):
        self.samples, self.short = 0, []
        self._gone, self._watching = threading.Event(), None
        self._thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self._gone.wait(0.2):
            self._watching = subprocess.Popen(cluster.kubectl("get", "pdb", "-o", "json", "--watch", "--output-watch-events"),
                                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self._read(self._watching.stdout)
            self._watching.wait()

    def _read(self, lines):
        decoder, text = json.JSONDecoder(), ""
        for line in lines:
            text += line
            try:
                event, _ = decoder.raw_decode(text)
            except ValueError:
                continue
            text = ""
            if "spec" in event["object"]:
                self._take(event["object"])

    def _take(self, budget):
        self.samples += 1
        status = budget["status"]
        if status["currentHealthy"] < status["desiredHealthy"]:
            self.short.append(f"{time.strftime('%T')} {budget['metadata']['name']}: {status['currentHealthy']} of {status['desiredHealthy']}")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._gone.set()
        if self._watching:
            self._watching.kill()
        self._thread.join()


def turns(events, workers):
    """{worker: seconds that the steps of its turn took}"""
    took = dict.fromkeys(workers, 0.0)
    for e in events:
        if e["event"] == "step_finished" and e.get("node") in took and not e["kind"].startswith("stage-"):
            took[e["node"]] += e["duration_s"]
    return took


def seconds(stamp):
    """Of a time like 2026-01-02T03:04:05.678Z."""
    return time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) + float("0" + stamp[19:-1])


def at(event):
    return seconds(event["time"])


def span(events, workers):
    """From the first worker's cordon to the end of the last one's turn."""
    begun = [at(e) for e in events if e["event"] == "step_started" and e.get("node") in workers and e["kind"] == "cordon"]
    ended = [at(e) for e in events if e["event"] == "step_finished" and e.get("node") in workers and e["kind"] == "settled"]
    return max(ended) - min(begun)


def lower_bound(took, width):
    return max(sum(took.values()) / width, max(took.values()))


def makespan(report, events, workers):
    took = turns(events, workers)
    bound, wall = lower_bound(took, 2), span(events, workers)
    report.say("         turns: " + ", ".join(f"{w} {s:.1f} s" for w, s in took.items()))
    report.check(f"the workers took {wall:.1f} s, {wall / bound:.2f} times the bound of their own steps, {bound:.1f} s", wall <= 1.1 * bound)


def while_down(events):
    """Whether an outage of the client that asked a worker's port lies in the worker's own reboot: from its begin until its node is well."""
    begun = {e["node"]: at(e) for e in events if e["event"] == "step_started" and e["kind"] == "reboot"}
    well = {e["node"]: at(e) for e in events if e["event"] == "step_finished" and e["kind"] == "node-healthy"}

    def excused(client, outage):
        worker, since = client.removeprefix("web-at-"), seconds(outage["at"])
        return worker in well and begun[worker] <= since and since + outage["seconds"] <= well[worker]
    return excused


def watched(report, drover, nodes, act, excuse=lambda events: lambda client, outage: False):
    clients = Clients(drover.folder, nodes)
    clients.start()
    try:
        with Availability() as seen:
            outcome = act()
    finally:
        heard = clients.stop()
    report.check("it exits 0", outcome.code == 0, outcome.text())
    reachability(report, heard, excuse(drover.journalled_events()))
    report.check(f"no budget was ever short of pods ({seen.samples} changes seen)", seen.samples > 8 and not seen.short, seen.short)
    return outcome


def run(report, nodes, old, target):
    workers = nodes[1:]
    subprocess.run(cluster.kubectl("apply", "-f", "-"), input=STATEFUL, text=True, check=True, stdout=subprocess.DEVNULL)
    cluster.wait_rolled_out()
    drover = product.Drover(report.folder / "rolling", target, plan=PLAN)
    since = int(time.time())
    before = dict(each(lambda n: (n, dict(after.system_of(n, since))), nodes))
    watched(report, drover, nodes, lambda: drover.run("--output", "json", "apply", "UPGRADE", "--yes", seconds=1500))
    events = drover.journalled_events()
    stream.check(report, events)
    makespan(report, events, workers)
    found = dict(each(lambda n: (n, dict(after.system_of(n, since))), nodes))
    after.check(report, nodes, before, found, old, target)
    boots = boot_ids()
    watched(report, drover, nodes, lambda: drover.run("node", "reboot", "-l", "!node-role.kubernetes.io/control-plane", "--ignore-daemonsets",
                                                      "--delete-emptydir-data", "--yes", "--settle", "5s", seconds=900), while_down)
    now = boot_ids()
    report.check("every worker has another boot id, the control plane has not", {n for n in nodes if now[n] != boots[n]} == set(workers), f"{boots}\n{now}")


def boot_ids():
    nodes = json.loads(cluster.ask("get", "nodes", "-o", "json"))["items"]
    return {n["metadata"]["name"]: n["status"]["nodeInfo"]["bootID"] for n in nodes}
