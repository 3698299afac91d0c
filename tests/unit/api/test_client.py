# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client over sockets: what goes out, what is repeated, and what a broken connection becomes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client, ClientConfig
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    BadRequest,
    ConfigurationError,
    ConnectionFailed,
    DokployError,
    NotFoundError,
    PermissionDenied,
    ProtocolError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._http.upload import Form
from tests.support.fake_clients import FakeClock
from tests.support.scripted_server import (
    CUT_BODY,
    CUT_JSON,
    EMPTY,
    HANG,
    KEY,
    RESET,
    SECOND_CHECK,
    UNAUTHORIZED,
    UNKNOWN_PROCEDURE,
    VERSION,
    ScriptedServer,
    Step,
    answer,
    refusal,
    text,
)

ROOT = Path(__file__).resolve().parents[3]
OK = answer(200, {"ok": True})


pytestmark = pytest.mark.usefixtures("without_proxies")


def failure(call: Any, *args: Any, **kwargs: Any) -> DokployError:
    with pytest.raises(DokployError) as caught:
        call(*args, **kwargs)
    message = str(caught.value)
    assert KEY not in message
    assert "\n" not in message
    return caught.value


# --- what goes out --------------------------------------------------------------------------------------------------


def test_a_query_goes_out_as_get_with_plain_parameters(start: Any) -> None:
    server, client = start(OK)
    given = {"q": "a b&c", "limit": 5, "yes": True, "no": False, "none": None, "empty": ""}
    assert client.query("application.search", given) == {"ok": True}
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("GET", "/api/application.search?q=a+b%26c&limit=5&yes=true&no=false&empty=")
    assert seen.body == b""


def test_a_mutation_goes_out_as_post_with_json_and_keeps_null(start: Any) -> None:
    server, client = start(answer(200, True))
    assert client.mutate("application.update", {"applicationId": "i", "env": None, "name": "ü"}) is True
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/application.update")
    assert seen.json == {"applicationId": "i", "env": None, "name": "ü"}
    assert seen.headers["content-type"] == "application/json"


def test_a_mutation_without_input_sends_an_empty_object(start: Any) -> None:
    server, client = start(EMPTY)
    assert client.mutate("settings.cleanAll") is None
    assert server.seen[0].json == {}


@pytest.mark.parametrize(
    ("scheme", "api_key", "bearer"), [("auto", True, True), ("api_key", True, False), ("bearer", False, True)]
)
def test_auth_scheme_decides_the_headers(start: Any, scheme: str, api_key: bool, bearer: bool) -> None:
    server, client = start(OK, auth_scheme=scheme)
    client.query("project.all")
    headers = server.seen[0].headers
    assert headers.get("x-api-key") == (KEY if api_key else None)
    assert headers.get("authorization") == ("Bearer " + KEY if bearer else None)


def test_netrc_never_replaces_the_credentials(start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1\nlogin other\npassword else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server, client = start(OK, OK, auth_scheme="api_key")
    client.query("project.all")
    client.mutate("project.create", {"name": "n"})
    assert all("authorization" not in seen.headers for seen in server.seen)


def test_proxy_variables_work_and_netrc_stays_out(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, client = start(OK, url="http://dokploy.invalid/prefix")
    monkeypatch.setenv("http_proxy", proxy.url)
    assert client.query("project.all") == {"ok": True}
    assert proxy.paths == ["http://dokploy.invalid/prefix/api/project.all"]


def test_a_prefix_in_front_of_the_api_is_kept(start: Any) -> None:
    server, client = start(OK)
    client = Client(ClientConfig(server.url + "/dokploy//api/", KEY))
    client.query("project.all")
    client.close()
    assert server.paths == ["/dokploy/api/project.all"]


def test_upload_is_multipart_over_trpc(start: Any, tmp_path: Path) -> None:
    server, client = start(answer(200, {"result": {"data": {"json": True}}}))
    procedure = "application.dropDeployment"
    file = tmp_path / "any.zip"
    file.write_bytes(b"PK\x03\x04\xff")
    form = Form({"applicationId": "i"}, "zip", "code.zip", "application/zip", str(file))
    assert client.upload(procedure, form) is True
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/trpc/application.dropDeployment")
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="applicationId"\r\n\r\ni\r\n' in seen.body
    assert b'name="zip"; filename="code.zip"\r\nContent-Type: application/zip\r\n\r\nPK\x03\x04\xff\r\n' in seen.body


def test_upload_reports_the_error_inside_the_envelope(start: Any) -> None:
    inner = {"message": "Application not found", "code": -32004}
    inner["data"] = {"code": "NOT_FOUND", "httpStatus": 404, "path": "application.dropDeployment", "zodError": None}
    _server, client = start(answer(404, {"error": {"json": inner}}))
    error = failure(client.upload, "application.dropDeployment", Form({}, "zip", "c.zip", "application/zip", __file__))
    assert isinstance(error, NotFoundError)
    assert error.what == "Application"


# --- repeating reads ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        RESET,
        Step(then="close"),
        CUT_BODY,
        CUT_JSON,
        *(answer(status, {"message": "x"}) for status in (500, 502, 503, 504)),
    ],
    ids=["reset", "closed", "cut body", "cut JSON", "500", "502", "503", "504"],
)
def test_a_read_is_repeated_after_a_failure_that_may_pass(start: Any, clock: FakeClock, fault: Step) -> None:
    server, client = start(fault, fault, OK)
    assert client.query("application.one", {"applicationId": "i"}) == {"ok": True}
    assert server.paths == ["/api/application.one?applicationId=i"] * 3
    assert clock.pauses == [0.25, 0.5]
    assert client.transport.requests_made == 3


