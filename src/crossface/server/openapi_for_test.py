#!/ usr / bin / env python3
"""usage: openapi_for_test.py DESCRIPTION ANSWERS: prints, as a JSON list, what is wrong with answers of the API: each is
{"operation", "status", "body"}, and is held against what the description says of that operation's answer with that status."""
import json, sys

from jsonschema import Draft202012Validator

description = json.load(open(sys.argv[1]))
answers = json.load(open(sys.argv[2]))
operations = {operation["operationId"]: operation for methods in description["paths"].values() for operation in methods.values()}
wrong, seen = [], set()
for answer in answers:
    operation = operations[answer["operation"]]
    told = operation["responses"].get(str(answer["status"]), operation["responses"]["default"])
    schema = told["content"]["application/json"]["schema"]
    seen.add(answer["operation"])
    for error in Draft202012Validator({**schema, "components": description["components"]}).iter_errors(answer["body"]):
        wrong.append(f"{answer['operation']} {answer['status']}: {'/'.join(map(str, error.path))}: {error.message[:300]}")
for name, operation in operations.items():
    if name not in seen and any("application/json" in told.get("content", {}) for status, told in operation["responses"].items()
                                if status.startswith("2")):
        wrong.append(f"{name}: no answer was held against the description")
print(json.dumps(wrong))
