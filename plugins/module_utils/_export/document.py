# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From what a server has to the document that describes it, with what it leaves out."""

from __future__ import annotations

from collections import Counter
from typing import Any, Container, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from .._engine.lookup import api_name
from .._engine.unstated import DEFAULT, KEEP, is_resettable
from .._manifest.entries import VERSION
from .._manifest.sections import Section
from .._manifest.unmanaged import Record
from .._model.exportable import Described, Place
from .._model.resource import ENVIRONMENTS
from .._reads.tree import is_default
from .._resources.jobs.run import MARK
from .._resources.projects.scope import Scope
from .._secrets.masking import HIDDEN, names_a_secret
from .._values import dotenv
from .._values.codec import is_empty
from .._values.nested import maybe_at
from .._values.paths import joined
from .described import Describer
from .entries import ExportedEntry
from .marked import Secret
from .plain_env import PlainEnv
from .public import has_credentials, is_public
from .references import references_for
from .variables import SecretVariables

Row = Mapping[str, Any]
_DOUBLED = "%s has the same name as another %s, so that its ID stands here: on another server, give it a name instead."
_FAILED = "Its last deployment failed. Remove this option once it is repaired."
_NAMELESS = "It has no name by which it could be found, so that its ID stands here."
REFUSED = "dokploy_manifest refuses it: %s"
_FIXED = "The API cannot create %r. Connect it in the web interface, with this name, since other entries refer to it."
_GONE = "It was listed, and its own query does not find it. It may have been removed meanwhile."
_JOB = "It is a job, which the run that has made it removes, or the next one after a run that was killed."