def test_different_failures_of_one_call_share_the_count(start: Any, clock: FakeClock) -> None:
    server, client = start(answer(502, {}), CUT_BODY, CUT_JSON, OK, max_retries=2)
    assert isinstance(failure(client.query, "project.all"), ProtocolError)
    assert len(server.seen) == client.transport.requests_made == 3
    assert clock.pauses == [0.25, 0.5]


def test_the_count_restarts_with_every_call(start: Any) -> None:
    server, client = start(RESET, OK, RESET, OK, max_retries=1)
    assert client.query("project.all") == client.query("project.all") == {"ok": True}
    assert len(server.seen) == 4


@pytest.mark.parametrize("fault", [RESET, CUT_BODY, CUT_JSON, answer(503, {"message": "busy"})])
def test_no_repetition_with_max_retries_0(start: Any, clock: FakeClock, fault: Step) -> None:
    server, client = start(fault, OK, max_retries=0)
    failure(client.query, "project.all")
    assert len(server.seen) == 1
    assert clock.pauses == []


def test_retry_after_of_a_503_is_kept_and_capped(start: Any, clock: FakeClock) -> None:
    _server, client = start(
        answer(503, {}, {"Retry-After": "7"}), answer(503, {}, {"Retry-After": "86400"}), answer(503, {}), OK
    )
    assert client.query("project.all") == {"ok": True}
    assert clock.pauses == [7.0, 30.0, 1.0]


def test_the_last_answer_is_reported_and_not_the_retries(start: Any) -> None:
    server, client = start(*[refusal(500, "INTERNAL_SERVER_ERROR", "Internal server error")] * 3, max_retries=2)
    error = failure(client.query, "application.one", {"applicationId": "i"})
    assert isinstance(error, ServerError)
    assert (error.status, error.server_message, error.procedure) == (500, "Internal server error", "application.one")
    assert len(server.seen) == 3


def test_a_failure_that_stays_says_how_often_it_was_tried(start: Any) -> None:
    server, client = start(RESET, CUT_BODY, CUT_JSON, RESET, max_retries=3)
    error = failure(client.query, "project.all")
    assert isinstance(error, ConnectionFailed)
    assert str(error).startswith(
        "project.all got no answer from 127.0.0.1:%d: the connection broke before the answer was complete, after 4 "
        "attempts. " % server.port
    )
    _server, client = start(*[answer(502, {})] * 3, max_retries=2)
    assert "failed on the server (HTTP 502), after 3 attempts" in str(failure(client.query, "project.all"))
    _server, client = start(*[CUT_JSON] * 2, max_retries=1)
    assert ", after 2 attempts" in str(failure(client.query, "project.all"))
    _server, client = start(RESET, max_retries=0)
    assert "attempt" not in str(failure(client.query, "project.all"))


