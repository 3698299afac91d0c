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


def issue(newer: Issue) -> Issue:
    code, path, message = newer["code"], newer["path"], newer["message"]
    if code == "invalid_type":
        match = RECEIVED.search(message)
        return _type(newer["expected"], match[1] if match else "undefined", path)
    if code == "invalid_value":
        return _enum(newer, path)
    if code in ("too_small", "too_big"):
        return _size(newer, path)
    if code == "invalid_format":
        own = "Invalid" if message.startswith("Invalid string:") else message
        return {"validation": "regex", "code": "invalid_string", "message": own, "path": path}
    if code == "unrecognized_keys":
        keys = ", ".join(f"'{key}'" for key in newer["keys"])
        return {
            "code": code,
            "keys": newer["keys"],
            "path": path,
            "message": f"Unrecognized key(s) in object: {keys}",
        }
    return newer


def _type(expected: str, received: str, path: list[Any]) -> Issue:
    expected, received = NAMES.get(expected, expected), NAMES.get(received, received)
    message = "Required" if received == "undefined" else f"Expected {expected}, received {received}"
    return {"code": "invalid_type", "expected": expected, "received": received, "path": path, "message": message}


def _enum(newer: Issue, path: list[Any]) -> Issue:
    value = newer.received  # type: ignore[attr-defined]
    options = " | ".join(f"'{option}'" for option in newer["values"])
    if value is MISSING or not isinstance(value, str):
        return _type(options, kind(value), path)
    message = f"Invalid enum value. Expected {options}, received '{value}'"
    return {
        "received": value,
        "code": "invalid_enum_value",
        "options": newer["values"],
        "path": path,
        "message": message,
    }


def _size(newer: Issue, path: list[Any]) -> Issue:
    small = newer["code"] == "too_small"
    key, origin, message = "minimum" if small else "maximum", newer["origin"], newer["message"]
    if message.startswith("Too "):
        bound = "at least" if small else "at most"
        message = {
            "string": f"String must contain {bound} {newer[key]} character(s)",
            "array": f"Array must contain {bound} {newer[key]} element(s)",
            "number": f"Number must be {'greater' if small else 'less'} than or equal to {newer[key]}",
        }[origin]
    return {
        "code": newer["code"],
        key: newer[key],
        "type": origin,
        "inclusive": True,
        "exact": False,
        "message": message,
        "path": path,
    }
