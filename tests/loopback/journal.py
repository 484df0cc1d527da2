"""A run's journal as it is left behind."""
import json


def lines(path):
    """The whole lines of a journal; a torn one at its end was never durable."""
    if not path.exists():
        return []
    return [line for line in path.read_bytes().split(b"\n")[:-1] if line]


def records(path):
    return [json.loads(line) for line in lines(path)]


def intents(path):
    """The fields of every intent."""
    return [r["fields"] for r in records(path) if r["type"] == "effect-intent"]


def mark_of(step, kind):
    """What stands in a record of this type of this step ("run": of none), and in no other."""
    return f'"type":"{kind}",' + ("" if step == "run" else f'"step":"{step}",')
