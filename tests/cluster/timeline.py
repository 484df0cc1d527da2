"""From the events of a run: a row a step, and how much of the wall time was Drover's own."""
import datetime

from bed import access
from bed.common import each

GATES = {"control-plane-healthy", "static-pods-healthy", "node-healthy", "settled", "addons-healthy", "verify"}
WAITS = GATES | {"drain"}      # what these take is the cluster's: pods that end, components that come up


def moment(event):
    return datetime.datetime.fromisoformat(event["time"]).timestamp()


def merged(intervals):
    """Disjoint, sorted intervals that cover the same moments."""
    out = []
    for start, end in sorted(i for i in intervals if i[1] > i[0]):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


def covered(intervals, start, end):
    """Seconds of start..end that the merged intervals cover."""
    return sum(max(0.0, min(end, e) - max(start, s)) for s, e in intervals)


def steps(events):
    """One dictionary a step: id, node, kind, start, end, status, attempt. Steps of a killed process end as it did."""
    open_steps, done, last = {}, [], None

    def ended(e, start, end, status):
        done.append(dict(id=e["step"], node=e.get("node", "-"), kind=e["kind"], start=start, end=end, status=status, attempt=e.get("attempt", 1)))

    for e in events:
        if e["event"] == "run_started":
            for begun in open_steps.values():
                ended(begun, moment(begun), last, "killed")
            open_steps = {}
        elif e["event"] == "step_started":
            open_steps[e["step"]] = e
        elif e["event"] == "step_finished":
            end = moment(e)
            begun = open_steps.pop(e["step"], None)
            ended(e, moment(begun) if begun else end - e["duration_s"], end, e["status"])
        last = moment(e)
    return done


def absences(events):
    """[start, end] of each time when no process worked on the run: from the last that a killed one said to the next one's first."""
    return [[moment(a), moment(b)] for a, b in zip(events, events[1:]) if b["event"] == "run_started"]


def node_commands(nodes, since):
    """[start, end] of every capsule on the nodes: from the first to the last file it wrote. The clock is one for all machines."""
    def on_node(name):
        spans = {}
        for line in access.on(name, "find /var/lib/drover/steps -type f -printf '%T@ %P\\n' 2>/dev/null; true").splitlines():
            when, path = line.split(" ", 1)
            capsule = path.rsplit("/", 1)[0]
            low, high = spans.get(capsule, (float(when), float(when)))
            spans[capsule] = (min(low, float(when)), max(high, float(when)))
        return [list(span) for span in spans.values() if span[0] >= since]
    return [span for part in each(on_node, nodes) for span in part]


def render(events, commands):
    """The table as lines, and Drover's own seconds. `commands`: intervals of node commands, from node_commands()."""
    start, end = moment(events[0]), moment(events[-1])
    rows = steps(events)
    away = absences(events)
    waiting = merged([[r["start"], r["end"]] for r in rows if r["kind"] in WAITS] + commands + away)
    lines = [f"{'start':>8} {'seconds':>8} {'own':>6}  {'node':8} {'step':24} status"]
    for r in sorted(rows, key=lambda r: (r["start"], r["end"])):
        took = r["end"] - r["start"]
        own = took - covered(waiting, r["start"], r["end"])
        tries = f" (attempt {r['attempt']})" if r["attempt"] > 1 else ""
        lines.append(f"{'+%.1f' % (r['start'] - start):>8} {took:8.1f} {own:6.1f}  {r['node']:8} {r['kind']:24} {r['status']}{tries}")
    wall = end - start
    own = wall - covered(waiting, start, end)
    between = wall - covered(merged([[r["start"], r["end"]] for r in rows] + away), start, end)
    absent = f"nobody there {covered(merged(away), start, end):.1f} s; " if away else ""
    lines.append(f"wall {wall:.1f} s; {absent}node commands {covered(merged(commands), start, end):.1f} s, "
                 f"drains and gates {covered(merged([[r['start'], r['end']] for r in rows if r['kind'] in WAITS]), start, end):.1f} s; "
                 f"Drover's own {own:.1f} s = {100 * own / wall:.1f} % (of it {between:.1f} s outside any step)")
    return lines, own
