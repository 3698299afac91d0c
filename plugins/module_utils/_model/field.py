# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of options: a field, and a group of fields under one option."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .._values.codec import PREFIX, TEXT, Codec, is_empty
from .._values.nested import texts_in
from .._values.schema import ANY, Shape

Version = Tuple[int, int, int]
#: Option -> part -> values.
Presets = Mapping[str, Mapping[str, Tuple[str, ...]]]


def version_text(version: Version) -> str:
    return ".".join(str(part) for part in version)


@dataclass(frozen=True)
class Listing:
    """Where the records of one kind are listed, and how their names become IDs.

    :param procedures: the queries that list them, the preferred one first; the others serve older servers.
    :param key: the key of the answer under which the rows are; empty if the answer itself is the list.
    :param nested: the key under which a row has a part of its own; rows without it are of another kind, as in
        C(gitProvider.getAll).
    :param outer: the key under which the answer to a read of that part has the rest.
    :param where: a key of the row and its value in rows of this kind; others are of another kind.
    :param kind_key: the key of a row in the answer that says of which kind it is. Forks of Dokploy have kinds of their
        own there.
    :param kinds: its values in the rows that this collection knows, of those of this kind where there are several.
    :param derived: keys that the rows lack, each with the function of the row that gives its value.
    :param read: the shape of what these functions read of a row of the answer.
    :param optional: what is listed in it can also be in none of them.
    :param on_servers: it lists those on Dokploy's own host, or on the server whose ID is the input.
    :param noun: what messages call one, if not by the label.
    :param many: the plural, if it is not regular.
    :param module: creates such records, for the message about one that is missing.
    :param default: the row of the one that is created with its parent, if there is one.
    """

    label: str
    procedures: Tuple[str, ...]
    id_key: str
    name_key: str = "name"
    key: str = ""
    nested: str = ""
    outer: str = ""
    where: Tuple[str, str] = ("", "")
    kind_key: str = ""
    kinds: Tuple[str, ...] = ()
    derived: Tuple[Tuple[str, Callable[[Mapping[str, Any]], Any]], ...] = ()
    read: Shape = field(default=ANY, compare=False)
    optional: bool = False
    on_servers: bool = False
    noun: str = ""
    many: str = ""
    module: str = ""
    default: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def singular(self) -> str:
        return self.noun or self.label

    @cached_property
    def plural(self) -> str:
        noun = self.singular
        return self.many or (noun[:-1] + "ies" if noun.endswith("y") else noun + "s")

    @cached_property
    def results(self) -> str:
        """The key of a result with a list of them."""
        return self.plural.replace(" ", "_").lower()

    @cached_property
    def selective(self) -> bool:
        """Whether the listing has other kinds too, or rows in parts."""
        return bool(self.nested or self.where[0])

    def kind_of(self, row: Mapping[str, Any]) -> str:
        """The kind that a row states; empty if it states none."""
        return str(row.get(self.kind_key) or "") if self.kind_key else ""

    def is_known(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is of a kind that is known; an older server does not state it."""
        return self.kind_of(row) in ("", *self.kinds)

    def flat(self, row: Mapping[str, Any]) -> Dict[str, Any]:
        """A row and its parts in one, with the keys that follow from it."""
        names = [key for key in (self.nested, self.outer) if key]
        rest = {key: value for key, value in row.items() if key not in names}
        parts = [row[key] for key in names if isinstance(row.get(key), Mapping)]
        # What is flat already may have a key of that name.
        kept = {key: row[key] for key in names if row.get(key) is not None and not isinstance(row[key], Mapping)}
        whole = {key: value for part in (rest, kept, *parts) for key, value in part.items()}
        return {**whole, **{key: value(whole) for key, value in self.derived}}

    def listed(self, answer: Any) -> Sequence[Mapping[str, Any]]:
        """The rows in the answer of the query."""
        rows: Sequence[Mapping[str, Any]] = (answer.get(self.key) or []) if self.key else answer
        return rows

    def own(self, answer: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """The rows of this kind, each in one."""
        key, value = self.where
        mine = (row for row in answer if not key or row.get(key) == value)
        return [self.flat(row) for row in mine if not self.nested or row.get(self.nested)]

    def rows(self, answer: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
        """The IDs and names of the listed records."""
        return [{self.id_key: row[self.id_key], self.name_key: row.get(self.name_key)} for row in self.own(answer)]


@dataclass(frozen=True)
class Field:
    """One option and its key in the API.

    :param api: the key in requests and in answers.
    :param codec: the kind of value.
    :param secret: masked in the argument spec, in diffs and results.
    :param write_only: no procedure shows it, or all show a mask instead. It is sent at creation, and later only with
        C(update_secrets=always). No result has it.
    :param renewed: the server replaces it by itself, as a token that expires: it is shown, but sent as C(write_only).
    :param create_only: sent at creation; a later change is refused, since the server ignores it.
    :param initial: the value of a new record only: it is sent at creation, and not compared with an existing one.
    :param frozen_where: a key of the row; if it is true, the server refuses a change.
    :param reference: the value is the name of another record, which is listed here.
    :param inside: of a part: the key of the part beside it, in whose record the records are that it refers to.
    :param paths: the value is a list of paths in the project tree (C(shop/production/web)), or IDs: the levels of each
        kind of record that it can name. Results have the IDs, which do not change, and the diff the paths.
    :param needed: it must be stated, or already be set on the server; C((option, value, ...)) limits this to these
        values of another option.
    :param key: part of a child's natural key.
    :param default: the value if it is absent, of a part of a natural key or object, and of a column that older servers
        lack.
    :param replaces: it cannot be changed in place: a child is removed and created again, a resource on request.
    :param mode_option: the option that chooses between C(replace) and C(merge).
    :param since: the first Dokploy version that has it.
    :param formerly: the key that older releases have in place of C(api), and the first release that has C(api); of a
        field of a resource or a child, not of a part. The client translates it, so that all else knows only C(api).
    :param shown_early: older servers show its column too, and can clear it, but must not be given a value.
    :param limits: smallest and largest number, or shortest and longest text.
    :param pattern: matches the whole text, and the message if it does not.
    :param grammar: checks a text that a pattern cannot describe; raises C(ValueError).
    :param parts: the suboptions of a value that the API keeps as one object, or of each object in a list. The value is
        a whole: a part that is left out is not set.
    :param input_only: results do not show it: another way to state another option, or nothing that stays.
    :param stands_for: which option that is, by the value of a third one:
        C(("type", {"volume": "name", "bind": "host_path"})).
    :param blank: an empty text is enough if it is needed.
    :param form: what to write instead of text for a list, or a list for text, which Ansible converts silently. It
        follows "it takes a list" or "it takes text" in the message.
    :param no_effect: why it has no effect in the row as it will be; C(None) if it has one.
    :param warnings: what to warn of where the option is stated, from the row as it is then and its label.
    :param procedure: stores it alone, instead of the updating procedure, with the ID of the record; of a new record,
        too, if C(Creation.takes) lacks it.
    :param sent_as: the key in the input of that procedure, if it is another one.
    :param elected: true of one record only: the C(procedure), which takes no value, makes it true of this one and false
        of the others.
    :param qualifies: a record has its name among those with the same value. Gives the value where the option is not
        stated, from the reads.
    :param why_no_other_choice: why there are no other C(choices), as a sentence for the message.
    :param by_server: the server chooses it for a new record: random characters, an address, or what the release runs.
        Where it is not stated, it stays as it is.
    :param presets: what its values state of other options: the parts of these, each with the values that go with it;
        the first of them is that of a part that is not stated.
    :param unexported: why an export does not state such a value; an empty text if that is no loss, C(None) if it states
        it.
    :param query: of a singleton: the query without input whose answer is the value, which the row lacks; it is read
        where the option is stated.
    """

    name: str
    api: str
    codec: Codec = TEXT
    choices: Tuple[str, ...] = ()
    secret: bool = False
    write_only: bool = False
    renewed: bool = False
    create_only: bool = False
    initial: bool = False
    frozen_where: Optional[str] = None
    reference: Optional[Listing] = None
    inside: str = ""
    paths: Tuple[Tuple[Listing, ...], ...] = ()
    needed: Union[bool, Tuple[str, ...]] = False
    key: bool = False
    default: Any = None
    replaces: bool = False
    mode_option: Optional[str] = None
    since: Optional[Version] = None
    formerly: Optional[Tuple[str, Version]] = None
    shown_early: bool = False
    limits: Optional[Tuple[int, int]] = None
    pattern: Optional[Tuple[str, str]] = None
    aliases: Tuple[str, ...] = ()
    parts: Tuple[Field, ...] = ()
    input_only: bool = False
    stands_for: Optional[Tuple[str, Mapping[str, str]]] = None
    blank: bool = False
    form: str = ""
    grammar: Optional[Callable[[Any], None]] = None
    no_effect: Optional[Callable[[Mapping[str, Any]], Optional[str]]] = None
    warnings: Optional[Callable[[Mapping[str, Any], str], Sequence[str]]] = None
    procedure: str = ""
    sent_as: str = ""
    query: str = ""
    elected: bool = False
    by_server: bool = False
    unexported: Callable[[Any], Optional[str]] = lambda value: None
    qualifies: Optional[Callable[[Any], str]] = None
    why_no_other_choice: str = ""
    presets: Mapping[str, Presets] = field(default_factory=dict, compare=False)

    @cached_property
    def compared(self) -> bool:
        """Whether a value that an existing record has is compared with the one that is stated."""
        return not (self.write_only or self.renewed)

    @cached_property
    def resettable(self) -> bool:
        """Whether an existing record can get the value of a new one, and no secret is lost with that of this one."""
        fixed = self.create_only or self.initial or self.replaces or self.key or self.elected
        hidden = not self.compared or self.input_only
        # As C(argspec.is_secret_by_itself) has it.
        secret = self.secret and self.codec.type == "str" and not (self.codec.contents or self.parts)
        return not (fixed or hidden or secret or self.by_server or self.codec is PREFIX)

    @cached_property
    def returned(self) -> bool:
        """Whether results can have it."""
        return not (self.input_only or self.write_only)

    @cached_property
    def shown(self) -> Callable[[Any], Any]:
        """Gives a value of the API in the terms of the option."""
        return self._shown_parts if self.parts else self.codec.shown

    def _shown_parts(self, value: Any) -> Any:
        if self.codec.type == "list":
            return [self._shown_object(item) for item in value or []]
        mapping = self.codec.shown(value) if value else None
        # What is needed under a condition and does not apply is null, which can be stated.
        return self._shown_object(mapping) if mapping else None if self.needed else {}

    def known(self, value: Any) -> Any:
        """The objects in an answer without the keys that no part describes, which a newer server may have."""
        names = {part.api for part in self.parts}
        if not names or not isinstance(value, list):
            return value
        return [{key: row[key] for key in row if key in names} if isinstance(row, dict) else row for row in value]

    def same(self, wanted: Any, current: Any) -> bool:
        """Whether a wanted value of the API and one that was read mean the same."""
        if not self.parts or is_empty(wanted) or is_empty(current):
            return self.codec.same(wanted, current)
        if self.codec.type != "list":
            return self._same_object(self.codec.shown(wanted) or {}, self.codec.shown(current) or {})
        left = list(current)
        for item in wanted:
            candidates = left[:1] if self.codec.ordered else left
            twin = next((other for other in candidates if self._same_object(item, other)), None)
            if twin is None:
                return False
            left.remove(twin)
        return not left

    def _shown_object(self, value: Mapping[str, Any]) -> Dict[str, Any]:
        """Keys that no part describes are shown as they are."""
        known = {part.api: part for part in self.parts}
        return {
            known[key].name if key in known else key: known[key].shown(item) if key in known else item
            for key, item in value.items()
            if not is_empty(item)
        }

    def _same_object(self, wanted: Mapping[str, Any], current: Mapping[str, Any]) -> bool:
        if not {key for key, item in current.items() if not is_empty(item)} <= {part.api for part in self.parts}:
            return False
        return all(part.same(part.of(wanted), part.of(current)) for part in self.parts)

    def of(self, row: Mapping[str, Any]) -> Any:
        """The value in a row, or the default."""
        value = row.get(self.api)
        return self.default if is_empty(value) else value


@dataclass(frozen=True)
class Group:
    """Several fields under one option of type dict.

    :param selects: a field and its value that this group selects, as C(github) selects C(sourceType=github). Of the
        groups that select the same field, one can be stated.
    """

    name: str
    fields: Tuple[Field, ...]
    selects: Optional[Tuple[Field, str]] = None


Option = Union[Field, Group]


def selected_fields(options: Sequence[Option], row: Mapping[str, Any]) -> Sequence[Field]:
    """The fields of the group that a row selects, as the source of a service, after the one that selects it."""
    for option in options:
        if isinstance(option, Group) and option.selects is not None:
            selector, chosen = option.selects
            if row.get(selector.api) == chosen:
                return (selector, *option.fields)
    return ()


def references_in(field: Field, value: Any, key: Callable[[Field], str]) -> Iterator[Tuple[str, str]]:
    """What a value of a field refers to, also in its parts: the key of the ID of such records, and the name or the ID.

    :param key: under which a mapping has the value of a part, C(api) or C(name).
    """
    if field.reference is not None:
        yield from ((field.reference.id_key, text) for text in texts_in(value))
    for item in [value] if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ():
        for part in field.parts if isinstance(item, Mapping) else ():
            yield from references_in(part, item.get(key(part)), key)
