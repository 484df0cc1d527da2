"""Drover killed with -9 at moments drawn from a seed, and resumed each time."""
import dataclasses
import json
import random
import time

from bed import access

AWAY = 15           # seconds at most until somebody notices: what runs on a node may end meanwhile, or not
LONGEST = 1500      # seconds a process may take


@dataclasses.dataclass
class Kill:
    step: str
    delay: float      # seconds into the step, or into its command where it has one
    away: float       # seconds until `resume`


def draw(seed, nodes):
    """One kill while kubeadm changes the control plane, one in a drain, one while a package is installed."""
    dice = random.Random(seed)
    first, *workers = nodes
    # the shortest that was seen: kubeadm upgrade apply 150 s, a drain 20 s, a package step 1 s
    package = f"{dice.choice(nodes)}/{dice.choice(['kubeadm-package', 'kubelet-package'])}"
    kills = [(f"{first}/upgrade-apply", dice.uniform(0.5, 120)), (f"{dice.choice(workers)}/drain", dice.uniform(0, 10)), (package, dice.uniform(0, 0.8))]
    return [Kill(f"v1.34/{step}", delay, dice.uniform(0, AWAY)) for step, delay in kills]


def underway(event):
    """Is this the moment from which a kill's delay counts? In a drain its start, else that of the node's command."""
    kind = "step_started" if event.get("kind") == "drain" else "step_progress"
    return event["event"] == kind and (kind == "step_started" or event["waiting_for"].startswith("the command on "))


class Killer:
    """Kills process after process of a run, each in the step that its kill names."""

    def __init__(self, drover, kills):
        self.drover, self.pending, self.last, self.read = drover, list(kills), None, 0

    def fresh(self):
        """The events since it was asked last; a line without its end is still being written."""
        log = self.drover.event_log()
        if not log:
            return []
        with open(log, "rb") as f:
            f.seek(self.read)
            whole = f.read().rpartition(b"\n")
        self.read += len(whole[0] + whole[1])
        return [json.loads(line) for line in whole[0].splitlines()]

    def __call__(self, process):
        """Until the process has ended, or has been killed, which `last` then tells."""
        self.last, due, end = None, {}, time.monotonic() + LONGEST
        self.fresh()
        while process.poll() is None and time.monotonic() < end:
            begun = {e["step"] for e in self.fresh() if underway(e)}
            due |= {k.step: (time.monotonic() + k.delay, k) for k in self.pending if k.step in begun and k.step not in due}
            for moment, kill in due.values():
                if time.monotonic() >= moment:
                    process.kill()
                    process.wait()
                    self.last = kill
                    self.pending.remove(kill)
                    return
            time.sleep(0.02)


def in_midst(report, drover, kill, first):
    """Was the step still going on when Drover died?"""
    ends = [e for e in drover.journalled_events() if e["event"] == "step_finished" and e["step"] == kill.step]
    alive = not kill.step.endswith("/upgrade-apply") or access.on(first, "pgrep -fa 'kubeadm upgrade [a]pply'", check=False).strip()
    report.check(f"killed with -9 {kill.delay:.1f} s into {kill.step}, which goes on", not ends and alive, [str(ends), str(alive)])


def apply_and_resume(report, drover, kills, first):
    """`apply`, killed and resumed until all kills are done and it has ended: the last outcome."""
    killer = Killer(drover, kills)
    outcome = drover.run("--output", "json", "apply", "UPGRADE", "--yes", seconds=60, meanwhile=killer)
    while killer.last:
        kill = killer.last
        in_midst(report, drover, kill, first)
        said = drover.run("status")
        report.check("status tells that nobody works on the run, and to resume it", said.code == 0 and "KILLED" in said.out and " resume " in said.out, said.text())
        time.sleep(kill.away)
        report.say(f"         resumed {kill.away:.1f} s later")
        outcome = drover.run("--output", "json", "resume", "--yes", seconds=60, meanwhile=killer)
    report.check("every kill took place", not killer.pending, [k.step for k in killer.pending])
    return outcome
