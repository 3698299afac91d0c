# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A parser accepts any text or refuses it with its own error.

``DOKPLOY_TEST_EXAMPLES`` sets how many texts each parser gets; with it the texts differ each time."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._api.error_mapping import ErrorContext
from ansible_collections.community.dokploy.plugins.module_utils._api.protocol import Call, decode, decode_batch
from ansible_collections.community.dokploy.plugins.module_utils._archive.exclude import IgnorePatterns
from ansible_collections.community.dokploy.plugins.module_utils._deployment.revision import revision_of, tag_and_digest
from ansible_collections.community.dokploy.plugins.module_utils._deployment.tracker import new_lines
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import first_complaint
from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError
from ansible_collections.community.dokploy.plugins.module_utils._http.connection import api_key, normalise_url
from ansible_collections.community.dokploy.plugins.module_utils._http.transport import Response
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Field
from ansible_collections.community.dokploy.plugins.module_utils._model.responses import answers_of
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.docker_units import (
    CPUS,
    DURATION,
    MEMORY,
    PROBE_TIME,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.swarm import LABELS
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import one_line, shortened
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import clean, in_time, last_lines, listed
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import TEXT_MAP, Codec
from ansible_collections.community.dokploy.plugins.module_utils._values.env import ENV
from ansible_collections.community.dokploy.plugins.module_utils._values.grammar import CRON
from ansible_collections.community.dokploy.plugins.module_utils._values.schema import NOTHING, parse_json, wrong
from ansible_collections.community.dokploy.plugins.module_utils._values.timestamps import instant
from tests.support.effort import EXAMPLES, example_count
from tests.support.operations import OPERATIONS

FUZZ = settings(
    max_examples=example_count(60), derandomize=not EXAMPLES, database=None, suppress_health_check=list(HealthCheck)
)

# All characters, also halves of surrogate pairs, and special pieces of some parser.
ANY = st.text(st.characters(exclude_categories=()))
PIECES = st.sampled_from(
    "A B_1 = : # ' \" ` \\ \\n \n \r \r\n \0 \ud800 \udcff \ufeff \u2028 \x85 export".split(" ")
    + ". , - _ + * / ? ! [ ] ( ) { } @ $ % & ; |".split()
    + "0 1 5 12 60 1e3 1.5 -1 ٣ inf nan K M G iB m s ms ns h d L W #2 mon jan @daily *".split()
    + "a.b xn-- .. // /api ?x #y http:// https:// user:pw@ :80 :99999 ::1".split()
    + "2026-11-25 T10:00:00 Z +01:00 sha256: latest \x1b[31m \x1b]0;x\x07".split()
)
TEXT = st.one_of(ANY, st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=8).map(" ".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=12,
)
MARK = "zzsecret"


def sendable(text: str) -> bool:
    """Whether it is valid text; other text never reaches the parsers (see ``_host.module``)."""
    return "\0" not in text and not re.search("[\ud800-\udfff]", text)


# --- kinds of options ------------------------------------------------------------------------------------------------

CODECS: dict[str, Codec] = {"memory": MEMORY, "cpus": CPUS, "duration": DURATION, "probe": PROBE_TIME, "cron": CRON}


@pytest.mark.parametrize("kind", CODECS)
@FUZZ
@given(text=TEXT)
def test_an_accepted_value_is_shown_as_the_same_value(kind: str, text: str) -> None:
    codec = CODECS[kind]
    try:
        value = codec.to_api(text)
    except ValueError:
        return
    json.dumps(value, allow_nan=False)
    shown = codec.shown(value)
    assert codec.same(codec.to_api(str(shown)) if shown != "" else codec.empty, value), (value, shown)


@FUZZ
@given(text=TEXT, secret=st.sampled_from(["", MARK]))
def test_environment_text_is_kept_and_never_quoted(text: str, secret: str) -> None:
    """As text, and as the mapping of its variables, with the same result."""
    written = f"A={secret}{text}"
    try:
        value = ENV.to_api(written)
        variables = dotenv.parse(value)
        rendered = ENV.to_api(variables)
    except ValueError as error:
        assert not secret or secret not in str(error)
        return
    assert dotenv.parse(rendered) == variables and ENV.same(rendered, value)
    assert ENV.shown(value) == variables


@FUZZ
@given(
    variables=st.dictionaries(
        st.one_of(st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_.-]*\Z"), st.from_regex(r"\A[A-C]\Z"), TEXT),
        st.one_of(TEXT, TEXT, st.none(), st.integers(), st.booleans(), st.lists(TEXT)),
        max_size=3,
    )
)
@example(variables={"A": "#", "B": "'x", "C": "a\\nb"})
def test_variables_come_back_or_are_refused_without_their_values(variables: dict[str, Any]) -> None:
    marked = {name: MARK + value if isinstance(value, str) else value for name, value in variables.items()}
    try:
        text = ENV.to_api(marked)
    except ValueError as error:
        assert MARK not in str(error)
        return
    found = dotenv.parse(text)
    assert set(found) == {name for name, value in marked.items() if value is not None}
    assert all(found[name] == value for name, value in marked.items() if isinstance(value, str))


@FUZZ
@given(before=TEXT, changes=st.dictionaries(st.from_regex(r"\A[A-C]\Z"), st.one_of(TEXT, st.none()), max_size=2))
def test_merging_into_any_text_leaves_its_other_variables(before: str, changes: dict[str, str | None]) -> None:
    try:
        text = ENV.merge(changes, before) if ENV.merge else ""
    except ValueError:
        return
    expected = {**dotenv.parse(before), **changes}
    assert dotenv.parse(text) == {name: value for name, value in expected.items() if value is not None}


@pytest.mark.parametrize("codec", [LABELS, TEXT_MAP], ids=["labels", "map"])
@FUZZ
@given(value=st.dictionaries(st.one_of(TEXT, st.integers(), st.booleans(), st.none()), JSON, max_size=3))
def test_a_mapping_becomes_a_mapping_of_texts(codec: Codec, value: dict[Any, Any]) -> None:
    try:
        found = codec.to_api(value)
    except ValueError:
        return
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in found.items())
    assert codec.same(found, found)


