# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judge input as zod 4 does on Dokploy 0.30.2: types, constraints, JavaScript coercion, zod's own messages.

``zod3.py`` has the words of older releases; which of their fields are coerced, ``facts.py`` decides.

Facts (measured): strings are never coerced; numbers and booleans are, by JavaScript's rules and before the null check
of a plain (not nullable) field, so that ``null`` becomes ``false`` or ``0`` there; unknown top-level keys are dropped,
unknown keys inside a closed object are an error.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit


class _Missing:
    def __repr__(self) -> str:
        return "undefined"


MISSING = _Missing()
"""JavaScript's undefined: a field that was not sent."""


class BigInt(int):
    """JavaScript's bigint, which superjson carries and JSON cannot."""


class EnumIssue(dict[str, Any]):
    """An issue that remembers what was received, which zod 4 does not tell."""

    received: Any = MISSING


Issues = list[dict[str, Any]]
Check = Callable[[Any, tuple[Any, ...], Issues, bool], Any]
"""(value, path, issues, coerce) -> the parsed value; appends to ``issues`` what is wrong."""


def kind(value: Any) -> str:
    """The name zod gives a value's type."""
    if value is MISSING:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, BigInt):
        return "bigint"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def js_boolean(value: Any) -> bool:
    """``Boolean(value)``: empty lists and objects are true, any text but the empty one is true."""
    if value is MISSING or value is None:
        return False
    if isinstance(value, (list, dict)):
        return True
    return kind(value) != "NaN" and bool(value)


def js_number(value: Any) -> Any:
    """``Number(value)`` for JSON values."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, BigInt):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        text = value.strip()
        try:
            number = float(text) if text else 0.0
        except ValueError:
            return math.nan
        return int(number) if number.is_integer() else number
    return math.nan


def wrong_type(expected: str, value: Any, path: tuple[Any, ...]) -> dict[str, Any]:
    message = f"Invalid input: expected {expected}, received {kind(value)}"
    received = {"received": "NaN"} if kind(value) == "NaN" else {}
    return {"expected": expected, "code": "invalid_type", **received, "path": list(path), "message": message}


def nonoptional(path: tuple[Any, ...]) -> dict[str, Any]:
    message = "Invalid input: expected nonoptional, received undefined"
    return {"code": "invalid_type", "expected": "nonoptional", "path": list(path), "message": message}


def _size_issue(origin: str, schema: dict[str, Any], limit: int, path: tuple[Any, ...], small: bool) -> dict[str, Any]:
    having = "to be " if origin == "number" else "to have "
    unit = {"string": " characters", "array": " items"}.get(origin, "")
    word, sign, key = ("small", ">=", "minimum") if small else ("big", "<=", "maximum")
    message = schema.get(f"too{word.capitalize()}") or f"Too {word}: expected {origin} {having}{sign}{limit}{unit}"
    return {
        "origin": origin,
        "code": f"too_{word}",
        key: limit,
        "inclusive": True,
        "path": list(path),
        "message": message,
    }


def is_url(text: str) -> bool:
    """Whether JavaScript's C(new URL(text)) takes a text; of a web address it wants a host."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return False
    return bool(parts.scheme) and (bool(parts.netloc) or parts.scheme not in ("http", "https", "ws", "wss", "ftp"))


def _format_issue(schema: dict[str, Any], path: tuple[Any, ...], pattern: str | None) -> dict[str, Any]:
    issue: dict[str, Any] = {"code": "invalid_format", "format": schema.get("format", "regex")}
    if pattern is not None:
        issue |= {"origin": "string", "pattern": f"/{pattern}/"}
    message = schema.get("message") or f"Invalid string: must match pattern /{pattern}/"
    return {**issue, "path": list(path), "message": message}


def _string(schema: dict[str, Any]) -> Check:
    minimum, maximum = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
    custom = [(re.compile(text), message) for text, message in schema.get("custom", ())]

    def check(value: Any, path: tuple[Any, ...], issues: Issues, _coerce: bool) -> Any:
        if not isinstance(value, str):
            issues.append(wrong_type("string", value, path))
            return value
        before = len(issues)
        if len(value) < minimum:
            issues.append(_size_issue("string", schema, minimum, path, small=True))
        if len(value) > maximum:
            issues.append(_size_issue("string", schema, int(maximum), path, small=False))
        if pattern and not pattern.search(value):
            issues.append(_format_issue(schema, path, schema["pattern"]))
        if schema.get("format") == "url" and not is_url(value):
            issues.append(_format_issue(schema, path, None))
        for expression, message in custom:
            # A transform stands between zod's refinements, so the first failure ends the chain.
            if len(issues) == before and not expression.search(value):
                issues.append({"code": "custom", "path": list(path), "message": message})
        return value

    return check


def _number(schema: dict[str, Any]) -> Check:
    integer = schema["type"] == "integer"
    minimum, maximum = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)

    def check(value: Any, path: tuple[Any, ...], issues: Issues, coerce: bool) -> Any:
        if coerce and schema.get("coerced", True) and kind(value) != "number":
            value = js_number(value)
        if kind(value) != "number":
            issues.append(wrong_type("number", value, path))
        elif integer and value != int(value):
            issues.append({**wrong_type("int", value, path), "format": "safeint"})
        elif value < minimum:
            issues.append(_size_issue("number", schema, int(minimum), path, small=True))
        elif value > maximum:
            issues.append(_size_issue("number", schema, int(maximum), path, small=False))
        return value

    return check


