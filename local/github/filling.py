"""Complete answers from a few values: the description says what else must be in them."""

from typing import Any

from local.github.description import Description, Json


def fill(description: Description, name: str, given: Json, base: str) -> Json:
    """An object of the schema ``name`` with the given values; every other required field is empty.
    ``base`` begins each address in it."""
    made: Json = _fill(description, description.schema(name), given, base)
    return made


def _fill(description: Description, schema: Json, given: Any, base: str) -> Any:
    if "$ref" in schema:
        return _fill(description, description.schema(schema["$ref"].split("/")[-1]), given, base)
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return _fill_one_of(description, schema[many], given, base)
    is_object = schema.get("type") == "object" or "properties" in schema
    if is_object and (given is None or isinstance(given, dict)):
        properties, values = schema.get("properties", {}), given or {}
        names = [*schema.get("required", []), *values]
        return {
            each: _fill(description, properties.get(each, {}), values.get(each), base)
            for each in dict.fromkeys(names)
        }
    if given is not None:
        if schema.get("type") == "array" and "items" in schema:
            return [_fill(description, schema["items"], each, base) for each in given]
        return given
    return _empty(schema, base)


def _fill_one_of(description: Description, schemas: list[Json], given: Any, base: str) -> Any:
    if given is None and {"type": "null"} in schemas:
        return None
    return _fill(description, schemas[0], given, base)


def _empty(schema: Json, base: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if schema.get("type") == "string":
        return base if schema.get("format") == "uri" else ""
    return {"integer": 0, "number": 0, "boolean": False, "array": []}.get(schema.get("type", ""))
