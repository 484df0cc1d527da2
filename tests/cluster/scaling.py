"""An autoscaler whose pods are at work: what `hpa explain` foretells before each decision of its controller, beside what that then does."""
import dataclasses
import json
import time

import product
from bed import cluster
from bed.common import wait_until

NAME, LEAST, MOST, WINDOW = "busy", 1, 4, 30
# One pod in ten seconds, so that the controller, who looks every fifteen, adds one each time although the load calls for twice as many.
WISH = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": NAME, "namespace": "default"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}, "minReplicas": LEAST, "maxReplicas": MOST,
                 "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 100}}}],
                 "behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 10}]},
                              "scaleDown": {"stabilizationWindowSeconds": WINDOW}}}}


@dataclasses.dataclass
class Decision:
    before: int
    after: int
    foretold: dict       # the last explanation before it
    seconds: float       # how long before it was seen that was asked for

    def line(self):
        said = self.foretold
        measured = [m.get("measured") for m in said.get("metrics", [])]
        return f"{self.before} -> {self.after}: foretold {said.get('replicas')} {self.seconds:.1f} s before (measured {measured}, proposed " \
               f"{said.get('proposed')}, stabilised {said.get('stabilised')}, limit {said.get('limit')}, held as told {said.get('held_as_told')})"

    def right(self):
        return self.foretold.get("replicas") == self.after


def wanted():
    return int(cluster.ask("get", "deploy", NAME, "-o", "jsonpath={.spec.replicas}") or 0)


def explained(drover):
    outcome = drover.run("--output", "json", "hpa", "explain", NAME)
    return json.loads(outcome.out) if outcome.code == 0 else {}


def follow(drover, report, until, seconds):
    """Explains it again and again until it wants so many pods; the decisions that its controller took meanwhile, and all that was explained."""
    decisions, samples, deadline = [], [], time.time() + seconds
    then, last = wanted(), ({}, 0)
    while time.time() < deadline and then != until:
        asked = time.time()
        said = explained(drover)
        samples.append(said)
        now = wanted()
        if now == then:
            last = (said, asked)
            continue
        # One that was asked for while it changed saw one or the other.
        said, asked = (said, asked) if said.get("wanted") == then else last
        decisions.append(Decision(then, now, said, time.time() - asked))
        report.say("         " + decisions[-1].line())
        then = now
    return decisions, samples


def all_count(said):
    return bool(said.get("metrics")) and not any(metric.get("not_ready", 1) or metric.get("not_measured", 1) for metric in said["metrics"])


def short(samples):
    return [{key: each.get(key) for key in ("wanted", "proposed", "replicas", "held_as_told", "certain", "limit")} for each in samples]


def beside_kubectl(report, drover):
    """NAME, REFERENCE, TARGETS, least, most, replicas; until nothing changes in between."""
    def kubectls():
        return [(w[0], w[1], " ".join(w[2:-4]), *w[-4:-1]) for w in map(str.split, cluster.ask("get", "hpa", "--no-headers").splitlines())]
    for _ in range(5):
        theirs, listed = kubectls(), drover.run("--output", "json", "hpa", "list", "-n", "default")
        table = drover.run("hpa", "list", "-n", "default")
        if theirs == kubectls():
            break
    ours = []
    for item, line in zip(json.loads(listed.out)["items"], table.out.splitlines()[1:]):
        words = line.split()
        ours.append((words[1], words[2], " ".join(words[3:5]), *words[5:8]))
        if (item["name"], str(item["current"])) != (words[1], words[7]):
            ours.append(("the two forms differ", item, line))
    report.check("`hpa list` has kubectl's columns", ours == theirs and ours, [f"kubectl {theirs}", f"drover  {ours}", table.text()])


def run(report, target):
    drover = product.Drover(report.folder / "scaling", target)
    cluster.apply(cluster.workload("busy"))
    try:
        wait_until(lambda: cluster.ask("get", "deploy", NAME, "-o", "jsonpath={.status.readyReplicas}") == "1", 90, "the busy pod")
        figures = lambda: cluster.ask("top", "pods", "-l", f"app={NAME}", "--no-headers")
        wait_until(lambda: figures() and int(figures().split()[1].rstrip("m")) > 30, 90, lambda: "the pod to be busy: " + figures())
        wish = drover.folder / "autoscaler.json"
        wish.write_text(json.dumps(WISH))
        cluster.apply(wish)
        ups, _ = follow(drover, report, MOST, 150)
        report.check(f"it grows pod by pod to {MOST}, as `hpa explain` foretells", [(d.before, d.after) for d in ups] == [(1, 2), (2, 3), (3, 4)] and
                     all(d.right() for d in ups), [d.line() for d in ups] + [cluster.ask("describe", "hpa", NAME)])
        report.check("a policy cuts what the load calls for", any(d.foretold.get("limit") == "up-rate" for d in ups), [d.line() for d in ups])
        wait_until(lambda: "TooManyReplicas" in cluster.ask("get", "hpa", NAME, "-o", "json"), 60, "the controller to be at its limit")
        # That was said when it made the last pod, which is measured a while later.
        wait_until(lambda: all_count(explained(drover)), 90, "the last pod to count")
        said = explained(drover)
        report.check("at its limit `hpa explain` says so", said.get("limit") == "max" and said.get("replicas") == MOST, [json.dumps(said)])
        beside_kubectl(report, drover)
        # Half of them is enough from here on, with room for what a busy machine measures above their limit.
        cluster.ask("patch", "hpa", NAME, "--type=json", "-p",
                    '[{"op":"replace","path":"/spec/metrics/0/resource/target/averageUtilization","value":450}]')
        eased = time.time()
        downs, samples = follow(drover, report, 2, 150)
        held = time.time() - eased
        report.check(f"it shrinks to 2 when the window of {WINDOW} s is over, as proposed", [(d.before, d.after) for d in downs] == [(4, 2)] and
                     downs[0].foretold.get("proposed") == 2 and held > WINDOW - 15, [f"after {held:.0f} s", *(d.line() for d in downs)])
        within = [each for each in samples if each.get("wanted") == MOST]
        report.check("as long as the window is open, `hpa explain` says that it is held", within and
                     all(each.get("replicas") == MOST and (each.get("held_as_told") or each.get("held_until")) for each in within if each.get("proposed", MOST) < MOST),
                     short(within))
    finally:
        cluster.ask("delete", "hpa", NAME, "--ignore-not-found")
        cluster.ask("delete", "deploy", NAME, "--ignore-not-found")
