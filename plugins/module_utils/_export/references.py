# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""References in place of the values of other entries, so that a document can be applied to another server.

Pure: from the document with its values as the server has them, and the facts of its entries.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence, Tuple

from .._engine.desired import desire
from .._engine.facts import APP_NAME, own_facts
from .._errors import OptionError
from .._manifest.reference_text import Reference, references_in
from .._manifest.sections import all_sections
from .._values.nested import Path
from .._values.paths import path_or_name
from .edits import SET, Edit, all_applied
from .entries import ExportedEntry
from .facts import EntryFacts, Hit, Known, apart, exported_facts
from .needs import Needs
from .sites import Site, texts_of

#: The text that stands for a secret, from its entry, its name and its value.
Variable = Callable[[ExportedEntry, str, str], str]
# Of host names that Dokploy makes: a part of the name of a container, random characters and the address of the server.
_RESOURCES = [resource for section in all_sections() for resource in section.operation.resources]
_GENERATED = [child.generates for resource in _RESOURCES for child in resource.children if child.generates is not None]
_MADE_DOMAINS = sorted({domain for generated in _GENERATED for domain in generated.domains})
_MADE_HOST = re.compile(r"[A-Za-z0-9.-]+\.(?:%s)(?!\.?[A-Za-z0-9-])" % "|".join(map(re.escape, _MADE_DOMAINS)))
# The key of an option that names a volume of Docker.
_VOLUME = "volumeName"
_MADE = "It has a host name that Dokploy generated. Another server generates another one."
_OWN = "It has the {field} of the entry itself, to which no reference is possible. It is another one on another server."
_CIRCLE = "It has the {field} of {source}, which needs this entry, so that no reference is possible."


@dataclass(frozen=True)
class NewTexts:
    """What becomes of the texts of a document.

    :param texts: those with references, by their paths. :param in_results: those of them that results show, by
        their entries and the paths in these.
    :param comments: what is to be known of its entries: the C(path) from the top, and a C(text) of whole sentences.
    """

    texts: Mapping[Path, str]
    in_results: FrozenSet[Tuple[ExportedEntry, Path]]
    comments: Sequence[Dict[str, Any]]


def references_for(entries: Sequence[ExportedEntry], base_url: str, variable: Variable) -> NewTexts:
    """References for the values of other entries that are in the texts of a document.

    :param entries: those of the document, with secrets in clear. :param base_url: the URL of the server.
    :param variable: for secrets in options that results show.
    """
    stated = [entry for entry in entries if entry.section.child is None]
    facts = [exported_facts(entry, base_url) for entry in stated if entry.record.whole is not None]
    search = _Search(facts, stated, variable)
    texts: Dict[Path, str] = {}
    in_results: List[Tuple[ExportedEntry, Path]] = []
    comments: List[Dict[str, Any]] = []
    for entry, hits in search.entries:
        replaced, said = search.replaced(entry, hits)
        in_results += [(entry, site.path) for site, _hits in hits if site.in_results and site.path in replaced]
        texts.update({(*entry.place, *path): text for path, text in replaced.items()})
        comments += [{"path": [*entry.place, *path], "text": text} for path, text in said]
    return NewTexts(texts, frozenset(in_results), comments)


_Hits = List[Tuple[Site, List[Hit]]]


