# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ``make release`` finds in the document of a release, and the folder that it writes for the simulator."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from dokploy_simulator import Simulator
from dokploy_simulator.api.document import document as document_of
from dokploy_simulator.api.releases import NEWEST, NEWEST_MEASURED
from dokploy_simulator.api.tables import newest, table_of
from tests.contract.recording_player import contract_dir
from tools.new_release import __main__ as command
from tools.new_release import inputs, report, sdk, server
from tools.new_release.compare import Finding, compared
from tools.new_release.schemas import GONE, NARROWED, NEW, RENAMED, WIDENED, differences
from tools.new_release.touched import touched

Document = dict[str, Any]
NEXT = "0.99.0"


def body(document: Document, procedure: str) -> Any:
    return document["paths"][f"/{procedure}"]["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.fixture
def document() -> Document:
    """That of the newest release that is known."""
    return copy.deepcopy(document_of(NEWEST))


def findings(document: Document) -> list[Finding]:
    return compared(inputs.of_table(newest(), NEWEST), inputs.of_document(document, "a document"))


# --- two schemas -----------------------------------------------------------------------------------------------------

TEXT = {"type": "string"}
CHOICE = {"type": "string", "enum": ["a", "b"]}
OBJECT = {"type": "object", "properties": {"url": TEXT, "old": TEXT}, "required": ["url"]}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (TEXT, TEXT, []),
        ({}, TEXT, []),
        (TEXT, {"type": "string", "minLength": 1}, [("", NARROWED, "has minLength 1")]),
        ({"type": "string", "maxLength": 9}, TEXT, [("", WIDENED, "has no maxLength any more, 9 before")]),
        (
            {"type": "number", "maximum": 9},
            {"type": "number", "maximum": 5},
            [("", NARROWED, "has maximum 5, 9 before")],
        ),
        (TEXT, {"type": "string", "pattern": "^a"}, [("", NARROWED, "has the pattern ^a")]),
        (TEXT, {"type": "number"}, [("", NARROWED, "is number in place of string")]),
        (
            CHOICE,
            {"type": "string", "enum": ["b", "c"]},
            [("", NARROWED, "does not take a any more"), ("", WIDENED, "takes c too")],
        ),
        (TEXT, CHOICE, [("", NARROWED, "is one of a, b")]),
        (CHOICE, TEXT, [("", WIDENED, "is not one of a, b only")]),
        (
            {"type": "array", "items": CHOICE},
            {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            [("[]", NARROWED, "does not take b any more")],
        ),
        (
            OBJECT,
            {"type": "object", "properties": {"url": TEXT, "new": TEXT}},
            [("old", GONE, "is gone"), ("url", WIDENED, "can be absent"), ("new", NEW, "is new")],
        ),
        (OBJECT, {**OBJECT, "required": ["url", "old"]}, [("old", NARROWED, "is required")]),
        ({"anyOf": [TEXT, {"type": "null"}]}, TEXT, [("", NARROWED, "cannot be null any more")]),
        ({"anyOf": [TEXT, {"type": "number"}]}, TEXT, [("", NARROWED, "does not take number any more")]),
    ],
)
def test_two_schemas(before: Any, now: Any, expected: list[tuple[str, str, str]]) -> None:
    assert [(change.place, change.kind, change.text) for change in differences(before, now)] == expected
    assert list(differences(before, before)) == [] == list(differences(now, now))


def test_alternatives_are_told_by_their_constants() -> None:
    def settings(kind: str, **properties: Any) -> Document:
        return {"type": "object", "properties": {"type": {"const": kind}, **properties}, "required": ["type"]}

    before = {"oneOf": [settings("aws", region=TEXT), settings("azure")]}
    now = {"oneOf": [settings("phase"), settings("aws", region=CHOICE)]}
    assert [(change.place, change.kind, change.text) for change in differences(before, now)] == [
        ("", NARROWED, "does not take azure any more"),
        ("", WIDENED, "takes phase too"),
        ("[aws].region", NARROWED, "is one of a, b"),
    ]


def test_the_types_of_the_sdk_have_no_lengths() -> None:
    before = {"type": "string", "minLength": 1, "pattern": "^a"}
    assert list(differences(before, TEXT, exact=False)) == [] != list(differences(before, TEXT))
    assert list(differences({"type": "integer", "minimum": 1}, {"type": "number"}, exact=False)) == []


# --- two releases ----------------------------------------------------------------------------------------------------


def test_a_release_that_changes_nothing(document: Document) -> None:
    assert findings(document) == []


@pytest.mark.skipif(contract_dir() is None, reason="the recorded OpenAPI document is not here")
def test_the_measured_release_is_what_its_document_says() -> None:
    path = contract_dir() / f"openapi-{NEWEST_MEASURED}.json"  # type: ignore[operator]
    assert compared(inputs.of_table(table_of(NEWEST_MEASURED), ""), inputs.read(path)) == []


