# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents with odd texts, marked and not, and what Ansible reads of them."""

from __future__ import annotations

import functools
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from hypothesis import strategies as st

from ansible_collections.community.dokploy.plugins.filter.reference import reference
from ansible_collections.community.dokploy.plugins.module_utils._export.marked import Secret
from ansible_collections.community.dokploy.plugins.module_utils._manifest.reference_text import Reference

# What templates, strings of Jinja and YAML give a meaning to.
PIECES = st.sampled_from(
    ["{{", "{%", "{#", "}}", "%}", "#}", "{", "}", "[", "'", '"', "\\", "\n", "\r", "\r\n", "\t", " ", "${{project.X}}"]
    + ["{% raw %}", "{{ x }}", "#jinja2:", "True", "False", "#", "%", "-", "é", "❌", "\x85", "\u2028", "\ufeff", "$$"]
    + [
        ": ",
        " #",
        "? ",
        "- ",
        "|",
        ">",
        "&a",
        "*a",
        "!x",
        "---",
        "...",
        "=",
        "<<",
        "yes",
        "1e3",
        "0777",
        "12:30:45",
        "~",
    ]
    + ["null", "1_000", "2026-01-02", ".5", "0x1f", "0o17", "\x07", "\x7f", "\n\n", "\n ", "\n\t", "\ud7ff"]
)
TEXTS = st.lists(st.one_of(PIECES, st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3))).map(
    "".join
)
REFERENCES = st.builds(
    Reference,
    kind=st.sampled_from(["", "registry"]),
    path=st.lists(TEXTS.filter(bool), min_size=1, max_size=3).map(tuple),
    field=st.sampled_from(["internal_url", "app_name"]),
)
SECRETS: dict[str, Any] = {
    "vault_a": "pass",
    "vault_b": '{"a": 1}\n',
    "vault_c": "True",
    "vault_env": {"it's": "[1]", "B": "{{ x }}"},
}
SECRET_MARKS = st.sampled_from(
    [Secret("vault_a"), Secret("vault_b"), Secret("vault_c"), Secret("vault_env", "it's"), Secret("vault_env", "B")]
)
MARKED = st.lists(st.one_of(TEXTS, st.one_of(REFERENCES, SECRET_MARKS).map(lambda one: one.text))).map("".join)


def ansible_templar(available_variables: Any) -> Templar:
    """Ansible's templates with some variables, and the filter of references."""
    templar = _templar()
    templar.available_variables = available_variables
    return templar


@functools.cache
def _templar() -> Templar:
    templar = Templar(loader=DataLoader())
    templar.environment.filters["community.dokploy.reference"] = reference
    return templar
