#!/usr/bin/env python3
"""The drover binary against the sandbox: all programs beside this one but crash.py and random_runs.py, which take longer. Each can be run by
itself; `DROVER` and `DROVER_SANDBOX` name other binaries."""
import concurrent.futures
import pathlib
import subprocess
import sys

# The longest first.
PROGRAMS = ["errors.py", "rollout.py", "nodes.py", "restore.py", "meddle.py", "control.py", "reboot.py", "locks.py", "health.py", "truth.py", "preview.py",
            "kubeconfig.py", "notices.py", "etcd.py", "logs.py", "incident.py", "certs.py", "autoscaling.py"]
AT_ONCE = 5


def main():
    here = pathlib.Path(__file__).resolve().parent
    codes = []

    def try_program(name):
        return subprocess.run([sys.executable, here / name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    # They wait most of the time, so they run side by side; but each cluster costs files to watch, of which a user has so many.
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for program in pool.map(try_program, PROGRAMS):
            print(program.stdout, end="", flush=True)
            codes.append(program.returncode)
    return 77 if set(codes) == {77} else int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