class _Search:
    """The values of entries that are in the texts of others.

    :ivar entries: those with such texts.
    """

    def __init__(self, facts: Sequence[EntryFacts], stated: Sequence[ExportedEntry], variable: Variable) -> None:
        known = Known(facts)
        own = {source.key: source for source in facts}
        self._variable = variable
        # Of one path, of one path and kind.
        self._count = Counter(path for entry in stated for path in (entry.address, (entry.section.kind, entry.address)))
        self.entries: List[Tuple[ExportedEntry, _Hits]] = []
        for entry in stated:
            sites = [site for site in texts_of(entry) if not any(references_in(site.text))]
            hits = [(site, [*known.hits(site.text), *_own_volume(site, own.get(entry.key))]) for site in sites]
            hits = [(site, values) for site, values in hits if values or _made_hosts(site.text)]
            if hits:
                self.entries.append((entry, hits))
        self._needs = Needs(stated)
        wanted = {
            (not hit.source.exportable.urls, entry.key, hit.source.key)
            for entry, sites in self.entries
            for _site, hits in sites
            for hit in hits
        }
        # Others refer to what has URLs, such as a database, and this seldom to others.
        for _without_urls, taker, source in sorted(wanted):
            self._needs.add(taker, source)

    def replaced(self, entry: ExportedEntry, sites: _Hits) -> Tuple[Dict[Path, str], List[Tuple[Path, str]]]:
        """The texts of an entry with references, by their paths, and what is to be known of its texts."""
        texts: Dict[Path, str] = {}
        comments: List[Tuple[Path, str]] = []
        for site, hits in sites:
            made = _made_hosts(site.text)
            hits = [hit for hit in hits if not any(start < hit.end and hit.start < end for start, end in made)]
            parts, why = self._parts(entry, site, hits)
            comments += [(site.path, text) for text in dict.fromkeys([*([_MADE] if made else []), *why])]
            if parts:
                texts[site.path] = _put_in(site.text, parts)
        accepted = _accepted(entry, texts)
        return {path: text for path, text in texts.items() if path[0] in accepted}, comments

    def _parts(self, entry: ExportedEntry, site: Site, hits: Sequence[Hit]) -> Tuple[List[Tuple[Hit, str]], List[str]]:
        """What stands for parts of a text, and why nothing stands for others."""
        refused = {hit: self._refusal(entry, hit) for hit in hits}
        stands = {hit: "" if refused[hit] is not None else self._stands_for(entry, site, hit) for hit in hits}
        chosen = apart(hit for hit in hits if stands[hit] is not None)
        parts = [(hit, stands[hit] or "") for hit in chosen if refused[hit] is None]
        return parts, [why for why in map(refused.get, chosen) if why]

    def _refusal(self, entry: ExportedEntry, hit: Hit) -> Optional[str]:
        """Why an entry can take nothing of the source of a value; C(None) if it can."""
        if hit.source.key == entry.key:
            # What it states itself is the same on another server.
            if hit.name in entry.options:
                return ""
            return None if _own_name(hit) in own_facts(entry.resource) else _said(_OWN, hit)
        return None if (entry.key, hit.source.key) in self._needs else _said(_CIRCLE, hit)

    def _stands_for(self, entry: ExportedEntry, site: Site, hit: Hit) -> Optional[str]:
        """The text that stands for a value; C(None) if others stand for its parts."""
        source = hit.source
        if site.in_results and hit.name in source.secret:
            # An option that results show takes no reference to a secret, but one to the host name beside the password.
            in_parts = hit.name in source.exportable.urls[:1] and source.random is not None
            return None if in_parts else self._variable(source.entry, hit.name, source.values[hit.name])
        kind, its_type, names = source.key
        if len(names) == 3 and self._count[names] == 1:
            kind = ""
        elif self._count[kind, names] > 1:
            kind = its_type
        beside = len(names) == 3 and names[:-1] == entry.address[:-1]
        name = _own_name(hit) if source.key == entry.key else hit.name
        return Reference(kind, names[-1:] if beside else names, name).text


def _own_name(hit: Hit) -> str:
    """What an entry calls a value that it takes of itself."""
    return APP_NAME if hit.name == hit.source.address else hit.name


def _own_volume(site: Site, source: Optional[EntryFacts]) -> List[Hit]:
    """The app name of an entry at the beginning of the name of a volume, which Dokploy or Docker made of it."""
    name = str(source.values.get(source.address) or "") if source is not None else ""
    if source is None or not name or site.field.api != _VOLUME or not site.text.startswith(name):
        return []
    after = site.text[len(name) : len(name) + 1]
    return [] if after.isalnum() else [Hit(0, len(name), source.address, source)]


def _made_hosts(text: str) -> List[Tuple[int, int]]:
    """Where host names are that Dokploy made."""
    if not any(domain in text for domain in _MADE_DOMAINS):
        return []
    return [match.span() for match in _MADE_HOST.finditer(text)]


def _said(text: str, hit: Hit) -> str:
    kind, _type, names = hit.source.key
    return text.format(field=hit.name, source="%s %s" % (kind, path_or_name(names)))


def _put_in(text: str, parts: Sequence[Tuple[Hit, str]]) -> str:
    """A text with others in place of parts of it."""
    pieces, end = [], 0
    for hit, inserted in parts:
        pieces += [text[end : hit.start], inserted]
        end = hit.end
    return "".join([*pieces, text[end:]])


def _accepted(entry: ExportedEntry, texts: Mapping[Path, str]) -> FrozenSet[Any]:
    """The options of an entry that take the references in their texts, as a document takes them."""
    changed: Dict[Any, List[Path]] = {}
    for path in texts:
        changed.setdefault(path[0], []).append(path)
    accepted = []
    for option, paths in changed.items():
        value = entry.options[option]
        if isinstance(value, Mapping):
            # The others may be long.
            value = {path[1]: value[path[1]] for path in paths}
        try:
            desire(entry.resource, all_applied({option: value}, [Edit(SET, path, texts[path]) for path in paths]))
        except OptionError:
            continue
        accepted.append(option)
    return frozenset(accepted)
