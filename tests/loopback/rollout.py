#!/usr/bin/env python3
"""S6, S11: several workers at once and never more than the budget, a drain that is put off, pauses, the maintenance window; each with the
resume that goes on."""
import datetime
import functools
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from bed import GATES  # noqa: E402
from errors import edit  # noqa: E402
from invariants import left_behind, not_as_planned, not_finished  # noqa: E402
from meddle import APPLY, RESUME, finish, killed, other_capsules, records  # noqa: E402
from tally import run  # noqa: E402

WORKERS = ("w1", "w2", "w3", "w4")


def write_plan(bed, workers, besides="", drain="1m"):
    bed.plan = f"workers: {{order: inventory, {workers}}}\n{GATES}drain: {{timeout: {drain}}}\n{besides}"
    bed.write_plan()


def most_at_once(bed):
    """Workers that were in their turns together at the most, by the journal; a turn that was given back has ended, too."""
    inside, most = set(), 0
    for r in records(bed):
        name, _, step = r.get("step", "//").split("/", 1)[1].partition("/")
        if name not in WORKERS:
            continue
        if r["type"] == "step-begun" and step == "cordon":
            inside.add(name)
        if r["type"] == "step-ended" and step in ("settled", "uncordon") and r["fields"]["status"] in ("succeeded", "skipped"):
            if step == "settled" or not changed(bed, name, r["seq"]):
                inside.discard(name)
        most = max(most, len(inside))
    return most


def changed(bed, name, before):
    return any(r["type"] == "step-begun" and r.get("step", "").startswith(f"v1.34/{name}/upgrade-node") and r["seq"] < before for r in records(bed))


def ended(bed, outcome, code=0):
    if outcome.code != code:
        return [outcome.text()]
    return (not_finished(bed, bed.before) + not_as_planned(bed) + other_capsules(bed) if code == 0 else []) + bed.unknown()


def done(bed, name):
    return bed.kubelets()[name] == bed.before.target


def two_at_once(bed):
    write_plan(bed, "max_unavailable: 50%")
    shown = bed.drover("plan", "UPGRADE")
    yield "the plan says how many", [] if "4 workers 2 at once" in shown.out and "at most 2 of 4 workers" in shown.out else shown.text()
    outcome = bed.drover(*APPLY)
    yield "two workers at once", ended(bed, outcome)
    yield "two in flight together, and never three", [] if most_at_once(bed) == 2 else f"{most_at_once(bed)} at the most"


def killed_with_two_in_flight(bed):
    write_plan(bed, "max_unavailable: 2")
    killed(bed, APPLY, "at:v1.34/w2/kubelet-package:effect-intent")
    # How far w1 was by then nobody knows, so the next points are of workers that cannot have passed them.
    killed(bed, RESUME, "at:v1.34/w2/settled:step-begun")
    killed(bed, RESUME, "at:v1.34/w4/upgrade-node:effect-intent")
    yield "killed three times with two workers in flight", finish(bed)
    yield "never three in their turns", [] if most_at_once(bed) == 2 else f"{most_at_once(bed)} at the most"


def hold_back(bed, node):
    """All pods of a budget are on `node`; two of them are not Ready, so that none may go now, though one might by the budget's numbers. The two."""
    others = [name for name in WORKERS if name != node]
    cordon = lambda value: [bed.do("patch-node", node=name, patch={"spec": {"unschedulable": value}}) for name in others]
    cordon(True)
    bed.do("workload", what="add", name="default/slow", replicas=4)
    bed.do("budget", what="add", name="default/slow", min_available=3)
    cordon(None)
    slow = [pod for pod in bed.cluster()["pods"] if pod["workload"] == "slow"]
    if [pod["node"] for pod in slow] != [node] * 4:
        raise RuntimeError(f"the pods are not on {node}: {slow}")
    for pod in slow[:2]:
        bed.do("pod", what="break", name=pod["name"])
    bed.forget_requests()
    return [pod["name"] for pod in slow[:2]]


