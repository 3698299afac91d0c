# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors of procedures, in the two forms Dokploy gives them: REST and tRPC."""

from __future__ import annotations

import json
from typing import Any

# code -> (HTTP status, tRPC's JSON-RPC number)
CODES = {
    "BAD_REQUEST": (400, -32600),
    "UNAUTHORIZED": (401, -32001),
    "FORBIDDEN": (403, -32003),
    "NOT_FOUND": (404, -32004),
    "METHOD_NOT_SUPPORTED": (405, -32005),
    "CONFLICT": (409, -32009),
    "UNSUPPORTED_MEDIA_TYPE": (415, -32015),
    "INTERNAL_SERVER_ERROR": (500, -32603),
    "NOT_IMPLEMENTED": (501, -32603),
}
CODE_OF = {status: code for code, (status, _number) in CODES.items()}


class ProcedureError(Exception):
    """A procedure that failed: ``code`` is tRPC's name of the status, ``message`` the server's words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.zod_error: dict[str, Any] | None = None

    @property
    def status(self) -> int:
        return CODES[self.code][0]

    def rest(self, path: str | None, with_data: bool = True) -> dict[str, Any]:
        """The REST body. Without ``path``: the form of an unknown procedure, whose data has no path; older releases
        have no data at all."""
        if not with_data:
            return {"message": self.message, "code": self.code}
        data: dict[str, Any] = {"code": self.code, "httpStatus": self.status}
        if path is not None:
            data["path"] = path
        data["zodError"] = self.zod_error
        return {"message": self.message, "code": self.code, "data": data}

    def trpc(self, path: str | None) -> dict[str, Any]:
        data: dict[str, Any] = {"code": self.code, "httpStatus": self.status}
        if path is not None:
            data["path"] = path
        data["zodError"] = self.zod_error
        return {"error": {"json": {"message": self.message, "code": CODES[self.code][1], "data": data}}}


class ValidationError(ProcedureError):
    """Input that the schema rejects; ``issues`` are zod 4 issues."""

    def __init__(self, issues: list[dict[str, Any]]) -> None:
        super().__init__("BAD_REQUEST", "Input validation failed")
        self.issues = issues
        form_errors = [issue["message"] for issue in issues if not issue["path"]]
        field_errors: dict[str, list[str]] = {}
        for issue in issues:
            if issue["path"]:
                field_errors.setdefault(str(issue["path"][0]), []).append(issue["message"])
        self.zod_error = {"formErrors": form_errors, "fieldErrors": field_errors}

    def __str__(self) -> str:
        where = ((".".join(map(str, issue["path"])), issue["message"]) for issue in self.issues)
        return f"{self.message}: {'; '.join(': '.join(filter(None, parts)) for parts in where)}"

    def rest(self, path: str | None, with_data: bool = True) -> dict[str, Any]:
        return {**super().rest(path, with_data), "issues": self.issues}

    def trpc(self, path: str | None) -> dict[str, Any]:
        body = super().trpc(path)
        body["error"]["json"]["message"] = json.dumps(self.issues, indent=2, ensure_ascii=False)
        return body


def bad_request(message: str) -> ProcedureError:
    return ProcedureError("BAD_REQUEST", message)


def not_found(message: str) -> ProcedureError:
    return ProcedureError("NOT_FOUND", message)


def unauthorized(message: str = "UNAUTHORIZED") -> ProcedureError:
    return ProcedureError("UNAUTHORIZED", message)


def internal(message: str) -> ProcedureError:
    return ProcedureError("INTERNAL_SERVER_ERROR", message)


def no_values() -> ProcedureError:
    """What drizzle says when an update has no known field."""
    return internal("No values to set")
