# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""As much of AWX's API as the collection awx.awx uses to create what a job needs: records and their associations.

It refuses what AWX refuses of credential types and surveys, and shows secrets as AWX does.
"""

from __future__ import annotations

import copy
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.awx import credential_type_errors, survey_errors

TOKEN = "token-of-awx-0123456789"
ENCRYPTED = "$encrypted$"
# The type of a record by the list that it is in.
TYPES = {
    "organizations": "organization",
    "credential_types": "credential_type",
    "credentials": "credential",
    "execution_environments": "execution_environment",
    "projects": "project",
    "inventories": "inventory",
    "hosts": "host",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
    "workflow_approval_templates": "workflow_approval_template",
    "schedules": "schedule",
}
TEMPLATES = ("job_templates", "workflow_job_templates", "projects")
Record = dict[str, Any]


class Refused(Exception):
    """The answer is an error: its status, and its body."""


class Awx:
    """An AWX with the organization Default. C(records) has what there is, by list and ID.

    :param prefix: of all paths; that of Ansible Automation Platform 2.5 and newer is C(/api/controller/).
    """

    def __init__(self, prefix: str = "/api/") -> None:
        self.base = prefix + "v2/"
        self.records: dict[str, dict[int, Record]] = {name: {} for name in TYPES}
        self.surveys: dict[str, Record] = {}
        self.associated: dict[str, list[int]] = {}
        self.writes: list[str] = []
        self._last = 0
        self._lock = threading.Lock()
        self.create("organizations", {"name": "Default"})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Awx:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def one(self, listing: str, name: str) -> Record:
        """The record of that name, with its secrets."""
        (found,) = [row for row in self.records[listing].values() if row.get("name") == name]
        return found

    def names(self, listing: str) -> list[str]:
        return sorted(row["name"] for row in self.records[listing].values())

    def create(self, listing: str, body: Record) -> Record:
        self._check(listing, body)
        self._last += 1
        url = f"{self.base}{listing}/{self._last}/"
        related = {"survey_spec": f"{url}survey_spec/"} if listing in TEMPLATES else {}
        row = {"id": self._last, "type": TYPES[listing], "url": url, "related": related, "summary_fields": {}}
        if listing == "projects":
            # The update that follows the creation of a project.
            row["scm_revision"] = ""
            row["summary_fields"] = {"current_update": {"id": self._last}}
        self.records[listing][self._last] = {**body, **row}
        return self.records[listing][self._last]

    def _check(self, listing: str, body: Record) -> None:
        if listing == "credential_types" and (errors := credential_type_errors(body["inputs"], body["injectors"])):
            raise Refused(400, {"inputs": errors})
        if listing == "credentials":
            kind = self.records["credential_types"][body["credential_type"]]["inputs"]
            known = {field["id"] for field in kind["fields"]}
            unknown, missing = set(body["inputs"]) - known, set(kind["required"]) - set(body["inputs"])
            if unknown or missing:
                raise Refused(400, {"inputs": sorted(unknown | missing)})

    def shown(self, row: Record) -> Record:
        """A record as an answer has it."""
        if row["type"] != "credential":
            return row
        row = copy.deepcopy(row)
        for field in self.records["credential_types"][row["credential_type"]]["inputs"]["fields"]:
            if field.get("secret") and row["inputs"].get(field["id"]):
                row["inputs"][field["id"]] = ENCRYPTED
        return row

    # --- requests -----------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, query: dict[str, str], body: Record) -> tuple[int, Any]:
        """The status and the body of an answer."""
        with self._lock:
            if method != "GET":
                self.writes.append(f"{method} {path}")
            parts = path.removeprefix(self.base).strip("/").split("/")
            if parts[0] == "project_updates":
                return 200, {"id": int(parts[1]), "status": "successful"}
            if len(parts) == 1:
                return self._listing(method, parts[0], query, body)
            row = self.records[parts[0]].get(int(parts[1]))
            if row is None:
                raise Refused(404, {"detail": "Not found."})
            if len(parts) == 3:
                return self._of_record(method, "/".join(parts), body)
            if method == "PATCH":
                self._check(parts[0], {**row, **body})
                row.update(body)
            return 200, self.shown(row)

    def _listing(self, method: str, name: str, query: dict[str, str], body: Record) -> tuple[int, Any]:
        if method == "POST":
            return 201, self.shown(self.create(name, body))
        lists = TEMPLATES if name == "unified_job_templates" else (name,)
        rows = [row for listing in lists for row in self.records[listing].values()]
        either = {key.removeprefix("or__"): value for key, value in query.items() if key.startswith("or__")}
        every = {key: value for key, value in query.items() if not key.startswith("or__")}
        found = [
            row
            for row in rows
            if all(str(row.get(key)) == value for key, value in every.items())
            and (not either or any(str(row.get(key)) == value for key, value in either.items()))
        ]
        return 200, self._page(found)

    def _page(self, rows: list[Record]) -> Record:
        return {"count": len(rows), "next": None, "results": [self.shown(row) for row in rows]}

    def _of_record(self, method: str, path: str, body: Record) -> tuple[int, Any]:
        name = path.rsplit("/", 1)[1]
        if name == "survey_spec":
            if method == "POST":
                if errors := survey_errors(body):
                    raise Refused(400, {"error": errors})
                self.surveys[path] = body
            return 200, self.surveys.get(path, {})
        if name == "create_approval_template":
            listing, number, _name = path.split("/")
            made = self.create("workflow_approval_templates", body)
            node = self.records[listing][int(number)]
            node["unified_job_template"] = made["id"]
            node["related"] = {**node["related"], "unified_job_template": made["url"]}
            return 201, made
        ids = self.associated.setdefault(path, [])
        if method == "POST":
            (ids.remove if body.get("disassociate") else ids.append)(body["id"])
            return 204, None
        listing = "workflow_job_template_nodes" if name.endswith("_nodes") else name
        return 200, self._page([self.records[listing][number] for number in ids])


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or "{}")
            try:
                if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    raise Refused(401, {"detail": "Invalid token."})
                if not parts.path.startswith(awx.base):
                    raise Refused(404, {"detail": "Not found."})
                status, value = awx.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            except Refused as error:
                status, value = error.args
            text = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _respond

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    return Handler
