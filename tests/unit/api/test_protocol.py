# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What status, headers and body mean. Most bodies were recorded from Dokploy 0.25.0 to 0.30.2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.community.dokploy.plugins.module_utils import _errors as errors
from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import ErrorContext
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import decode
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import Response
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import Scrubber

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def decoded(status: int, body: Any, procedure: str = "application.one", headers: Any = None, **known: Any) -> Any:
    """The value of an answer; text as it is, everything else as JSON."""
    known.setdefault("base_url", "https://dokploy.example.com/api")
    context = ErrorContext(procedure, scrub=Scrubber().sanitize, **known)
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return decode(Response(status, JSON if headers is None else headers, raw), context, {})


def refused(status: int, body: Any, procedure: str = "application.one", headers: Any = None, **known: Any) -> Any:
    """The error of an answer. Whatever it is, it is one line and names procedure, host and status."""
    with pytest.raises(errors.DokployError) as caught:
        decoded(status, body, procedure, headers, **known)
    error = caught.value
    assert "\n" not in str(error)
    assert str(error).startswith("%s on dokploy.example.com " % procedure)
    assert error.procedure == procedure
    return error


def new(status: int, code: str, message: str, path: str | None = "application.one", **more: Any) -> dict[str, Any]:
    """An error of REST, 0.28 and later."""
    data = {"code": code, "httpStatus": status, "zodError": None} | ({} if path is None else {"path": path})
    return {"message": message, "code": code, "data": data} | more


def old(code: str, message: str, **more: Any) -> dict[str, Any]:
    """An error of REST before 0.28."""
    return {"message": message, "code": code} | more


def trpc(
    status: int, code: str, number: int, message: str, path: str | None = "application.one", zod: Any = None
) -> Any:
    """An error of tRPC, all releases."""
    data = {"code": code, "httpStatus": status, "zodError": zod} | ({} if path is None else {"path": path})
    return {"error": {"json": {"message": message, "code": number, "data": data}}}


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('{"applicationId":"a"}', {"applicationId": "a"}),
        ("[]", []),
        ("true", True),
        ("null", None),
        ("3", 3),
        ('"v0.30.2"', "v0.30.2"),
        ('"<html> in a log line"', "<html> in a log line"),
        ("", None),
        (" \n", None),
    ],
)
def test_every_form_of_success(body: str, value: Any) -> None:
    assert decoded(200, body) == value


def test_no_content_is_nothing() -> None:
    assert decoded(204, "", headers={}) is None


def test_an_object_with_a_key_error_is_a_value() -> None:
    assert decoded(200, {"error": {"message": "build failed"}}) == {"error": {"message": "build failed"}}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ({"result": {"data": {"json": {"a": 1}}}}, {"a": 1}),
        ({"result": {"data": {"json": True}}}, True),
        ({"result": {"data": {"json": None, "meta": {"values": ["undefined"], "v": 1}}}}, None),
        ({"result": {"data": {"json": {"at": "2026"}, "meta": {"values": {"at": ["Date"]}, "v": 1}}}}, {"at": "2026"}),
        ({"result": {}}, None),
    ],
)
def test_the_envelope_of_trpc_is_taken_off(body: Any, value: Any) -> None:
    assert decoded(200, body, trpc=True) == value


@pytest.mark.parametrize("body", [{}, [], 1, {"result": {"data": 5}}, {"result": 1}])
def test_no_envelope_where_one_belongs(body: Any) -> None:
    assert isinstance(refused(200, body, trpc=True), errors.ProtocolError)


@pytest.mark.parametrize("body", ['{"a": 1', "[1, 2", '"v0.3'])
def test_json_that_breaks_off(body: str) -> None:
    error = refused(200, body)
    assert isinstance(error, errors.ProtocolError)
    assert error.cut
    assert "breaks off" in str(error)


def test_text_that_is_not_json_is_not_shown() -> None:
    error = refused(200, "welcome, sesame", headers={"Content-Type": "text/plain"})
    assert isinstance(error, errors.ProtocolError)
    assert not error.cut
    assert "sesame" not in str(error)


