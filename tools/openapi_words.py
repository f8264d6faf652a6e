"""What make_openapi.py is written with: schemas of values, references into docs/schema, operations."""
import json, pathlib

FOLDER = pathlib.Path(__file__).parent.parent / "docs/schema"
COMMON = "common.schema.json#/$defs/"
SCHEMAS = {}
# What the web API gives richer things these names.
OTHERWISE = {"Source": "SourceName", "Track": "TrackNumber", "Picture": "PicturePath"}


def pascal(name):
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def component_of(ref, here):
    """The component's name for a reference in the schema file `here`."""
    file, _, pointer = ref.partition("#")
    file = file or here
    parts = pointer.strip("/").split("/")
    prefix = "" if file.startswith("common.") else pascal(file.split(".")[0])
    name = "".join(pascal(part) for part in parts if part not in ("$defs", "properties", "items"))
    return prefix + OTHERWISE.get(name, name)


def take(value, here, folder):
    """`value` of the schema file `here` with its references led to components, which are added."""
    if isinstance(value, list):
        return [take(each, here, folder) for each in value]
    if not isinstance(value, dict):
        return value
    taken = {}
    for key, each in value.items():
        if key == "$ref":
            taken[key] = lead(each, here, folder)
        elif key not in ("$schema", "$id", "$defs"):
            taken[key] = take(each, here, folder)
    return taken


def lead(ref, here, folder):
    name = component_of(ref, here)
    if name not in SCHEMAS:
        file, _, pointer = ref.partition("#")
        file = file or here
        found = json.loads((folder / file).read_text())
        for part in pointer.strip("/").split("/"):
            found = found[part]
        SCHEMAS[name] = {}  # it may lead to itself
        SCHEMAS[name] = take(found, file, folder)
    return f"#/components/schemas/{name}"


def shared(ref):
    return {"$ref": lead(ref if "#" in ref else COMMON + ref, "", FOLDER)}


def document(verb, **more):
    """The fields of a verb's document that are there without an error, as an object of its own."""
    schema = json.loads((FOLDER / f"{verb}.schema.json").read_text())
    fields = {name: take(field, f"{verb}.schema.json", FOLDER) for name, field in schema["properties"].items()
              if name not in ("schema", "case", "exit", "error")}
    optional = [name for name in fields if name not in schema["else"]["required"]]
    return {**obj(schema["description"], optional=optional, **fields, **more)}


def obj(description, optional=(), **properties):
    return {"type": "object", "description": description, "properties": properties,
            "required": [name for name in properties if name not in optional], "additionalProperties": False}


def define(name, schema):
    assert name not in SCHEMAS, name
    SCHEMAS[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def text(description, **more):
    return {"type": "string", "description": description, **more}


def integer(description, minimum=0, **more):
    return {"type": "integer", "minimum": minimum, "description": description, **more}


def number(description, **more):
    return {"type": "number", "description": description, **more}


def flag(description, **more):
    return {"type": "boolean", "description": description, **more}


def listed(item, description, **more):
    return {"type": "array", "items": item, "description": description, **more}


def choice(description, *values, **more):
    return {"type": "string", "enum": list(values), "description": description, **more}


def or_null(schema, description):
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}], "description": description}
    return {**schema, "type": [schema["type"], "null"], "description": description}


def page(description, name, item, **more):
    return obj(description, **{name: listed(item, "this page")},
               total=integer("how many there are on all pages"),
               next_cursor=or_null(text(""), "of the next page; null on the last one"), **more)


MICROSECONDS = {"type": "integer", "description": "microseconds from the source's first frame, exactly those of its frame"}
ID_LIMIT = 2**53 - 1
CURSOR = {"name": "cursor", "in": "query", "description": "next_cursor of the page before",
          "schema": {"type": "string", "pattern": "^[0-9]{1,15}$"}}
LIMIT = {"name": "limit", "in": "query", "description": "rows of a page",
         "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}}


def query(name, schema, description, required=False):
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def at(name, description):
    schema = {"type": "string", "pattern": "^[0-9a-f]{16}$"} if name == "case" else \
        {"type": "integer", "minimum": 1, "maximum": ID_LIMIT}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


IN_PATH = {"case": at("case", "id of a case"), "person": at("person", "number of a person"), "face": at("face", "id of a face"),
           "track": at("track", "id of a track"), "source": at("source", "id of a source"), "job": at("job", "id of a job"),
           "watch": at("watch", "id of a watch")}
PATHS = {}
ERROR = {"description": "it was not done", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}


def operation(method, path, name, summary, answer=None, *, parameters=(), body=None, status=200, kind="application/json",
              role="viewer", also=None, security=True, headers=None):
    parts = [IN_PATH[part[1:-1]] for part in path.split("/") if part.startswith("{")]
    good = {"description": summary}
    if answer is not None:
        good["content"] = {each: {"schema": answer} for each in ([kind] if isinstance(kind, str) else kind)}
    if headers:
        good["headers"] = headers
    described = {"operationId": name, "summary": summary, "parameters": [*parts, *parameters],
                 "responses": {str(status): good, **(also or {}), "default": ERROR}, "x-role": role}
    if body is not None:
        described["requestBody"] = body if "content" in body else {"required": True, "content": {"application/json": {"schema": body}}}
    if not security:
        described["security"] = []
    PATHS.setdefault(path, {})[method] = described


ETAG = {"ETag": {"description": "changes when the content does", "schema": {"type": "string"}},
        "Cache-Control": {"description": "how long it may be kept", "schema": {"type": "string"}}}
PICTURE = {"type": "string", "contentMediaType": "image/jpeg"}
NOT_MODIFIED = {"304": {"description": "what If-None-Match names is still right"}}