@FUZZ
@given(patterns=st.lists(TEXT, max_size=3), path=TEXT)
def test_accepted_patterns_match_any_path(patterns: list[str], path: str) -> None:
    try:
        exclusions = IgnorePatterns(patterns)
    except DokployError:
        return
    assert exclusions.matches(path, False) in (True, False)


# --- addresses, keys, times, revisions -------------------------------------------------------------------------------


@FUZZ
@given(text=TEXT)
def test_an_address_is_its_own_normal_form_or_refused(text: str) -> None:
    try:
        url = normalise_url(text)
    except DokployError as error:
        assert error.kind == "configuration" and "pw@" not in str(error)
        return
    assert normalise_url(url) == url and url.endswith("/api") and url.isprintable() and " " not in url


@FUZZ
@given(text=TEXT)
def test_a_key_can_be_a_header_or_is_refused_without_being_shown(text: str) -> None:
    try:
        key = api_key(MARK + text)
    except DokployError as error:
        assert error.kind == "configuration" and MARK not in str(error)
        return
    key.encode("latin-1")
    assert key.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f]", key)


@FUZZ
@given(text=TEXT)
def test_a_date_has_a_time_zone_or_is_refused(text: str) -> None:
    with contextlib.suppress(ValueError, OverflowError):
        assert instant(text).tzinfo is not None


@FUZZ
@given(image=TEXT, text=TEXT, source=st.sampled_from(["docker", "git", "drop", None]))
def test_a_revision_is_one_or_refused(image: str, text: str, source: str | None) -> None:
    tag_and_digest(image)
    try:
        revision = revision_of(Service(APPLICATION, {"sourceType": source, "dockerImage": image}, "web"), text)
    except DokployError as error:
        assert error.kind in ("option", "refused") and "revision" in str(error)
        return
    assert revision.kind in ("commit", "digest", "tag")


# --- logs ------------------------------------------------------------------------------------------------------------