def test_what_is_new_gone_renamed_and_narrowed_is_found(document: Document) -> None:
    paths = document["paths"]
    del paths["/tag.remove"]
    paths["/project.fetch"] = paths.pop("/project.one")
    paths["/application.refreshTokens"] = paths.pop("/application.refreshToken")
    paths["/banner.create"] = {"post": paths["/tag.create"]["post"]}
    update = body(document, "application.update")["properties"]
    del update["replicas"]
    update["dockerImages"] = update.pop("dockerImage")
    update["region"] = {"type": "string", "enum": ["eu", "us"]}
    update["buildType"]["enum"].remove("static")
    update["sourceType"]["enum"].append("svn")
    body(document, "project.create")["required"].append("description")
    body(document, "project.create")["properties"]["owner"] = {"type": "string"}
    body(document, "project.create")["required"].append("owner")
    lines = {(finding.kind, finding.line) for finding in findings(document)}
    assert {
        (GONE, "tag.remove: is gone"),
        (GONE, "project.one: is gone"),
        (NEW, "project.fetch: is new, GET, with projectId"),
        (RENAMED, "application.refreshToken: is application.refreshTokens now"),
        (NEW, "banner.create: is new, POST, with name color?"),
        (GONE, "application.update replicas: is gone"),
        (RENAMED, "application.update dockerImage: is dockerImages now"),
        (NEW, "application.update region: is new, one of eu, us"),
        (NARROWED, "application.update buildType: does not take static any more"),
        (WIDENED, "application.update sourceType: takes svn too"),
        (NARROWED, "project.create description: is required"),
        (NARROWED, "project.create owner: is new and required, string"),
    } == lines


def test_a_default_is_no_requirement(document: Document) -> None:
    schema = body(document, "project.create")
    schema["properties"]["owner"] = {"type": "string", "default": "me"}
    schema["required"].append("owner")
    assert [finding.line for finding in findings(document)] == ["project.create owner: is new, string"]


@pytest.mark.parametrize(
    ("finding", "used", "named"),
    [
        (
            Finding("domain.create", "host", NARROWED, "is one of a"),
            True,
            ("dokploy_domain", "host", "routing.py", "traefik.rst"),
        ),
        (
            Finding("application.update", "replicas", GONE, "is gone"),
            True,
            ("dokploy_application", "replicas", "application.py", "replicas.rst"),
        ),
        (
            Finding("application.update", "region", NEW, "is new, string"),
            False,
            ("dokploy_application", None, "application.py", None),
        ),
        (
            Finding("vaultProvider.create", "config", NARROWED, "is required"),
            True,
            ("dokploy_vault_provider", None, "vault_provider.py", "secrets.rst"),
        ),
        (
            Finding("project.create", "owner", NARROWED, "is new and required"),
            True,
            ("dokploy_project", None, "project.py", None),
        ),
        (Finding("stripe.getProducts", "", GONE, "is gone"), False, (None, None, None, None)),
    ],
)
def test_what_a_finding_touches(finding: Finding, used: bool, named: tuple[str | None, ...]) -> None:
    found = touched(finding)
    assert found.used == used
    places = (found.modules, found.options, found.files, found.guides)
    for wanted, values in zip(named, places, strict=True):
        assert any(str(value).endswith(wanted) for value in values) if wanted else not values or values == found.options
    assert found.breaks(finding) == (used and finding.kind in (GONE, RENAMED, NARROWED))


# --- sources ---------------------------------------------------------------------------------------------------------

TYPES = """
export type ErrorBadRequest = { message: string; };
export type VaultCreateData = {
    body: {
        name: string;
        /** A comment: it is nothing. */
        config: {
            kind: "aws";
            region?: string;
        } | {
            kind: "azure";
        };
        labels?: {
            [key: string]: string;
        } | null;
        "mode-of": "push" | "tag";
        ports?: Array<number>;
        size?: 1 | 2;
        any?: unknown;
    };
    path?: never;
    query?: never;
    url: "/vault.create";
};
export type VaultOneData = {
    body?: never;
    path?: never;
    query: {
        vaultId: string;
    };
    url: "/vault.one";
};
export type VaultAllData = {
    body?: never;
    path?: never;
    query?: never;
    url: "/vault.all";
};
export type VaultDropData = {
    body: {
        zip: Blob | File;
    };
    path?: never;
    query?: never;
    url: "/vault.drop";
};
"""
CALLS = """
export const vaultCreate = (options) => (options.client ?? client).post({
    url: "/vault.create",
    ...options,
});
export const vaultDrop = (options) => (options.client ?? client).post({
    ...formDataBodySerializer,
    url: "/vault.drop",
    ...options,
});
export const vaultOne = (options) => (options.client ?? client).get({ url: "/vault.one", ...options });
"""