# --- pages and redirects --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, errors.ProtocolError),
        (401, errors.ProtocolError),
        (403, errors.ProtocolError),
        (404, errors.ProtocolError),
        (405, errors.ProtocolError),
        (413, errors.BadRequest),
        (429, errors.RateLimitError),
        (502, errors.ServerError),
        (504, errors.ServerError),
    ],
)
@pytest.mark.parametrize("proven", [False, True])
def test_a_page_shows_its_title_only(status: int, kind: Any, proven: bool) -> None:
    page = "<!DOCTYPE html><html><head><TITLE>\n Bad &amp;\n Gateway </TITLE></head><body>%s</body></html>" % (
        "x" * 9000
    )
    for headers in (HTML, {}):
        error = refused(status, page, headers=headers, proven=proven)
        assert error.__class__ is kind
        assert error.server_message == "Bad & Gateway"


def test_a_page_without_a_title_shows_its_heading() -> None:
    assert refused(503, "<html><h1>Down <b>now</b></h1></html>", headers=HTML).server_message == "Down now"
    assert refused(503, "<html>nothing</html>", headers=HTML).server_message is None


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ("https://new.example/api/application.one?applicationId=x", "Set dokploy_url to https://new.example."),
        ("https://new.example:8443/pre/api/application.one", "Set dokploy_url to https://new.example:8443/pre."),
        ("https://new.example/api/application.one/", "Set dokploy_url to https://new.example."),
        ("https://new.example/api/trpc/application.one,a.b?batch=1", "Set dokploy_url to https://new.example."),
        ("https://me:sesame@new.example/api/application.one", "Set dokploy_url to https://new.example."),
        ("https://login.example/sso?next=x", "It leads to https://login.example/sso; "),
        ("//me:sesame@new.example/api/application.one", "Set dokploy_url to https://new.example."),
        ("/login;id=sesame?key=sesame", "It leads to https://dokploy.example.com/login; "),
        ("/new/api/application.one", "Set dokploy_url to https://dokploy.example.com/new."),
        ("/pre/api/application.one/", "It leads back to https://dokploy.example.com/pre. A proxy "),
        ("http://dokploy.example.com/pre/api/application.one", "Set dokploy_url to http://dokploy.example.com/pre."),
        (
            "/api/application.one",
            "Set dokploy_url to https://dokploy.example.com/pre, or to https://dokploy.example.com if Dokploy is not ",
        ),
        ("https://new.example/api/api/application.one", "Set dokploy_url to https://new.example/api/api."),
        ("mailto:sesame@new.example", "Set dokploy_url to the address of Dokploy itself."),
        ("https://[::1", "Set dokploy_url to the address of Dokploy itself."),
        (None, "Set dokploy_url to the address of Dokploy itself."),
    ],
)
def test_a_redirect_names_the_address_to_use(location: str | None, hint: str) -> None:
    headers = {} if location is None else {"Location": location}
    error = refused(308, "", headers=headers, base_url="https://dokploy.example.com/pre/api")
    assert isinstance(error, errors.RedirectError)
    assert error.hint is not None
    assert error.hint.startswith(hint)
    assert "sesame" not in str(error)
    assert "applicationId" not in str(error)


# --- the key --------------------------------------------------------------------------------------------------------

BARE = {"message": "Unauthorized"}


@pytest.mark.parametrize(
    ("body", "known", "kind", "ambiguous"),
    [
        (BARE, {}, errors.AuthenticationError, None),
        ("", {}, errors.AuthenticationError, None),
        (BARE, {"proven": True}, errors.RateLimitError, False),
        (new(401, "UNAUTHORIZED", "UNAUTHORIZED"), {}, errors.RateLimitError, True),
        (new(401, "UNAUTHORIZED", "UNAUTHORIZED"), {"proven": True}, errors.RateLimitError, True),
        (old("UNAUTHORIZED", "UNAUTHORIZED"), {"proven": True}, errors.RateLimitError, True),
        (new(401, "UNAUTHORIZED", "UNAUTHORIZED"), {"proven": True, "key_works": True}, errors.PermissionDenied, None),
        (trpc(401, "UNAUTHORIZED", -32001, "UNAUTHORIZED"), {"trpc": True}, errors.AuthenticationError, None),
        (
            trpc(401, "UNAUTHORIZED", -32001, "UNAUTHORIZED"),
            {"trpc": True, "proven": True},
            errors.RateLimitError,
            True,
        ),
    ],
)
def test_a_refused_key(body: Any, known: Any, kind: Any, ambiguous: bool | None) -> None:
    error = refused(401, body, **known)
    assert error.__class__ is kind
    assert getattr(error, "ambiguous", None) is ambiguous


