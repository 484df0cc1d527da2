#!/usr/bin/env python3
"""S3: what a whole apply sent, to nodes and to the API, is what the plan had shown before, byte for byte."""
import json
import sys

sys.dont_write_bytecode = True
from as_shown import outside_capsules, wrong_with_capsule, wrong_with_request  # noqa: E402
from bed import Bed, TARGET  # noqa: E402
from tally import Tally, run, scratch  # noqa: E402


def compare(tally, bed, plan):
    run = bed.run_folder().name
    capsules = bed.capsules()
    for (node, capsule), script in capsules.items():
        frame = bed.nodes[node].read(f"var/lib/drover/steps/{capsule}/supervise")
        tally.point(f"{node}: capsule {capsule}", wrong_with_capsule(plan, node, "cp1", script, frame))
    shown = sorted((s.get("node", "cp1"), c) for s in plan["steps"] for c in s["commands"])
    sent = sorted((node, script) for (node, _), script in capsules.items())
    tally.point("every command of the plan was sent, and each once", [] if shown == sent else f"{len(shown)} shown, {len(sent)} sent")
    tally.point("no node was changed by anything else than a capsule", outside_capsules(bed))
    for request in bed.writes():
        if not request.is_lock():
            tally.point(f"{request.verb} {request.path}", wrong_with_request(plan, run, request))
    patched = [r.path.rsplit("/", 1)[1] for r in bed.writes() if r.verb == "PATCH" and r.status == 200]
    workers = [name for name in bed.nodes if name != "cp1"]
    expected = sorted([*bed.nodes] * 2 + workers)      # cordoned, uncordoned, and workers marked as waiting
    tally.point("each node was patched as often as it is said", [] if sorted(patched) == expected else str(patched))


def at_target(bed):
    return sorted(name for name, version in bed.kubelets().items() if version == f"v{TARGET}")


def limited_then_saved(tally, bed, saved):
    """One host alone, then the rest from a saved plan, as it is."""
    outcome = bed.drover("apply", "UPGRADE", "--limit", "cp1", "--yes")
    tally.point("apply --limit cp1", [] if outcome.code == 0 else outcome.text())
    tally.point("--limit cp1 upgrades cp1 alone", [] if at_target(bed) == ["cp1"] else str(at_target(bed)))
    shown = bed.drover("plan", "UPGRADE", "-o", str(saved))
    tally.point("plan the rest", [] if shown.code == 0 else shown.text())
    outcome = bed.drover("apply", str(saved), "--yes")
    tally.point("apply PLAN.json", [] if outcome.code == 0 else outcome.text())
    tally.point("it is the plan that was saved", [] if bed.plan_json()["id"] == json.loads(saved.read_text())["id"] else "another id")
    tally.point("all kubelets are at the target after it", [] if at_target(bed) == sorted(bed.nodes) else str(at_target(bed)))


def main():
    tally = Tally("S3, what was sent is what was shown")
    with scratch() as folder, Bed(folder / "limited") as bed:
        limited_then_saved(tally, bed, folder / "SAVED.json")
    with scratch() as folder, Bed(folder / "bed") as bed:
        shown = bed.drover("plan", "UPGRADE", "-o", str(folder / "PLAN.json"))
        tally.point("plan", [] if shown.code == 0 else shown.text())
        outcome = bed.drover("apply", "UPGRADE", "--yes")
        tally.point("apply", [] if outcome.code == 0 else outcome.text())
        compare(tally, bed, json.loads((folder / "PLAN.json").read_text()))
        tally.point("requests and calls that nobody knows", bed.unknown())
        tally.point("all kubelets are at the target", [] if at_target(bed) == sorted(bed.nodes) else str(at_target(bed)))
    return tally.conclude()


if __name__ == "__main__":
    run(main)
