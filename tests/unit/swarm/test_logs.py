# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Logs as results show them: lines as a terminal shows them, without secrets; test_deploy.py has build logs."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotFoundError,
    ServerError,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._resources.services.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._secrets.masking import MASK
from ansible_collections.community.dokploy.plugins.module_utils._swarm.logs import (
    clean,
    container_log,
    in_time,
    last_lines,
    masked_text,
)
from ansible_collections.community.dokploy.plugins.module_utils._swarm.tasks import Service
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from tests.support.fake_clients import ScriptedClient, reads
from tests.support.sample_rows import APPLICATION_ID, application

# --- a line ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("", ""),
        ("plain ✓ größer", "plain ✓ größer"),
        ("a\tb", "a\tb"),
        # Colours, in their short and long forms, and the end of them as tput writes it.
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;38;2;255;0;0mred\x1b[m", "red"),
        ("\x1b[31mred\x1b(B\x1b[m", "red"),
        # The cursor moves, is hidden and shown, saved and restored; the line is cleared.
        ("\x1b[2K\x1b[1A\x1b[?25lx\x1b[?25h", "x"),
        ("\x1b7x\x1b8", "x"),
        ("\x1b=x\x1b>\x1bc", "x"),
        # A link, and the title of the window, with both of their ends.
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07x", "x"),
        # What a carriage return overwrote.
        ("10%\r50%\r100%", "100%"),
        ("10%\r50%\r", "50%"),
        ("windows\r", "windows"),
        ("windows\r\r", "windows"),
        ("\x1b[32m10%\r\x1b[32m100%\x1b[0m\r", "100%"),
        # The time is Docker's, and stands before what the program has written.
        ("2026-03-14T09:27:41.020408512Z 10%\r100%\r", "2026-03-14T09:27:41.020408512Z 100%"),
        # Other control characters, of both sets.
        ("a\x00b\x07c\x08d\x7fe\x85f\x9bg", "abcdefg"),
        ("\x1b", ""),
    ],
)
def test_a_line_as_a_terminal_shows_it(line: str, shown: str) -> None:
    assert clean(line) == shown


@given(st.text(st.characters(exclude_characters="\n")))
def test_no_line_keeps_control_sequences(line: str) -> None:
    shown = clean(line)
    assert not [letter for letter in shown if (ord(letter) < 32 and letter != "\t") or 127 <= ord(letter) < 160]
    assert clean(shown) == shown


@given(st.text(st.characters(exclude_categories=["Cc"])))
def test_a_line_without_control_characters_is_unchanged(line: str) -> None:
    assert clean(line) == line


# --- their end -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines", "shown"),
    [
        (None, 5, ""),
        ("", 5, ""),
        ("\n", 5, ""),
        ("one\ntwo\nthree\n", 2, "two\nthree"),
        ("one\ntwo\nthree", 2, "two\nthree"),
        ("one\ntwo\n", 9, "one\ntwo"),
        ("\n\none\n\ntwo\n\n\n", 9, "one\n\ntwo"),
        ("one\ntwo", 0, ""),
        ("one\ntwo", -1, ""),
        ("10%\r100%\nend\n", 9, "100%\nend"),
        # Only a line feed ends a line.
        ("one\x0bmore\ntwo\u2028more\n", 9, "onemore\ntwo\u2028more"),
        (7, 1, "7"),
    ],
)
def test_the_last_lines(text: Any, lines: int, shown: str) -> None:
    assert last_lines(text, lines) == shown


# --- secrets ---------------------------------------------------------------------------------------------------------

BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
PEM = f"{BEGIN}\nMIIEvgIBADANBgkq\nhkiG9w0BAQEFAASC\nQw==\n{END}"


@pytest.mark.parametrize(
    "row",
    [
        {"env": "A=hunter2"},
        {"env": "# comment\nexport A='hunter2'\r\nB=2"},
        {"buildArgs": 'A="hunter2"'},
        {"buildSecrets": "A=hunter2"},
        {"password": "hunter2"},
        {"previewEnv": "A=hunter2"},
        {"previewBuildArgs": "A=hunter2"},
        {"previewBuildSecrets": "A=hunter2"},
        {"environment": {"env": "A=hunter2"}},
        {"environment": {"env": "", "project": {"env": "A=hunter2"}}},
        # The copy of an application that a rollback runs.
        {"env": "A=other", "fullContext": {"env": "A=hunter2"}},
        {"fullContext": {"environment": {"project": {"env": "A=hunter2"}}}},
    ],
)
def test_no_value_of_any_variable_is_shown(row: dict[str, Any]) -> None:
    assert masked_text("say hunter2, hunter2!", application(**row)) == f"say {MASK}, {MASK}!"


def test_the_longest_value_is_masked_first() -> None:
    row = application(env="SHORT=hunter2\nLONG=hunter2-and-more")
    assert masked_text("hunter2-and-more hunter2", row) == f"{MASK} {MASK}"


def test_a_short_value_is_shown() -> None:
    assert masked_text("the port is 80 or 443", application(env="A=80\nB=443")) == "the port is 80 or 443"


def test_names_of_variables_and_other_text_are_shown() -> None:
    row = application(env="SECRET=hunter2\nMODE=abc")
    assert masked_text("SECRET=hunter2 other", row) == f"SECRET={MASK} other"


