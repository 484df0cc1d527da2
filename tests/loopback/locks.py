#!/usr/bin/env python3
"""S14: two Drovers, each with a state folder of its own, race for the Lease: one gets it, the other ends with 6 and changes nothing.
A lock that is taken away stops its holder with 5; `lock show` and `lock release` say what they see."""
import json
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from bed import LEASES, Outcome, binary  # noqa: E402
from control import started, unless  # noqa: E402
from errors import locked  # noqa: E402
from meddle import APPLY  # noqa: E402
from tally import run  # noqa: E402

ROUNDS = 5
SHOW, RELEASE = ("lock", "show"), ("lock", "release", "--yes")


class Rival:
    """A Drover besides the bed's own."""

    def __init__(self, bed, name):
        self.output, self.state = bed.folder / f"{name}.out", bed.folder / name
        words = ["--state-dir", self.state, "apply", bed.folder / "upgrade.yaml", "--yes"]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(bed.folder), "LC_ALL": "C.UTF-8"}
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen([binary(), *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=bed.folder, env=environment)

    def began(self):
        return any(self.state.glob("*/runs/*/journal.jsonl"))

    def text(self):
        return Outcome(self.process.poll(), self.output.read_text(errors="replace"), "", self.state.name).text()


def race(bed, number):
    """Both have seen a free lock when the first of them reaches for it."""
    verb = "PUT" if bed.do("lock")["lease"] else "POST"
    bed.do("api", what="hold", count=2, text=f"{verb} {LEASES}")
    rivals = [Rival(bed, f"race-{number}-{i}") for i in (1, 2)]
    try:
        bed.wait_for_held(2)
        bed.do("api", what="clear")
        deadline = time.monotonic() + 60
        while all(r.process.poll() is None for r in rivals) and time.monotonic() < deadline:
            time.sleep(0.01)
        losers = [r for r in rivals if r.process.poll() is not None]
        winners = [r for r in rivals if r.process.poll() is None]
        if len(losers) != 1:
            return [f"{len(losers)} of two ended at the lock", *(r.text() for r in rivals)]
        wrong = [] if losers[0].process.returncode == 6 and not losers[0].began() else ["the one without the lock:", losers[0].text()]
        holder = bed.lock_holder()
        if f" pid {winners[0].process.pid} " not in holder:
            wrong.append(f"{holder} holds the lock, not pid {winners[0].process.pid}")
        winners[0].process.send_signal(signal.SIGINT)
        if winners[0].process.wait(60) != 130 or not winners[0].began():
            wrong += ["the one with the lock:", winners[0].text()]
        return wrong
    finally:
        bed.do("api", what="clear")
        for rival in rivals:
            rival.process.kill()
            rival.process.wait()


def raced(bed):
    for number in range(ROUNDS):
        yield f"race {number + 1}", race(bed, number)


def lock_of(bed):
    shown = bed.drover("--output", "json", *SHOW)
    return shown, json.loads(shown.out) if shown.code == 0 else {}


def shown_and_released(bed):
    shown, lock = lock_of(bed)
    yield "lock show, free", [] if lock.get("held") is False and lock["file"]["held"] is False else shown.text()
    yield "lock release, free", unless(bed.drover(*RELEASE), 0, "free")
    yield "lock show without an inventory", unless(bed.drover(*SHOW, "-i", "nothing.yaml"), 3, "nothing.yaml")
    locked(bed)
    shown, lock = lock_of(bed)
    good = lock.get("held") and lock["holder"]["host"] == "elsewhere" and lock["holder"]["process"] == "unknown"
    yield "lock show, held elsewhere", [] if good else shown.text()
    writes = len(bed.writes())
    yield "lock release without a terminal", unless(bed.drover("lock", "release"), 2, "--yes")
    yield "which sends nothing", [f"{r.verb} {r.path}" for r in bed.writes()[writes:]]

    bed.do("api", what="hold", count=1, text=f"PUT {LEASES}")
    process = bed.start(*RELEASE)
    bed.wait_for_held(1)
    locked(bed)
    bed.do("api", what="clear")
    yield "lock release of one that is renewed meanwhile", unless(bed.end(process), 6, "renewed meanwhile", "elsewhere")
    yield "lock release, held elsewhere", unless(bed.drover(*RELEASE), 0, "released")
    yield "which frees it", bed.lock_holder()


def taken_from_a_run(bed):
    bed.nodes["w1"].stall("kubelet-package")
    process = started(bed, APPLY, "v1.34/w1/kubelet-package", "effect-intent")
    bed.nodes["w1"].wait_for_step("kubelet-package")
    number = bed.runs
    shown, lock = lock_of(bed)
    good = lock.get("held") and lock["holder"]["process"] == "alive" and lock["holder"]["pid"] == process.pid and lock["file"]["held"]
    yield "lock show of a run here", [] if good else shown.text()
    yield "lock release of a run here", unless(bed.drover(*RELEASE), 6, "lives", "drover pause")
    bed.runs = number
    # To another machine this process is out of sight.
    holder, spec = bed.lock_holder(), bed.do("lock")["lease"]["spec"]
    bed.do("lock", lease={"spec": {**spec, "holderIdentity": ""}})
    deadline = time.monotonic() + 20
    said = lambda: bed.output("err").read_text() + bed.output("out").read_text()
    while "lock-lost" not in (bed.run_folder() / "events.jsonl").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    bed.nodes["w1"].go_on("kubelet-package")
    wrong = unless(bed.end(process), 5, "drover lock release")
    if bed.lock_holder():
        wrong.append(f"the lock went from {holder} to {bed.lock_holder()}: {said()}")
    records = meddle.records(bed)
    lost = [i for i, r in enumerate(records) if r["type"] == "effect-outcome" and r.get("step") == "v1.34/w1/kubelet-package"]
    wrong += [] if lost else ["the running command was not awaited"]
    wrong += [f"begun after the lock was lost: {r['step']}" for r in records[lost[0] if lost else 0:] if r["type"] in ("step-begun", "effect-intent")]
    yield "a run whose lock is taken away", wrong
    yield "resume after that", meddle.finish(bed)


def main():
    return meddle.main("S14, the lock raced for, shown, released and lost", (raced, shown_and_released, taken_from_a_run))


if __name__ == "__main__":
    run(main)
