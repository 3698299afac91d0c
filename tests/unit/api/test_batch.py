# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several queries, or mutations, in one request: the address, its split, and the result of every item."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Call
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import (
    MAX_ITEMS,
    MAX_URL,
    batch_path,
    split_calls,
)
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    AuthenticationError,
    BadRequest,
    DokployError,
    NotFoundError,
    PermissionDenied,
    ProtocolError,
    RateLimitError,
    RedirectError,
    ServerError,
    UnknownProcedure,
    ValidationError,
)
from tests.support.fake_clients import FakeClock
from tests.support.scripted_server import (
    CUT_JSON,
    RESET,
    UNAUTHORIZED,
    UNKNOWN_PROCEDURE,
    VERSION,
    Step,
    answer,
    refusal,
    text,
)

ID = "JrtQJPa0g-Ek_tKFFQmAK"
ONE = Call("application.one", {"applicationId": ID})


def value(result: Any) -> dict[str, Any]:
    return {"result": {"data": {"json": result}}}


def fault(status: int, code: str, message: str, path: str = "application.one", zod: Any = None) -> dict[str, Any]:
    data = {"code": code, "httpStatus": status, "path": path, "zodError": zod}
    return {"error": {"json": {"message": message, "code": -32000, "data": data}}}


MISSING = fault(404, "NOT_FOUND", "Application not found")
KEY_REFUSED = fault(401, "UNAUTHORIZED", "UNAUTHORIZED")


def kinds(results: list[Any]) -> list[Any]:
    return [type(result) if isinstance(result, DokployError) else result for result in results]


def sent(path: str) -> list[tuple[str, Any]]:
    """The calls that an address holds, as the server reads them."""
    parts = urlsplit(path)
    query = parse_qs(parts.query, strict_parsing=True)
    assert query["batch"] == ["1"]
    inputs = json.loads(query["input"][0])
    names = parts.path.rpartition("/trpc/")[2].split(",")
    # A query whose input may be empty refuses to have none.
    assert set(inputs) == {str(number) for number in range(len(names))}
    return [(name, inputs[str(number)]["json"]) for number, name in enumerate(names)]


# --- the address ----------------------------------------------------------------------------------------------------


def test_the_address_of_a_batch() -> None:
    calls = [ONE, Call("project.all", {}), Call("a.b", {"q": 'x&y=z #"ü', "n": 1, "t": True, "none": None})]
    path = batch_path(calls)
    assert path.startswith("/trpc/application.one,project.all,a.b?batch=1&input=%7B%220%22:")
    assert sent(path) == [
        ("application.one", {"applicationId": ID}),
        ("project.all", {}),
        ("a.b", {"q": 'x&y=z #"ü', "n": 1, "t": True}),
    ]


@given(
    st.lists(
        st.builds(
            Call,
            st.sampled_from(["application.one", "project.all", "domain.byApplicationId"]),
            st.dictionaries(st.sampled_from(["id", "q"]), st.text(max_size=900) | st.integers() | st.booleans()),
        ),
        max_size=60,
    )
)
def test_a_split_keeps_every_call_in_order_and_fits(calls: list[Call]) -> None:
    base = "https://dokploy.example.com/api"
    groups = list(split_calls(calls, base))
    assert [call for group in groups for call in group] == calls
    for group in groups:
        assert 1 <= len(group) <= MAX_ITEMS
        assert len(group) == 1 or len(base + batch_path(group)) <= MAX_URL
        assert sent(batch_path(group)) == [(call.procedure, dict(call.input)) for call in group]


def test_a_hundred_applications_go_in_one_request() -> None:
    assert [len(group) for group in split_calls([ONE] * 250, "https://dokploy.example.com/api")] == [100, 100, 50]


def test_long_inputs_are_split_by_the_length_of_the_address() -> None:
    base = "https://dokploy.example.com/api"
    groups = list(split_calls([Call("application.search", {"q": "x" * 1000})] * 40, base))
    lengths = [len(base + batch_path(group)) for group in groups]
    assert sum(len(group) for group in groups) == 40
    assert max(lengths) <= MAX_URL
    # A group is full: one more would not have fitted.
    assert min(lengths[:-1]) + 1100 > MAX_URL


