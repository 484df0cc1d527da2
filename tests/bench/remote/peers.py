"""Others that run commands on many hosts, and how they are called here. All find the hosts in one ssh_config."""
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile
import time

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = {"parallel-ssh": "pssh", "clush": "clustershell", "ansible-playbook": "ansible-core"}
ANSIBLE = """[defaults]
inventory = {folder}/names
forks = 32
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
control_path_dir = {control}
ssh_args = -F {folder}/ssh_config -o ControlMaster=auto -o ControlPersist=60s
"""


def missing():
    return {program: package for program, package in PACKAGES.items() if not shutil.which(program, path=PATH)}


def timed(command, folder, **environment):
    """(seconds, CPU seconds) of a command that must succeed."""
    def cpu():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    before, begun = cpu(), time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder,
                          env={"PATH": PATH, "HOME": str(folder), "LC_ALL": "C.UTF-8", **environment})
    seconds = time.monotonic() - begun
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds, cpu() - before


def fan_out(hosts, parallel):
    """{peer: its command that runs `true` on all hosts}."""
    config, names = hosts.file("ssh_config"), hosts.file("names")
    return {
        "xargs ssh": ["xargs", f"--arg-file={names}", f"-P{parallel}", "-I{}", "ssh", "-F", config, "{}", "true"],
        "parallel-ssh": ["parallel-ssh", "-h", names, "-p", str(parallel), "-x", f"-F {config}", "true"],
        "clush": ["clush", "-S", "-f", str(parallel), "-o", f"-F {config}", "-w", ",".join(hosts.names), "true"],
    }


def ansible(hosts, module, commands):
    """Seconds of a play of so many tasks on all hosts, over connections of its own."""
    task = {"raw": "raw: 'true'", "command": "command: 'true'"}[module]
    play = hosts.folder / "play.yml"
    play.write_text("- hosts: all\n  gather_facts: false\n  tasks:\n" + f"  - {task}\n" * commands)
    with tempfile.TemporaryDirectory(prefix="drover-cp-") as control:      # a socket's path must be short
        settings = hosts.folder / "ansible.cfg"
        settings.write_text(ANSIBLE.format(folder=hosts.folder, control=control))
        try:
            return timed(["ansible-playbook", play], hosts.folder, ANSIBLE_CONFIG=str(settings))[0]
        finally:
            for path in pathlib.Path(control).iterdir():
                end_master(hosts, path)


def end_master(hosts, path, prefix=()):
    subprocess.run([*prefix, "ssh", "-F", hosts.file("ssh_config"), "-S", path, "-O", "exit", hosts.names[0]], check=False,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def control_master(hosts, rounds, prefix=()):
    """Milliseconds that a command takes through an open master connection."""
    with tempfile.TemporaryDirectory(prefix="drover-cm-") as folder:
        path = pathlib.Path(folder) / "m"
        words = ["ssh", "-F", hosts.file("ssh_config"), "-S", str(path)]
        timed([*prefix, *words, "-M", "-N", "-f", hosts.names[0]], hosts.folder)
        try:
            loop = f"i=0; while [ $i -lt {rounds} ]; do i=$((i + 1)); \"$@\" {hosts.names[0]} true || exit; done"
            return timed([*prefix, "sh", "-c", loop, "sh", *words], hosts.folder)[0] * 1000 / rounds
        finally:
            end_master(hosts, path, prefix)


def ssh_memory(hosts, count):
    """KiB that an ssh process with an open session has to itself, its share of what is shared included (PSS)."""
    processes = [subprocess.Popen(["ssh", "-F", hosts.file("ssh_config"), hosts.names[i % len(hosts.names)], "echo up; cat"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, env={"PATH": PATH, "HOME": os.devnull}) for i in range(count)]
    try:
        for process in processes:
            if process.stdout.readline() != b"up\n":
                raise RuntimeError("an ssh session could not be opened")
        rollups = [pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text() for process in processes]
        return sum(int(line.split()[1]) for text in rollups for line in text.splitlines() if line.startswith("Pss:")) / count
    finally:
        for process in processes:
            process.kill()
            process.communicate()