def test_every_repetition_is_reported_before_its_pause(clock: FakeClock) -> None:
    lines: list[str] = []

    def sleep(seconds: float) -> None:
        lines.append("%.2f s" % seconds)

    with ScriptedServer(RESET, answer(502, {}), CUT_BODY, CUT_JSON, OK) as server:
        config = ClientConfig(url=server.url, api_key=KEY, max_retries=4)
        client = Client(config, sleep=sleep, random=lambda: 1.0, notice=lines.append)
        assert client.query("project.all") == {"ok": True}
        client.close()
    host = "127.0.0.1:%d" % server.port
    broke = f"project.all got no answer from {host}: the connection broke before the answer was complete"
    # Of the first request, which is for any list, a reader learns nothing by its name alone.
    first = (
        f"Dokploy at {host} gave no answer to the first request (project.all): the connection broke before the answer"
    )
    assert lines == [
        f"{first} was complete. Attempt 2 of 5 follows in 0.2 s.",
        "0.25 s",
        f"project.all on {host} failed: HTTP 502. Attempt 3 of 5 follows in 0.5 s.",
        "0.50 s",
        f"{broke}. Attempt 4 of 5 follows in 1.0 s.",
        "1.00 s",
        f"project.all on {host} answered JSON that breaks off (HTTP 200). Attempt 5 of 5 follows in 2.0 s.",
        "2.00 s",
    ]


def test_a_lasting_500_is_not_repeated(start: Any) -> None:
    server, client = start(refusal(500, "INTERNAL_SERVER_ERROR", "No container or service found for: web-1"))
    assert isinstance(failure(client.query, "application.readLogs", {}, lasting=True), ServerError)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_a_refused_read_is_not_repeated(start: Any, status: int) -> None:
    server, client = start(refusal(status, "X", "no"))
    failure(client.query, "application.one", {})
    assert len(server.seen) == 1


# --- repeating writes only when nothing was sent --------------------------------------------------------------------


@pytest.mark.parametrize("fault", [RESET, Step(then="close"), CUT_BODY], ids=["reset", "closed", "cut body"])
def test_a_write_is_not_repeated_once_it_was_sent(start: Any, clock: FakeClock, fault: Step) -> None:
    server, client = start(fault, answer(200, True))
    error = failure(client.mutate, "application.create", {"name": "n"})
    assert isinstance(error, ConnectionFailed)
    assert "whether it took effect is unknown" in str(error)
    assert "Check the state before" in str(error)
    assert error.details == {"effect_unknown": True}
    assert len(server.seen) == 1
    assert clock.pauses == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_is_not_repeated_after_5xx(start: Any, status: int) -> None:
    server, client = start(answer(status, {"message": "x"}, {"Retry-After": "1"}), OK)
    assert isinstance(failure(client.mutate, "application.create", {}), ServerError)
    assert len(server.seen) == 1


def test_a_write_whose_answer_is_cut_probably_took_effect(start: Any) -> None:
    server, client = start(CUT_JSON, OK)
    error = failure(client.mutate, "application.create", {})
    assert isinstance(error, ProtocolError)
    assert "probably took effect" in str(error)
    assert error.details == {"effect_unknown": True}
    assert len(server.seen) == 1


def test_a_write_that_gets_no_answer_in_time(start: Any) -> None:
    server, client = start(HANG, request_timeout=30.0)
    error = failure(client.mutate, "application.create", {}, timeout=0.05)
    assert isinstance(error, ConnectionFailed)
    assert "application.create got no answer from 127.0.0.1:%d: no answer in 0.05 s" % server.port in str(error)
    assert error.details == {"effect_unknown": True}
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("option", "argument", "given"),
    [(30.0, None, (10.0, 30.0)), (4.0, None, (4.0, 4.0)), (30.0, 120.0, (10.0, 120.0)), (30.0, 0.5, (0.5, 0.5))],
)
def test_a_connection_gets_ten_seconds_of_the_timeout(
    start: Any, monkeypatch: pytest.MonkeyPatch, option: float, argument: float | None, given: tuple[float, float]
) -> None:
    timeouts: list[Any] = []
    send = requests.Session.request

    def spy(session: Any, *args: Any, timeout: Any, **kwargs: Any) -> Any:
        timeouts.append(timeout)
        # As much time as a busy machine needs.
        return send(session, *args, timeout=60, **kwargs)

    monkeypatch.setattr(requests.Session, "request", spy)
    _server, client = start(OK, OK, request_timeout=option)
    client.query("project.all", timeout=argument)
    client.mutate("project.create", {}, timeout=argument)
    assert timeouts == [given, given]