def heal(bed, pods):
    for pod in pods:
        bed.do("pod", what="heal", name=pod)


def put_off_notes(said, name):
    return [line for line in said.splitlines() if f" {name} " in line and "put off, " in line]


def put_off(bed):
    write_plan(bed, "max_unavailable: 2", drain="4s")
    late = hold_back(bed, "w1")
    outcome = bed.drover(*APPLY)
    wrong = ended(bed, outcome, 5) + left_behind(bed, bed.before)
    wrong += [f"{name} is not done" for name in ("w2", "w3", "w4") if not done(bed, name)]
    yield "a blocked drain is put off, all others are done", wrong
    said = outcome.out + outcome.err
    yield "it says what blocks", [] if "w1 was put off" in said and "default/slow" in said and len(put_off_notes(said, "w1")) == 2 else outcome.text()
    status = bed.drover("status")
    yield "status names it", [] if "put off at drain" in status.out and "default/slow" in status.out else status.text()
    again = bed.drover(*RESUME)
    yield "resume tries it once more, and gives it back again", ended(bed, again, 5) + left_behind(bed, bed.before)
    heal(bed, late)
    edit("upgrade.yaml", "timeout: 4s", "timeout: 1m")(bed)      # its pods may go one by one only, and each takes a while
    yield "resume when the budget has room", finish(bed)


def killed_while_put_off(bed):
    write_plan(bed, "max_unavailable: 1", drain="4s")
    late = hold_back(bed, "w1")
    killed(bed, APPLY, "at:v1.34/w1/drain:step-deferred")
    killed(bed, RESUME, "at:v1.34/w3/cordon:step-ended")
    killed(bed, RESUME, "at:v1.34/w1/uncordon:effect-intent")
    heal(bed, late)
    edit("upgrade.yaml", "timeout: 4s", "timeout: 1m")(bed)
    yield "killed while a worker is put off", finish(bed)


def pauses(bed):
    write_plan(bed, "canary: 1, max_unavailable: 4", "pause: {after_canary: true, after_control_plane: true}\n")
    first = bed.drover(*APPLY)
    turned = [r["step"] for r in records(bed) if r["type"] == "step-begun" and r["step"].endswith("/cordon")]
    yield "no terminal: the run ends after the control plane", ended(bed, first, 5) + ([] if turned == ["v1.34/cp1/cordon"] else turned)
    yield "it says so", [] if "pause.after_control_plane" in first.out and "no terminal" in first.out else first.text()
    second = bed.drover(*RESUME)
    yield "and after the canary", ended(bed, second, 5) + ([] if done(bed, "w1") and not done(bed, "w2") else second.text())
    status = bed.drover("status")
    yield "status says why it is paused", [] if "PAUSED: pause.after_canary" in status.out else status.text()
    yield "resume is the word that it waits for", finish(bed)


def window(bed):
    today = datetime.datetime.now(datetime.timezone.utc).weekday()
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(today + 3) % 7]
    closed = f"window: {{days: [{day}], start: \"01:00\", end: \"05:00\", timezone: UTC}}\n"
    write_plan(bed, "max_unavailable: 2", closed)
    outcome = bed.drover(*APPLY)
    wrong = ended(bed, outcome, 5) + [f"begun: {r['step']}" for r in records(bed) if r["type"] == "step-begun"
                                      and not r["step"].endswith(("/preflight", "/stage-packages", "/stage-images"))]
    yield "outside its window a run looks and downloads, and ends", wrong
    yield "it says when it opens", [] if "is closed; it opens" in outcome.out else outcome.text()
    yield "on resume, too", ended(bed, bed.drover(*RESUME), 5)
    edit("upgrade.yaml", closed, "")(bed)
    yield "the window is taken out of the plan file", finish(bed)


def main():
    attempt = functools.partial(meddle.try_story, workers=len(WORKERS))
    return meddle.main("S6 and S11, the roll-out", (two_at_once, killed_with_two_in_flight, put_off, killed_while_put_off, pauses, window), attempt)


if __name__ == "__main__":
    run(main)
