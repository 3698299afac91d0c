# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A document under other names: projects, environments and services, and what a server can have once in these."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from .._errors import OptionError
from .._model.argspec import Spec
from .._reads.reads import Reads
from .._resources.archive_kinds.kinds import DATABASE, VOLUME
from .._resources.backups.archives_file import BackupSet, SavedArchive
from .._values.paths import joined, split, unescaped
from .entries import Entry
from .new_passwords import NEW, OPTION, NewPasswords
from .new_passwords import OPTIONS as PASSWORD_OPTIONS
from .selection import leaves
from .shared_values import ALL, OLD, PATHS, RULES, VOLUMES, Shared, rules_of, with_rules

Names = Tuple[str, ...]
OPTIONS: Spec = {
    "rename": {"type": "dict"},
    "rename_rules": {"type": "dict", "options": {name: {"type": "dict"} for name in RULES}},
    **PASSWORD_OPTIONS,
}
# What an entry under another name does not have: the token of the webhook of another one.
_LEFT = ("webhook_token",)


class Renaming:
    """The names under which the entries of a document are applied.

    :param params: those of the task. :param entries: those that the run is about, the outer ones first.
    :param document: all of those of the document.
    :ivar entries: the same under their new names. :ivar mistakes: one sentence for each; C(warnings) alike.
    """

    def __init__(self, params: Mapping[str, Any], entries: Sequence[Entry], document: Sequence[Entry]) -> None:
        self.mistakes: List[str] = []
        self._names: Dict[Names, Names] = {}
        # The rule for projects without a name of their own in the map.
        self._others = OLD
        self._rules: Mapping[str, Callable[[str], str]] = {}
        try:
            stated = dict(params["rename"] or {})
            self._others = str(stated.pop(ALL, OLD))
            self._names = dict(_names(stated))
            self._rules = rules_of(params["rename_rules"] or {})
            if OLD not in self._others:
                raise OptionError(
                    "rename: %r of '*' gives all projects one name; use {} for the old one" % self._others
                )
            for option in ("rename_rules", OPTION):
                if params[option] not in (None, {}, OPTIONS[option].get("default")) and not self._renames:
                    raise OptionError("%s: rename is needed" % option)
        except OptionError as error:
            self.mistakes.append(str(error))
        self._shared: List[Tuple[Entry, Names, Shared]] = []
        self._by_place: Dict[str, Entry] = {}
        self._known: Set[str] = set()
        # The kinds and old paths of what is on another server than the original.
        self._server: Optional[str] = params["on_server"]
        self._elsewhere: Set[Tuple[str, str]] = set()
        # The names of the projects that the server has.
        self._there: Set[str] = set()
        concerned = [entry for entry in entries if entry.section.in_tree and self.names(entry.names) != entry.names]
        self._passwords = NewPasswords(concerned if params[OPTION] == NEW else ())
        self.entries = [self._renamed(entry) for entry in entries]
        self.mistakes += [*self._wrong(document), *self._passwords.mistakes]
        self.warnings = self._passwords.warnings

    @property
    def _renames(self) -> bool:
        return bool(self._names) or self._others != OLD

    def names(self, names: Names) -> Names:
        """New names for old ones."""
        for length in (3, 2, 1):
            if names[:length] in self._names and len(names) >= length:
                return (*self._names[names[:length]], *names[length:])
        return (self._others.replace(OLD, names[0]), *names[1:])

    def path(self, text: str) -> str:
        """The same of a path in one text."""
        return joined(self.names(tuple(unescaped(name) for name in split(text))))

    def reference(self, entry: Entry, names: Names) -> Names:
        """What a reference of an entry means. That of one which keeps its names means what it has meant."""
        return self.names(names) if entry.key in self._known else names

    def _wrong(self, entries: Sequence[Entry]) -> Iterator[str]:
        paths = {entry.names[:length] for entry in entries for length in (1, 2, 3) if entry.section.in_tree}
        for names in self._names:
            if names not in paths:
                yield "rename: the document has no %s" % joined(names)
        count = Counter(entry.key for entry in self.entries)
        for key, number in count.items():
            if number > 1 and key in self._known:
                yield "rename: two entries would be %s" % key

    def _renamed(self, entry: Entry) -> Entry:
        names, resource = self.names(entry.names), entry.section.resource
        if not entry.section.in_tree or names == entry.names:
            return entry
        if entry.where in self._by_place:
            return self._by_place[entry.where]
        if entry.params.get(resource.id_option):
            # It would be the original.
            self.mistakes.append("%s: rename: it is found by its ID; give it a name" % entry.where)
        # An environment that goes with its project is no entry of its own.
        outer = entry.outer and self._renamed(entry.outer)
        params: Dict[str, Any] = {**self._passwords.without(entry), **(outer.located if outer else {})}
        params.update({name: None for name in _LEFT if params.get(name)})
        if names[-1] != entry.names[-1]:
            params[resource.name_option] = names[-1]
        params, shared = with_rules(params, self._rules)
        if leaves(entry, self._server):
            shared = []
            self._elsewhere.add((entry.section.kind, entry.path))
        new = replace(entry, outer=outer, names=names, old_names=entry.names, params=params, own=self._own(entry))
        self._by_place[entry.where] = new
        self._known.add(new.key)
        if not new.absent:
            self._shared += [(new, entry.names, value) for value in shared]
        return new

    def _own(self, entry: Entry) -> Dict[str, Any]:
        """What an entry states beside the options of its module."""
        changed = dict(entry.own)
        if changed.get("moved_from"):
            # Under the new name it was nowhere before.
            changed["moved_from"] = None
        if changed.get("after"):
            around = joined(entry.names[:-1])
            changed["after"] = [
                self.path(name if "/" in name else "%s/%s" % (around, name)) for name in changed["after"]
            ]
        return changed

    def shared_with_originals(self, entries: Sequence[Entry], reads: Reads) -> List[str]:
        """The mistakes of what would be that of the original, where that is on this server.

        :param entries: without what is held.
        """
        if not self._renames:
            return []
        self._there = {str(row.get("name")) for row in reads.trees.of().roots}
        left = {entry.key: entry for entry in entries}
        text = "%s: rename: %s is that of %s, too. Add a rule for it to rename_rules.%s"
        mistakes = (
            text % (entry.where, value.label, joined(names), value.rule)
            for entry, names, value in self._shared
            if names[0] in self._there and entry.key in left and value.is_stated_by(left[entry.key].params)
        )
        return list(dict.fromkeys(mistakes))

    def saved(self, saved: BackupSet) -> Tuple[BackupSet, List[str]]:
        """A backup set whose services have the new names, and the mistakes of what would come back into an original.

        What it has of a service under the name that an entry gets is of another one, such as of an earlier copy.
        """
        if not self._renames:
            return saved, []
        saved = self._without_others(saved)
        apps = {(service.kind, service.path): service.app_name for service in saved.services}
        mistakes: List[str] = []
        renamed = replace(
            saved,
            services=[replace(service, path=self.path(service.path)) for service in saved.services],
            archives=[self._archive(archive, apps, mistakes) for archive in saved.archives],
            checks=[replace(check, path=self.path(check.path)) for check in saved.checks],
            not_saved=[replace(data, path=self.path(data.path)) for data in saved.not_saved],
        )
        return renamed, mistakes

    def _without_others(self, saved: BackupSet) -> BackupSet:
        """A backup set without the services whose names entries under new names get."""
        taken = {(entry.section.kind, entry.path) for entry in self._by_place.values()}

        def own(items: Sequence[Any]) -> List[Any]:
            return [item for item in items if self.path(item.path) != item.path or (item.kind, item.path) not in taken]

        return replace(
            saved,
            services=own(saved.services),
            archives=own(saved.archives),
            checks=own(saved.checks),
            not_saved=own(saved.not_saved),
        )

    def _archive(self, archive: SavedArchive, apps: Mapping[Tuple[str, str], str], mistakes: List[str]) -> SavedArchive:
        """An archive, with the volume or the folder of the host into which it comes back."""
        path, app_name = self.path(archive.path), apps.get((archive.kind, archive.path), "")
        if path == archive.path or archive.what == DATABASE:
            return replace(archive, path=path)
        own = archive.what == VOLUME and bool(app_name) and str(archive.volume).startswith(app_name)
        if own:
            return replace(archive, path=path)
        rule, value = (VOLUMES, archive.volume) if archive.what == VOLUME else (PATHS, archive.bind)
        new = self._rules[rule](str(value)) if rule in self._rules else str(value)
        elsewhere = (archive.kind, archive.path) in self._elsewhere
        if new == value and not elsewhere and split(archive.path)[0] in self._there:
            text = "archives: rename: the %s %s would come back into that of %s. Add a rule for it to rename_rules.%s"
            mistakes.append(text % (archive.what, value, archive.path, rule))
        if archive.what == VOLUME:
            return replace(archive, path=path, volume=new)
        return replace(archive, path=path, bind=new)


def _names(option: Mapping[Any, Any]) -> Iterator[Tuple[Names, Names]]:
    """The new names, by the old ones.

    :raises OptionError: a path has another number of names, or what it is in is not renamed so.
    """
    paths = {_path(old): _path(new) for old, new in option.items()}
    for old, new in paths.items():
        if len(old) != len(new):
            raise OptionError("rename: %s and %s are paths of different lengths" % (joined(old), joined(new)))
        around: Names = ()
        for length in range(1, len(old)):
            around = paths.get(old[:length], (*around, old[length - 1]))
        if new[:-1] != around:
            text = "rename: %s cannot become %s, since its %s becomes %s"
            outer = ("project", "environment")[len(around) - 1]
            raise OptionError(text % (joined(old), joined(new), outer, joined(around)))
        yield old, new


def _path(text: Any) -> Names:
    names = tuple(unescaped(name) for name in split(str(text)))
    if not 1 <= len(names) <= 3 or not all(names):
        raise OptionError(
            "rename: %r is no project and no path such as shop/production or shop/production/web" % str(text)
        )
    return names
