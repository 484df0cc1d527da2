"""S3: is what was sent what a plan shows, byte for byte?"""
import re


def instance_of(template):
    """A pattern for the path and the body of a request, with one group a placeholder."""
    names = set()

    def group(match):
        name = match[1]
        again = name in names
        names.add(name)
        return f"(?P={name})" if again else rf"(?P<{name}>[^\s/\"\\]+)"

    text = f"{template['verb']} {template['path']}\n{template['body']}"
    return re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(text)))


def wrong_with_capsule(plan, node, first, script, frame):
    """Why this script on this host (`first` runs what is the cluster's), in this frame, is not what the plan shows; empty when it is."""
    of_node = [s for s in plan["steps"] if s.get("node", first) == node]
    if script not in [command for step in of_node if step["mutates"] for command in step["commands"]]:
        return f"not a command of the plan for {node}:\n{script}"
    supervisor = frame.split("\n", 1)[1]      # the first line names the run's own nonce
    if f"supervisor='\n{supervisor}" not in plan["preamble"]:
        return f"not the frame that the plan shows:\n{frame}"
    return ""


def wrong_with_request(plan, run, request):
    patterns = [instance_of(t) for step in plan["steps"] if step["mutates"] for t in step["requests"]]
    matches = [m for m in (p.fullmatch(f"{request.verb} {request.path}\n{request.body}") for p in patterns) if m]
    if not matches:
        return f"no request of the plan:\n{request.verb} {request.path}\n{request.body}"
    if matches[0].groupdict().get("run", run) != run:
        return f"of another run than {run}:\n{request.body}"
    return ""


def outside_capsules(bed):
    """Calls that change a node and that no capsule made: no intent names them. A unit that a capsule gave to systemd is its own."""
    wrong = []
    for name, node in bed.nodes.items():
        starts = node.starts_by_capsule()
        units = [call for capsule, call in starts if capsule != "-" and call.startswith("systemd-run ")]
        wrong += [f"{name}: {call}" for capsule, call in starts if capsule == "-" and not any(call in unit for unit in units)]
    return wrong