def test_a_read_that_gets_no_answer_in_time_is_repeated(start: Any) -> None:
    server, client = start(HANG, OK, request_timeout=1)
    assert client.query("project.all", timeout=1) == {"ok": True}
    assert len(server.seen) == 2


@pytest.mark.parametrize("name", ["query", "mutate"])
def test_a_refused_connection_is_tried_again_for_reads_and_writes(clock: FakeClock, port: int, name: str) -> None:
    client = Client(
        ClientConfig("http://127.0.0.1:%d" % port, KEY, max_retries=3),
        clock=clock,
        sleep=clock.sleep,
        random=lambda: 1.0,
    )
    error = failure(getattr(client, name), "project.all")
    client.close()
    assert isinstance(error, ConnectionFailed)
    assert "the connection is refused" in str(error)
    assert "unknown" not in str(error)
    assert error.details == {"effect_unknown": False}
    assert clock.pauses == [0.25, 0.5, 1.0]
    assert client.transport.requests_made == 4


def test_a_server_that_comes_up_in_between_gets_the_write(clock: FakeClock, port: int) -> None:
    servers: list[ScriptedServer] = []

    def sleep(seconds: float) -> None:
        servers.append(ScriptedServer(answer(200, True), port=port))

    client = Client(ClientConfig("http://127.0.0.1:%d" % port, KEY), clock=clock, sleep=sleep)
    assert client.mutate("application.create", {"name": "n"}) is True
    client.close()
    (server,) = servers
    server.close()
    assert [seen.json for seen in server.seen] == [{"name": "n"}]


# --- connections ----------------------------------------------------------------------------------------------------


def test_calls_share_one_connection(start: Any) -> None:
    server, client = start(OK, EMPTY, refusal(404, "NOT_FOUND", "Application not found"), OK)
    client.query("project.all")
    client.mutate("application.deploy", {})
    failure(client.query, "application.one", {})
    client.query("project.all")
    assert server.connections == [1, 1, 1, 1]


@pytest.mark.parametrize(("idle", "connections"), [(3.9, [1, 1]), (4.1, [1, 2]), (600.0, [1, 2])])
def test_a_connection_idle_for_long_is_not_used_for_a_write(
    start: Any, clock: FakeClock, idle: float, connections: list[int]
) -> None:
    # Dokploy closes after five seconds; a write into the closing connection would be lost.
    server, client = start(OK, answer(200, True))
    client.query("project.all")
    assert client.transport.last_used == clock.now
    clock.now += idle
    assert client.mutate("application.create", {}) is True
    assert server.connections == connections


def test_a_connection_the_server_closed_is_opened_again(start: Any) -> None:
    server, client = start(answer(200, 1, then="close"), answer(200, 2))
    client.query("project.all")
    assert client.query("project.all") == 2
    assert server.connections == [1, 2]


def test_close_may_be_called_twice_and_the_client_used_again(start: Any) -> None:
    server, client = start(OK, OK)
    client.close()
    client.query("project.all")
    client.close()
    client.close()
    assert client.transport.last_used is None
    client.query("project.all")
    assert server.connections == [1, 2]


def test_nothing_is_opened_before_the_first_call() -> None:
    client = Client(ClientConfig("http://127.0.0.1:1", KEY))
    assert client.transport.requests_made == 0
    client.close()


# --- redirects and pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_the_key_stays_here(start: Any, status: int) -> None:
    other = ScriptedServer(OK)
    location = "http://localhost:%d/api/application.one?applicationId=i" % other.port
    server, client = start(answer(status, {}, {"Location": location}))
    error = failure(client.query, "application.one", {"applicationId": "i"})
    other.close()
    assert isinstance(error, RedirectError)
    assert error.hint == "Set dokploy_url to http://localhost:%d." % other.port
    assert other.seen == []
    assert len(server.seen) == 1


def test_a_write_is_not_redirected_either(start: Any) -> None:
    server, client = start(answer(307, {}, {"Location": "/api/application.create"}))
    assert isinstance(failure(client.mutate, "application.create", {}), RedirectError)
    assert len(server.seen) == 1


