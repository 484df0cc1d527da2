#!/usr/bin/env python3
"""The drover binary against the sandbox: all programs beside this one but crash.py and random_runs.py, which take longer. Each can be run by
itself; `DROVER` and `DROVER_SANDBOX` name other binaries."""
import pathlib
import subprocess
import sys

PROGRAMS = ["preview.py", "truth.py", "errors.py", "meddle.py", "control.py", "locks.py", "reboot.py", "kubeconfig.py",
            "notices.py", "rollout.py", "health.py", "nodes.py"]


def main():
    here = pathlib.Path(__file__).resolve().parent
    running = [subprocess.Popen([sys.executable, here / name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for name in PROGRAMS]
    codes = []
    for program in running:      # they wait most of the time, so they run side by side
        print(program.communicate()[0], end="", flush=True)
        codes.append(program.returncode)
    return 77 if set(codes) == {77} else int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
