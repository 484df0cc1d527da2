#!/usr/bin/env python3
"""S14 on the real API: two Drovers race for the Lease, again and again, on a cluster that `bed up` made.

Each has a state folder of its own, so that only the Lease keeps them apart. The one that gets it is interrupted as soon as the
other has ended; what it has begun by then is staging. Ends with one line `Race: N passed, N failed in M minutes`.
"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import product  # noqa: E402
import report as reports  # noqa: E402
from bed import cluster, network, prerequisites  # noqa: E402

LONGEST = 300      # seconds for one race; a command that stages packages is awaited
STAGGER = 0.3      # seconds between the two at most, so that they meet at all points of the way to the lock


class Racer:
    def __init__(self, folder, target):
        self.drover = product.Drover(folder, target)
        self.output = self.drover.folder / "output.txt"
        command = network.operator(product.binary(), "--state-dir", folder / "state", "apply", self.drover.upgrade, "--yes")
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder)

    def began(self):
        return self.drover.event_log() is not None

    def text(self):
        return f"exit {self.process.poll()}\n{self.output.read_text(errors='replace')}"


def holder():
    lease = cluster.ask("-n", "kube-system", "get", "lease", "drover", "-o", "json", "--ignore-not-found")
    return json.loads(lease)["spec"].get("holderIdentity", "") if lease.strip() else ""


def race(report, number, target, dice):
    folder = report.folder / f"race-{number:02}"
    racers = [Racer(folder / "first", target)]
    time.sleep(dice.uniform(0, STAGGER))
    racers.append(Racer(folder / "second", target))
    try:
        deadline = time.monotonic() + LONGEST
        while all(r.process.poll() is None for r in racers) and time.monotonic() < deadline:
            time.sleep(0.02)
        losers = [r for r in racers if r.process.poll() is not None]
        winners = [r for r in racers if r.process.poll() is None]
        name = "neither" if not winners else "both" if not losers else winners[0].drover.folder.name
        text = [line for r in racers for line in r.text().splitlines()]
        if not report.check(f"race {number}: one is turned away, the other goes on ({name})", len(losers) == 1, text):
            return
        held = holder()
        report.check("the Lease names the one that goes on", f" pid {winners[0].process.pid} " in held, [held, *text])
        winners[0].process.send_signal(signal.SIGINT)
        codes = [losers[0].process.returncode, winners[0].process.wait(LONGEST)]
        text = [line for r in racers for line in r.text().splitlines()]
        report.check("they end with 6 and 130", codes == [6, 130], text)
        report.check("one run was begun, and the Lease is free", [r.began() for r in (losers[0], winners[0])] == [False, True] and not holder(), text)
    finally:
        for r in racers:
            r.process.kill()
            r.process.wait()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--races", type=int, default=20)
    p.add_argument("--target", default="1.34.4")
    p.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the moments between the two; default: another each time")
    p.add_argument("--results", type=pathlib.Path, help="default: build/cluster/race-<time>")
    a = p.parse_args()
    reasons = prerequisites.trouble() or ([] if cluster.by_hand() else ["no cluster that was made with `bed up` is running"])
    if reasons:
        print("skipped: " + "; ".join(reasons))
        return 77
    report = reports.Report(a.results or product.ROOT / "build/cluster" / time.strftime("race-%Y%m%d-%H%M%S"))
    report.say(f"Results in {report.folder}, seed {a.seed}")
    if report.check(f"{product.binary()} is a program (build it, or name one in DROVER)", os.access(product.binary(), os.X_OK)):
        dice = random.Random(a.seed)
        for number in range(1, a.races + 1):
            race(report, number, a.target, dice)
    minutes = (time.time() - report.began) / 60
    report.say(f"\nRace: {report.passed} passed, {report.failed} failed in {minutes:.1f} minutes")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