def test_the_page_of_a_proxy_is_named_by_its_title(start: Any) -> None:
    page = "<html><head><title>502 Bad Gateway</title></head><body>%s</body></html>" % ("x" * 5000)
    _server, client = start(text(502, page, {"Content-Type": "text/html"}))
    error = failure(client.mutate, "application.create", {})
    assert isinstance(error, ServerError)
    assert error.server_message == "502 Bad Gateway"
    assert len(str(error)) < 400


# --- the key --------------------------------------------------------------------------------------------------------


def test_401_on_the_first_call_is_a_bad_key(start: Any, clock: FakeClock) -> None:
    server, client = start(UNAUTHORIZED)
    error = failure(client.query, "project.all")
    assert isinstance(error, AuthenticationError)
    assert "dokploy_api_key" in str(error)
    assert len(server.seen) == 1
    assert clock.pauses == []


def test_a_bad_key_with_bearer_alone_says_why(start: Any) -> None:
    _server, client = start(UNAUTHORIZED, auth_scheme="bearer")
    assert "x-api-key" in str(failure(client.query, "project.all"))


@pytest.mark.parametrize("call", ["query", "mutate"])
def test_401_after_a_success_is_waited_for(start: Any, clock: FakeClock, call: str) -> None:
    server, client = start(OK, UNAUTHORIZED, UNAUTHORIZED, OK)
    client.query("project.all")
    assert getattr(client, call)("application.one", {"applicationId": "i"}) == {"ok": True}
    assert clock.pauses == [0.5, 1.0]
    assert len(server.seen) == 4


@pytest.mark.parametrize(
    "first",
    [
        refusal(404, "NOT_FOUND", "Application not found"),
        answer(
            400,
            {
                "message": "Input validation failed",
                "code": "BAD_REQUEST",
                "issues": [{"path": ["name"], "message": "m"}],
            },
        ),
    ],
    ids=["404", "400"],
)
def test_a_refusal_from_inside_proves_the_key_as_well(start: Any, first: Step) -> None:
    _server, client = start(first, UNAUTHORIZED, OK)
    failure(client.query, "application.one")
    assert client.query("project.all") == {"ok": True}


def test_a_used_up_key_is_given_up_after_rate_limit_timeout(start: Any, clock: FakeClock) -> None:
    _server, client = start(OK, *[UNAUTHORIZED] * 50, rate_limit_timeout=15.0)
    client.query("project.all")
    error = failure(client.query, "application.one")
    assert isinstance(error, RateLimitError)
    assert "rate_limit_timeout" in str(error)
    assert sum(clock.pauses) == 15.0
    assert clock.pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 2.5]


def test_a_used_up_key_is_waited_for_a_whole_window_once_something_was_written(start: Any, clock: FakeClock) -> None:
    """What a task that gives up would leave half-made; before a write there is nothing."""
    _server, client = start(OK, *[UNAUTHORIZED] * 200)
    client.query("project.all")
    assert "complete" not in str(failure(client.mutate, "application.create", {}))
    assert sum(clock.pauses) == 30
    _server, client = start(OK, OK, *[UNAUTHORIZED] * 15, OK, *[UNAUTHORIZED] * 200)
    client.query("project.all")
    client.mutate("application.create", {})
    del clock.pauses[:]
    assert client.mutate("application.update", {}) == {"ok": True}
    # A window of a minute.
    assert sum(clock.pauses) > 60
    del clock.pauses[:]
    error = failure(client.mutate, "application.update", {})
    assert isinstance(error, RateLimitError)
    assert sum(clock.pauses) == 310
    assert str(error).endswith("Run the task again to complete what it has begun.")


@pytest.mark.parametrize("seconds", [0, 15])
def test_the_stated_time_counts_after_a_write_as_well(start: Any, clock: FakeClock, seconds: int) -> None:
    _server, client = start(OK, *[UNAUTHORIZED] * 50, rate_limit_timeout=seconds)
    client.mutate("application.create", {})
    assert isinstance(failure(client.mutate, "application.update", {}), RateLimitError)
    assert sum(clock.pauses) == seconds


def test_the_wait_for_a_key_is_told_once(start: Any, clock: FakeClock) -> None:
    said: list[str] = []
    _server, client = start(OK, UNAUTHORIZED, UNAUTHORIZED, OK, notice=said.append)
    client.mutate("application.create", {})
    client.mutate("application.update", {})
    (line,) = said
    assert line.startswith("application.update on ")
    assert line.endswith(". It is sent again for up to 310 s.")


