"""Validates each line of stdin against a schema of examples/: one line out, "ok" or what is wrong."""

import json
import pathlib
import sys
import warnings

# Newer versions prefer another way to name further schemas; this one works in all of them.
warnings.simplefilter("ignore", DeprecationWarning)

import jsonschema  # noqa: E402

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def load(name):
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))


def main():
    schema = load(sys.argv[1])
    store = {each["$id"]: each for each in map(load, ["plan.schema.json", "events.schema.json"])}
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(
        schema, resolver=jsonschema.RefResolver.from_schema(schema, store=store)
    )
    for line in sys.stdin:
        error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(line)))
        if error is None:
            print("ok")
        else:
            print(f"{error.json_path}: {error.message}".replace("\n", " "))


main()
