# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Marked texts of an exported document, as the templates that Ansible renders to what they stand for."""

from __future__ import annotations

from typing import Any

import ansible.template
import pytest
from hypothesis import example, given

from ansible_collections.community.dokploy.plugins.module_utils._export.marked import (
    Secret,
    as_templates,
    is_template,
    parts,
    template,
    with_secrets,
)
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference
from ansible_collections.community.dokploy.plugins.module_utils._values.marks import is_marked
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe
from tests.support.odd_documents import MARKED, SECRETS, ansible_templar

URL = Reference("", ("shop", "production", "db"), "internal_url")
SECRET = Secret("vault_db_password")


def ansible_renders(text: str, variables: dict[str, Any] | None = None) -> Any:
    """What Ansible makes of a text in a file of variables."""
    templar = ansible_templar(unsafe(SECRETS if variables is None else variables))
    trust = getattr(ansible.template, "trust_as_template", lambda value: value)
    return plain(templar.template(trust(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        (URL.text, "{{ 'shop/production/db:internal_url' | community.dokploy.reference }}"),
        (f"{URL.text}?a=1", "{{ 'shop/production/db:internal_url' | community.dokploy.reference }}?a=1"),
        (
            Reference("registry", ("ghcr",), "registry_id").text,
            "{{ 'ghcr:registry_id' | community.dokploy.reference(kind='registry') }}",
        ),
        (
            Reference("", ("it's",), "app_name").text,
            """{{ "it's:app_name" | community.dokploy.reference }}""",
        ),
        (
            Reference("", ("'\"",), "app_name").text,
            """{{ ("'" ~ '":app_name') | community.dokploy.reference }}""",
        ),
        # A string of an expression keeps its backslashes.
        (Reference("", ("a/b",), "app_name").text, r"{{ 'a\/b:app_name' | community.dokploy.reference }}"),
        (SECRET.text, "{{ vault_db_password }}"),
        (Secret("vault_env", "KEY").text, "{{ vault_env['KEY'] }}"),
        (Secret("vault_env", "it's \\").text, """{{ vault_env["it's " ~ '%c' % 92] }}"""),
        (f"a:{SECRET.text}@b", "a:{{ vault_db_password }}@b"),
        (f"{SECRET.text}{URL.text}", "{{ vault_db_password }}{{ 'shop/production/db:internal_url' | "
         "community.dokploy.reference }}"),
        ("${{project.X}}", "${{ '{{' }}project.X}}"),
        ("{%{#", "{{ '{%{#' | string }}"),
        ("a{%{#", "a{{ '{' }}%{{ '{' }}#"),
        ("{{ x }}", "{{ '{{ x }}' | string }}"),
        (f"{{{SECRET.text}}}", "{{ ('{' ~ vault_db_password ~ '}') | string }}"),
        (f"${{{SECRET.text}}}", "${{ '{' }}{{ vault_db_password }}}"),
        (f"a\r\n{SECRET.text}", "a{{ '%c' % 13 }}\n{{ vault_db_password }}"),
        ("a\r\nb", "a\r\nb"),
        # ansible-core 2.18 makes a list of it.
        (f"['{SECRET.text}']", """{{ ("['" ~ vault_db_password ~ "']") | string }}"""),
        ("\0secret\0", "\0secret\0"),
        ("\0reference\0x\0", "\0reference\0x\0"),
    ],
)  # fmt: skip
def test_a_marked_text_is_a_template(text: str, expected: str) -> None:
    assert template(text) == expected
    assert as_templates({"a": [text, 1, None, True]}) == {"a": [expected, 1, None, True]}


@pytest.mark.parametrize(
    ("secret", "text", "expected"),
    [
        ("x", SECRET.text, "{{ vault_db_password }}"),
        ("{}", SECRET.text, "{{ vault_db_password | string }}"),
        ("True", SECRET.text, "{{ vault_db_password | string }}"),
        ("Truest", SECRET.text, "{{ vault_db_password }}"),
        ("[1", f"{SECRET.text}]", "{{ (vault_db_password ~ ']') | string }}"),
        ("x", f"{SECRET.text}\n", "{{ vault_db_password }}\n"),
        ("x\n", f"{SECRET.text}\n", "{{ (vault_db_password ~ '\n') | string }}"),
        ("x\n", f"{SECRET.text}\ny", "{{ vault_db_password }}\ny"),
    ],
)
def test_a_secret_stays_text(secret: str, text: str, expected: str) -> None:
    secrets = {SECRET.name: secret}
    assert as_templates(text, secrets) == expected
    assert ansible_renders(expected, secrets) == with_secrets(text, secrets)


@given(MARKED)
@example(Reference("", ("\\",), "app_name").text)
@example("{\0secret\0vault_a\0\\'\"")
@example("#jinja2: {{")
@example("\0secret\0vault_a\0\r\n\n")
def test_ansible_renders_a_template_to_what_it_stands_for(text: str) -> None:
    pieces = parts(text)
    assert "".join(one if isinstance(one, str) else one.text for one in pieces) == text
    assert is_marked(text) == any(not isinstance(one, str) for one in pieces)
    written = as_templates(text, SECRETS)
    found = ansible_renders(written) if is_template(written) else written
    assert found == with_secrets(text, SECRETS)
    assert "\0" not in written


def test_a_secret_that_is_the_whole_value_keeps_its_type() -> None:
    marked = {"env": Secret("vault_env").text, "url": [f"a{Secret('vault_env', 'B').text}", URL.text]}
    assert with_secrets(marked, SECRETS) == {"env": SECRETS["vault_env"], "url": ["a{{ x }}", URL.text]}


def test_a_secret_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError, match="vault_none"):
        with_secrets(Secret("vault_none").text, SECRETS)
