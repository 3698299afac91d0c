# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""zod 3's words for what zod 4 finds wrong: releases before 0.28 have them."""

from __future__ import annotations

import re
from typing import Any

from .validate import MISSING, kind

Issue = dict[str, Any]
RECEIVED = re.compile(r"received (\w+)$")
NAMES = {"record": "object", "NaN": "nan", "int": "integer"}


def issue(found: Issue) -> Issue:
    code, path, message = found["code"], found["path"], found["message"]
    if code == "invalid_type":
        match = RECEIVED.search(message)
        return _type(found["expected"], match[1] if match else "undefined", path)
    if code == "invalid_value":
        return _enum(found, path)
    if code in ("too_small", "too_big"):
        return _size(found, path)
    if code == "invalid_format":
        own = "Invalid" if message.startswith("Invalid string:") else message
        return {"validation": "regex", "code": "invalid_string", "message": own, "path": path}
    if code == "unrecognized_keys":
        keys = ", ".join(f"'{key}'" for key in found["keys"])
        return {
            "code": code,
            "keys": found["keys"],
            "path": path,
            "message": f"Unrecognized key(s) in object: {keys}",
        }
    return found


def _type(expected: str, received: str, path: list[Any]) -> Issue:
    expected, received = NAMES.get(expected, expected), NAMES.get(received, received)
    message = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
    return {"code": "invalid_type", "expected": expected, "received": received, "path": path, "message": message}


def _enum(found: Issue, path: list[Any]) -> Issue:
    value = found.received  # type: ignore[attr-defined]
    options = " | ".join(f"'{option}'" for option in found["values"])
    if value is MISSING or not isinstance(value, str):
        return _type(options, kind(value), path)
    message = f"Invalid enum value. Expected {options}, received '{value}'"
    return {
        "received": value,
        "code": "invalid_enum_value",
        "options": found["values"],
        "path": path,
        "message": message,
    }


def _size(found: Issue, path: list[Any]) -> Issue:
    small = found["code"] == "too_small"
    key, origin, message = "minimum" if small else "maximum", found["origin"], found["message"]
    if message.startswith("Too "):
        bound = "at least" if small else "at most"
        message = {
            "string": f"String must contain {bound} {found[key]} character(s)",
            "array": f"Array must contain {bound} {found[key]} element(s)",
            "number": f"Number must be {'greater' if small else 'less'} than or equal to {found[key]}",
        }[origin]
    return {
        "code": found["code"],
        key: found[key],
        "type": origin,
        "inclusive": True,
        "exact": False,
        "message": message,
        "path": path,
    }
