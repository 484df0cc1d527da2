"""A make-believe cluster, and the drover binary as its user runs it."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import time

from node import Node
from sandbox import ROOT, Sandbox, program

OLD, TARGET = "1.33.13", "1.34.4"
# Everything that may be short is: a run takes as long as the gates' own fixed times.
GATES = "health: {settle: 0s, interval: 1s, consecutive: 1, timeout: 1m}\n"
QUICK = f"workers: {{order: inventory}}\n{GATES}drain: {{timeout: 1m}}\n"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"


def binary():
    return pathlib.Path(os.environ.get("DROVER") or ROOT / "build/release/drover").resolve()


def why_not():
    """What this machine lacks to run these tests; empty when nothing."""
    reasons = [] if os.geteuid() == 0 else ["root is needed"]
    for name in ("bwrap", "ssh-keygen", "openssl", "setpriv", "/usr/sbin/sshd"):
        if not shutil.which(name):
            reasons.append(f"{name} is missing")
    for path, variable in ((binary(), "DROVER"), (program(), "DROVER_SANDBOX")):
        if not os.access(path, os.X_OK):
            reasons.append(f"{path} is no program (build it, or name one in {variable})")
    return "; ".join(reasons)


@dataclasses.dataclass
class Outcome:
    code: int            # None: it did not end in time and was killed
    out: str
    err: str
    command: str

    def text(self):
        ended = "did not end in time" if self.code is None else f"exit {self.code}"
        return f"$ {self.command}\n{ended}\n-- the end of stdout\n{self.out[-1500:]}\n-- stderr\n{self.err[-2500:]}"


@dataclasses.dataclass
class Request:
    """One that reached the API. `status` 0: nobody got an answer."""
    verb: str
    path: str
    body: str
    status: int
    at: str
    fault: str

    def effective(self):
        """It changed something, whether or not anybody was told."""
        return 200 <= self.status < 300 or self.fault == "killed after"

    def mutates(self):
        return self.verb != "GET"

    def is_lock(self):
        return self.path in (LEASES, f"{LEASES}/drover")


@dataclasses.dataclass
class Before:
    """What a run finds, and must leave so (S10)."""
    holds: dict          # by node
    packages: dict       # by node: the names
    cordoned: set
    excluded: set = dataclasses.field(default_factory=set)      # left out: nothing may be changed there
    target: str = f"v{TARGET}"


class Bed:
    """`sshd`: lines of sshd_config by node. `plan`: what stands in upgrade.yaml after inventory and target. `options`: of drover-sandbox up."""

    def __init__(self, folder, workers=2, sshd=None, plan=QUICK, target=TARGET, options=("--speed", "0")):
        self.folder = pathlib.Path(folder)
        self.plan, self.target = plan, target
        self.state, self.known_hosts, self.identity = (self.folder / name for name in ("state", "known_hosts", "id_ed25519"))
        self.runs, self.secrets, self.hosts, self.forgotten = 0, [], {}, 0
        self.sandbox = Sandbox(self.folder, "--workers", str(workers), *options)
        self.do = self.sandbox.do
        self.nodes = {name: Node(self.sandbox, name) for name in ("cp1", *(f"w{i + 1}" for i in range(workers)))}
        try:
            for name, lines in (sshd or {}).items():
                self.do("sshd", node=name, lines=lines)
            self.write_plan()
            self.wait_for_api()
            self.before = self.found()
        except BaseException:
            self.sandbox.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sandbox.close()

    def host_of(self, node):
        """What the inventory calls it."""
        return self.hosts.get(node, node)

    def wait_for_held(self, number):
        """Until the API holds so many requests."""
        deadline = time.monotonic() + 60
        while self.cluster()["held"] < number:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the API holds no {number} requests")
            time.sleep(0.005)

    def wait_for_api(self):
        deadline = time.monotonic() + 60
        while any(one["api"] != "answers" for one in self.cluster()["api"].values()):
            if time.monotonic() > deadline:
                raise RuntimeError("the API does not answer")
            time.sleep(0.02)

    def write_plan(self):
        (self.folder / "upgrade.yaml").write_text(
            f"apiVersion: drover/v1\nkind: UpgradePlan\ninventory: inventory.yaml\ntarget: \"{self.target}\"\n{self.plan}")

    # The cluster, as it is.

    def cluster(self):
        return self.do("state")

    def found(self):
        return Before({name: node.held() for name, node in self.nodes.items()}, {name: set(node.installed()) for name, node in self.nodes.items()},
                      {name for name, node in self.cluster()["nodes"].items() if node["unschedulable"]})

    def kubelets(self):
        return {name: node["kubelet"] for name, node in self.cluster()["nodes"].items()}

    def unknown(self):
        """Requests and calls of tools that no real cluster is known to get."""
        return self.cluster()["unknown"]

    def lock_holder(self):
        """Empty: the lock is free."""
        return ((self.do("lock")["lease"] or {}).get("spec") or {}).get("holderIdentity") or ""

    def requests(self):
        """All that the API has had in its hands; nothing of one whose sender it killed before."""
        lines = (self.folder / "api.jsonl").read_bytes().split(b"\n")[:-1]
        found = (r for r in map(json.loads, lines[self.forgotten:]) if r.get("fault") != "killed before")
        return [Request(r["verb"], r["path"], r.get("body", ""), r["status"], r["at"], r.get("fault", "")) for r in found]

    def forget_requests(self):
        """From here on they are those of another run."""
        self.forgotten = (self.folder / "api.jsonl").read_bytes().count(b"\n")

    def writes(self):
        return [r for r in self.requests() if r.mutates()]

    def admin_conf(self):
        return self.nodes["cp1"].read("etc/kubernetes/admin.conf")

    def starts(self):
        return {name: node.starts() for name, node in self.nodes.items()}

    def capsules(self):
        """{(node, capsule): script} of all that was given to a capsule; folders with a dot are not whole yet."""
        return {(name, path.parent.name): path.read_text()
                for name, node in self.nodes.items() for path in sorted((node.root / "var/lib/drover/steps").glob("[!.]*/cmd"))}

    # Drover.

    def start(self, *arguments):
        """Drover, running; UPGRADE among the arguments stands for the plan file. Its output goes to files."""
        self.runs += 1
        words = [str(self.folder / "upgrade.yaml") if a == "UPGRADE" else str(a) for a in arguments]
        command = [str(binary()), "--state-dir", str(self.state), *words]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        with open(self.output("out"), "wb") as out, open(self.output("err"), "wb") as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder, env=environment)
        process.shown = " ".join(["drover", *words])
        return process

    def output(self, kind):
        return self.folder / f"{self.runs:02}.{kind}"

    def end(self, process, seconds=120):
        """Waits for one that was started."""
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        return Outcome(code, self.output("out").read_text(errors="replace"), self.output("err").read_text(errors="replace"), process.shown)

    def drover(self, *arguments, seconds=120):
        return self.end(self.start(*arguments), seconds)

    def run_folder(self):
        """The newest run's, or None. One without a plan, of a process that was killed at once, has begun nothing."""
        plans = (self.state / "sandbox/runs").glob("*/plan.json")
        return max((plan.parent for plan in plans), key=lambda run: (run / "plan.json").stat().st_mtime_ns, default=None)

    def plan_json(self):
        return json.loads((self.run_folder() / "plan.json").read_text())