def test_one_call_that_is_too_long_goes_alone() -> None:
    huge = Call("application.search", {"q": "x" * 20000})
    assert [len(group) for group in split_calls([ONE, huge, ONE], "https://dokploy.example.com/api")] == [1, 1, 1]


# --- results --------------------------------------------------------------------------------------------------------


def test_no_calls_are_no_request(start: Any) -> None:
    server, client = start()
    assert client.call_many([]) == []
    assert server.seen == []


def test_one_request_for_all(start: Any) -> None:
    server, client = start(answer(200, [value({"name": "a"}), value([]), value(None)]))
    calls = [ONE, Call("project.all", {}), Call("a.b", {})]
    assert client.call_many(calls) == [{"name": "a"}, [], None]
    (seen,) = server.seen
    assert seen.method == "GET"
    assert [name for name, _given in sent(seen.path)] == ["application.one", "project.all", "a.b"]
    assert client.transport.requests_made == 1


def test_more_than_fit_go_in_several(start: Any) -> None:
    server, client = start(answer(200, [value(1)] * 100), answer(200, [value(2)] * 3))
    assert client.call_many([ONE] * 103) == [1] * 100 + [2] * 3
    assert [len(sent(path)) for path in server.paths] == [100, 3]


def test_items_fail_alone(start: Any) -> None:
    zod = {"formErrors": [], "fieldErrors": {"applicationId": ["Required"]}}
    items = [
        value({"name": "a"}),
        MISSING,
        fault(400, "BAD_REQUEST", "[]", zod=zod),
        fault(404, "NOT_FOUND", 'No procedure found on path "nope.nope"', "nope.nope"),
        fault(401, "UNAUTHORIZED", "You don't have access to this service"),
        fault(403, "FORBIDDEN", "You are not allowed to access this environment"),
        fault(500, "INTERNAL_SERVER_ERROR", "x"),
        fault(400, "BAD_REQUEST", "Port not found", "port.one"),
        fault(400, "BAD_REQUEST", "no"),
    ]
    _server, client = start(answer(207, items))
    calls = [
        Call(name, {})
        for name in ("a.one", "a.one", "a.one", "nope.nope", "a.one", "e.one", "a.one", "port.one", "x.y")
    ]
    results = client.call_many(calls)
    assert kinds(results) == [
        {"name": "a"},
        NotFoundError,
        ValidationError,
        UnknownProcedure,
        PermissionDenied,
        PermissionDenied,
        ServerError,
        NotFoundError,
        BadRequest,
    ]
    assert [result.procedure for result in results[1:]] == [call.procedure for call in calls[1:]]
    assert results[2].issues[0].path == ("applicationId",)


@pytest.mark.parametrize(
    ("status", "item", "kind"), [(404, MISSING, NotFoundError), (400, fault(400, "B", "n"), BadRequest)]
)
def test_all_items_failing_alike_are_still_items(start: Any, status: int, item: Any, kind: Any) -> None:
    server, client = start(answer(status, [item] * 2))
    assert kinds(client.call_many([ONE, ONE])) == [kind, kind]
    assert len(server.seen) == 1


def test_all_items_failing_on_the_server_are_asked_again_and_then_items(start: Any) -> None:
    server, client = start(*[answer(500, [fault(500, "I", "x")] * 2)] * 3, max_retries=2)
    assert kinds(client.call_many([ONE, ONE])) == [ServerError, ServerError]
    assert len(server.seen) == 3


@pytest.mark.parametrize("again", [RESET, CUT_JSON, answer(502, {"message": "x"})])
def test_a_batch_is_repeated_like_any_read(start: Any, again: Step) -> None:
    server, client = start(again, answer(200, [value(1)]))
    assert client.call_many([ONE]) == [1]
    assert len(server.seen) == 2


@pytest.mark.parametrize("body", [[value(1)], [], [value(1)] * 3, value(1), [1, 2], None])
def test_an_answer_that_is_not_that_batch(start: Any, body: Any) -> None:
    _server, client = start(answer(200, body))
    with pytest.raises(ProtocolError):
        client.call_many([ONE, ONE])