def test_a_used_up_key_fails_at_once_with_rate_limit_timeout_0(start: Any, clock: FakeClock) -> None:
    server, client = start(OK, UNAUTHORIZED, rate_limit_timeout=0)
    client.query("project.all")
    assert isinstance(failure(client.query, "application.one"), RateLimitError)
    assert clock.pauses == []
    assert len(server.seen) == 2


def test_the_second_check_is_a_used_up_key_when_the_version_is_refused_too(start: Any, clock: FakeClock) -> None:
    server, client = start(OK, SECOND_CHECK, UNAUTHORIZED, UNAUTHORIZED, OK)
    client.query("project.all")
    assert client.query("application.one") == {"ok": True}
    assert server.paths == [
        "/api/project.all",
        "/api/application.one",
        "/api/settings.getDokployVersion",
        "/api/application.one",
        "/api/application.one",
    ]
    assert clock.pauses == [0.5, 1.0]


@pytest.mark.parametrize("before", [[], [OK]], ids=["first call", "after a success"])
def test_the_same_words_are_a_missing_right_when_the_key_still_works(
    start: Any, clock: FakeClock, before: list[Step]
) -> None:
    # A procedure for administrators refuses a member with the word that the second check of a used up key uses.
    server, client = start(*before, SECOND_CHECK, VERSION, SECOND_CHECK)
    for _step in before:
        client.query("project.all")
    error = failure(client.mutate, "settings.cleanAll")
    assert isinstance(error, PermissionDenied)
    assert "administrators" in str(error)
    assert clock.pauses == []
    assert len(server.seen) == len(before) + 3


def test_the_second_check_on_the_first_call_is_a_used_up_key(start: Any) -> None:
    _server, client = start(SECOND_CHECK, UNAUTHORIZED, rate_limit_timeout=0)
    assert isinstance(failure(client.query, "project.all"), RateLimitError)


def test_a_first_call_waits_for_a_used_up_key_when_the_option_is_set(start: Any, clock: FakeClock) -> None:
    # Each process of a loop is new and knows of no earlier answer.
    server, client = start(UNAUTHORIZED, UNAUTHORIZED, OK, rate_limit_timeout=30)
    assert client.query("project.all") == {"ok": True}
    assert clock.pauses == [0.5, 1.0]
    assert len(server.seen) == 3


def test_a_first_call_with_a_wrong_key_fails_in_time(start: Any, clock: FakeClock) -> None:
    _server, client = start(*[UNAUTHORIZED] * 50, rate_limit_timeout=15.0)
    error = failure(client.query, "project.all")
    assert isinstance(error, AuthenticationError)
    assert "or its rate limit is used up" in str(error)
    assert sum(clock.pauses) == 15.0


@pytest.mark.parametrize(
    "options", [{}, {"rate_limit_timeout": 0}, {"rate_limit_timeout": 30, "auth_scheme": "bearer"}]
)
def test_a_first_call_with_a_wrong_key_fails_at_once(start: Any, clock: FakeClock, options: dict[str, Any]) -> None:
    server, client = start(UNAUTHORIZED, **options)
    error = failure(client.query, "project.all")
    assert isinstance(error, AuthenticationError)
    assert clock.pauses == []
    assert len(server.seen) == 1


def test_a_key_that_passed_the_first_check_is_waited_for(start: Any, clock: FakeClock) -> None:
    # What follows is refused as a wrong key would be.
    _server, client = start(SECOND_CHECK, UNAUTHORIZED, UNAUTHORIZED, UNAUTHORIZED, OK)
    assert client.query("project.all") == {"ok": True}
    assert clock.pauses == [0.5, 1.0, 2.0]


def test_the_probe_does_not_ask_about_itself(start: Any) -> None:
    server, client = start(SECOND_CHECK, rate_limit_timeout=0)
    assert isinstance(failure(client.version), RateLimitError)
    assert len(server.seen) == 1


@pytest.mark.parametrize("call", ["query", "mutate"])
def test_429_waits_as_long_as_it_asks(start: Any, clock: FakeClock, call: str) -> None:
    _server, client = start(answer(429, {"message": "Too many requests."}, {"Retry-After": "10"}), OK)
    assert getattr(client, call)("project.all") == {"ok": True}
    assert clock.pauses == [10.0]