@pytest.mark.parametrize(
    "message",
    [
        'unauthorized to access resource "registry"',
        "You don't have access to this service",
        "You don't have access to this project",
    ],
)
@pytest.mark.parametrize("proven", [False, True])
def test_a_missing_right_is_401_with_a_code(message: str, proven: bool) -> None:
    for body in (new(401, "UNAUTHORIZED", message), old("UNAUTHORIZED", message)):
        error = refused(401, body, proven=proven)
        assert error.__class__ is errors.PermissionDenied
        assert error.server_message == message
    batched = trpc(401, "UNAUTHORIZED", -32001, message)
    assert refused(401, batched, proven=proven, trpc=True).__class__ is errors.PermissionDenied


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "FORBIDDEN", "You are not allowed to access this environment"),
        (400, "BAD_REQUEST", 'Error creating the project: unauthorized to access resource "project"'),
    ],
)
def test_other_forms_of_a_missing_right(status: int, code: str, message: str) -> None:
    assert refused(status, new(status, code, message), "project.create").__class__ is errors.PermissionDenied


def test_what_needs_a_license_says_so() -> None:
    error = refused(403, new(403, "FORBIDDEN", "Valid enterprise license required"), "sso.listProviders")
    assert error.__class__ is errors.PermissionDenied
    assert "sso.listProviders" in str(error) and "enterprise edition" in str(error) and "license" in (error.hint or "")


@pytest.mark.parametrize(
    ("thing", "hint"),
    [
        ("application", "The key belongs to one organization"),
        ("server", "no server has this ID"),
        ("build server", "no server has this ID"),
    ],
)
def test_another_organization(thing: str, hint: str) -> None:
    error = refused(401, new(401, "UNAUTHORIZED", "You are not authorized to access this " + thing))
    assert error.__class__ is errors.WrongOrganization
    assert hint in error.hint


def test_a_real_429_says_how_long() -> None:
    body = {"message": "Too many requests. Please try again later."}
    error = refused(429, body, headers={"Content-Type": "text/plain", "X-Retry-After": "10"})
    assert error.__class__ is errors.RateLimitError
    assert (error.retry_after, error.ambiguous) == (10.0, False)
    assert refused(429, body).retry_after is None


# --- unknown procedure, missing record ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "known"),
    [
        (404, new(404, "NOT_FOUND", "Not found", None), {}),
        (404, new(404, "NOT_FOUND", "No such route", None), {}),
        (404, old("NOT_FOUND", "Not found"), {}),
        (404, trpc(404, "NOT_FOUND", -32004, 'No procedure found on path "nope.nope"', "nope.nope"), {"trpc": True}),
        (404, trpc(404, "NOT_FOUND", -32004, 'No "mutation"-procedure on path "application.one"'), {"trpc": True}),
        (
            405,
            trpc(405, "METHOD_NOT_SUPPORTED", -32005, "Unsupported GET-request to mutation procedure"),
            {"trpc": True},
        ),
        (404, {"error": {"message": "Not found", "code": "NOT_FOUND"}}, {}),
    ],
)
def test_an_unknown_procedure(status: int, body: Any, known: Any) -> None:
    error = refused(status, body, "application.remove", **known)
    assert error.__class__ is errors.UnknownProcedure


@pytest.mark.parametrize(
    ("procedure", "status", "body", "what"),
    [
        ("application.one", 404, new(404, "NOT_FOUND", "Application not found"), "Application"),
        ("application.one", 404, old("NOT_FOUND", "Application not found"), "Application"),
        ("application.one", 404, {"error": {"message": "Application not found", "code": "NOT_FOUND"}}, "Application"),
        ("user.deleteApiKey", 404, new(404, "NOT_FOUND", "API key not found", "user.deleteApiKey"), "API key"),
        (
            "tag.remove",
            404,
            new(404, "NOT_FOUND", "Tag not found or you don't have permission to delete it", "tag.remove"),
            "Tag",
        ),
        ("port.one", 400, new(400, "BAD_REQUEST", "Port not found", "port.one"), "Port"),
        ("port.one", 400, old("BAD_REQUEST", "Port not found"), "Port"),
        ("backup.remove", 400, new(400, "BAD_REQUEST", "Backup not found", "backup.remove"), "Backup"),
        ("notification.remove", 400, new(400, "BAD_REQUEST", "Notification not found"), "Notification"),
        ("gitProvider.remove", 400, new(400, "BAD_REQUEST", "Git Provider not found"), "Git Provider"),
        ("security.create", 400, new(400, "BAD_REQUEST", "Application not found"), "Application"),
        (
            "environment.update",
            400,
            new(400, "BAD_REQUEST", "Error updating the environment: Environment not found"),
            "Environment",
        ),
        (
            "environment.remove",
            400,
            old("BAD_REQUEST", "Error deleting the environment: Environment not found"),
            "Environment",
        ),
        ("application.update", 400, new(400, "BAD_REQUEST", "Error updating application"), ""),
        ("postgres.update", 400, new(400, "BAD_REQUEST", "Error updating Postgres"), ""),
        ("libsql.update", 400, new(400, "BAD_REQUEST", "Error updating Libsql"), ""),
        ("mysql.update", 400, new(400, "BAD_REQUEST", "Update: Error updating MySQL"), ""),
    ],
)
def test_a_missing_record_in_all_its_forms(procedure: str, status: int, body: Any, what: str) -> None:
    error = refused(status, body, procedure)
    assert error.__class__ is errors.NotFoundError
    assert error.what == what