def test_nothing_is_masked_for_an_application_without_variables() -> None:
    assert masked_text("all of it", application()) == "all of it"


@pytest.mark.parametrize("env", [f'KEY="{PEM}"', 'KEY="' + PEM.replace("\n", "\\n") + '"', f"A=1\nKEY='{PEM}'\nB=2"])
def test_no_line_of_a_multiline_secret_is_shown(env: str) -> None:
    row = application(env=env)
    assert masked_text(f"a\n{PEM}\nb", row) == f"a\n{MASK}\nb"
    for part in PEM.split("\n")[1:-1]:
        assert masked_text(f"got {part}.", row) == f"got {MASK}."
    # What says that it is a key is no secret.
    assert masked_text(f"{BEGIN} {END}", row) == f"{BEGIN} {END}"
    # A part of it, with the indentation of something else.
    cut = "\n".join("    " + line for line in PEM.split("\n")[1:3])
    assert masked_text(cut, row) == f"    {MASK}\n    {MASK}"


TIME = "2026-11-24T13:45:12.123456789Z "


def as_printed(text: str) -> str:
    """A text as the log of a container has it."""
    return "".join(f"{TIME}{line}\n" for line in text.split("\n"))


FILE = f"""[database]
database:
  password: hunter2-and-more
production
done
if true; then
{PEM}
"""


@pytest.mark.parametrize("kind", ["mounts", "patches"])
@pytest.mark.parametrize("copy", [False, True])
def test_a_file_is_masked_line_by_line(copy: bool, kind: str) -> None:
    files = [
        {"type": "volume", "content": None},
        {"type": "file", "content": FILE},
        {"type": "file", "content": "x1y2"},
    ]
    row = application(fullContext={kind: files}) if copy else application(**{kind: files})
    assert masked_text(f"say {FILE}, x1y2", row) == f"say {MASK}, {MASK}"
    shown = ["[database]", "database:", f"  {MASK}", "production", "done", MASK, BEGIN, MASK, MASK, "Qw==", END, ""]
    assert masked_text(as_printed(FILE), row) == as_printed("\n".join(shown))
    coded = base64.b64encode(FILE.encode()).decode()
    assert masked_text(f"the file is {coded}", row)[:-2].startswith(f"the file is {MASK}")


def test_the_lines_of_environment_text_are_no_secrets() -> None:
    """It is a text of many variables, whose names may be shown."""
    assert masked_text("NODE_ENV=on", application(env="NODE_ENV=on\nTOKEN=hunter2")) == "NODE_ENV=on"


_SECRETS = st.lists(
    st.text("abcdefgh \n", min_size=4, max_size=12).filter(lambda text: len(text.strip()) > 3), max_size=4
)


@given(_SECRETS, st.lists(st.sampled_from(["xyz", " ", "\n", "é"]), max_size=4))
def test_any_values_are_masked(values: list[str], between: list[str]) -> None:
    row = application(env=dotenv.render({f"V{number}": value for number, value in enumerate(values)}))
    text = "".join(part + value for part, value in zip([*between, *["."] * len(values)], values, strict=False))
    shown = masked_text(text, row)
    for value in values:
        assert value not in shown


# --- of containers ---------------------------------------------------------------------------------------------------


def test_the_log_of_containers_is_cut_and_masked() -> None:
    row = application(env="A=hunter2")
    script = reads("application.readLogs", "one\nhunt\x1b[1mer2\r\n\n", applicationId=APPLICATION_ID, tail=2)
    client: Any = ScriptedClient(script)
    assert container_log(client, Service(APPLICATION, row), 2) == ["one", MASK]
    client.done()


def test_a_stopped_service_has_no_log() -> None:
    nothing = ServerError("the server failed", server_message="No container or service found for: app")
    client: Any = ScriptedClient(reads("application.readLogs", nothing, applicationId=APPLICATION_ID, tail=2))
    assert container_log(client, Service(APPLICATION, application()), 2) == []


@pytest.mark.parametrize("error", [ServerError("boom"), UnknownProcedure("404"), NotFoundError("404")])
def test_a_log_of_containers_that_cannot_be_read_is_an_error(error: Exception) -> None:
    client: Any = ScriptedClient(reads("application.readLogs", error, applicationId=APPLICATION_ID, tail=2))
    with pytest.raises(type(error)):
        container_log(client, Service(APPLICATION, application()), 2)


def test_only_a_line_feed_ends_a_line_of_a_container() -> None:
    script = reads("application.readLogs", "a\u2028b\nc\n", applicationId=APPLICATION_ID, tail=2)
    client: Any = ScriptedClient(script)
    assert container_log(client, Service(APPLICATION, application()), 2) == ["a\u2028b", "c"]


def test_lines_of_several_containers_are_sorted_before_they_are_cut() -> None:
    lines = ["2026-11-24T13:45:%02d.123456789Z line %d" % (second, second) for second in (12, 23, 17, 6)]
    ordered = [lines[3], lines[0], lines[2], lines[1]]
    assert in_time("\n".join(lines) + "\n").split("\n") == ordered
    # Of one time they stay as they are, and what has no times is left alone.
    assert in_time("\n".join(reversed(ordered[:1] * 2))).split("\n") == ordered[:1] * 2
    for text in ("b\na", "%s\na" % lines[0], "", None):
        assert in_time(text) == str(text or "")