class Export:
    """A document that describes records.

    :ivar document: with secrets as they are, until C(mark_secrets).
    :ivar entries: all of its entries, the outer ones first.
    :ivar missing: what it leaves out: C(kind), C(path), C(option) and C(reason).
    :ivar comments: what a reader of it should know: C(path), keys and positions, and C(text).
    :ivar plain_env_proposed: the names of variables whose values need not be secrets, after C(mark_secrets).
    :ivar secret_names: the variables of the secrets: C(name), and C(kind), C(path) and C(option) of what it belongs to.
    """

    def __init__(self, records: Sequence[Record], describer: Describer, scope: Scope) -> None:
        self._describer, self._scope = describer, scope
        self.document: Dict[str, Any] = {"version": VERSION, "unstated": DEFAULT}
        self.entries: List[ExportedEntry] = []
        self.missing: List[Dict[str, str]] = []
        self.comments: List[Dict[str, Any]] = []
        self.variables = SecretVariables()
        self.plain_env_proposed: List[str] = []
        self.secret_names: List[Dict[str, str]] = []
        # The comments of environment text, with their entries and their places in these.
        self._of_texts: List[Tuple[ExportedEntry, Place, str]] = []
        # The variables of secrets that are in other entries, by the entry and the option that have them.
        self._shared: Dict[Tuple[ExportedEntry, str], str] = {}
        # The texts with marks that results show, by their entries and places.
        self._in_results: Container[Tuple[ExportedEntry, Place]] = ()
        for section in {record.section.name: record.section for record in records}.values():
            self._enter_section(section, [record for record in records if record.section is section], None)

    @staticmethod
    def leave_alone(entry: ExportedEntry, left: Iterable[str]) -> None:
        """Leave options of an entry to the server that cannot be stated."""
        row = entry.record.whole
        names = {option for option in left if row is not None and is_resettable(entry.resource, option, row)}
        if names:
            entry.options["ignore"] = sorted({*entry.options.pop("ignore", ()), *names})

    def left_out(self, kind: str, path: str, option: str, reason: str, place: Optional[Place] = None) -> None:
        """Note what the document does not have.

        :param place: what lacks it, for the comment that says so in the document; C(None): no comment.
        """
        self.missing.append({"kind": kind, "path": path, "option": option, "reason": reason})
        if place is not None:
            keys = [part.partition("[")[0] for part in option.split(".")] if option else []
            text = "%s: %s" % (option or path or kind, reason)
            self.comments.append({"path": [*place, *keys], "text": text})

    def _enter_section(self, section: Section, records: Sequence[Record], outer: Optional[ExportedEntry]) -> None:
        """Enter the records of a section. :param outer: the entry that they are in."""
        if section.child is not None or section.resource.single:
            for record in records:
                self._enter_single(section, record)
            return
        into, place = (self.document, ()) if outer is None else (outer.options, outer.place)
        counted = Counter(map(_telling, records))
        entries: List[Dict[str, Any]] = []
        for record in records:
            entry = ExportedEntry(record, outer, (*place, section.name, len(entries)), {})
            if self._enter(entry, doubled=counted[_telling(record)] > 1):
                entries.append(entry.options)
        if entries:
            into[section.name] = entries

    def _enter_single(self, section: Section, record: Record) -> None:
        if not self._scope.has(section.kind, record.names, False):
            return
        child = section.child
        entry = ExportedEntry(record, None, (section.name,) if child is None else (), {})
        described = self._described(entry)
        # What is as on a new server is so by an empty mapping, too.
        if entry.options or (child is None and record.whole is not None):
            self.document[section.name] = entry.options if child is None else entry.options[child.option]
            self._add_entry(entry, described)

    def _enter(self, entry: ExportedEntry, doubled: bool) -> bool:
        """Enter a record. :return: whether an entry is needed."""
        section, record, resource = entry.section, entry.record, entry.resource
        selected = self._scope.has(section.kind, entry.names, section.in_tree)
        why = _why_not(record, selected)
        if why is not None:
            if selected:
                kind = resource.kind if record.fixed else ""
                self.left_out(section.kind, joined(entry.names), kind, why, entry.place[:-1])
            return False
        described = self._described(entry) if selected else Described()
        address, note = self._address(section, record, doubled)
        if not selected and section.inner:
            # Nothing is said of it but what is in it.
            address["unstated"] = KEEP
        entry.options = {**address, **described.options}
        number = len(self.entries)
        self._add_entry(entry, described)
        for inner in section.inner:
            self._enter_section(inner, [within for within in record.inner if within.section is inner], entry)
        made = resource.listing == ENVIRONMENTS and is_default(record.row)
        if len(entry.options) == len(address) and (made or not selected):
            # It comes with what it is in, or is not asked for.
            del self.entries[number:]
            return False
        self.comments += [{"path": list(entry.place), "text": text} for text in note]
        return True

    def _add_entry(self, entry: ExportedEntry, described: Described) -> None:
        entry.secrets, entry.variables = described.secrets, described.variables
        self.entries.append(entry)
        self._of_texts += [(entry, place, text) for place, text in described.comments]

    def _described(self, entry: ExportedEntry) -> Described:
        section, record, place = entry.section, entry.record, entry.place
        described = Described()
        if record.whole is not None:
            described = self._describer.describe(section, record.resource, record.whole)
        for option, reason in (*record.left, *described.left):
            self.left_out(section.kind, entry.path, option, reason, place)
        left = [option for option, _reason in described.left]
        entry.options = described.options
        self.leave_alone(entry, left)
        status = (record.whole or {}).get(record.resource.deployable.status) if section.deploys else None
        # What was never deployed or is stopped, and what cannot be deployed as it is configured.
        if status in ("idle", "error"):
            described.options["deploy"] = "never"
        if status == "error":
            self.comments.append({"path": [*place, "deploy"], "text": _FAILED})
        return described

    def _address(self, section: Section, record: Record, doubled: bool) -> Tuple[Dict[str, Any], List[str]]:
        """The options that find a record, and what to say about them."""
        resource = record.resource
        kind = {"type": resource.kind} if resource.kind and not resource.by_suboption else {}
        server = record.rows[0].get(resource.parents[0].id_key) if _is_optional(record) else None
        if server is not None:
            kind[resource.parents[0].label] = str(record.rows[0].get("name") or server)
        findable = record.name and api_name(resource, record.name) == record.name
        if findable and not doubled:
            return {resource.name_option: record.name, **kind}, []
        note = _DOUBLED % (record.name, resource.noun) if doubled and record.name else _NAMELESS
        return {resource.id_option: record.id, **kind}, [note]

    def refer(self, base_url: str) -> None:
        """Put references in place of the values of other entries.

        :param base_url: the URL of the server.
        """
        references = references_for(self.entries, base_url, self._variable)
        for place, text in references.texts.items():
            maybe_at(self.document, place[:-1])[place[-1]] = text
        self.comments += references.comments
        self._in_results = references.in_results

    def _variable(self, entry: ExportedEntry, option: str, value: str) -> str:
        """The marked text for a secret of an entry in another one."""
        if (entry, option) not in self._shared:
            self._shared[entry, option] = self._add(entry, option, option, value)
        return Secret(self._shared[entry, option]).text

    def _add(self, entry: ExportedEntry, words: str, option: str, value: Any) -> str:
        """The name of a new variable."""
        name = self.variables.add(entry.names, words, value)
        self.secret_names.append({"name": name, "kind": entry.kind, "path": entry.path, "option": option})
        return name

    def drop(self, entry: ExportedEntry, reason: str) -> bool:
        """Leave out a whole entry, if nothing is in it. :return: whether it was there."""
        container = maybe_at(self.document, entry.place[:-1])
        if not isinstance(container, list) or any(inner.name in entry.options for inner in entry.section.inner):
            return False
        # The places of the others stay right in comments and in lists that are read again.
        numbers = [number for number, options in enumerate(container) if options is entry.options]
        for number in numbers:
            del container[number]
            self._move(entry.place[:-1], number)
        self.entries = [known for known in self.entries if known is not entry]
        if numbers:
            self.left_out(entry.kind, entry.path, "", REFUSED % reason, entry.place[:-1])
        return bool(numbers)

    def _move(self, place: Place, gone: int) -> None:
        """Move the places behind one that is gone. :param place: that of the list."""
        moved = [(comment, _after(tuple(comment["path"]), place, gone)) for comment in self.comments]
        self.comments = [{**comment, "path": list(path)} for comment, path in moved if path is not None]
        for entry in self.entries:
            entry.place = _after(entry.place, place, gone) or entry.place

    def mark_secrets(self, plain_env: Sequence[str] = (), guessed: bool = False, kept: Sequence[str] = ()) -> None:
        """Put marked texts in place of the secrets, at the end.

        :param plain_env: the names of variables whose values stay readable, or patterns.
        :param guessed: whether values that surely are no secrets stay readable, too.
        :param kept: the names of variables whose values are secrets in any case, or patterns.
        """
        secrets = [(entry, place, words) for entry in self.entries for place, words in entry.secrets]
        hidden = [(entry, place, words, self._hidden(entry, place)) for entry, place, words in secrets]
        texts = [text for entry, place, _words, value in hidden for text in _named(entry, place, value)]
        variables = [(name, text) for name, text, is_variable in texts if is_variable]
        others = [(name, text) for name, text, is_variable in texts if not is_variable]
        names = {name for entry in self.entries for name in entry.names}
        plain = PlainEnv(plain_env, variables, others, guessed, kept, names)
        self.plain_env_proposed = plain.proposed
        self._enter_comments(plain)
        for entry, place, words, value in hidden:
            if _is_of_variables(entry, place) and isinstance(value, Mapping):
                value = {name: text for name, text in value.items() if not plain.is_readable(name, text)}
            if not is_empty(value):
                self._mark(entry, place, words, value)

    def _enter_comments(self, plain: PlainEnv) -> None:
        """Enter the comments of environment text, before others of a variable. Each stays where there is something."""
        entered = [
            {"path": [*entry.place, *place], "text": HIDDEN if plain.tells(text) else text}
            for entry, place, text in self._of_texts
            if entry in self.entries and isinstance(maybe_at(entry.options, place[:-1]), Mapping)
        ]
        self.comments = [*entered, *self.comments]
        for comment in self.comments:
            while len(comment["path"]) > 1 and maybe_at(self.document, comment["path"][:-1]) is None:
                comment["path"].pop()

    def _hidden(self, entry: ExportedEntry, place: Place) -> Any:
        """The secret part of a value: it, or some texts of a mapping; C(None) if there is none."""
        value = maybe_at(entry.options, place)
        if is_empty(value) or ((entry, place) in self._in_results and not has_credentials(value)):
            return None
        if isinstance(value, Mapping):
            texts = {key: text for key, text in value.items() if isinstance(text, str) and text}
            return {key: text for key, text in texts.items() if not is_public(text)}
        return None if isinstance(value, str) and is_public(value) else value

    def _mark(self, entry: ExportedEntry, place: Place, words: str, hidden: Any) -> None:
        """Put marks in place of the secret part of a value."""
        container, option = maybe_at(entry.options, place[:-1]), _dotted(place)
        if isinstance(hidden, Mapping):
            name = self._add(entry, words, option, hidden)
            container[place[-1]] = {**container[place[-1]], **{key: Secret(name, key).text for key in hidden}}
        else:
            shared = self._shared.get((entry, option))
            container[place[-1]] = Secret(shared or self._add(entry, words, option, hidden)).text


