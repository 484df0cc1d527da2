#!/usr/bin/env python3
"""S4, S5: the real binary is ended at every point of a run's journal, around every write to the API, and by a full disk; then it
is resumed. Every call of a node's tool that changes something must have been started exactly as often as in a run in which
nothing died, nothing may be left cordoned, locked or at another version.

LOOPBACK_POINTS: how many points are tried (default 44), or `all`. Fewer than all are chosen so that each kind of effect is met
first. LOOPBACK_JOBS: clusters at once (default 12)."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
from tally import Tally, run  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
WRITES = 20     # about as many as a run sends; a point that is not reached does not count


def chosen(points, number):
    """So many of the points, evenly spread; all for None."""
    points = list(points)
    if number is None or number >= len(points):
        return points
    return [points[int((i + 0.5) * len(points) / number)] for i in range(number)]


def share(number, part):
    return None if number is None else max(1, round(number * part))


def points_of_any_run(number):
    """Those that can be named without knowing what the journal will hold."""
    yield ["lock"]
    yield from chosen([[f"{side}:{n}"] for n in range(1, WRITES + 1) for side in ("before", "after")], share(number, 0.15))
    yield from chosen([[f"disk:{size}"] for size in range(84, 244, 4)], share(number, 0.05))
    yield from chosen([[f"journal:{n}", f"journal:{n + 9}+3", f"journal:{n + 21}"] for n in range(4, 150, 8)], share(number, 0.05))


def points_of_journal(records, number):
    """Around each record; or, of each kind of step and type of record, around that of one host."""
    if number is None:
        yield from ([f"at:{step}:{kind}{wait}"] for step, kind in records for wait in ("", "+15"))
        return
    alike = {}
    for step, kind in records:
        alike.setdefault((kind, step.rsplit("/", 1)[-1]), []).append(step)
    one_of_each = [[f"at:{steps[i % len(steps)]}:{kind}"] for i, ((kind, _), steps) in enumerate(sorted(alike.items()))]
    effects = [point for point in one_of_each if ":effect-" in point[0]]
    yield from chosen(effects, share(number, 0.6))
    yield from chosen([point for point in one_of_each if point not in effects], share(number, 0.15))


def command(strikes):
    return ["unshare", "--mount", "--propagation", "private", sys.executable, str(HERE / "crash_point.py"), *strikes]


def try_point(strikes):
    process = subprocess.run(command(strikes), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    try:
        return json.loads(process.stdout)
    except ValueError:
        return {"reached": [], "finished": False, "records": [], "calls": {},
                "wrong": [f"the test itself broke:\n{process.stdout}{process.stderr}"]}


def other_calls(result, expected):
    """S4: what was started more or less often than in a run in which nothing died."""
    found = result["calls"]
    return [f"started {found.get(call, 0)} times, not {expected.get(call, 0)}: {call}" for call in sorted({*found, *expected})
            if found.get(call, 0) > expected.get(call, 0) or (result["finished"] and found.get(call, 0) < expected.get(call, 0))]


def judge(tally, strikes, result, expected):
    """False for a point that the run did not come to."""
    if len(result["reached"]) < len(strikes) and not result["wrong"]:
        return False
    wrong = result["wrong"] + other_calls(result, expected)
    tally.point(" ".join(strikes), [*wrong, f"again: {' '.join(command(strikes))}"] if wrong else [])
    return True


def main():
    number = os.environ.get("LOOPBACK_POINTS", "44")
    number = None if number == "all" else int(number)
    tally = Tally("S4 and S5, ended and resumed")
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("LOOPBACK_JOBS", "12"))) as pool:
        reference = pool.submit(try_point, [])
        tried = [(strikes, pool.submit(try_point, strikes)) for strikes in points_of_any_run(number)]
        whole = reference.result()
        tally.point("a run in which nothing dies", whole["wrong"])
        tried += [(strikes, pool.submit(try_point, strikes)) for strikes in points_of_journal(whole["records"], number)]
        judged = [judge(tally, strikes, result.result(), whole["calls"]) for strikes, result in tried]
    lengths = {length for _, result in tried for length, *_ in result.result()["reached"]}
    print(f"ended at {len(lengths)} different lengths of a journal of {len(whole['records'])} lines; {judged.count(False)} points were not reached")
    if judged.count(False) > len(judged) / 3:
        tally.point("most points are reached", f"{judged.count(False)} of {len(judged)} are not")
    return tally.conclude()


if __name__ == "__main__":
    run(main)
