#!/usr/bin/env python3
"""`api.via: kubeconfig`: a whole upgrade whose API is dialled directly, with a client certificate and with a credential plug-in, while no
sshd forwards anything."""
import json
import sys

sys.dont_write_bytecode = True
import meddle  # noqa: E402
from bed import Bed  # noqa: E402
from control import unless  # noqa: E402
from invariants import not_as_planned, not_finished  # noqa: E402
from errors import LOOKS, by_kubeconfig, edit  # noqa: E402
from keys import decoded  # noqa: E402
from meddle import APPLY  # noqa: E402
from tally import run  # noqa: E402

NO_FORWARDING = {"cp1": "AllowTcpForwarding no"}
PLUGIN = """#!/bin/sh
echo call >>"$CALLS"
[ -e "$CALLS.fail" ] && { echo 'the session is over' >&2; exit 3; }
cat "$ANSWER"
"""


def with_plugin(bed):
    """The credentials come from a program beside the kubeconfig, which counts its calls."""
    by_kubeconfig()(bed)
    version = "client.authentication.k8s.io/v1"
    status = {key: decoded(bed.admin_conf(), name) for key, name in (("clientCertificateData", "client-certificate-data"), ("clientKeyData", "client-key-data"))}
    answer, calls, plugin = bed.folder / "answer", bed.folder / "calls", bed.folder / "login"
    answer.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status}))
    plugin.write_text(PLUGIN)
    plugin.chmod(0o755)
    config = bed.folder / "config"
    kept = [line for line in config.read_text().splitlines(True) if "client-" not in line]
    user = (f"    exec:\n      apiVersion: {version}\n      command: ./login\n      installHint: log in first\n"
            f"      env: [{{name: CALLS, value: {calls}}}, {{name: ANSWER, value: {answer}}}]\n")
    config.write_text("".join(kept).replace("  user:\n", f"  user:\n{user}", 1))
    return calls


def by_certificate(bed):
    by_kubeconfig()(bed)
    outcome = bed.drover(*APPLY)
    yield "apply with a client certificate", not_finished(bed, bed.before) + not_as_planned(bed) + bed.unknown() if outcome.code == 0 else outcome.text()


def by_plugin(bed):
    calls = with_plugin(bed)
    outcome = bed.drover(*APPLY)
    yield "apply with a credential plug-in", not_finished(bed, bed.before) + not_as_planned(bed) + bed.unknown() if outcome.code == 0 else outcome.text()
    yield "which is run once", [] if calls.read_text() == "call\n" else calls.read_text()
    calls.with_suffix(".fail").touch()
    yield "plan with a plug-in that fails", unless(bed.drover(*LOOKS[0]), 8, "login", "the session is over", "log in first")
    edit("config", "./login", "./logon")(bed)
    yield "plan with a plug-in that is not there", unless(bed.drover(*LOOKS[0]), 8, "logon", "cannot be started")


def try_story(story, folder):
    with Bed(folder, sshd=NO_FORWARDING) as bed:
        return list(story(bed))


def main():
    return meddle.main("The API by kubeconfig", (by_certificate, by_plugin), try_story)


if __name__ == "__main__":
    run(main)
