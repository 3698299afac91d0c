# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint among the variables of a stack, and the commands that deploy one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.module_utils._resources.services.compose_file import (
    STACK_ENV,
    compose_command,
    own_comment,
    preparing_command,
    starts_containers,
    with_own_comment,
)
from ansible_collections.community.dokploy.plugins.module_utils._values import dotenv
from ansible_collections.community.dokploy.plugins.module_utils._values.codec import FINGERPRINT_LABEL

MARKS = st.text("abc019=- ", min_size=1, max_size=40).filter(lambda text: text.strip() == text)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["A=1", "# comment", "", "B='two\nlines'", 'C="x', "export D=4"])).map("\n".join),
).filter(lambda text: FINGERPRINT_LABEL not in text)


@given(TEXTS, MARKS, MARKS)
def test_a_fingerprint_is_put_found_replaced_and_removed_without_a_trace(text: str, one: str, two: str) -> None:
    first = with_own_comment(FINGERPRINT_LABEL, text, one)
    assert own_comment(FINGERPRINT_LABEL, first) == one and first.endswith(text)
    second = with_own_comment(FINGERPRINT_LABEL, first, two)
    assert own_comment(FINGERPRINT_LABEL, second) == two and second.count(FINGERPRINT_LABEL) == 1
    assert with_own_comment(FINGERPRINT_LABEL, second, "") == text


@given(TEXTS, MARKS)
def test_a_fingerprint_is_no_variable(text: str, mark: str) -> None:
    marked = with_own_comment(FINGERPRINT_LABEL, text, mark)
    assert STACK_ENV.shown(marked) == dotenv.parse(text)
    assert STACK_ENV.same(text, marked)
    # Text that was copied with it brings none along.
    assert STACK_ENV.to_api(marked) == text


@given(TEXTS, TEXTS, MARKS)
def test_new_variables_leave_the_fingerprint_alone(wanted: str, current: str, mark: str) -> None:
    assert STACK_ENV.kept is not None
    kept = STACK_ENV.kept(wanted, with_own_comment(FINGERPRINT_LABEL, current, mark))
    assert own_comment(FINGERPRINT_LABEL, kept) == mark and with_own_comment(FINGERPRINT_LABEL, kept, "") == wanted
    assert STACK_ENV.kept(wanted, current) == wanted


def test_a_web_page_may_have_moved_it_and_changed_the_line_ends() -> None:
    text = f"A=1\r\n# {FINGERPRINT_LABEL}=1 source=a\r\nB=2"
    assert own_comment(FINGERPRINT_LABEL, text) == "1 source=a"
    assert with_own_comment(FINGERPRINT_LABEL, text, "") == "A=1\r\nB=2"
    assert own_comment(FINGERPRINT_LABEL, None) == "" and with_own_comment(FINGERPRINT_LABEL, None, "") == ""


@pytest.mark.parametrize(
    "command",
    [
        "compose up -d",
        "stack deploy -c a.yml x",
        "compose pull && docker compose up && docker-compose ps",
        'compose "a"',
    ],
)
def test_a_command_that_dokploy_runs(command: str) -> None:
    compose_command(command)


@pytest.mark.parametrize("mark", [*";|`$(){}<>\\\n&", "&&&"])
def test_a_command_with_a_sign_of_the_shell_is_refused(mark: str) -> None:
    with pytest.raises(ValueError, match="Dokploy refuses"):
        compose_command(f"compose up {mark} docker compose ps")


@pytest.mark.parametrize("command", ["compose up && rm x", "compose up &&", "compose up && docker composed"])
def test_only_docker_compose_may_follow(command: str) -> None:
    with pytest.raises(ValueError, match="each command after"):
        compose_command(command)


PULL = "pull --ignore-buildable --policy missing"


@pytest.mark.parametrize(
    ("command", "path", "options"),
    [
        ("", "./docker-compose.yml", "-f docker-compose.yml"),
        ("", "deploy/web.yml", "-f deploy/web.yml"),
        ("compose -p x -f a.yml -f b.yml --profile web up -d", "a.yml", "-p x -f a.yml -f b.yml --profile web"),
        ("compose pull && docker compose -p compose up -d --build", "a.yml", "-p compose"),
        ("compose run job && docker-compose -f b.yml up", "a.yml", "-f b.yml"),
        ("stack deploy -c a.yml --compose-file b.yml shop --prune", "c.yml", "-f a.yml -f b.yml"),
        ("compose run job", "a.yml", "-f a.yml"),
    ],
)
def test_the_command_that_only_makes_images_has_the_files_of_the_other_one(
    command: str, path: str, options: str
) -> None:
    prepares = preparing_command(command, path)
    assert prepares == f"compose {options} {PULL} && docker compose {options} build"
    compose_command(prepares)
    assert not starts_containers({"command": prepares})
    assert starts_containers({"command": command})


@pytest.mark.parametrize("command", [None, "", "compose up -d --build --pull always", "compose -p build up"])
def test_any_other_command_may_start_containers(command: str | None) -> None:
    assert starts_containers({"command": command})
