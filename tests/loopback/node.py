"""One machine of the sandbox, from without: its files, and its power."""
import time

STATE = "var/lib/sandbox"
# A call of a tool in the middle of which a machine can be made to hang, by the step that makes it.
CALLS = {"kubeadm-package": "--no-remove install kubeadm=", "kubelet-package": "--no-remove install kubelet=", "upgrade-node": "kubeadm upgrade node",
         "kubelet-restart": "systemctl restart kubelet"}


class Node:
    def __init__(self, sandbox, name):
        self.sandbox, self.name, self.root = sandbox, name, sandbox.folder / "nodes" / name
        self._rules = {}

    def _do(self, command, **keys):
        return self.sandbox.do(command, node=self.name, **keys)

    def write(self, path, text):
        (self.root / path).write_text(text)

    def read(self, path):
        return (self.root / path).read_text()

    def starts(self):
        """Every start of a tool call that changes something, in order."""
        return [call for _, call in self.starts_by_capsule()]

    def starts_by_capsule(self):
        """The same, each with the capsule in which it happened; "-": in none."""
        return [tuple(line.split(" ", 1)) for line in self.read(f"{STATE}/starts").splitlines()]

    def installed(self):
        """{package: revision}; a name with a dot is a file that a tool was killed over."""
        return {path.name: path.read_text().strip() for path in (self.root / STATE / "packages").iterdir() if "." not in path.name}

    def held(self):
        return {path.name for path in (self.root / STATE / "holds").iterdir()}

    @property
    def port(self):
        return self._do("node")["port"]

    def known_host(self):
        return self._do("node")["known_hosts"] + "\n"

    def reboots(self):
        return self._do("node")["boots"] - 1

    def up(self):
        self._do("on")

    def down(self):
        """The power goes, and all that runs with it."""
        self._do("off")

    def reset(self):
        self._do("reset")

    def stall(self, step):
        """The next call that this step makes hangs half-way, until go_on() or the node goes down."""
        self._rules[step] = self._do("fault", action="hang", nth=1, text=CALLS[step])["id"]

    def go_on(self, step):
        self._do("release", id=self._rules.pop(step))

    def wait_for(self, call):
        """Until a tool's call with this text was begun, which may be the last of a run."""
        deadline = time.monotonic() + 180
        while not any(call in one for one in self.starts()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{call!r} was not begun on {self.name}")
            time.sleep(0.005)

    def wait_for_step(self, step):
        self.wait_for(CALLS[step])
