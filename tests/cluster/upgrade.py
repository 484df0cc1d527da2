"""Scenario a: a cluster with a guarded service goes to the next minor, while a client asks that service and never waits.

With a seed Drover is killed three times on the way, and resumed; all that must hold of an upgrade must hold all the same.
"""
import time

import after
import kills
import product
import stream
import timeline
from bed.common import each
from clients import Clients, reachability


def show_timeline(report, events, nodes):
    lines, _ = timeline.render(events, timeline.node_commands(nodes, timeline.moment(events[0])))
    (report.folder / "timeline.txt").write_text("\n".join(lines) + "\n")
    for line in lines:
        report.say(f"         {line}")


def carry_out(report, drover, nodes, seed):
    """The upgrade, with kills when there is a seed: how the last process ended, and how many were killed."""
    if seed is None:
        return drover.run("--output", "json", "apply", "UPGRADE", "--yes", seconds=1500), 0
    drawn = kills.draw(seed, nodes)
    report.say(f"         seed {seed} (--seed): " + ", ".join(f"{k.step} at {k.delay:.1f} s" for k in drawn))
    return kills.apply_and_resume(report, drover, drawn, nodes[0]), len(drawn)


def run(report, nodes, old, target, user="root", seed=None):
    drover = product.Drover(report.folder / f"upgrade-as-{user}", target, user=user)
    since = int(time.time())
    before = dict(each(lambda n: (n, dict(after.system_of(n, since))), nodes))
    clients = Clients(drover.folder, nodes)
    clients.start()
    report.say(f"         results: {drover.folder}")
    try:
        outcome, killed = carry_out(report, drover, nodes, seed)
    finally:
        heard = clients.stop()
    report.check("it exits 0 in the end", outcome.code == 0, outcome.text())
    events = drover.journalled_events()
    stream.check(report, events, killed)
    report.check("stdout is the end of that stream", outcome.events() == events[-len(outcome.events()):], outcome.text())
    reachability(report, heard)
    found = dict(each(lambda n: (n, dict(after.system_of(n, since))), nodes))
    after.check(report, nodes, before, found, old, target)
    outcome = drover.run("plan", "UPGRADE", "--detailed-exitcode")
    report.check("plan afterwards finds nothing to do (--detailed-exitcode exits 0)", outcome.code == 0, outcome.text())
    outcome = drover.run("apply", "UPGRADE", "--yes")
    report.check("apply --yes afterwards exits 0 within a minute", outcome.code == 0 and outcome.seconds < 60, outcome.text())
    show_timeline(report, events, nodes)
