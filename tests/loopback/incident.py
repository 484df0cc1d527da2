#!/usr/bin/env python3
"""What an operator looks at when something is wrong: events, logs of pods, descriptions of nodes and pods, what they use; nothing is changed
by it, and S13: nothing of it acts on a terminal."""
import json
import signal
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from control import unless  # noqa: E402
from logs import expect, texts, wait_for  # noqa: E402
from tally import run  # noqa: E402


def quiet(bed):
    return [f"{r.verb} {r.path}" for r in bed.writes()] + bed.unknown()


def log(bed, pod, text):
    bed.do("pod", what="log", name=pod, text=text)


def pod_logs(bed):
    for name in ("default/db", "shop/db", "shop/web"):
        bed.do("pod", what="add", name=name, node="w1")
    log(bed, "shop/web", "first")
    log(bed, "shop/web", "\x1b[32msecond\x1b[0m \x1b[2J")
    outcome = bed.drover("logs", "web", "--timestamps")
    yield "a pod in whatever namespace", unless(outcome, 0, "Z first", "Z second \\x1b[2J") + expect("escapes", "\x1b" in outcome.out, False) + quiet(bed)
    yield "the last line", expect("lines", bed.drover("logs", "shop/web", "--tail", "1").out, "second \\x1b[2J\n")
    yield "two of one name", unless(bed.drover("logs", "db"), 4, "2 namespaces have a pod db: default, shop", "-n")
    yield "one of them", unless(bed.drover("logs", "db", "-n", "shop"), 0)
    yield "none", unless(bed.drover("logs", "nobody"), 4, "there is no pod nobody in any namespace")
    yield "no such container", unless(bed.drover("logs", "web", "-c", "mian"), 2, "no container mian", "did you mean main?")
    yield "no container before", unless(bed.drover("logs", "web", "--previous"), 1, "previous terminated container")
    log(bed, "shop/db", "of the other one")
    outcome = bed.drover("logs", "-l", "app in (web,db)", "-n", "shop")
    yield "by labels", unless(outcome, 0, "db  | of the other one", "web | first")
    yield "by labels that nothing has", unless(bed.drover("logs", "-l", "app=nothing"), 4, "takes no pod")
    bed.do("api", what="fail", status=500, count=5, text="/log?")
    yield "a kubelet that does not answer", unless(bed.drover("logs", "web"), 8, "drover logs node/w1")
    bed.do("api", what="clear")


def followed(bed):
    """The sandbox ends each reading, as a kubelet does that is restarted; and the API goes away for a while."""
    bed.do("pod", what="add", name="shop/web", node="w1")
    process = bed.start("--output", "json", "logs", "web", "-f")
    names = ["one", "two", "three"]
    for name in names:
        if name == "two":
            bed.do("api", what="down")
            wait_for(bed, "trying again")
            bed.do("api", what="up")
            bed.wait_for_api()
        log(bed, "shop/web", name)
        wait_for(bed, f'"{name}"')
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    outcome = bed.end(process)
    yield "each line once", unless(outcome, 130) + expect("lines", texts(outcome), names) + expect("soon", time.monotonic() - began < 2, True) + quiet(bed)
    process = bed.start("logs", "web", "-f")
    wait_for(bed, "three")
    bed.do("pod", what="finish", name="shop/web")
    yield "until the container ends", unless(bed.end(process), 0, "container main ended with exit code 0 (Completed)")


def described(bed):
    bed.do("pod", what="add", name="shop/alone", node="w1")
    bed.do("pod", what="break", name="shop/alone")
    bed.do("event", about="Pod shop/alone", type="Warning", reason="Unhealthy", text="Readiness probe failed: \x1b[31m503", count=7)
    bed.do("event", about="Node w1", reason="NodeHasDiskPressure", text="no room")
    outcome = bed.drover("describe", "w1")
    yield "a node", unless(outcome, 0, "Node w1: Ready", "shop", "alone", "never: shop/alone", "NodeHasDiskPressure", "Unhealthy") + \
        expect("escapes", "\x1b" in outcome.out, False) + quiet(bed)
    said = json.loads(bed.drover("--output", "json", "describe", "node/w1").out)
    yield "a node, for programs", expect("kind", (said["kind"], said["node"], said["ready"]), ("NodeDescription", "w1", True))
    outcome = bed.drover("describe", "alone")
    yield "a pod", unless(outcome, 0, "Pod shop/alone", "nothing starts it again", "Drain of w1", "Unhealthy", "(x7 over") + quiet(bed)
    said = json.loads(bed.drover("--output", "json", "describe", "shop/alone").out)
    yield "a pod, for programs", expect("kind", (said["kind"], said["pod"], said["containers"][0]["ready"]), ("PodDescription", "alone", False))
    yield "a node that there is not", unless(bed.drover("describe", "node/w9"), 4, "has no node w9")
    yield "a pod that there is not", unless(bed.drover("describe", "nobody", "-n", "shop"), 4, "there is no pod nobody in namespace shop")
    bed.drover("node", "cordon", "w1")
    yield "who cordoned it", unless(bed.drover("describe", "w1"), 0, "cordoned by Drover's run", "(node cordon)")
    bed.do("api", what="fail", status=403, count=2, text="/events")
    yield "without events", unless(bed.drover("describe", "w1"), 0, "events are missing", "Node w1: Ready")
    bed.do("api", what="clear")