def test_a_missing_record_as_an_empty_200() -> None:
    assert refused(200, "", "compose.update").__class__ is errors.NotFoundError
    assert decoded(200, "", "backup.update") is None


@pytest.mark.parametrize(
    ("procedure", "message", "own"),
    [
        ("application.delete", "Application not found", True),
        ("application.delete", "Server not found", False),
        ("application.create", "Environment not found", False),
        ("mounts.remove", "Mount not found", True),
        ("redirects.delete", "Redirect not found", True),
        ("postgres.remove", "Postgres not found", True),
        ("sshKey.remove", "SSH Key not found", True),
        ("volumeBackups.delete", "Volume backup not found", True),
    ],
)
def test_a_missing_record_may_be_another_one(procedure: str, message: str, own: bool) -> None:
    assert refused(404, new(404, "NOT_FOUND", message, procedure), procedure).own is own


@pytest.mark.parametrize(
    ("procedure", "status", "body"),
    [
        ("application.create", 400, new(400, "BAD_REQUEST", "Error creating the application")),
        ("port.create", 400, new(400, "BAD_REQUEST", "Error input: Inserting port")),
        ("application.saveEnvironment", 400, new(400, "BAD_REQUEST", "Error updating application")),
        ("sshKey.update", 400, new(400, "BAD_REQUEST", "Error updating this SSH key")),
        ("environment.update", 400, new(400, "BAD_REQUEST", "Error updating the environment: No values to set")),
        ("postgres.changePassword", 400, new(400, "BAD_REQUEST", "No running container found for pg-1")),
        ("deployment.killProcess", 400, new(400, "BAD_REQUEST", "Deployment is not running")),
        (
            "registry.create",
            400,
            new(400, "BAD_REQUEST", "Command execution failed: Command failed: docker pull x: manifest not found"),
        ),
        (
            "network.create",
            400,
            new(400, "BAD_REQUEST", "(HTTP code 409) unexpected - network with name n already exists "),
        ),
        ("project.create", 415, new(415, "UNSUPPORTED_MEDIA_TYPE", "Missing content-type header")),
        ("project.create", 409, new(409, "CONFLICT", "appName is taken")),
    ],
)
def test_what_only_looks_like_a_missing_record(procedure: str, status: int, body: Any) -> None:
    assert refused(status, body, procedure).__class__ is errors.BadRequest


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("404 page not found", {"Content-Type": "text/plain"}),
        ("", {}),
        ({"message": "no Route matched with those values"}, JSON),
        ({"detail": "Not Found"}, JSON),
        ([], JSON),
    ],
)
def test_a_404_of_something_else_is_neither(body: Any, headers: Any) -> None:
    assert refused(404, body, "application.delete", headers).__class__ is errors.ProtocolError


# --- validation -----------------------------------------------------------------------------------------------------

ISSUES = [
    {"code": "invalid_type", "path": ["name"], "message": "Required"},
    {"code": "custom", "path": ["labelsSwarm", "a", 0], "message": "Unrecognized key"},
]
ZOD = {"formErrors": ["Too odd"], "fieldErrors": {"name": ["Required", "Too small"], "host": None}}


def test_issues_have_their_whole_path() -> None:
    expected = (errors.Issue(("name",), "Required"), errors.Issue(("labelsSwarm", "a", "0"), "Unrecognized key"))
    data = {"code": "BAD_REQUEST", "httpStatus": 400, "path": "project.create", "zodError": ZOD}
    for body in (
        old("BAD_REQUEST", "Input validation failed", issues=ISSUES),
        {"message": "Input validation failed", "code": "BAD_REQUEST", "data": data, "issues": ISSUES},
    ):
        error = refused(400, body, "project.create")
        assert error.__class__ is errors.ValidationError
        assert error.issues == expected
        assert error.server_message == "name: Required; labelsSwarm.a.0: Unrecognized key"


