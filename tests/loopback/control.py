#!/usr/bin/env python3
"""S15: a run is paused, cancelled and interrupted, with and without a Drover that runs it; what is left can be resumed, and what
was cancelled stands in nobody's way."""
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import journal  # noqa: E402
import meddle  # noqa: E402
from invariants import left_behind  # noqa: E402
from errors import at_rest, changes  # noqa: E402
from meddle import APPLY, RESUME, finish, killed, records  # noqa: E402
from tally import run  # noqa: E402

PACKAGE = "v1.34/w1/kubelet-package"


def started(bed, words, step, kind):
    """Drover, running, as soon as a record of this type of this step is on disk."""
    old, mark = len(records(bed)) if bed.run_folder() else 0, journal.mark_of(step, kind).encode()
    process = bed.start(*words)
    deadline = time.monotonic() + 90
    while True:
        folder = bed.run_folder()
        if folder and any(mark in line for line in journal.lines(folder / "journal.jsonl")[old:]):
            return process
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"it did not come to {kind} of {step}:\n{bed.end(process, 0).text()}")
        time.sleep(0.002)


def ask(bed, process, *words):
    """Another process of Drover asks the one that runs. The outcomes of both."""
    number = bed.runs
    asking = bed.drover(*words)
    last, bed.runs = bed.runs, number      # the output of the one that runs has the lower number
    running = bed.end(process)
    bed.runs = last
    return asking, running


def unless(outcome, code, *says):
    """What is wrong with an outcome."""
    said = outcome.out + outcome.err
    return [] if outcome.code == code and all(text in said for text in says) else [f"exit {code} with {says} was expected\n{outcome.text()}"]


def refused_as_unfinished(bed):
    before = at_rest(bed)
    return unless(bed.drover(*APPLY), 4, "unfinished-run") + changes(before, bed)


def lock_held(bed):
    holder = bed.lock_holder()
    return [f"the lock is held by {holder}"] if holder else []


def outcomes(bed, step):
    return [r["fields"].get("exit_code") for r in records(bed) if r["type"] == "effect-outcome" and r.get("step") == step]


def in_package(bed):
    """Drover, running, while the installation of w1's kubelet hangs."""
    bed.nodes["w1"].stall("kubelet-package")
    process = started(bed, APPLY, PACKAGE, "effect-intent")
    bed.nodes["w1"].wait_for_step("kubelet-package")
    process.send_signal(signal.SIGINT)
    return process


def interrupted_then_paused(bed):
    process = in_package(bed)
    try:
        early = process.wait(0.5)
    except subprocess.TimeoutExpired:
        early = None
    bed.nodes["w1"].go_on("kubelet-package")
    wrong = unless(bed.end(process), 130) + lock_held(bed)
    if early is not None or outcomes(bed, PACKAGE) != ["0"]:
        wrong.append(f"the node command that ran was not awaited: {early} {outcomes(bed, PACKAGE)}")
    all_records = records(bed)
    outcome = next((i for i, r in enumerate(all_records) if r["type"] == "effect-outcome" and r.get("step") == PACKAGE), 0)
    wrong += [f"begun all the same: {r['step']}" for r in all_records[outcome:] if r["type"] == "step-begun"]
    yield "SIGINT once", wrong
    yield "apply after SIGINT", refused_as_unfinished(bed)
    process = started(bed, RESUME, "v1.34/w2/drain", "effect-intent")
    asking, resumed = ask(bed, process, "pause")
    yield "pause", unless(asking, 0) + unless(resumed, 5) + lock_held(bed)
    status = bed.drover("status")
    yield "status after pause", [] if status.code == 0 and "paused" in status.out.lower() else status.text()
    yield "resume after SIGINT and pause", finish(bed)


def interrupted_twice(bed):
    process = in_package(bed)
    time.sleep(0.05)      # two of a kind at once are one signal
    process.send_signal(signal.SIGINT)
    wrong = unless(bed.end(process, 5), 130)
    if outcomes(bed, PACKAGE):
        wrong.append("the node command has an outcome, though it hangs")
    yield "SIGINT twice", wrong
    bed.nodes["w1"].go_on("kubelet-package")
    at_rest(bed)
    yield "resume after SIGINT twice", finish(bed)


def cancelled(bed):
    bed.do("budget", what="block", name="default/web")      # or w1 is empty, and being changed, before it is cancelled
    process = started(bed, APPLY, "v1.34/w1/drain", "effect-intent")
    asking, running = ask(bed, process, "cancel")
    bed.do("budget", what="free", name="default/web")
    yield "cancel", unless(asking, 0) + unless(running, 5) + left_behind(bed, bed.before)
    yield "apply after cancel", unless(bed.drover(*APPLY), 0) + left_behind(bed, bed.before)


def cancelled_without_process(bed):
    killed(bed, APPLY, "at:v1.34/w1/drain:effect-intent")
    if not bed.cluster()["nodes"]["w1"]["unschedulable"]:
        raise RuntimeError("w1 is not cordoned")
    yield "apply after kill -9", refused_as_unfinished(bed)
    outcome = bed.drover("cancel", bed.run_folder().name)
    yield "cancel of a run that nobody executes", unless(outcome, 0) + left_behind(bed, bed.before)
    yield "apply after that", unless(bed.drover(*APPLY), 0) + left_behind(bed, bed.before)


def main():
    return meddle.main("S15, paused, cancelled and interrupted", (interrupted_then_paused, interrupted_twice, cancelled, cancelled_without_process))


if __name__ == "__main__":
    run(main)
