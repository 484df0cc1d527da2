#!/usr/bin/env python3
"""S4: capsules over a real sshd, while connections are cut (SIGKILL of the sshd process that serves one) every 5 to 155 ms, and again while Drover itself
is killed and started anew with the same ids. Each must have run once, and its output and exit code must be here byte for byte.

All choices come from the seed; when they strike also depends on the machine."""
import argparse
import contextlib
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import hosts as remote  # noqa: E402
from tally import Tally, scratch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
LANES = 4           # hosts, as far as capsules can tell: a host runs one at a time
TIMEOUT = 240       # seconds for one capsule, and for what is left of a kind once it should be over


def octal(data):
    return "".join(f"\\{byte:03o}" for byte in data)


def piece(chance):
    """A line of a script, and what it says."""
    kind = chance.choice(["line", "unfinished line", "bytes", "much", "pause", "pause"])
    if kind == "pause":
        return f"sleep {chance.uniform(0.01, 0.25):.3f}", b""
    if kind == "much":
        size, letter = chance.randint(1000, 300_000), chance.choice("abcxyz")
        return f"head -c {size} /dev/zero | tr '\\0' {letter}", size * letter.encode()
    if kind == "bytes":
        data = chance.randbytes(chance.randint(1, 60))
        return f"printf '{octal(data)}'", data
    text = f"{chance.getrandbits(64):x} {'word ' * chance.randint(0, 40)}"
    return (f"echo '{text}'", text.encode() + b"\n") if kind == "line" else (f"printf %s '{text}'", text.encode())


class Step:
    def __init__(self, chance, name, ran):
        self.id, self.ran = name, ran / name
        self.code, self.said = chance.choice([0, 0, 1, 42, 255]), {"out": b"", "err": b""}
        lines = [f"echo {name} >>'{self.ran}'"]
        for _ in range(chance.randint(1, 16)):
            (line, data), stream = piece(chance), chance.choice(["out", "out", "err"])
            lines.append(line + (" >&2" if stream == "err" else ""))
            self.said[stream] += data
        self.script = "\n".join([*lines, f"exit {self.code}"])

    def wrong(self, results):
        """What is not as it should be."""
        ran = self.ran.read_text().count("\n") if self.ran.exists() else 0
        if ran != 1:
            yield f"it ran {ran} times"
        if not (results / f"{self.id}.rc").exists():
            yield "it has no result"
            return
        if (code := (results / f"{self.id}.rc").read_text()) != str(self.code):
            yield f"its exit code is {code}, not {self.code}"
        for stream, said in self.said.items():
            if (got := (results / f"{self.id}.{stream}").read_bytes()) != said:
                same = len(os.path.commonprefix([got, said]))
                yield f"std{stream} has {len(got)} bytes instead of {len(said)}, and differs from byte {same} on"


class Torture:
    def __init__(self, folder, hosts, program, kind, number, seed):
        self.chance, self.hosts, self.folder = random.Random(f"{seed} {kind}"), hosts, folder / kind
        self.results, self.blows, self.lives = self.folder / "results", 0, 0
        for name in ("ran", "results"):
            (self.folder / name).mkdir(parents=True)
        self.steps = [Step(self.chance, f"{kind}-{i}", self.folder / "ran") for i in range(number)]
        lanes = [{"capsules": str(self.folder / f"steps-{lane}"), "steps": [{"id": s.id, "script": s.script} for s in self.steps[lane::LANES]]}
                 for lane in range(min(LANES, number))]
        job = self.folder / "job.json"
        job.write_text(json.dumps({"fleet": hosts.fleet, "results": str(self.results), "timeout": TIMEOUT, "lanes": lanes}))
        self.command = [program, "torture", job]
        self.log = self.folder / "log"
        self.deadline = time.monotonic() + TIMEOUT + 2 * number

    @contextlib.contextmanager
    def life(self):
        """The program, running; it is not left behind."""
        self.lives += 1
        with open(self.log, "ab") as log:
            process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def ended(self, process, seconds):
        """Its exit code, if it ends in so many seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(seconds)
        if time.monotonic() > self.deadline:
            raise RuntimeError(f"the capsules are not done in time; {self.folder}")
        return None

    def cut_connections(self):
        """The program's exit code."""
        with self.life() as process:
            while (code := self.ended(process, self.chance.uniform(0.005, 0.155))) is None:
                victims = self.hosts.session_pids()
                victim = self.chance.randrange(LANES)      # a single one that is left gets no more than its share
                if victim < len(victims):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victims[victim], signal.SIGKILL)
                        self.blows += 1
            return code

    def kill_drover(self):
        """The exit code of its last life. One life after another that achieves nothing is given more time."""
        longest, done = 0.4, 0
        while True:
            with self.life() as process:
                code = self.ended(process, self.chance.uniform(0.02, longest))
            if code is not None:
                return code
            self.blows += 1
            before, done = done, len(list(self.results.glob("*.rc")))
            longest = 0.4 if done > before else longest * 1.3

    def judge(self, tally, code, again):
        for step in self.steps:
            wrong = list(step.wrong(self.results))
            tally.point(step.id, [*wrong, again] if wrong else [])
        said = self.log.read_text(errors="replace")
        tally.point(f"{self.folder.name}: the program's own word", [f"exit {code}", said, again] if code or said else [])


def why_not(program):
    reason = remote.why_not()
    return reason if reason or os.access(program, os.X_OK) else f"{program} is no program (build drover_bench_remote, or name it with --program)"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10, help="capsules of each of the two kinds (default 10; 200 takes some minutes)")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--program", type=pathlib.Path, default=os.environ.get("DROVER_BENCH_REMOTE") or ROOT / "build/release/tests/drover_bench_remote")
    options = parser.parse_args()
    if reason := why_not(options.program):
        print(f"skipped: {reason}")
        return 77
    again = f"again: {sys.argv[0]} --steps {options.steps} --seed {options.seed}"
    tally = Tally("S4, capsules under torture")
    with scratch() as folder, remote.Hosts(folder / "hosts", 1) as hosts:
        for kind, strike in (("connections", Torture.cut_connections), ("processes", Torture.kill_drover)):
            torture, begun = Torture(folder, hosts, options.program, kind, options.steps, options.seed), time.monotonic()
            torture.judge(tally, strike(torture), again)
            print(f"{kind}: {options.steps} capsules, killed {torture.blows} times, {time.monotonic() - begun:.0f} s, seed {options.seed}", flush=True)
    return tally.conclude()


if __name__ == "__main__":
    sys.exit(main())
