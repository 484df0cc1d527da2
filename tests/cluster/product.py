"""Drover as its user runs it: the built binary, in the operator's network namespace, with files written for this cluster."""
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import time

from bed import cluster, network, services

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "examples/events.schema.json"
DEBIANS_PYTHON = "/usr/bin/python3"      # newer versions of jsonschema resolve references across schemas otherwise


def binary():
    return pathlib.Path(os.environ.get("DROVER") or ROOT / "build/release/drover").resolve()


@dataclasses.dataclass
class Outcome:
    code: int            # None: it did not end in time and was killed
    out: str
    err: str
    seconds: float
    command: str

    def text(self):
        """Everything a person needs to see of a run that went wrong."""
        ended = "did not end in time" if self.code is None else f"exit {self.code}"
        return f"$ {self.command}\n{ended} after {self.seconds:.1f} s\n-- stdout\n{self.out}\n-- stderr\n{self.err}"

    def events(self):
        """The events on stdout; a line that is no JSON object raises ValueError."""
        events = [json.loads(line) for line in self.out.splitlines()]
        if not all(isinstance(e, dict) for e in events):
            raise ValueError("a line of the output is no JSON object")
        return events


class Drover:
    """Runs Drover with its files and its state in `folder`, where every run's output is kept too."""

    def __init__(self, folder, target, user="root", inventory=None, plan=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.upgrade = self.folder / "upgrade.yaml"
        self.runs = 0
        (self.folder / "inventory.yaml").write_text(inventory or cluster.inventory(user))
        self.upgrade.write_text(f"apiVersion: drover/v1\nkind: UpgradePlan\ninventory: inventory.yaml\ntarget: {target}\n{plan}")

    def run(self, *arguments, seconds=180, meanwhile=None, environment=None):
        """The outcome of `drover ARGUMENTS`; UPGRADE among them stands for the plan file.

        meanwhile(process) is called as soon as it runs; the time it takes is not counted.
        """
        self.runs += 1
        words = [str(self.upgrade) if a == "UPGRADE" else str(a) for a in arguments]
        command = network.operator(binary(), "--state-dir", self.folder / "state", *words)
        stem = self.folder / f"{self.runs:02}-{re.sub('[^a-z]+', '-', ' '.join(arguments[:3]).lower()).strip('-')}"
        began = time.time()
        with open(f"{stem}.out", "wb") as out, open(f"{stem}.err", "wb") as err:
            p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder, env=os.environ | (environment or {}))
            services.record("drover", p.pid, command)
            try:
                if meanwhile:
                    meanwhile(p)
                code = p.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                services.stop("drover")
                p.wait()
        read = lambda kind: pathlib.Path(f"{stem}.{kind}").read_text(errors="replace")
        return Outcome(code, read("out"), read("err"), time.time() - began, " ".join(["drover", *words]))

    def event_log(self):
        """events.jsonl of the newest run, or None."""
        return max(self.folder.glob("state/*/runs/*/events.jsonl"), key=lambda p: p.parent.name, default=None)

    def journalled_events(self):
        """What is in it by now; a line without its end is still being written."""
        log = self.event_log()
        return [json.loads(line) for line in log.read_text().rpartition("\n")[0].splitlines()] if log else []


def schema_errors(events):
    """What the published schema says against these events, a line a complaint."""
    validator = ROOT / "tests/support/validate_json.py"
    lines = "".join(json.dumps(event) + "\n" for event in events)
    p = subprocess.run([DEBIANS_PYTHON, validator, SCHEMA.name], input=lines, capture_output=True, text=True)
    if p.returncode:
        return [f"{validator.name} failed: {p.stderr.strip()}"]
    return [f"event {n}: {said}" for n, said in enumerate(p.stdout.splitlines(), 1) if said != "ok"]
