"""A make-believe cluster that runs: `drover-sandbox up`, spoken to over its control socket."""
import json
import os
import pathlib
import socket
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def program():
    return pathlib.Path(os.environ.get("DROVER_SANDBOX") or ROOT / "build/release/examples/sandbox/drover-sandbox").resolve()


class Refused(Exception):
    """What the sandbox would not do, and why."""


class Sandbox:
    """Runs in `folder` from its making to close(), and no longer than the thread that made it."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self._asking = threading.Lock()
        # A test that is killed takes its sandbox along; the sandbox its nodes.
        self._process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", program(), "up", "--dir", self.folder, *options],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said = [self._process.stdout.readline()]
        if not said[0].startswith("ready"):
            said += self._process.stdout.readlines()
            self._process.wait()
            raise RuntimeError(f"the sandbox does not start: {''.join(said)}")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connect()
        self._answers = self._socket.makefile("r")

    def _connect(self):
        # By way of an open folder, whose name is short enough for a socket's.
        folder = os.open(self.folder, os.O_PATH)
        try:
            self._socket.connect(f"/proc/self/fd/{folder}/control")
        finally:
            os.close(folder)

    def do(self, command, **keys):
        """The sandbox's answer; `keys` as its README names them."""
        with self._asking:
            self._socket.sendall((json.dumps({"do": command, **keys}) + "\n").encode())
            line = self._answers.readline()
        if not line:
            raise RuntimeError(f"the sandbox ended at {command} {keys}")
        answer = json.loads(line)
        if not answer["ok"]:
            raise Refused(f"{command} {keys}: {answer['error']}")
        return answer

    def close(self):
        self._answers.close()
        self._socket.close()
        self._process.terminate()
        self._process.communicate()