def test_a_mutation_in_a_batch_is_refused_as_a_whole(start: Any) -> None:
    body = fault(400, "BAD_REQUEST", "Cannot mix procedure types in call: query, mutation")
    _server, client = start(answer(400, body, {"Content-Type": "text/plain;charset=UTF-8"}))
    with pytest.raises(BadRequest, match="Cannot mix procedure types"):
        client.call_many([ONE, Call("project.create", {})])


def test_a_redirect_ends_the_batch(start: Any) -> None:
    location = "https://new.example/api/trpc/application.one,application.one?batch=1&input=x"
    _server, client = start(answer(308, {}, {"Location": location}))
    with pytest.raises(RedirectError, match=r"Set dokploy_url to https://new\.example\."):
        client.call_many([ONE, ONE])


def test_an_address_too_long_for_a_proxy_is_halved(start: Any) -> None:
    server, client = start(
        text(414, "too long"), answer(200, [value(1)]), text(431, ""), answer(200, [value(2)]), answer(200, [value(3)])
    )
    assert client.call_many([ONE, ONE, ONE]) == [1, 2, 3]
    assert [len(sent(path)) for path in server.paths] == [3, 1, 2, 1, 1]


def test_one_address_too_long_is_an_error(start: Any) -> None:
    _server, client = start(text(431, ""))
    with pytest.raises(BadRequest):
        client.call_many([ONE])


# --- the key --------------------------------------------------------------------------------------------------------


def test_a_bad_key_ends_the_batch(start: Any) -> None:
    server, client = start(answer(401, [KEY_REFUSED] * 2))
    with pytest.raises(AuthenticationError):
        client.call_many([ONE, ONE])
    assert len(server.seen) == 1


def test_public_queries_prove_no_key(start: Any) -> None:
    _server, client = start(answer(207, [value({"status": "ok"}), KEY_REFUSED]))
    with pytest.raises(AuthenticationError):
        client.call_many([Call("settings.health", {}), ONE])


def test_a_used_up_key_is_waited_for(start: Any, clock: FakeClock) -> None:
    server, client = start(answer(200, [value(1)]), answer(401, [KEY_REFUSED]), UNAUTHORIZED, answer(200, [value(2)]))
    assert client.call_many([ONE]) == [1]
    assert client.call_many([ONE]) == [2]
    assert server.paths[2] == "/api/settings.getDokployVersion"
    assert clock.pauses == [0.5]


def test_a_used_up_key_ends_the_batch_after_rate_limit_timeout(start: Any, clock: FakeClock) -> None:
    _server, client = start(
        answer(200, [value(1)]), answer(401, [KEY_REFUSED]), UNAUTHORIZED, *[answer(401, [KEY_REFUSED])] * 20
    )
    client.call_many([ONE])
    with pytest.raises(RateLimitError):
        client.call_many([ONE])
    assert sum(clock.pauses) == 30.0


def test_a_right_missing_for_one_item_is_that_items_error(start: Any, clock: FakeClock) -> None:
    """The key is checked once for the whole batch, so that the other item proves that it is accepted."""
    server, client = start(answer(207, [value(1), KEY_REFUSED]))
    assert kinds(client.call_many([ONE, Call("settings.getIp", {})])) == [1, PermissionDenied]
    assert len(server.seen) == 1
    assert clock.pauses == []


def test_after_public_queries_alone_the_key_is_checked(start: Any, clock: FakeClock) -> None:
    items = [value({"status": "ok"}), KEY_REFUSED]
    server, client = start(answer(200, [value(1)]), answer(207, items), VERSION, answer(207, items))
    client.call_many([ONE])
    found = client.call_many([Call("settings.health", {}), Call("settings.getIp", {})])
    assert kinds(found) == [{"status": "ok"}, PermissionDenied]
    assert len(server.seen) == 4 and clock.pauses == []


# --- without the route ----------------------------------------------------------------------------------------------

PAGE = text(404, "<!DOCTYPE html><title>404</title>", {"Content-Type": "text/html"})