def _telling(record: Record) -> Tuple[str, str]:
    """What tells a record from others in the same place."""
    return record.name, "" if record.resource.by_suboption else record.resource.kind


def _is_optional(record: Record) -> bool:
    """Whether it can also be in nothing, as a network can be on a server or on none."""
    return bool(record.resource.parents) and record.resource.parents[0].optional


def _after(path: Place, place: Place, gone: int) -> Optional[Place]:
    """A place after one in a list is gone; C(None) if it was in that."""
    depth = len(place)
    if path[:depth] != place or len(path) == depth or path[depth] < gone:
        return path
    return None if path[depth] == gone else (*place, path[depth] - 1, *path[depth + 1 :])


def _is_of_variables(entry: ExportedEntry, place: Place) -> bool:
    """Whether it is the place of variables that can be no secrets, unlike C(build_secrets)."""
    return place in entry.variables and not names_a_secret(str(place[-1]))


def _named(entry: ExportedEntry, place: Place, hidden: Any) -> Iterator[Tuple[str, str, bool]]:
    """The texts in a secret part, each with the name of a variable before it, and whether it may be plain.

    :param hidden: a text, or a mapping or list of texts. The names of what is no variable are empty.
    """
    may_be_plain = _is_of_variables(entry, place)
    if place in entry.variables and isinstance(hidden, str):
        yield from ((name, text, False) for name, text in dotenv.parse(hidden).items() if text)
    elif isinstance(hidden, Mapping):
        yield from ((key if may_be_plain else "", text, may_be_plain) for key, text in hidden.items())
    else:
        texts = hidden if isinstance(hidden, list) else [hidden]
        yield from (("", text, False) for text in texts if isinstance(text, str) and text)


def _dotted(place: Place) -> str:
    """C(mounts[0].content)."""
    parts = ["[%d]" % part if isinstance(part, int) else ".%s" % part for part in place]
    return "".join(parts).lstrip(".")


def _why_not(record: Record, selected: bool) -> Optional[str]:
    """Why a record has no entry; C(None) if it has one. :param selected: whether more is said of it than its name."""
    if record.fixed:
        return _FIXED % record.name
    if record.gone:
        return _GONE
    return _JOB if selected and (record.whole or {}).get("description") == MARK else None
