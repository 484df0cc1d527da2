#!/usr/bin/env python3
"""The crash sweep: the real binary upgrades one control plane and three workers, or restores etcd, and is killed with -9 at every record of its
journal, before and after each of its writes to the API, when each of its commands on a node begins and ends, and by a full disk; or its
connections are reset or cut there. Then it is resumed. Every call of a node's tool that changes something must have been started exactly as often as
in a run in which nothing happened, and all that the work (crash_work.py) knows must hold."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys

sys.dont_write_bytecode = True
from crash_work import WORKS  # noqa: E402
from tally import Tally, run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# Of a selection, the share of each family of points; what is over is the first's.
SHARES = {"records": 0.36, "later": 0.06, "writes": 0.16, "commands": 0.16, "connections": 0.16, "disk": 0.04, "chains": 0.06}


def families(work, whole):
    """{name: points} of a run in which nothing happened; a point is a list of strikes."""
    seen, records = {}, []
    for step, kind in whole["records"][:-1]:      # behind the last one there is nothing to resume
        seen[step, kind] = seen.get((step, kind), 0) + 1
        records.append(f"at:{step}:{kind}:{seen[step, kind]}")
    commands = [f"{when}:{node}:{step}" for node, step in whole["commands"] for when in ("started", "ended")]
    lines = len(whole["records"])
    return {"records": [*([["lock"]] if work.locks else []), *([r] for r in records)],
            "later": [[f"{r}+15"] for r in records],
            "writes": [[f"{side}:{n}"] for n in range(1, whole["writes"] + 1) for side in ("before", "after")],
            "commands": [[c] for c in commands],
            "connections": [[f"{how}@{where}"] for how in ("drop", "cut") for where in (*records, *commands) if "run-" not in where]
            + [[f"answer:{text}"] for text in work.answers],
            "disk": [[f"disk:{size}"] for size in work.disks],
            "chains": [[f"lines:{n}", f"lines:{n + 9}+3", f"lines:{n + 21}"] for n in range(4, lines - 25, 8)]}


def spread(points, number, rng):
    """So many of the points, evenly, from a random beginning."""
    if number >= len(points):
        return points
    begin = rng.random()
    return [points[int((i + begin) * len(points) / number)] for i in range(number)]


def selection(of_kind, number, rng):
    counts = {name: max(1, round(number * share)) for name, share in SHARES.items()}
    counts["records"] = max(1, number - sum(count for name, count in counts.items() if name != "records"))
    return [point for name, points in of_kind.items() for point in spread(points, counts[name], rng)]


def command(work, strikes):
    alone = ["unshare", "--mount", "--propagation", "private"] if any(s.startswith("disk") for s in strikes) else []
    return [*alone, sys.executable, str(HERE / "crash_point.py"), work, *strikes]


def try_point(work, strikes):
    process = subprocess.run(command(work, strikes), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        return json.loads(process.stdout)
    except ValueError:
        return {"reached": [], "finished": False, "records": [], "calls": {}, "commands": [], "writes": 0,
                "wrong": [f"the test itself broke:\n{process.stdout}{process.stderr}"]}


def other_calls(result, expected):
    """S4: what was started more or less often than in a run in which nothing happened."""
    found = result["calls"]
    return [f"started {found.get(call, 0)} times, not {expected.get(call, 0)}: {call}" for call in sorted({*found, *expected})
            if found.get(call, 0) > expected.get(call, 0) or (result["finished"] and found.get(call, 0) < expected.get(call, 0))]


def judge(tally, work, strikes, result, expected):
    """False for a point that the run did not come to."""
    if len(result["reached"]) < len(strikes) and not result["wrong"]:
        return False
    wrong = result["wrong"] + other_calls(result, expected)
    tally.point(" ".join(strikes), [*wrong, f"again: {' '.join(command(work, strikes))}"] if wrong else [])
    return True


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", choices=WORKS, default="upgrade", help="what is disturbed (default upgrade)")
    parser.add_argument("--points", type=int, default=44, help="how many points, spread evenly over all (default 44)")
    parser.add_argument("--all", action="store_true", help="every point")
    parser.add_argument("--seed", type=int, default=1, help="of the selection (default 1)")
    parser.add_argument("--jobs", type=int, default=12, help="clusters at once (default 12)")
    parser.add_argument("--again", nargs="+", metavar="STRIKE", help="one point, as it was printed")
    return parser.parse_args()


def main():
    options = parse()
    tally = Tally(f"Crash sweep of {options.work}, struck and resumed")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        whole = try_point(options.work, [])
        tally.point("a run in which nothing happens", whole["wrong"])
        if tally.violations:
            return tally.conclude()
        of_kind = families(WORKS[options.work], whole)
        if options.again:
            points = [options.again]
        elif options.all:
            points = [point for points in of_kind.values() for point in points]
        else:
            points = selection(of_kind, options.points, random.Random(options.seed))
        tried = [(point, pool.submit(try_point, options.work, point)) for point in points]
        judged = []
        for number, (point, result) in enumerate(tried):
            judged.append(judge(tally, options.work, point, result.result(), whole["calls"]))
            if options.all and number % 50 == 49:
                print(f"{number + 1} points, {tally.violations} violations", flush=True)
    alone = sum(result.result()["reached"] == [[lines, 0]] for _, result in tried for lines, _ in result.result()["reached"][:1])
    print(f"seed {options.seed}: {len(points)} of {sum(map(len, of_kind.values()))} points, {judged.count(False)} of them not reached; "
          f"at {alone} the run went on by itself")
    if judged.count(False) > len(judged) / 3:
        tally.point("most points are reached", f"{judged.count(False)} of {len(judged)} are not")
    return tally.conclude()


if __name__ == "__main__":
    run(main)