def test_field_errors_serve_where_there_are_no_issues() -> None:
    data = {"code": "BAD_REQUEST", "httpStatus": 400, "path": "project.create", "zodError": ZOD}
    error = refused(400, {"message": "Input validation failed", "code": "BAD_REQUEST", "data": data})
    assert error.issues == (
        errors.Issue(("name",), "Required"),
        errors.Issue(("name",), "Too small"),
        errors.Issue((), "Too odd"),
    )
    assert error.server_message == "name: Required; name: Too small; input: Too odd"


def test_trpc_puts_the_issues_into_the_message() -> None:
    body = trpc(400, "BAD_REQUEST", -32600, json.dumps(ISSUES, indent=2), zod=ZOD)
    error = refused(400, body, trpc=True)
    assert error.__class__ is errors.ValidationError
    assert [issue.path for issue in error.issues] == [("name",), ("labelsSwarm", "a", "0")]


@pytest.mark.parametrize("zod", [{"fieldErrors": 1}, {"fieldErrors": {"a": "b"}, "formErrors": "c"}, [], {}])
def test_odd_validation_errors_are_survived(zod: Any) -> None:
    data = {"code": "BAD_REQUEST", "httpStatus": 400, "path": "p.q", "zodError": zod}
    assert refused(400, {"message": "m", "code": "BAD_REQUEST", "data": data}).__class__ is errors.BadRequest


# --- the rest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (400, "Invalid JSON", errors.BadRequest, "Invalid JSON"),
        (413, "Body exceeded 1mb limit", errors.BadRequest, "Body exceeded 1mb limit"),
        (431, "", errors.BadRequest, None),
        (500, "Internal Server Error", errors.ServerError, "Internal Server Error"),
        (503, "", errors.ServerError, None),
    ],
)
def test_plain_text_refusals(status: int, body: str, kind: Any, message: str | None) -> None:
    error = refused(status, body, headers={})
    assert error.__class__ is kind
    assert error.server_message == message


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        ("Request Entity Too Large", {}, "Request Entity Too Large"),
        ("<html><title>413 Request Entity Too Large</title></html>", HTML, "413 Request Entity Too Large"),
        ("", {}, None),
        (new(413, "PAYLOAD_TOO_LARGE", "Body exceeded 1mb limit"), JSON, "Body exceeded 1mb limit"),
    ],
)
def test_an_upload_that_is_too_large_says_how_large_it_is(body: Any, headers: Any, message: str | None) -> None:
    error = refused(413, body, "application.dropDeployment", headers, trpc=True, sent="12.3 MiB")
    assert error.__class__ is errors.BadRequest
    assert error.message.endswith(" was refused, 12.3 MiB is too large (HTTP 413)")
    assert error.server_message == message
    assert error.hint.startswith("Raise the limit of the proxy")


def test_hints_for_known_words() -> None:
    error = refused(500, new(500, "INTERNAL_SERVER_ERROR", "No values to set"))
    assert error.__class__ is errors.ServerError
    assert "knows none of the fields" in error.hint


@pytest.mark.parametrize("message", [5, None, {"a": 1}])
@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_a_message_that_is_no_text_is_survived(status: int, message: Any) -> None:
    refused(status, {"message": message, "code": "X", "data": {"code": "X", "path": 3}})
    refused(status, {"error": message})
    refused(status, [{"error": message}])


def test_the_values_of_a_failed_statement_are_not_shown() -> None:
    message = 'Failed query: update "application" set "registryId" = $1 where x = $2\nparams: sesame,JrtQJPa0g'
    error = refused(500, new(500, "INTERNAL_SERVER_ERROR", message, "application.update"), "application.update")
    assert error.__class__ is errors.ServerError
    assert error.server_message.startswith("the database refused the request")
    for part in ("sesame", "update", "$1", "JrtQJPa0g"):
        assert part not in error.server_message


def test_a_statement_in_an_issue_is_not_shown() -> None:
    issues = [{"path": ["a"], "message": "Failed query: select sesame"}]
    error = refused(400, old("BAD_REQUEST", "Input validation failed", issues=issues))
    assert "sesame" not in str(error) + str(error.issues)
