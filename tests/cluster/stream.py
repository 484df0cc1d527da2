"""The events of a run as a stream, which goes on over all processes that worked on the run."""
import product
import timeline

ENDED = "run_finished"
# What a later process may do once more, though it had succeeded: it looks whether a node that was begun is still as it should be, and marks those that wait.
AGAIN = timeline.WAITS | {"preflight", "cordon", "uncordon"}


def processes(events):
    """The events of each process that worked on the run."""
    found = []
    for e in events:
        if e["event"] == "run_started" or not found:
            found.append([])
        found[-1].append(e)
    return found


def step_faults(events):
    """Every begun step ends, or is begun again by a later process with the next attempt; none that ran a command succeeds twice."""
    running, attempts, succeeded, here, faults = set(), {}, set(), set(), []
    for e in events:
        step = e.get("step")
        if e["event"] == "run_started":
            running.clear()      # whoever had begun them is gone
            here.clear()
        elif e["event"] == "step_started":
            if e["attempt"] != attempts.get(step, 0) + 1:
                faults.append(f"{step} begins with attempt {e['attempt']} after {attempts.get(step, 0)}")
            if step in here or step in succeeded and e["kind"] not in AGAIN:
                faults.append(f"{step} is begun again although it had succeeded")
            attempts[step] = e["attempt"]
            running.add(step)
        elif e["event"] == "step_finished":
            # a step that was never begun may be reported as skipped
            if step not in running and e["status"] != "skipped":
                faults.append(f"{step} finished without having started")
            running.discard(step)
            if e["status"] in ("succeeded", "skipped"):
                succeeded.add(step)
                here.add(step)
    faults += [f"{s} started and never finished" for s in sorted(set(attempts) - succeeded)]
    return faults


def faults(events, killed):
    """What is wrong with the whole stream of a run that succeeded after `killed` of its processes were killed."""
    found = step_faults(events)
    parts = processes(events)
    if len(parts) != killed + 1:
        found.append(f"{len(parts)} times run_started, but {killed + 1} processes")
    for number, part in enumerate(parts, 1):
        order = [e["event"] for e in part]
        should_end = number > killed
        if order[0] != "run_started" or order.count(ENDED) != should_end or (order[-1] == ENDED) != should_end:
            found.append(f"process {number} begins with {order[0]}, ends with {order[-1]}")
    if [e["seq"] for e in events] != list(range(1, len(events) + 1)):
        found.append("seq has gaps")
    if len({e["run"] for e in events}) != 1:
        found.append("more than one run id")
    return found


def check(report, events, killed=0):
    wrong = faults(events, killed)
    over = f" over {killed + 1} processes" if killed else ""
    report.check(f"its {len(events)} events{over} are whole: seq without gaps, every step that started finished, no command's step succeeded twice", not wrong, wrong)
    if product.SCHEMA.exists():
        errors = product.schema_errors(events)
        report.check("every event fits the published schema", not errors, errors)
