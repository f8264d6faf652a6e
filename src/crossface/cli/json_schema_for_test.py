"""Judges answers of --json by the schemas of a folder, with the Python package jsonschema, and prints what it found as JSON.

usage: json_schema_for_test.py errors|mutants|faults SCHEMA_FOLDER [ANSWERS]
ANSWERS is a JSON file: a list of {"schema": NAME, "answer": ...}. Schemas find one another by their $id alone, so nothing is fetched.
"""
import copy
import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable

folder = pathlib.Path(sys.argv[2])
schemas = {path.name: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}
registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())


def validator(name):
    return Draft202012Validator(schemas[name + ".schema.json"], registry=registry)


def told(error):
    deepest = min(error.context, key=lambda e: -len(e.absolute_path)) if error.context else error
    return "/".join(map(str, deepest.absolute_path)) + ": " + deepest.message[:300]


def errors(cases):
    """What the schemas refuse."""
    return [f"{case['schema']}: {told(error)}" for case in cases for error in validator(case["schema"]).iter_errors(case["answer"])]


def objects(value, path=()):
    """Every object in the answer, and where it is; of a list the first and the last."""
    if isinstance(value, dict):
        yield path, value
        for key, part in value.items():
            yield from objects(part, path + (key,))
    elif isinstance(value, list) and value:
        for place in sorted({0, len(value) - 1}):
            yield from objects(value[place], path + (place,))


def mutants(cases):
    """How many answers with a foreign field or a missing one are refused, and which are not."""
    refused, accepted = 0, set()
    for case in cases:
        judge = validator(case["schema"])
        for path, found in objects(case["answer"]):
            for field in [None, *found]:
                if "error" in case["answer"] and len(path) == 0 and field not in (None, "schema", "case", "exit", "error"):
                    continue  # what had been done before the error need not be told
                answer = copy.deepcopy(case["answer"])
                place = answer
                for step in path:
                    place = place[step]
                if field is None:
                    place["foreign"] = 1
                else:
                    del place[field]
                if judge.is_valid(answer):
                    accepted.add("/".join([case["schema"], *(step for step in path if isinstance(step, str)), field or "foreign"]))
                else:
                    refused += 1
    return {"refused": refused, "accepted": sorted(accepted)}


def faults(_):
    """What is wrong with the schemas themselves."""
    found = []
    for name, schema in schemas.items():
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            found.append(f"{name}: {error.message}")
        if name.endswith(".schema.json"):
            if schema["$id"] != "crossface/1/" + name:
                found.append(f"{name}: its $id is another")
            resolver = registry.resolver(schema["$id"])
            for reference in sorted(set(references(schema))):
                try:
                    resolver.lookup(reference)
                except Unresolvable:
                    found.append(f"{name}: {reference} is not there")
            found += [f"{name}: {fault}" for fault in parts(schema, "")]
    return found


def references(value):
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "$ref":
                yield part
            else:
                yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def parts(schema, where):
    """What is wrong below: fields without a description, and objects that take foreign fields. What is referred to has its own."""
    if not isinstance(schema, dict):
        return
    described = "description" in schema or "$ref" in schema
    parent = where.rpartition("/")[0].rpartition("/")[2]
    if parent in ("properties", "$defs") and not described:
        yield f"{where}: no description"
    if "properties" in schema and schema.get("additionalProperties") is not False:
        yield f"{where}: takes foreign fields"
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            if part is not False:
                yield from parts(part, f"{where}/{key}/{name}")
    for key in ("items", "additionalProperties"):
        yield from parts(schema.get(key), f"{where}/{key}")


cases = json.loads(pathlib.Path(sys.argv[3]).read_text()) if len(sys.argv) > 3 else []
print(json.dumps({"errors": errors, "mutants": mutants, "faults": faults}[sys.argv[1]](cases)))