def events(bed):
    for number in range(3):
        bed.do("event", about=f"Pod shop/web-{number}", type="Warning" if number else "Normal", reason=f"Reason{number}", text="\x1b[2J", count=number + 1)
    outcome = bed.drover("events")
    yield "all", unless(outcome, 0, "Reason0", "Reason1", "(x3 over", "pod/web-2") + expect("escapes", "\x1b" in outcome.out, False) + quiet(bed)
    outcome = bed.drover("events", "--warnings", "--for", "pod/web-1", "-n", "shop")
    yield "warnings of one", unless(outcome, 0, "Reason1") + expect("others", "Reason2" in outcome.out, False)


def lists(bed):
    """The formats and selections that all lists have."""
    bed.do("event", about="Node w1", reason="Evicted", type="Warning", text="no: \x1b[2J")
    bed.do("event", about="Node w2", reason="Rebooted")
    outcome = bed.drover("events", "--output", "yaml")
    yield "YAML", unless(outcome, 0, "v: 1\nkind: Events\ncluster: sandbox\nitems:\n  - namespace: default\n", 'message: "no: \\\\x1b[2J"') + quiet(bed)
    outcome = bed.drover("events", "--output", "wide", "--field-selector", "reason=Evicted,involvedObject.name=w1")
    lines = outcome.out.splitlines()
    yield "more columns, fewer rows", unless(outcome, 0, "FIRST SEEN  COUNT", "Evicted") + expect("lines", len(lines), 2) + quiet(bed)
    yield "rows by labels", unless(bed.drover("events", "-l", "a=b"), 0, "There are no such events") + quiet(bed)
    bed.do("apiservice", what="add", name="v1beta1.metrics.k8s.io")
    bed.do("pod", what="add", name="shop/one", node="w1")
    outcome = bed.drover("--output", "yaml", "top", "pods", "--field-selector", "spec.nodeName=w1", "-n", "shop")
    yield "pods of a node", unless(outcome, 0, "  - namespace: shop\n    pod: one\n    node: w1\n    used:\n      cpu_m: 5\n") + quiet(bed)
    bed.drover("node", "cordon", "w2")
    outcome = bed.drover("top", "nodes", "--field-selector", "spec.unschedulable=true", "--output", "wide")
    yield "cordoned nodes", unless(outcome, 0, "CPU ALLOCATABLE") + expect("nodes", [line.split()[0] for line in outcome.out.splitlines()], ["NAME", "w2"])
    yield "YAML of what is no list", unless(bed.drover("describe", "w1", "--output", "yaml"), 2, "is for lists")
    yield "kubectl's letter", unless(bed.drover("events", "-o", "yaml"), 2, "did you mean --output?")


def watched_events(bed):
    """The sandbox ends each watch at once; and the API goes away for a while."""
    process = bed.start("--output", "json", "events", "-w", "--for", "pod/web", "-n", "shop")
    names = [f"Reason{number}" for number in range(4)]
    for name in names:
        if name == "Reason2":
            bed.do("api", what="down")
            wait_for(bed, "trying again")
            bed.do("api", what="up")
            bed.wait_for_api()
        bed.do("event", about="Pod shop/other", reason="Strange")
        bed.do("event", about="Pod shop/web", reason=name)
        wait_for(bed, f'"{name}"')
    process.send_signal(signal.SIGINT)
    outcome = bed.end(process)
    found = [(line["kind"], line["reason"]) for line in map(json.loads, outcome.out.splitlines())]
    yield "each event once", unless(outcome, 130) + expect("events", found, [("Event", name) for name in names]) + quiet(bed)


def usage(bed):
    yield "without metrics-server", unless(bed.drover("top", "nodes"), 1, "metrics-server is not installed", "install it")
    bed.do("apiservice", what="break", name="v1beta1.metrics.k8s.io")
    yield "while it does not answer", unless(bed.drover("top", "nodes"), 8, "metrics-server is installed and does not answer")
    bed.do("apiservice", what="heal", name="v1beta1.metrics.k8s.io")
    for name, cpu, memory in (("shop/small", 10, 900), ("shop/big", 700, 30)):
        bed.do("pod", what="add", name=name, node="w2")
        bed.do("pod", what="use", name=name, cpu_m=cpu, memory_mi=memory)
    outcome = bed.drover("top", "nodes", "--sort-by", "cpu")
    names = [line.split()[0] for line in outcome.out.splitlines()]
    yield "nodes, the busiest first", unless(outcome, 0) + expect("first", names[:2], ["NAME", "w2"]) + expect("nodes", len(names), 4) + quiet(bed)
    process = bed.start("top", "nodes", "-w")
    wait_for(bed, " UTC\nNAME")
    process.send_signal(signal.SIGINT)
    yield "again and again until Ctrl-C", unless(bed.end(process), 130, "w2") + quiet(bed)
    outcome = bed.drover("top", "pods", "-n", "shop", "--sort-by", "memory")
    rows = [line.split() for line in outcome.out.splitlines()[1:]]
    yield "pods of a namespace", unless(outcome, 0) + expect("pods", [(r[1], r[2], r[5]) for r in rows], [("small", "10m", "900Mi"), ("big", "700m", "30Mi")])
    outcome = bed.drover("--output", "json", "top", "pods", "-l", "app=big")
    items = json.loads(outcome.out)["items"]
    yield "pods by labels, for programs", unless(outcome, 0) + expect("pods", [(i["pod"], i["used"]["cpu_m"]) for i in items], [("big", 700)]) + quiet(bed)


def main():
    return meddle.main("what is looked at when something is wrong", (pod_logs, followed, described, events, lists, watched_events, usage))


if __name__ == "__main__":
    run(main)