def test_the_types_of_the_sdk(tmp_path: Path) -> None:
    (tmp_path / "package/dist").mkdir(parents=True)
    (tmp_path / "package/dist/types.gen.d.ts").write_text(TYPES)
    (tmp_path / "package/dist/sdk.gen.js").write_text(CALLS)
    found = inputs.read(tmp_path)
    assert not found.exact
    create = found.procedures["vault.create"]
    assert (
        create.method == "POST" and create.required == {"name", "config", "mode-of"} and create.nullable == {"labels"}
    )
    assert create.fields == {
        "name": TEXT,
        "config": {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"kind": {"type": "string", "enum": ["aws"]}, "region": TEXT},
                    "required": ["kind"],
                },
                {"type": "object", "properties": {"kind": {"type": "string", "enum": ["azure"]}}, "required": ["kind"]},
            ]
        },
        "labels": {"type": "object", "additionalProperties": TEXT},
        "mode-of": {"type": "string", "enum": ["push", "tag"]},
        "ports": {"type": "array", "items": {"type": "number"}},
        "size": {"type": "number", "enum": [1, 2]},
        "any": {},
    }
    one = found.procedures["vault.one"]
    assert (one.method, one.fields, one.required) == ("GET", {"vaultId": TEXT}, {"vaultId"})
    assert found.procedures["vault.all"].fields == {} and found.procedures["vault.drop"].multipart
    assert sdk.methods(CALLS) == {"vault.create": "POST", "vault.drop": "POST", "vault.one": "GET"}


def test_the_answer_of_a_server(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with Simulator() as simulator:
        monkeypatch.setenv("DOKPLOY_URL", simulator.url)
        monkeypatch.setenv("DOKPLOY_API_KEY", simulator.key)
        assert server.is_named() and server.version() == NEWEST
        assert command.main([]) == 0
        assert f"Dokploy {NEWEST} takes what {NEWEST} takes" in capsys.readouterr().out
        monkeypatch.setenv("DOKPLOY_API_KEY", "none")
        with pytest.raises(inputs.NoSource, match=r"^settings.getOpenApiDocument of the server .*401"):
            command.main([])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Nothing says what the release takes: set DOCUMENT="),
        (["--document", "{tmp}/none.json", "--release", NEXT], "There is no "),
        (["--document", "{tmp}/text", "--release", NEXT], "is no JSON"),
        (["--document", "{tmp}/other.json", "--release", NEXT], "is no OpenAPI document"),
        (["--document", "{tmp}", "--release", NEXT], "is no SDK of Dokploy"),
        (["--document", "{tmp}/good.json"], "RELEASE= has to say"),
        (["--document", "{tmp}/good.json", "--release", "next"], "RELEASE is one such as"),
        (["--document", "{tmp}/good.json", "--release", "0.1.0"], "older than 0.25.0"),
    ],
)
def test_a_source_that_cannot_be_read(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DOKPLOY_URL", raising=False)
    (tmp_path / "text").write_text("no")
    (tmp_path / "other.json").write_text("{}")
    (tmp_path / "good.json").write_text('{"paths": {"/tag.all": {"get": {}}}}')
    with pytest.raises(inputs.NoSource, match=message):
        command.main([word.replace("{tmp}", str(tmp_path)) for word in words])


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_report(document: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: str) -> int:
        path = tmp_path / "openapi.json"
        path.write_text(json.dumps({"result": {"data": {"json": document}}}))
        return command.main(["--release", f"v{NEXT}", "--document", str(path), *words])

    assert run() == 0
    body(document, "domain.create")["properties"]["region"] = {"type": "string"}
    document["paths"]["/banner.all"] = {"get": {}}
    files = ("--markdown", str(tmp_path / "summary.md"), "--json", str(tmp_path / "found.json"))
    assert run(*files) == 0
    capsys.readouterr()
    (tmp_path / "summary.md").unlink()
    del body(document, "application.update")["properties"]["replicas"]
    assert run(*files) == 1
    shown = capsys.readouterr().out
    assert shown.startswith(f"Dokploy {NEXT} beside {NEWEST}, by ") and "1 of these break" in shown
    order = [
        shown.index(f"\n{title}:\n")
        for title in (
            "What the collection sends is not taken",
            "New beside what the collection manages",
            "What the collection does not use",
        )
    ]
    assert order == sorted(order) and "options: replicas" in shown
    markdown = (tmp_path / "summary.md").read_text()
    assert "| gone | `application.update` `replicas` | is gone | `application.py`" in markdown
    found = json.loads((tmp_path / "found.json").read_text())
    assert [issue["title"] for issue in found["issues"]] == [
        f"Dokploy {NEXT}: application.update replicas: is gone",
        f"Dokploy {NEXT}: new in domain",
    ]
    assert "- gone: `application.update` `replicas` is gone\n  - description: " in found["issues"][0]["body"]


def test_an_issue_has_the_same_title_in_each_run(document: Document) -> None:
    body(document, "domain.create")["properties"]["region"] = {"type": "string"}
    pairs = [(finding, touched(finding)) for finding in findings(document)]
    first, second = (report.issues(report.Report(NEXT, NEWEST, source, pairs)) for source in ("one", "another"))
    assert [issue["title"] for issue in first] == [issue["title"] for issue in second]
