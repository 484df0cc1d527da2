#!/usr/bin/env python3
"""Random runs: clusters, inventories, plan files, workloads and faults drawn from seeds. Each is upgraded by the real binary, resumed until it is
done or refused for a reason that the scene has, and everything that invariants.py knows is looked at after each process.

    random_runs.py --seeds 200            seeds 1 to 200
    random_runs.py --seed 17 -v           one of them again, told as it goes; --keep leaves its folder"""
import argparse
import collections
import concurrent.futures
import dataclasses
import os
import random
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
import faults  # noqa: E402
import invariants  # noqa: E402
import scene as scenes  # noqa: E402
from bed import Bed  # noqa: E402
from pulse import Pulse  # noqa: E402
from sandbox import Refused  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402

APPLY, RESUME = ("apply", "UPGRADE", "--yes"), ("resume", "--yes")
DISTURBED = 3           # so many processes at most meet with faults
ATTEMPTS = 12           # processes until it must be over
SECONDS = 300           # until one must have ended
UNDISTURBED = {0, 4}
DISTURBED_CODES = {0, 4, 5, 7, 8, 130, -signal.SIGKILL}
LIED_TO = DISTURBED_CODES | {1}     # what a tool or an API that lies may also lead to


@dataclasses.dataclass
class Ending:
    """What became of one seed."""
    seed: int
    wrong: list
    codes: list
    struck: list
    refused: bool


class Story:
    """One seed. `tell` is given a line for each thing that happens."""

    def __init__(self, bed, scene, rng, tell):
        self.bed, self.scene, self.rng, self.tell = bed, scene, rng, tell
        self.wrong, self.codes, self.struck, self.healing = [], [], [], {}
        self.odd = False
        self.begin = time.monotonic()

    def note(self, text):
        self.tell(f"{time.monotonic() - self.begin:6.1f}  {text}")

    def strike(self, fault, pulse, process):
        if process.poll() is not None:
            return
        try:
            fault.strike(self.bed, process)
        except Refused as refused:      # full already, say
            return self.note(f"not possible: {refused}")
        self.note(f"fault: {fault.text}")
        self.struck.append(fault.text)
        self.odd = self.odd or fault.odd
        self.healing[id(fault)] = fault
        pulse.later(self.rng.choice((0.05, 0.5, 2, 6, 15)), lambda: self.heal(fault))

    def heal(self, fault):
        if self.healing.pop(id(fault), None):
            self.note(f"healed: {fault.text}")
            fault.heal(self.bed)

    def plan_faults(self, pulse, process):
        budgets = sorted(self.bed.cluster()["budgets"])
        lines = 40 + 33 * self.scene.workers
        for _ in range(self.rng.choice((0, 1, 1, 2, 3))):
            fault = faults.draw(self.rng, sorted(self.bed.nodes), budgets)
            at, delay = int(self.rng.random() ** 1.3 * lines) - 4, self.rng.choice((0, 0, 0.003, 0.03, 0.3, 1.5))
            pulse.at_line(max(0, at), lambda fault=fault, delay=delay: pulse.later(delay, lambda: self.strike(fault, pulse, process)))

    def process(self, words, disturbed):
        """One Drover, to its end."""
        self.note(" ".join(words))
        before = self.effects()
        process = self.bed.start(*words)
        pulse = Pulse(self.bed, process)
        try:
            if disturbed:
                self.plan_faults(pulse, process)
            in_time = pulse.run(SECONDS)
        finally:
            pulse.close()
        outcome = self.bed.end(process, 10 if in_time else 0)
        for fault in list(self.healing.values()):
            self.heal(fault)
        self.codes.append(outcome.code)
        self.note(f"ended: {outcome.code}")
        self.judge(outcome, before)
        return outcome

    def effects(self):
        return (sorted(self.bed.capsules()), [(r.verb, r.path) for r in self.bed.writes() if not r.is_lock()])

    def judge(self, outcome, before):
        early = outcome.code in (-signal.SIGINT, -signal.SIGTERM) and not outcome.out + outcome.err      # before it had said a word
        allowed = LIED_TO if self.odd else DISTURBED_CODES if self.struck else UNDISTURBED
        if outcome.code not in allowed and not early:
            self.wrong.append(outcome.text())
        if outcome.code in (4, 6, 7) and self.effects() != before:
            self.wrong.append(f"it changed something, and says that it did not:\n{outcome.text()}")
        self.wrong += invariants.broken(self.bed, self.bed.before)

    def run(self):
        """Until it is done or refused."""
        words, outcome = APPLY, None
        for attempt in range(ATTEMPTS):
            outcome = self.process(words, attempt < DISTURBED)
            if self.wrong:
                return
            if outcome.code == 0 and not invariants.not_finished(self.bed, self.bed.before):
                break
            if outcome.code == 4 and words == APPLY and not self.bed.run_folder() and attempt >= len(self.struck) + 1:
                break
            words = RESUME if self.unfinished(outcome) else APPLY
        self.conclude(outcome)

    def unfinished(self, outcome):
        """Something was begun that can be gone on with."""
        records = invariants.records(self.bed)
        ends = [r["fields"]["status"] for r in records if r["type"] == "run-ended"]
        return any(r["type"] == "step-begun" for r in records) and ends[-1:] != ["succeeded"]

    def conclude(self, outcome):
        refused = outcome.code == 4 and not self.bed.run_folder()
        if self.scene.blockers and not refused:
            self.wrong.append(f"it should be refused because of {self.scene.blockers}\n{outcome.text()}")
        if not self.scene.blockers and refused:
            self.wrong.append(f"it is refused without a reason:\n{outcome.text()}")
        if not refused:
            self.wrong += invariants.not_finished(self.bed, self.bed.before)
            self.wrong += [outcome.text()] if outcome.code != 0 else []


