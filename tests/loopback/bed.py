"""A make-believe cluster of one control plane and two workers, and the drover binary as its user runs it."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

from api import Api
from node import Node, TARGET
from world import World

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Everything that may be short is: a run takes as long as the gates' own fixed times.
QUICK = "health: {settle: 0s, interval: 1s, consecutive: 1, timeout: 1m}\ndrain: {timeout: 1m}\n"


def binary():
    return pathlib.Path(os.environ.get("DROVER") or ROOT / "build/release/drover").resolve()


def why_not():
    """What this machine lacks to run these tests; empty when nothing."""
    reasons = [] if os.geteuid() == 0 else ["root is needed"]
    for program in ("bwrap", "ssh-keygen", "openssl", "/usr/sbin/sshd"):
        if not shutil.which(program):
            reasons.append(f"{program} is missing")
    if not os.access(binary(), os.X_OK):
        reasons.append(f"{binary()} is no program (build it, or name one in DROVER)")
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


class Bed:
    """`nodes`: what Node takes besides, by name. `plan`: what stands in upgrade.yaml after inventory and target."""

    def __init__(self, folder, keys, nodes=None, plan=QUICK, target=TARGET):
        self.folder, self.keys = pathlib.Path(folder), keys
        self.folder.mkdir(parents=True)
        packages = {"cp1": ("kubeadm", "kubelet", "kubectl"), "w1": ("kubeadm", "kubelet", "kubectl"), "w2": ("kubeadm", "kubelet")}
        self.nodes = {name: Node(self.folder / name, name, keys, installed, **(nodes or {}).get(name, {})) for name, installed in packages.items()}
        control_plane, *workers = self.nodes.values()
        self.world = World(control_plane, workers)
        self.api = Api(self.world, keys)
        control_plane.make_control_plane(keys.admin_conf(self.api.port), self.api.port)
        self.state, self.known_hosts = self.folder / "state", self.folder / "known_hosts"
        self.plan, self.target = plan, target
        self.runs = 0
        self._gone = threading.Event()
        self._hypervisor = threading.Thread(target=self._reboot_whatever_asks)

    def _reboot_whatever_asks(self):
        while not self._gone.wait(0.02):
            for node in self.nodes.values():
                node.reboots_when_asked()

    def __enter__(self):
        try:
            for node in self.nodes.values():
                node.up()
            self._hypervisor.start()
        except BaseException:
            self.__exit__()
            raise
        self.known_hosts.write_text("".join(n.known_host() for n in self.nodes.values()))
        self.write_files()
        return self

    def __exit__(self, *_):
        self._gone.set()
        if self._hypervisor.is_alive():
            self._hypervisor.join()
        for node in self.nodes.values():
            node.down()
        self.api.close()

    def write_files(self):
        hosts = "".join(f"  {n.name}: {{address: 127.0.0.1, port: {n.port}, roles: [{'control-plane' if n.name == 'cp1' else 'worker'}]}}\n"
                        for n in self.nodes.values())
        (self.folder / "inventory.yaml").write_text(
            f"apiVersion: drover/v1\nkind: Inventory\ncluster: loopback\n"
            f"ssh: {{user: root, identity_file: {self.keys.user}, known_hosts: {self.known_hosts}}}\nhosts:\n{hosts}")
        (self.folder / "upgrade.yaml").write_text(
            f"apiVersion: drover/v1\nkind: UpgradePlan\ninventory: inventory.yaml\ntarget: \"{self.target}\"\n{self.plan}")

    def start(self, *arguments):
        """Drover, running; UPGRADE among the arguments stands for the plan file. Its output goes to files."""
        self.runs += 1
        words = [str(self.folder / "upgrade.yaml") if a == "UPGRADE" else str(a) for a in arguments]
        command = [str(binary()), "--state-dir", str(self.state), *words]
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        with open(self._output("out"), "wb") as out, open(self._output("err"), "wb") as err:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder, env=environment)
        process.shown = " ".join(["drover", *words])
        return process

    def _output(self, kind):
        return self.folder / f"{self.runs:02}.{kind}"

    def end(self, process, seconds=120):
        """Waits for one that was started."""
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        return Outcome(code, self._output("out").read_text(errors="replace"), self._output("err").read_text(errors="replace"), process.shown)

    def drover(self, *arguments, seconds=120):
        return self.end(self.start(*arguments), seconds)

    def run_folder(self):
        """The newest run's, or None."""
        runs = sorted((self.state / "loopback/runs").glob("*"))
        return runs[-1] if runs else None

    def starts(self):
        return {name: node.starts() for name, node in self.nodes.items()}

    def capsules(self):
        """{(node, capsule): script} of all that was given to a capsule; folders with a dot are not whole yet."""
        return {(name, path.parent.name): path.read_text()
                for name, node in self.nodes.items() for path in sorted((node.root / "var/lib/drover/steps").glob("[!.]*/cmd"))}

    def plan_json(self):
        return json.loads((self.run_folder() / "plan.json").read_text())
