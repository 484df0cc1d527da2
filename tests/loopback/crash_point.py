#!/usr/bin/env python3
"""One point of crash.py: `crash_point.py STRIKE...` (strike.py lists them) ends one process a strike, resumes, and prints what was
found as JSON. Each in a process and a mount namespace of its own: `unshare -m crash_point.py journal:60 journal:75`."""
import collections
import json
import re
import sys

sys.dont_write_bytecode = True
import journal  # noqa: E402
import strike  # noqa: E402
import truth  # noqa: E402
from bed import Bed  # noqa: E402
from keys import Keys  # noqa: E402
from node import TARGET  # noqa: E402
from tally import scratch  # noqa: E402


def calls(bed):
    """{"node call": how often it was started}, without what differs from run to run."""
    same = lambda call: re.sub(r"Timeout=\d+", "Timeout=N", re.sub(r"/drover-\w{8}\b", "/drover-X", call))
    return collections.Counter(f"{name}: {same(call)}" for name, node in bed.nodes.items() for call in node.starts())


def without_intent(bed):
    """S4, at the moment of death: effects of which the disk knows nothing."""
    folder = bed.run_folder()
    known = journal.intents(folder / "journal.jsonl") if folder else []
    capsules = {fields.get("capsule") for fields in known}
    wrong = [f"{node} has capsule {capsule}, which no intent names" for node, capsule in bed.capsules() if capsule not in capsules]
    sent = sum(not r.is_lock() for r in bed.api.writes())
    intended = sum("request" in fields for fields in known)
    if sent > intended:
        wrong.append(f"the API received {sent} writes, of which the journal intended {intended}")
    return wrong


def not_finished(bed):
    """What is not as it must be once everything is done."""
    wrong = []
    for name, node in bed.world.nodes.items():
        machine, want = node.machine, f"v{TARGET}"
        if bed.world.kubelet(name) != want:
            wrong.append(f"the kubelet of {name} is {bed.world.kubelet(name)}")
        if node.spec or node.annotations:
            wrong.append(f"{name} was left cordoned: {node.spec} {node.annotations}")
        root = machine.root / "var/lib/world"
        for package in (p.name for p in (root / "holds").iterdir()):
            if machine.read(f"var/lib/world/packages/{package}") != f"{TARGET}-1.1\n":
                wrong.append(f"{package} of {name} is {machine.read(f'var/lib/world/packages/{package}').strip()}")
        if {p.name for p in (root / "holds").iterdir()} != {p.name for p in (root / "packages").iterdir()} - {"cri-tools"}:
            wrong.append(f"{name} has other holds than before")
        if "/v1.34/" not in machine.read("etc/apt/sources.list.d/kubernetes.list"):
            wrong.append(f"{name} has the old repository")
    if bed.world.version() != f"v{TARGET}":
        wrong.append(f"the control plane is {bed.world.version()}")
    if bed.world.lock["spec"]["holderIdentity"]:
        wrong.append(f"the lock is held by {bed.world.lock['spec']['holderIdentity']}")
    return wrong


def not_as_planned(bed):
    """S3, of all that was sent by all processes."""
    plan, run = bed.plan_json(), bed.run_folder().name
    wrong = truth.outside_capsules(bed)
    for (node, capsule), script in bed.capsules().items():
        wrong.append(truth.wrong_with_capsule(plan, node, script, bed.nodes[node].read(f"var/lib/drover/steps/{capsule}/supervise")))
    wrong += [truth.wrong_with_request(plan, run, r) for r in bed.api.writes() if not r.is_lock()]
    return [text for text in wrong if text]


def records(bed):
    """[step, type] of each line of the journal."""
    folder = bed.run_folder()
    return [[r.get("step", "run"), r["type"]] for r in journal.records(folder / "journal.jsonl")] if folder else []


def finish(bed, words):
    """Resumes to the end; a run of which nothing is on disk is applied anew. Why it came to no end, or nothing."""
    outcome = bed.drover(*words)
    if outcome.code == 0 and not records(bed):
        outcome = bed.drover("apply", "UPGRADE", "--yes")
    return [] if outcome.code == 0 else [outcome.text()]


def strike_all(bed, strikes, reached, wrong):
    """Why what came to its end by itself came to no good end, or nothing."""
    words = ("apply", "UPGRADE", "--yes")
    for what in strikes:
        outcome, struck = strike.strike(bed, lambda: bed.start(*words), what)
        if not struck:
            return [outcome.text()] if outcome.code != 0 else []
        found = records(bed)
        reached.append([len(found), *(found[-1] if found else [])])
        wrong += without_intent(bed)
        if what.startswith("disk") and (outcome.code != (5 if found else 1) or "No space left" not in outcome.out + outcome.err):
            wrong.append(outcome.text())
        words = ("resume", "--yes")
    return finish(bed, words)


def run_point(bed, strikes):
    reached, wrong = [], []
    unfinished = strike_all(bed, strikes, reached, wrong)
    wrong += unfinished + bed.api.unknown
    if not unfinished:
        wrong += not_finished(bed) + not_as_planned(bed)
    return {"reached": reached, "finished": not unfinished, "records": records(bed), "wrong": wrong, "calls": calls(bed)}


def main(strikes):
    with scratch() as folder, Bed(folder / "bed", Keys(folder / "keys")) as bed:
        try:
            print(json.dumps(run_point(bed, strikes)))
        finally:
            strike.no_disk(bed)


if __name__ == "__main__":
    main(sys.argv[1:])
