"""One point of crash.py: `crash_point.py WORK STRIKE...` (crash_work.py and strike.py list them) strikes one process after the other, resumes, and
prints what was found as JSON. One with disk:KIB wants a mount namespace of its own: `unshare -m crash_point.py upgrade disk:100`."""
import collections
import json
import re
import sys

sys.dont_write_bytecode = True
import invariants  # noqa: E402
import journal  # noqa: E402
import strike  # noqa: E402
from bed import Bed  # noqa: E402
from crash_work import WORKS  # noqa: E402
from tally import scratch  # noqa: E402

GOES_ON = (0, 5, 8)     # how a Drover may end whose connections were cut


def failed_capsules(bed):
    """Those of commands that are known to have failed: another attempt at them, with an intent of its own, may make the same calls again (S4)."""
    capsules, failed = {}, set()
    for r in whole_records(bed):
        fields = r.get("fields", {})
        effect = (r.get("step"), r.get("attempt"), fields.get("effect"))
        if "capsule" in fields:
            capsules[effect] = fields["capsule"]
        elif r["type"] == "effect-outcome" and fields.get("exit_code", "0") != "0":
            failed.add(capsules.get(effect))
    return failed


def calls(bed):
    """{"node call": how often it was started}, without what differs from run to run, and without attempts that failed."""
    run, failed = bed.run_folder().name if bed.run_folder() else "none", failed_capsules(bed)
    same = lambda call: re.sub(r"Timeout=\d+", "Timeout=N", re.sub(r"/drover-(restore-)?\w{8,16}\b", "/drover-X", call.replace(run, "RUN")))
    return collections.Counter(f"{name}: {same(call)}" for name, node in bed.nodes.items() for capsule, call in node.starts_by_capsule()
                               if capsule not in failed)


def commands(bed):
    """[node, step] of each command that calls something which changes its node, in the order of the plan."""
    called = {(name, capsule.split(".", 1)[1].rsplit(".", 2)[0]) for name, node in bed.nodes.items() for capsule, _ in node.starts_by_capsule() if "." in capsule}
    steps = [(step.get("node", "cp1"), step["id"]) for step in bed.plan_json()["steps"]]
    return [[node, step] for node, step in steps if (node, step.replace("/", "-")) in called]


def whole_records(bed):
    folder = bed.run_folder()
    return journal.records(folder / "journal.jsonl") if folder else []


def records(bed):
    """[step, type] of each line of the journal."""
    return [[r.get("step", "run"), r["type"]] for r in whole_records(bed)]


def finish(work, words):
    """Resumes to the end; a run that began no step is none to resume, and is done anew. Why it came to no end, or nothing."""
    outcome = work.bed.drover(*words, seconds=240)
    if outcome.code == 0 and all(step == "run" for step, _ in records(work.bed)):
        outcome = work.bed.drover(*work.words, seconds=240)
    return [] if outcome.code == 0 else [outcome.text()]


def strike_all(work, strikes, reached, wrong):
    """Why what came to its end by itself came to no good end, or nothing."""
    bed, words = work.bed, work.words
    for what in strikes:
        outcome, struck = strike.strike(bed, lambda: bed.start(*words), what)
        if not struck:
            return [outcome.text()] if outcome.code != 0 else []
        found = records(bed)
        reached.append([len(found), outcome.code])
        wrong += invariants.without_intent(bed)
        if what.startswith("disk") and (outcome.code != (5 if found else 1) or "No space left" not in outcome.out + outcome.err):
            wrong.append(outcome.text())
        if outcome.code == 0:
            return []
        if outcome.code not in GOES_ON and outcome.code != -9 and not what.startswith("disk"):
            wrong.append(outcome.text())
        words = ("resume", "--yes")
    return finish(work, words)


def run_point(work, strikes):
    reached, wrong, bed = [], [], work.bed
    unfinished = strike_all(work, strikes, reached, wrong)
    wrong += unfinished + work.wrong_at_any_time()
    if not unfinished:
        wrong += work.wrong_at_the_end()
    return {"reached": reached, "finished": not unfinished, "records": records(bed), "commands": commands(bed), "wrong": wrong, "calls": calls(bed),
            "writes": sum(not r.is_lock() for r in bed.writes())}


def main(work, *strikes):
    with scratch() as folder, Bed(folder / "bed", workers=WORKS[work].workers) as bed:
        try:
            print(json.dumps(run_point(WORKS[work](bed), strikes)))
        finally:
            strike.no_disk(bed)


if __name__ == "__main__":
    main(*sys.argv[1:])
