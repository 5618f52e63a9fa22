"""As much of JSON Schema 2020-12 as doc/answer.schema.json uses; a keyword it does not know is an error."""

_TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "null": lambda v: v is None,
}


def _type(v, types):
    return any(_TYPES[t](v) for t in ([types] if isinstance(types, str) else types))


def _is_number(v):
    return _TYPES["number"](v)


_CHECKS = {
    "type": _type,
    "enum": lambda v, a: v in a,
    "minimum": lambda v, a: not _is_number(v) or v >= a,
    "maximum": lambda v, a: not _is_number(v) or v <= a,
    "minLength": lambda v, a: not isinstance(v, str) or len(v) >= a,
    "maxItems": lambda v, a: not isinstance(v, list) or len(v) <= a,
    "required": lambda v, a: not isinstance(v, dict) or all(k in v for k in a),
}


def faults(v, schema, root, at="$"):
    """A list of sentences; empty when v fits."""
    found = []
    for key, arg in schema.items():
        if key in ("$schema", "title", "description", "$defs"):
            continue
        if key == "$ref":
            found += faults(v, root["$defs"][arg.rsplit("/", 1)[1]], root, at)
        elif key == "oneOf":
            tried = [faults(v, s, root, at) for s in arg]
            if sum(not t for t in tried) != 1:
                found.append(f"{at}: fits {sum(not t for t in tried)} of {len(arg)}: {tried}")
        elif key == "properties":
            for name, s in arg.items():
                if isinstance(v, dict) and name in v:
                    found += faults(v[name], s, root, f"{at}.{name}")
        elif key == "additionalProperties":
            extra = set(v) - set(schema["properties"]) if isinstance(v, dict) and arg is False else ()
            found += [f"{at}: {name} is not in the schema" for name in extra]
        elif key == "items":
            for i, item in enumerate(v if isinstance(v, list) else ()):
                found += faults(item, arg, root, f"{at}[{i}]")
        elif not _CHECKS[key](v, arg):
            found.append(f"{at}: {v!r} breaks {key} {arg!r}")
    return found
