# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses that quote the request, as servers, databases, proxies and programs produce them, and a few worse ones.

A fault of the kind ``echo`` responds with one of ``LAYOUTS``. It quotes the texts of the request: the key, the values
in query and body, and the values of variables in environment text."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from .rest import JSON, Incoming, Reply, dumps

Layout = Callable[[list[str], Incoming], Reply]


def answer(layout: str, number: int, first: str, incoming: Incoming) -> Reply:
    """The answer in a layout; with an empty name the ``number``-th, counted round and round.

    :param first: a text that is quoted before those of the request. Of these another one comes first each round.
    """
    names = list(LAYOUTS)
    name = layout or names[number % len(names)]
    texts = list(dict.fromkeys(texts_of(incoming)))
    turn = number // len(names) % max(1, len(texts))
    return LAYOUTS[name]([text for text in (first, *texts[turn:], *texts[:turn]) if text], incoming)


def texts_of(incoming: Incoming) -> Iterator[str]:
    """Every text of a request, long ones last."""
    yield incoming.headers.get("x-api-key", "")
    try:
        body = json.loads(incoming.body) if incoming.body else {}
    except ValueError:
        body = incoming.body.decode(errors="replace")
    texts = [*_leaves(body), *(value for _name, value in incoming.query), *_leaves(incoming.form or {})]
    values = [value for text in texts for value in re.findall(r"^[\w.-]+=(.+)$", text, re.MULTILINE)]
    # What stands between quotes was quoted for environment text.
    values += [value[1:-1] for value in values if value[:1] in "\"'`" and value[-1:] == value[:1]]
    yield from sorted((*values, *texts), key=len)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item)
            yield str(key)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def _says(message: str, status: int = 500, code: str = "INTERNAL_SERVER_ERROR", **more: Any) -> Reply:
    data = {"code": code, "httpStatus": status, "path": "echo.echo", "zodError": None}
    return Reply(status, dumps({"message": message, "code": code, "data": data, **more}), JSON)


def _joined(form: Callable[[str], str]) -> Layout:
    """A message with each text in a form, apart from each other."""
    return lambda texts, _incoming: _says("It failed with " + " and ".join(form(text) for text in texts))


def _issues(texts: list[str], _incoming: Incoming) -> Reply:
    issues = [{"code": "custom", "path": ["x", text], "message": f"Invalid input: {text}"} for text in texts]
    return _says("Input validation failed", 400, "BAD_REQUEST", issues=issues)


def _fields(texts: list[str], _incoming: Incoming) -> Reply:
    zod = {"formErrors": texts[:1], "fieldErrors": {text: [f"{text} is not allowed"] for text in texts}}
    data = {"code": "BAD_REQUEST", "httpStatus": 400, "path": "echo.echo", "zodError": zod}
    return Reply(400, dumps({"message": "Input validation failed", "code": "BAD_REQUEST", "data": data}), JSON)


def _headers(texts: list[str], _incoming: Incoming) -> Reply:
    values = {f"X-Echo-{number}": quote(text) for number, text in enumerate(texts)}
    return Reply(500, b'{"message":"see the headers"}', JSON, {**values, "Retry-After": quote(texts[0])})


def _redirect(texts: list[str], _incoming: Incoming) -> Reply:
    first, *rest = (quote(text, safe="") for text in texts)
    target = f"https://user:{rest[0] if rest else first}@elsewhere.example.com/{first}/{'/'.join(rest)}?token={first}"
    return Reply(302, b"", None, {"Location": target[:7000]})


def _page(texts: list[str], _incoming: Incoming) -> Reply:
    said = html.escape(" and ".join(texts))
    return Reply(502, f"<html><title>Failed: {said}</title><h1>{said}</h1></html>".encode(), "text/html")


def _upper_hex(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), quote(text, safe=""))


def _coded(text: str) -> str:
    return base64.b64encode(text.encode(errors="replace")).decode()


def _body(incoming: Incoming) -> str:
    return incoming.body.decode(errors="replace") or "nothing"


LAYOUTS: dict[str, Layout] = {
    "plain": _joined(str),
    "json": _joined(json.dumps),
    "json of json": _joined(lambda text: json.dumps(json.dumps(text))),
    "address": _joined(lambda text: quote(text, safe="")),
    "address in small hex": _joined(_upper_hex),
    "form": _joined(quote_plus),
    "base64": _joined(_coded),
    "base64 of user:password": _joined(lambda text: "Authorization: Basic " + _coded("user:" + text)),
    "base64 inside others": _joined(
        lambda text: " ".join(_coded(prefix + text + "x") for prefix in ("a", "ab", "abc"))
    ),
    "base64 of the body": lambda texts, incoming: _says(f"{texts[0]} {_coded(_body(incoming))}"),
    "the body": lambda texts, incoming: _says(f"{texts[0]}: cannot read {_body(incoming)}"),
    "the body in a string": lambda texts, incoming: _says(f"{texts[0]}: cannot read {json.dumps(_body(incoming))}"),
    "page text": _joined(html.escape),
    "single quotes": _joined(lambda text: "docker login -p '%s'" % text.replace("'", "'\\''")),
    "double quotes": _joined(lambda text: 'sh -c "%s"' % re.sub(r'(["\\$`])', r"\\\1", text)),
    "upper case": _joined(str.upper),
    "lower case": _joined(str.lower),
    "three quarters": _joined(lambda text: text[: max(1, len(text) * 3 // 4)] + "..."),
    "lines": _joined(lambda text: "\n".join("| " + line for line in text.splitlines())),
    "build arguments": _joined(lambda text: f"--build-arg SOME_TOKEN='{text}' --secret id={text}"),
    "a remote": _joined(lambda text: f"fatal: cannot log in to https://{quote(text, safe='')}@git.example.com/"),
    "sql": lambda texts, _incoming: _says(f'Failed query: update "x" set "y" = $1\nparams: {",".join(texts)}'),
    "sql of older servers": lambda texts, _i: _says(
        f'duplicate key value violates unique constraint "x" Key (y)=({", ".join(texts)}) already exists.', 400
    ),
    "issues": _issues,
    "fields": _fields,
    "not found": lambda texts, _incoming: _says(f"{' '.join(texts)} not found", 404, "NOT_FOUND"),
    "no right": lambda texts, _incoming: _says(f"You may not {' '.join(texts)}", 401, "UNAUTHORIZED"),
    "another code": lambda texts, _incoming: _says("refused", 400, " ".join(texts)),
    "keys": lambda texts, _incoming: Reply(500, dumps({text: text for text in texts}), JSON),
    "plain text": lambda texts, _incoming: Reply(500, " and ".join(texts).encode(), "text/plain"),
    "text with success": lambda texts, _incoming: Reply(200, " and ".join(texts).encode(), "text/plain"),
    "cut": lambda texts, _incoming: Reply(200, dumps(texts)[:-3], JSON),
    "page": _page,
    "headers": _headers,
    "redirect": _redirect,
}
