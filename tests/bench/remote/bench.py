#!/usr/bin/env python3
"""Drover's remote layer beside ssh, pssh, clush and ansible-core: same machine, same sshds, same key exchange, by turns. Prints a table in Markdown;
README.md beside this says how to read it. Needs root, and of Debian openssh-server, iproute2, pssh, clustershell and ansible-core."""
import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
import delay  # noqa: E402
import hosts as remote  # noqa: E402
import peers  # noqa: E402
from tally import scratch  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
PARALLEL = 32


@dataclasses.dataclass
class Row:
    what: str
    drover: str
    beside: str = ""
    ratio: str = ""
    budget: str = ""


def drover(program, measure, hosts, *arguments, prefix=()):
    """The line of one measurement, as a dict."""
    command = [*prefix, program, measure, hosts.file("fleet.json"), *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def by_turns(rounds, contestants):
    """{name: what it returned in each round}; a different one begins each round."""
    results = {name: [] for name in contestants}
    names = list(contestants)
    for i in range(rounds):
        for name in names[i % len(names):] + names[:i % len(names)]:
            results[name].append(contestants[name]())
            print(f"{os.getloadavg()[0]:5.1f}  round {i + 1}  {name}: {results[name][-1]}", file=sys.stderr)
    return results


def paired(over, under):
    """The median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(over, under))


def seconds(values):
    return f"{statistics.median(values):.2f} s"


def fan_out(program, hosts, rounds):
    def ours():
        before = hosts.cpu_seconds()
        line = drover(program, "commands", hosts, PARALLEL, 1)
        line["bound"] = (hosts.cpu_seconds() - before) / len(os.sched_getaffinity(0))
        return line
    commands = {name: words for name, words in peers.fan_out(hosts, PARALLEL).items() if words[0] not in peers.missing()}
    results = by_turns(rounds, {"drover": ours, **{name: (lambda words=words: peers.timed(words, hosts.folder)) for name, words in commands.items()}})
    lines = results.pop("drover")
    wall, bound = [line["seconds"] for line in lines], [line["bound"] for line in lines]
    cpu = statistics.median(line["client_cpu_seconds"] for line in lines)
    what = f"{len(hosts.names)} fresh connections, `true` on each, {PARALLEL} at a time"
    yield Row(what, f"{seconds(wall)} ({cpu:.2f} s CPU here)", f"sshd's own CPU time / cores: {seconds(bound)}", f"{paired(wall, bound):.2f} ×", "≤ 1.15 ×")
    for name, runs in results.items():
        theirs = [wall_seconds for wall_seconds, _ in runs]
        theirs_cpu = statistics.median(cpu_seconds for _, cpu_seconds in runs)
        yield Row("", "", f"{name}: {seconds(theirs)} ({theirs_cpu:.2f} s CPU here)", f"{paired(theirs, wall):.1f} × as long", "> 1")


def playbooks(program, hosts, rounds, commands):
    contestants = {"drover": lambda: drover(program, "commands", hosts, PARALLEL, commands)["seconds"]}
    if "ansible-playbook" not in peers.missing():
        contestants |= {module: (lambda module=module: peers.ansible(hosts, module, commands)) for module in ("raw", "command")}
    results = by_turns(rounds, contestants)
    ours = results.pop("drover")
    yield Row(f"{len(hosts.names)} hosts × {commands} commands, fresh connections", seconds(ours))
    for module, theirs in results.items():
        yield Row("", "", f"ansible-core, `{module}`, 32 forks, pipelining: {seconds(theirs)}", f"{paired(theirs, ours):.0f} × as long",
                  {"raw": "≥ 8 ×", "command": "≥ 20 ×"}[module])


def latency(program, hosts, rounds, commands, round_trip=None, prefix=()):
    results = by_turns(rounds, {"drover": lambda: drover(program, "latency", hosts, commands, prefix=prefix)["median_ms"],
                                "ssh": lambda: peers.control_master(hosts, max(2, commands // 5), prefix)})
    ours = results["drover"]
    what = f"one more command on an open session, {f'{round_trip} ms away' if round_trip else 'no latency'}"
    theirs = f"ssh through a master: {statistics.median(results['ssh']):.1f} ms"
    yield Row(what, f"{statistics.median(ours):.2f} ms", theirs, f"{paired(results['ssh'], ours):.1f} × as long", "" if round_trip else "≤ 5 ms")
    if round_trip:
        yield Row("", "", f"the round trip: {round_trip} ms", f"{statistics.median(ours) / round_trip:.2f} ×", "≤ 1.2 ×")


def capsule(program, hosts, rounds, commands):
    lines = by_turns(rounds, {"drover": lambda: drover(program, "capsule", hosts, commands)})["drover"]
    median = {key: statistics.median(line[key] for line in lines) for key in ("plain_ms", "capsule_ms", "added_ms", "next_ms")}
    yield Row("a command in a capsule (setsid), its result known", f"{median['capsule_ms']:.1f} ms", f"without a capsule: {median['plain_ms']:.1f} ms",
              f"+ {median['added_ms']:.1f} ms", "≤ + 15 ms")
    yield Row("the command after it", f"{median['next_ms']:.1f} ms")


def memory(program, hosts, rounds, sessions):
    results = by_turns(rounds, {"drover": lambda: drover(program, "memory", hosts, sessions)["kib_a_session"],
                                "ssh": lambda: peers.ssh_memory(hosts, min(sessions, 20))})
    ours, theirs = results["drover"], results["ssh"]
    yield Row(f"memory of an open session, its thread included ({sessions} of them)", f"{statistics.median(ours):.0f} KiB",
              f"an ssh process (PSS): {statistics.median(theirs):.0f} KiB", f"{paired(theirs, ours):.0f} × as much")


def far_away(program, folder, rounds, commands, round_trip):
    with delay.DelayedNetwork(round_trip / 1000) as network, remote.Hosts(folder, 1, delay.FAR, network.far.prefix) as hosts:
        yield from latency(program, hosts, rounds, commands, round_trip, network.near.prefix)


def measure(options, folder):
    program, rounds, few = options.program, options.rounds, 3 if options.quick else 50
    with remote.Hosts(folder / "hosts", options.hosts) as hosts:
        yield from fan_out(program, hosts, rounds)
        yield from latency(program, hosts, rounds, few)
        if not delay.why_not():
            yield from far_away(program, folder / "far", rounds, max(2, few // 2), options.round_trip)
        yield from capsule(program, hosts, rounds, few)
        yield from memory(program, hosts, rounds, 4 * options.hosts)
        yield from playbooks(program, hosts, rounds, 2 if options.quick else 5)


def why_not(options):
    reasons = [remote.why_not()]
    if not os.access(options.program, os.X_OK):
        reasons.append(f"{options.program} is no program (build drover_bench_remote, or name it with --program)")
    if not options.quick:
        reasons += [delay.why_not(), *(f"{program} is missing (package {package})" for program, package in peers.missing().items())]
    return "; ".join(reason for reason in reasons if reason)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 hosts, 1 round, without what is not installed: shows that it works")
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken")
    parser.add_argument("--round-trip", type=int, default=50, metavar="MS", help="to the host that is far away")
    parser.add_argument("--program", type=pathlib.Path, default=os.environ.get("DROVER_BENCH_REMOTE") or ROOT / "build/release/tests/drover_bench_remote")
    options = parser.parse_args()
    if options.quick:
        options.hosts, options.rounds = 3, 1
    return options


def main():
    options = arguments()
    reason = why_not(options)
    if reason:
        print(f"skipped: {reason}")
        return 77
    begun = os.getloadavg()[0]
    with scratch() as folder:
        rows = list(measure(options, folder))
    print("| what | Drover | beside it | ratio | budget |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(dataclasses.astuple(row))} |")
    print(f"\nMedians of {options.rounds}; {os.cpu_count()} cores, shared by clients and sshd; load average {begun:.1f} before, {os.getloadavg()[0]:.1f} after.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