def try_seed(seed, folder, tell=lambda line: None):
    scene = scenes.draw(seed)
    tell(f"seed {seed}: {scene}")
    try:
        with Bed(folder, workers=scene.workers, plan=scene.plan, options=("--speed", "0", "--seed", str(seed))) as bed:
            scenes.furnish(bed, scene)
            story = Story(bed, scene, random.Random(f"faults of {seed}"), tell)
            story.run()
            return Ending(seed, story.wrong, story.codes, story.struck, bool(scene.blockers))
    except Exception:      # of the test itself; the other seeds go on
        return Ending(seed, [f"the test itself broke:\n{traceback.format_exc()}"], [], [], False)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200, help="how many (default 200)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (default 1)")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--jobs", type=int, default=48, help="clusters at once (default 48)")
    parser.add_argument("--keep", action="store_true", help="leave the folders of failing seeds")
    parser.add_argument("-v", "--verbose", action="store_true")
    return parser.parse_args()


def show(tally, ending, folder):
    wrong = ending.wrong
    if wrong:
        wrong = [*wrong[:8], f"codes {ending.codes}, faults {ending.struck}, folder {folder}", f"again: {sys.argv[0]} --seed {ending.seed} -v"]
    tally.point(f"seed {ending.seed}", wrong)


def main():
    options = parse()
    seeds = [options.seed] if options.seed else range(options.first, options.first + options.seeds)
    tell = (lambda line: print(line, flush=True)) if options.verbose else (lambda line: None)
    tally, codes, struck, refused = Tally("Random runs"), collections.Counter(), 0, 0
    with scratch(keep=lambda: options.keep and tally.violations) as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for ending in pool.map(lambda seed: try_seed(seed, folder / str(seed), tell), seeds):
            show(tally, ending, folder / str(ending.seed))
            codes.update(ending.codes)
            struck, refused = struck + len(ending.struck), refused + ending.refused
    ends = ", ".join(f"{number} with {code}" for code, number in sorted(codes.items(), key=str))
    print(f"seeds {seeds[0]} to {seeds[-1]}: {struck} faults, {refused} scenes to be refused; processes ended: {ends}")
    return tally.conclude()


if __name__ == "__main__":
    run(main)
