# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the documentation of the sections of a document, each with a link to the module of its entries."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ansible_collections.community.dokploy.plugins.module_utils._manifest.sections import SECTIONS, Section
from tools.workspace import ROOT

FRAGMENT = ROOT / "plugins/doc_fragments/manifest_sections.py"
TEXT = '''\
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sections of a document: written by ``make generate``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
{options}
"""
'''


def fragment() -> str:
    """The file."""
    return TEXT.format(options="\n".join(line for section in SECTIONS for line in _option(section)))


def _option(section: Section) -> Iterator[str]:
    single = section.described["type"] == "dict"
    yield f"  {section.name}:"
    yield "    description:"
    for sentence in _sentences(section):
        yield from textwrap.wrap(sentence, 120, initial_indent="      - ", subsequent_indent="        ")
    yield "    type: dict" if single else "    type: list"
    if not single:
        yield "    elements: dict"


def _sentences(section: Section) -> Iterator[str]:
    """What an entry has."""
    if section.child is not None:
        noun = section.child.option.replace("_", " ").capitalize()
        yield f"{noun} of Dokploy itself. The options of an entry are those of {_module(section)}."
        yield "Those that are not listed stay."
        return
    if section.resource.single:
        yield f"The options of {_module(section)}."
        return
    noun = section.resource.listing.plural
    yield f"{noun[:1].upper()}{noun[1:]}. The options of an entry are those of {_module(section)}."
    for inner in section.inner:
        yield from _inner(inner, section)


def _inner(section: Section, outer: Section) -> Iterator[str]:
    noun = outer.resource.noun
    article = "an" if noun[0] in "aeiou" else "a"
    yield f"C({section.name}) of {article} {noun} has entries with the options of {_module(section)}."
    for inner in section.inner:
        yield from _inner(inner, section)


def _module(section: Section) -> str:
    return f"M(community.dokploy.{section.module})"


def main() -> None:
    FRAGMENT.write_text(fragment())