def _boolean(value: Any, path: tuple[Any, ...], issues: Issues, coerce: bool) -> Any:
    if coerce:
        return js_boolean(value)
    if not isinstance(value, bool):
        issues.append(wrong_type("boolean", value, path))
    return value


def _bigint(value: Any, path: tuple[Any, ...], issues: Issues, _coerce: bool) -> Any:
    if not isinstance(value, BigInt):
        issues.append(wrong_type("bigint", value, path))
    return value


def _enum(schema: dict[str, Any]) -> Check:
    values = schema["enum"]
    message = "Invalid option: expected one of " + "|".join(f'"{value}"' for value in values)
    if len(values) == 1:
        message = f'Invalid input: expected "{values[0]}"'

    def check(value: Any, path: tuple[Any, ...], issues: Issues, _coerce: bool) -> Any:
        if value not in values:
            issue = EnumIssue({"code": "invalid_value", "values": values, "path": list(path), "message": message})
            issue.received = value
            issues.append(issue)
        return value

    return check


def _array(schema: dict[str, Any]) -> Check:
    item = compile_schema(schema.get("items", {}))
    minimum = schema.get("minItems", 0)

    def check(value: Any, path: tuple[Any, ...], issues: Issues, _coerce: bool) -> Any:
        if not isinstance(value, list):
            issues.append(wrong_type("array", value, path))
            return value
        if len(value) < minimum:
            issues.append(_size_issue("array", schema, minimum, path, small=True))
        return [item(element, (*path, index), issues, False) for index, element in enumerate(value)]

    return check


def _object(schema: dict[str, Any]) -> Check:
    fields = {name: compile_schema(sub) for name, sub in schema.get("properties", {}).items()}
    required = set(schema.get("required", ()))
    extra = schema.get("additionalProperties", True)
    values = compile_schema(extra) if isinstance(extra, dict) and extra else None

    defaults = {name: sub["default"] for name, sub in schema.get("properties", {}).items() if "default" in sub}
    numbers = {name for name, sub in schema.get("properties", {}).items() if sub.get("type") == "number"}

    def check(value: Any, path: tuple[Any, ...], issues: Issues, coerce: bool) -> Any:
        if not isinstance(value, dict):
            issues.append(wrong_type("record" if values else "object", value, path))
            return value
        if values:
            return {key: values(element, (*path, key), issues, False) for key, element in value.items()}
        result = {}
        for name, field in fields.items():
            if name in value or name in required:
                # The number of undefined is none.
                absent = math.nan if coerce and name in numbers else MISSING
                result[name] = field(value.get(name, absent), (*path, name), issues, False)
            elif name in defaults:
                result[name] = deepcopy(defaults[name])
        unknown = [key for key in value if key not in fields]
        if unknown and extra is False:
            word = "key" if len(unknown) == 1 else "keys"
            message = f"Unrecognized {word}: " + ", ".join(f'"{key}"' for key in unknown)
            issues.append({"code": "unrecognized_keys", "keys": unknown, "path": list(path), "message": message})
        return result

    return check


def _union(schema: dict[str, Any]) -> Check:
    """Objects of several kinds, told apart by the one property that has a constant in each."""
    first = schema["oneOf"][0]["properties"]
    key = next(name for name, sub in first.items() if "const" in sub)
    kinds = {variant["properties"][key]["const"]: compile_schema(variant) for variant in schema["oneOf"]}

    def check(value: Any, path: tuple[Any, ...], issues: Issues, coerce: bool) -> Any:
        if not isinstance(value, dict):
            issues.append(wrong_type("object", value, path))
            return value
        if value.get(key) not in kinds:
            unknown = {"code": "invalid_union", "errors": [], "note": "No matching discriminator"}
            issues.append({**unknown, "discriminator": key, "path": [*path, key], "message": "Invalid input"})
            return value
        return kinds[value[key]](value, path, issues, coerce)

    return check


def _nullable(check: Check) -> Check:
    def nullable(value: Any, path: tuple[Any, ...], issues: Issues, coerce: bool) -> Any:
        return None if value is None else check(value, path, issues, coerce)

    return nullable


def _anything(value: Any, _path: tuple[Any, ...], _issues: Issues, _coerce: bool) -> Any:
    return value


def compile_schema(schema: dict[str, Any]) -> Check:
    """Turn a JSON schema (the subset Dokploy's document uses) into a check."""
    options = schema.get("anyOf")
    if options:
        rest = [option for option in options if option != {"type": "null"}]
        check = compile_schema(rest[0]) if len(rest) == 1 else _anything
        return check if len(rest) == len(options) else _nullable(check)
    if "enum" in schema:
        return _enum(schema)
    if "oneOf" in schema:
        return _union(schema)
    makers: dict[str, Callable[[dict[str, Any]], Check]] = {
        "string": _string,
        "number": _number,
        "integer": _number,
        "boolean": lambda _schema: _boolean,
        "bigint": lambda _schema: _bigint,
        "array": _array,
        "object": _object,
    }
    return makers[schema["type"]](schema) if "type" in schema else _anything


def compile_field(schema: dict[str, Any], nullable: bool) -> Check:
    check = compile_schema(schema)
    return _nullable(check) if nullable else check