def test_429_that_asks_for_more_than_is_allowed_fails_at_once(start: Any, clock: FakeClock) -> None:
    server, client = start(answer(429, {"message": "Too many requests."}, {"Retry-After": "86400"}))
    error = failure(client.query, "project.all")
    assert isinstance(error, RateLimitError)
    assert error.retry_after == 86400
    assert error.details == {"retry_after": 86400}
    assert clock.pauses == []
    assert len(server.seen) == 1


def test_a_connection_is_opened_again_after_a_long_wait(start: Any) -> None:
    server, client = start(OK, answer(429, {}, {"Retry-After": "9"}), OK)
    client.query("project.all")
    client.query("project.all")
    assert server.connections == [1, 1, 2]


# --- version, secrets -----------------------------------------------------------------------------------------------


def test_the_version_is_asked_for_once(start: Any) -> None:
    server, client = start(VERSION)
    assert client.version() == client.version() == (0, 30, 2)
    assert server.paths == ["/api/settings.getDokployVersion"]


@pytest.mark.parametrize("value", [None, {"version": "v1"}, "latest", 30])
def test_a_value_that_is_not_a_version_is_an_error(start: Any, value: Any) -> None:
    _server, client = start(answer(200, value))
    assert isinstance(failure(client.version), ProtocolError)


def test_registered_secrets_and_the_key_are_masked(start: Any) -> None:
    message = "cannot log in with hunter2-secret and %s" % KEY
    _server, client = start(refusal(400, "BAD_REQUEST", message))
    client.add_secret("hunter2-secret")
    error = failure(client.mutate, "registry.create", {"password": "hunter2-secret"})
    assert isinstance(error, BadRequest)
    assert error.server_message == "cannot log in with ******** and ********"


def test_unknown_procedure_is_never_a_missing_record(start: Any) -> None:
    _server, client = start(UNKNOWN_PROCEDURE)
    assert isinstance(failure(client.mutate, "application.remove", {}), UnknownProcedure)


# --- bad addresses and certificates ---------------------------------------------------------------------------------


def test_an_unknown_host_is_named(clock: FakeClock) -> None:
    client = Client(ClientConfig("http://no-such-host.invalid", KEY, max_retries=1), clock=clock, sleep=clock.sleep)
    error = failure(client.mutate, "application.create", {})
    client.close()
    assert isinstance(error, ConnectionFailed)
    assert "no-such-host.invalid: the host name is not known" in str(error)
    assert error.details == {"effect_unknown": False}


def test_the_password_of_a_proxy_is_not_shown(clock: FakeClock, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://me:sesame@127.0.0.1:%d" % port)
    client = Client(ClientConfig("http://dokploy.invalid", KEY, max_retries=0), clock=clock, sleep=clock.sleep)
    error = failure(client.query, "project.all")
    client.close()
    assert isinstance(error, ConnectionFailed)
    assert "proxy of the environment" in str(error)
    assert "sesame" not in str(error)


def test_a_proxy_variable_that_is_no_address(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://:::")
    client = Client(ClientConfig("http://dokploy.invalid", KEY, max_retries=0), clock=clock, sleep=clock.sleep)
    assert isinstance(failure(client.query, "project.all"), ConfigurationError)
    client.close()


def test_an_answer_that_is_not_http(start: Any) -> None:
    _server, client = start(Step(b"SSH-2.0-OpenSSH_9.2\r\n", "close"), max_retries=0)
    error = failure(client.query, "project.all")
    assert isinstance(error, ConnectionFailed)
    assert "the connection broke" in str(error)


# --- without the library --------------------------------------------------------------------------------------------


def test_without_requests_everything_can_be_imported_and_says_so() -> None:
    # ansible-core imports module_utils on targets that lack the library, to report what is missing.
    code = """
import sys
sys.modules["requests"] = sys.modules["urllib3"] = None
import conftest
from ansible_collections.community.dokploy.plugins.module_utils._api import client
from ansible_collections.community.dokploy.plugins.module_utils._http import connection
from ansible_collections.community.dokploy.plugins.module_utils import _errors
assert not connection.HAS_REQUESTS
assert "requests" in connection.REQUESTS_IMPORT_ERROR
try:
    client.Client(client.ClientConfig("http://localhost", "key"))
except _errors.ConfigurationError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("the Python library requests is missing\n", "")