@pytest.mark.parametrize(
    "nothing_here",
    [
        PAGE,
        text(405, "Method Not Allowed"),
        text(404, "404 page not found"),
        text(200, "<html>the web interface</html>", {"Content-Type": "text/html"}),
        UNKNOWN_PROCEDURE,
    ],
    ids=["page", "405", "plain 404", "page with 200", "REST 404"],
)
def test_without_the_route_queries_go_one_by_one(start: Any, nothing_here: Step) -> None:
    missing = refusal(404, "NOT_FOUND", "Application not found")
    server, client = start(nothing_here, answer(200, {"n": 1}), missing, answer(200, {"n": 3}), answer(200, {"n": 4}))
    calls = [ONE, ONE, Call("application.search", {"limit": 5, "q": None})]
    assert kinds(client.call_many(calls)) == [{"n": 1}, NotFoundError, {"n": 3}]
    # What was learned holds for the life of the client.
    assert client.call_many([ONE]) == [{"n": 4}]
    one = "/api/application.one?applicationId=" + ID
    assert server.paths[1:] == [one, one, "/api/application.search?limit=5", one]


def test_without_the_route_a_refused_key_still_ends_it(start: Any) -> None:
    server, client = start(PAGE, UNAUTHORIZED)
    with pytest.raises(AuthenticationError):
        client.call_many([ONE, ONE])
    assert len(server.seen) == 2


# --- mutations ------------------------------------------------------------------------------------------------------

UPDATE = Call("application.update", {"applicationId": ID, "description": None})
PORT = Call("port.create", {"applicationId": ID, "publishedPort": 80})


def test_mutations_are_in_the_body(start: Any) -> None:
    server, client = start(answer(200, [value(True), value({"portId": "p"})]))
    assert client.mutate_many([UPDATE, PORT]) == [True, {"portId": "p"}]
    assert server.paths == ["/api/trpc/application.update,port.create?batch=1"]
    (request,) = server.seen
    assert json.loads(request.body) == {"0": {"json": UPDATE.input}, "1": {"json": PORT.input}}


def test_mutations_fail_alone(start: Any) -> None:
    items = [MISSING, value(True), fault(500, "INTERNAL_SERVER_ERROR", "x"), {"odd": 1}]
    _server, client = start(answer(207, items))
    found = client.mutate_many([UPDATE, PORT, UPDATE, PORT])
    assert kinds(found) == [NotFoundError, True, ServerError, ProtocolError]
    assert [one.procedure for one in (found[0], found[2], found[3])] == [UPDATE[0], UPDATE[0], PORT[0]]


@pytest.mark.parametrize("lost", [RESET, CUT_JSON, answer(502, {"message": "x"}), text(200, "<html>page</html>")])
def test_mutations_are_never_sent_again(start: Any, lost: Step) -> None:
    server, client = start(lost, answer(200, [value(True)] * 2), max_retries=5)
    with pytest.raises(DokployError) as caught:
        client.mutate_many([UPDATE, PORT])
    assert caught.value.details.get("effect_unknown", isinstance(caught.value, ProtocolError))
    assert len(server.seen) == 1


def test_mutations_wait_for_a_used_up_key(start: Any, clock: FakeClock) -> None:
    """The key is checked once, before any of them."""
    server, client = start(
        answer(200, [value(1)]), answer(401, [KEY_REFUSED] * 2), UNAUTHORIZED, answer(200, [value(2)] * 2)
    )
    client.call_many([ONE])
    assert client.mutate_many([UPDATE, PORT]) == [2, 2]
    assert clock.pauses == [0.5]


def test_without_the_route_mutations_go_one_by_one(start: Any) -> None:
    refused = refusal(400, "BAD_REQUEST", "no")
    server, client = start(PAGE, refused, answer(200, {"portId": "p"}), answer(200, True))
    assert kinds(client.mutate_many([UPDATE, PORT])) == [BadRequest, {"portId": "p"}]
    assert client.mutate_many([UPDATE]) == [True]
    assert server.paths[1:] == ["/api/application.update", "/api/port.create", "/api/application.update"]
