"""What can go wrong while Drover runs, drawn from a random generator. Each fault begins when the journal has got so many lines further (or so
many milliseconds later), and is taken back some time after that, or when the process has ended."""
import dataclasses
import signal
import typing

import journal

CALLS = ("apt-get", "install kubelet=", "install kubeadm=", "apt-mark", "kubeadm upgrade", "systemctl restart", "daemon-reload", "crictl", "update",
         "apt-cache", "dpkg", "download-only", "kubeadm version", "images list", "apt-get download")
REQUESTS = ("", "", "nodes", "pods", "eviction", "leases", "PATCH", "GET", "readyz", "configmaps", "poddisruptionbudgets", "daemonsets")


def nothing(bed):
    pass


@dataclasses.dataclass
class Fault:
    text: str
    strike: typing.Callable             # (bed, process)
    heal: typing.Callable = nothing     # (bed)
    odd: bool = False                   # a tool or the API lies: that may end Drover with a code that it has for nothing else


def tell(command, heal=None, odd=False, **keys):
    """A fault by one command of the sandbox, and by another it is taken back."""
    text = " ".join([command, *map(str, keys.values())])
    place = {key: keys[key] for key in ("node", "path") if key in keys}
    taken_back = (lambda bed: bed.do(heal, **place)) if heal else nothing
    return Fault(text, lambda bed, _: bed.do(command, **keys), taken_back, odd)


def api(what, rng, odd=False, **keys):
    undo = {"down": "up"}.get(what, "clear")
    return Fault(" ".join(["api", what, *map(str, keys.values())]), lambda bed, _: bed.do("api", what=what, **keys),
                 lambda bed: bed.do("api", what=undo), odd)


def send(number):
    return Fault(number.name, lambda _, process: process.send_signal(number))


def twice(_, process):
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)


def rekey(node):
    def strike(bed, _):
        bed.do("rekey", node=node)

    def heal(bed):
        here = f"[127.0.0.1]:{bed.nodes[node].port} "
        others = [line for line in bed.known_hosts.read_text().splitlines(True) if not line.startswith(here)]
        bed.known_hosts.write_text("".join(others) + bed.nodes[node].known_host())

    return Fault(f"rekey {node}", strike, heal)


def tool(rng, node):
    """One call fails, is killed, hangs, or has its machine reset under it."""
    action = rng.choice(("fail:1", "fail:100", "kill", "hang", "reset"))
    keys = {"node": node, "action": action, "nth": rng.randint(1, 3), "text": rng.choice(CALLS)}
    ids = []
    return Fault(" ".join(["fault", *map(str, keys.values())]), lambda bed, _: ids.append(bed.do("fault", **keys)["id"]),
                 lambda bed: [bed.do("release", node=node, id=one) for one in ids], odd=True)


def blocked_budget(bed_budget):
    return Fault(f"budget block {bed_budget}", lambda bed, _: bed.do("budget", what="block", name=bed_budget),
                 lambda bed: bed.do("budget", what="free", name=bed_budget))


def torn(rng):
    """Killed while it writes a line of its journal, which is never whole (S20). Before it writes one it takes away what is left of another."""
    share = rng.random()

    def strike(bed, process):
        process.kill()
        process.wait()
        path = bed.run_folder() and bed.run_folder() / "journal.jsonl"
        lines = journal.lines(path) if path else []
        if lines and path.read_bytes().endswith(b"\n"):
            with open(path, "ab") as file:
                file.write(lines[-1][:int(share * len(lines[-1]))])

    return Fault("torn line", strike)


def draw(rng, nodes, budgets):
    node = rng.choice(nodes)
    text, count = rng.choice(REQUESTS), rng.choice((1, 1, 2, 5, 20))
    choices = [
        (6, lambda: send(signal.SIGKILL)), (2, lambda: torn(rng)), (2, lambda: send(signal.SIGINT)), (1, lambda: send(signal.SIGTERM)), (1, lambda: Fault("twice", twice)),
        (3, lambda: tell("drop", node=node)), (3, lambda: tell("cut", "mend", node=node)), (1, lambda: tell("refuse", "mend", node=node)),
        (1, lambda: tell("slow", "mend", node=node, ms=rng.choice((5, 50, 300)))), (3, lambda: tell("reset", node=node)),
        (2, lambda: tell("off", "on", node=node)), (2, lambda: tell("fill", "free", node=node)),
        (1, lambda: tell("fill", "free", node=node, path="/var/lib/sandbox/packages")), (1, lambda: rekey(node)), (6, lambda: tool(rng, node)),
        (2, lambda: api("down", rng)), (1, lambda: api("slow", rng, ms=rng.choice((20, 200)))),
        (2, lambda: api("fail", rng, status=rng.choice((429, 500, 503)), count=count, text=text)),
        (1, lambda: api("fail", rng, odd=True, status=403, count=count, text=text)),
        (2, lambda: api("garbage", rng, count=count, text=text, odd=True)), (2, lambda: api("cut", rng, count=count, text=text)),
        (1, lambda: api("hold", rng, count=count, text=text)),
    ]
    if budgets:
        choices.append((2, lambda: blocked_budget(rng.choice(budgets))))
    weights = [weight for weight, _ in choices]
    return rng.choices(choices, weights)[0][1]()