@FUZZ
@given(text=TEXT, lines=st.integers(0, 5))
def test_a_log_has_no_control_characters_and_no_more_lines_than_wanted(text: str, lines: int) -> None:
    found = listed(last_lines(in_time(text), lines))
    assert len(found) <= lines
    assert not any(re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", line) for line in found)
    assert [clean(line) for line in found] == found


@FUZZ
@given(seen=st.lists(TEXT, max_size=5), lines=st.lists(TEXT, max_size=5))
def test_new_lines_are_the_end_of_a_log(seen: list[str], lines: list[str]) -> None:
    fresh = new_lines(seen, lines)
    assert fresh is None or lines[len(lines) - len(fresh) :] == fresh
    assert new_lines(lines, lines) == []


@FUZZ
@given(text=TEXT)
def test_a_message_is_one_line(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line and not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", line)
    assert shortened(shortened(line * 50)) == shortened(line * 50)


# --- arguments and answers -------------------------------------------------------------------------------------------


@FUZZ
@given(value=JSON, module=st.sampled_from(sorted(OPERATIONS)), data=st.data())
def test_any_arguments_are_accepted_or_refused_in_one_line(value: Any, module: str, data: st.DataObject) -> None:
    operation = OPERATIONS[module]
    needed = {name: "any" for name, one in operation.options.items() if one.get("required")}
    needed.update({names[0]: "any" for names in operation.rules.get("required_one_of", ())})
    option = data.draw(st.sampled_from(sorted(operation.argument_spec)))
    problem = first_complaint(operation, {**needed, option: value})
    assert problem is None or ("\n" not in problem and (option in problem or value is None))
    if problem is None and isinstance(value, str):
        assert sendable(value)


@FUZZ
@given(text=st.one_of(TEXT, JSON.map(json.dumps)))
@example(text="NaN")
@example(text="[1e999, -Infinity]")
@example(text='{"a": "\\ud800"}')
@example(text="[" * 100000)
def test_json_that_is_read_can_be_written_again(text: str) -> None:
    value = parse_json(text)
    if value is not NOTHING:
        assert parse_json(json.dumps(value, allow_nan=False)) == value
        json.dumps(value, ensure_ascii=False).encode()


@FUZZ
@given(value=JSON, procedure=st.sampled_from(sorted(answers_of(APPLICATION))))
def test_any_value_is_checked(value: Any, procedure: str) -> None:
    problem = wrong(answers_of(APPLICATION)[procedure], value)
    assert problem is None or isinstance(problem, str)


BODIES = st.one_of(
    st.binary(), TEXT.map(lambda text: text.encode("utf-8", "replace")), JSON.map(json.dumps).map(str.encode)
)


@FUZZ
@given(
    status=st.integers(100, 599),
    body=BODIES,
    headers=st.dictionaries(st.sampled_from(["Content-Type", "Location", "Retry-After", "Date"]), TEXT),
    trpc=st.booleans(),
)
def test_any_answer_is_a_value_or_one_of_our_errors(
    status: int, body: bytes, headers: dict[str, str], trpc: bool
) -> None:
    context = ErrorContext("application.one", "https://dokploy.example.com/api", trpc=trpc)
    judges: list[Callable[[], Any]] = [
        lambda: decode(Response(status, headers, body), context, {}),
        lambda: decode_batch(Response(status, headers, body), [Call("application.one", {})], context, {}),
    ]
    for judge in judges:
        try:
            judge()
        except DokployError as error:
            assert error.kind != "error" and str(error)


@FUZZ
@given(value=JSON)
def test_a_field_with_a_valid_shape_can_be_shown_and_compared(value: Any) -> None:
    """A value that passes the check of answers breaks nothing."""
    shape = answers_of(APPLICATION)["application.one"].keys
    for _path, field, _group in APPLICATION.fields():
        if wrong(shape[field.api], value) is None:
            _shown_and_compared(field, value)


def _shown_and_compared(field: Field, value: Any) -> None:
    field.shown(value)
    assert field.same(value, value) in (True, False)
