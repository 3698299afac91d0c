# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is wrong with nested values, by their specification: one sentence for each mistake, with the path of the entry.

The specification is an argument spec: C(type), C(elements), C(options), C(choices), C(required), C(no_log) and the
rules between options. The options of a module, the variables of a role and any other document have the same checks;
what differs is in C(Validator).
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections import Counter
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ansible.module_utils.common.validation import check_type_dict

from .._errors import OptionError, close_names, kind_of, suggested
from .._values.codec import size_problem, text_problem
from .argspec import Spec, names_of

# The largest number that JSON and the database preserve, and the longest time in seconds.
LARGEST, LONGEST_TIME = 2**53 - 1, 10**9
# Longer than any ID of Dokploy, and short enough for an address.
LONGEST_ID = 255

LISTS = (list, tuple, set)

# The options that exist at a place, the values there, and the place: C(domains[0]), or empty.
Unknown = Callable[[Spec, Mapping[Any, Any], str], Iterator[str]]
# The specification of an option without suboptions, its value and its path.
Leaf = Callable[[Spec, Any, str], Iterator[str]]


class Validator:
    """How values are checked against a specification; the attributes are what differs between kinds of documents.

    :param unknown: the mistakes of keys that no option has.
    :param leaf: the mistakes of a value without suboptions, besides those that every document has.
    :param forms: what else to say of the form of an option, by its path without positions.
    :param strict: only a list is a list of mappings, and an entry is shown by its name where no other entry has it.
    """

    def __init__(self, unknown: Unknown, leaf: Leaf, forms: Optional[Mapping[str, str]] = None, strict: bool = False):
        self._unknown = unknown
        self._leaf = leaf
        self._forms = forms or {}
        self._strict = strict

    def mistakes(
        self, spec: Spec, rules: Mapping[str, Any], values: Mapping[Any, Any], place: str = ""
    ) -> Iterator[str]:
        """The mistakes in the values at a place, in their order.

        :param rules: C(mutually_exclusive) and other rules between the options.
        """
        yield from self._unknown(spec, values, place)
        names = names_of(spec)
        for key, value in values.items():
            if value is None or key not in names:
                continue
            described, path = spec[names[key]], option_path(place, key)
            if not described.get("options"):
                yield from sendable(value, path)
                yield from form_mistakes(described, value, path, self._forms)
                yield from self._leaf(described, value, path)
            elif described["type"] == "list":
                yield from self._list(described, value, path)
            else:
                yield from self._mapping(described, value, path)
        yield from broken(rules, spec, values, place)

    def _list(self, described: Spec, value: Any, path: str) -> Iterator[str]:
        if self._strict or not isinstance(value, (Mapping, str, *LISTS)):
            items = value if isinstance(value, LISTS) else None
        else:
            # Ansible takes a mapping for a list of one, and text for a list with commas.
            items = [value] if isinstance(value, Mapping) else value.split(",") if isinstance(value, str) else value
        if items is None:
            yield "%s is %s; it takes a list of mappings" % (path, kind_of(value))
            return
        for label, item in zip(labels(items) if self._strict else range(len(items)), items):
            yield from self._mapping(described, item, "%s[%s]" % (path, label))

    def _mapping(self, described: Spec, value: Any, path: str) -> Iterator[str]:
        if isinstance(value, str):
            yield from _about(path, text_problem(value))
            # Ansible also takes JSON, and "a=1 b=2".
            with contextlib.suppress(TypeError, ValueError, RecursionError):
                value = check_type_dict(str(value))
        if isinstance(value, Mapping):
            yield from self.mistakes(described["options"], described, value, path)
        else:
            yield "%s is %s; it takes a mapping of suboptions" % (path, kind_of(value))


def refusal(mistakes: Sequence[str]) -> OptionError:
    """The error of mistakes, which are one sentence each: the first of each kind, in the message and as details."""
    kinds = grouped(mistakes)
    return OptionError(in_one_text(kinds), details={"mistakes": kinds})


def in_one_text(mistakes: Sequence[str], longest: int = 1500) -> str:
    """The mistakes in one text of about the length, with how many more there are."""
    sentences: List[str] = []
    for mistake in mistakes:
        if sentences and sum(map(len, sentences)) + len(mistake) > longest:
            break
        sentences.append(mistake if mistake.endswith((".", "?")) else mistake + ".")
    more = sum(_count_of(mistake) for mistake in mistakes[len(sentences) :])
    return " ".join([*sentences, "And %d more." % more] if more else sentences)


def grouped(mistakes: Sequence[str]) -> List[str]:
    """The first mistakes of each kind in their order, and after them how many more of which kind there are.

    Mistakes are of one kind where the same is said of other places. What this returns may be among what it gets.
    """
    kept: List[str] = []
    seen: Counter[str] = Counter()
    more: Counter[str] = Counter()
    first: Dict[str, str] = {}
    for mistake in mistakes:
        if _MORE.match(mistake):
            kept.append(mistake)
            continue
        kind = _kind_of_mistake(mistake)
        if kind not in first and len(first) == _MOST_KINDS:
            kind = _OTHERS
        elif kind not in first:
            first[kind] = mistake
        seen[kind] += 1
        if kind != _OTHERS and seen[kind] <= _MOST_OF_A_KIND:
            kept.append(mistake)
        else:
            more[kind] += 1
    kept += ["And %d more of the kind %s." % (more[kind], kind.rstrip(".?")) for kind in first if more[kind]]
    return [*kept, "And %d more of other kinds." % more[_OTHERS]] if more[_OTHERS] else kept


# The most mistakes of one kind, and the most kinds, that are shown.
_MOST_OF_A_KIND = 10
_MOST_KINDS = 50
_OTHERS = "others"
_MORE = re.compile(r"And (\d+) more of (?:the|other) kind")


def _kind_of_mistake(mistake: str) -> str:
    """What is said of any place: without names, positions, quoted values and the places in files."""
    said = re.split(r"(?<=[.?]) (?=[A-Z])", mistake, maxsplit=1)[0]
    said = re.sub(r" \((?:[^()\s]+:\d+:\d+(?:, )?)+(?:and \d+ more)?\)", "", said)
    return re.sub(r"\d+", "0", re.sub(r"'[^']*'", "'...'", re.sub(r"\[[^\[\]]*\]", "[]", said)))


def _count_of(mistake: str) -> int:
    """How many mistakes a sentence is about."""
    more = _MORE.match(mistake)
    return int(more[1]) if more else 1


def labels(items: Iterable[Any]) -> List[str]:
    """The name of each entry, or its position if it has none of its own."""
    names = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    count = Counter(name for name in names if isinstance(name, str) and re.match(r"[\w.-]{1,63}\Z", name))
    return [name if isinstance(name, str) and count[name] == 1 else str(place) for place, name in enumerate(names)]


def option_path(place: str, name: Any) -> str:
    """The path of an option at a place."""
    return "%s.%s" % (place, name) if place else str(name)


def all_at(names: Iterable[str], place: str) -> str:
    """The paths of several options at a place."""
    return ", ".join(option_path(place, name) for name in names)


def paths(spec: Spec, place: str = "") -> Iterator[Tuple[str, str]]:
    """Every option with its place: C((domains[].host, host))."""
    for name, option in spec.items():
        path = option_path(place, name)
        yield path, name
        yield from paths(option.get("options") or {}, path + ("[]" if option["type"] == "list" else ""))


def unsupported(
    module: str, whole: Spec, spec: Spec, values: Mapping[Any, Any], place: str, named: Sequence[str] = ()
) -> Iterator[str]:
    """The complaint about options that do not exist, with those that may be meant.

    :param whole: all options of the module, among them suboptions that may be set in the wrong place.
    :param spec: the options that may be set at this place: C(mounts[0]), or empty.
    :param named: the options that name what the module is about, where these are other ones than C(name).
    """
    names = names_of(spec)
    unknown = [str(key) for key in values if key not in names and not str(key).startswith("_ansible_")]
    if unknown:
        meant: List[str] = []
        for name in unknown:
            meant += [option_path(place, close) for close in close_names(name, names)]
            meant += [path for path, last in paths(whole) if last == name]
            meant += [option for option in dict.fromkeys(named) if name == "name" and not place and option in names]
        hint = suggested(meant) if meant else "Supported parameters include: %s." % ", ".join(sorted(names))
        text = "Unsupported parameters for (community.dokploy.%s) module: %s. %s"
        yield text % (module, all_at(unknown, place), hint)


def broken(rules: Mapping[str, Any], spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
    """The mistakes of options that are required, and of rules between options. Null counts as not set."""
    names = names_of(spec)
    written: Dict[str, Any] = {names[key]: key for key, value in values.items() if key in names and value is not None}
    # An option with a fallback may be set in the environment.
    required = [name for name, option in spec.items() if option.get("required") and "fallback" not in option]
    missing = [name for name in required if name not in written]
    if missing:
        yield "missing required arguments: %s" % all_at(missing, place)
    yield from _broken_rules(rules, written, values, place)


def _broken_rules(
    rules: Mapping[str, Any], written: Mapping[str, Any], values: Mapping[Any, Any], place: str
) -> Iterator[str]:
    """:param written: the options that are set, each as the user wrote it."""
    for exclusive in rules.get("mutually_exclusive") or ():
        given = [option_path(place, written[name]) for name in exclusive if name in written]
        if len(given) > 1:
            yield "%s are mutually exclusive" % " and ".join(given)
    for ways in rules.get("required_one_of") or ():
        if written.keys().isdisjoint(ways):
            yield "one of the following is required: %s" % all_at(ways, place)
    for option, value, needed in rules.get("required_if") or ():
        missing = [name for name in needed if name not in written]
        if values.get(written.get(option)) == value and missing:
            text = "%s is %s but all of the following are missing: %s"
            yield text % (option_path(place, option), value, all_at(missing, place))


def sendable(value: Any, path: str) -> Iterator[str]:
    """Whether a value of any form can be sent to a module and to the server."""
    size = 0
    for part, is_key in _parts(value):
        if is_key and not isinstance(part, (str, int, float, type(None))):
            # Ansible cannot send it to a module, as a bare date in YAML.
            yield "%s has a key that is not text; put it in quotes" % path
        if isinstance(part, (bytes, bytearray)):
            yield "%s contains bytes that are not UTF-8 text" % path
        elif isinstance(part, str):
            yield from _about(path, text_problem(part))
        size += len(json.dumps(str(part))) if isinstance(part, str) else 1
    yield from _about(path, size_problem(size))


def _parts(value: Any) -> Iterator[Tuple[Any, bool]]:
    """Everything in a value, and whether it is a key."""
    # First what is most frequent: whether something is a mapping takes the longest to tell.
    if isinstance(value, (str, int)):
        yield value, False
        return
    if isinstance(value, Mapping):
        yield from ((key, True) for key in value)
        value = list(value.values())
    if isinstance(value, LISTS):
        for element in value:
            yield from _parts(element)
    else:
        yield value, False


def _about(path: str, problem: Optional[str]) -> Iterator[str]:
    if problem is not None:
        yield "%s %s" % (path, problem)


def form_mistakes(described: Spec, value: Any, path: str, forms: Mapping[str, str]) -> Iterator[str]:
    """Whether a value has a form that Ansible would convert to another value, or not take."""
    kind, elements = described["type"], described.get("elements")
    form = forms.get(re.sub(r"\[\d+\]", "", path), "")
    if kind == "list" and isinstance(value, Mapping):
        yield "%s is a mapping; it takes a list%s" % (path, form)
    elif kind == "list":
        if form and isinstance(value, str) and re.search(r"[\s,]", value):
            yield "%s is text that contains whitespace or commas; it takes a list%s" % (path, form)
        for number, item in enumerate(value if isinstance(value, LISTS) else [value]):
            yield from _scalar(elements, item, "%s[%d]" % (path, number), "")
    else:
        yield from _scalar(kind, value, path, form)


def _scalar(kind: Optional[str], value: Any, path: str, form: str) -> Iterator[str]:
    if kind in ("str", "path") and isinstance(value, (Mapping, *LISTS)):
        # Ansible converts it to text in Python's notation.
        yield "%s is %s; it takes text%s" % (path, kind_of(value), form)
    elif kind == "str" and path.endswith("_id") and len(str(value)) > LONGEST_ID:
        yield "%s has %d characters; an ID has at most %d" % (path, len(str(value)), LONGEST_ID)
    if kind not in ("int", "float"):
        return
    if isinstance(value, bool):
        # YAML reads yes and on as true, which Ansible takes for 1.
        yield "%s is true or false; it takes a number" % path
    try:
        number = value if isinstance(value, int) else float(value)
    except (TypeError, ValueError, OverflowError):
        return  # Another check says so.
    low, high = (-LARGEST, LARGEST) if kind == "int" else (0, LONGEST_TIME)
    if isinstance(number, float) and not math.isfinite(number):
        yield "%s is not a finite number" % path
    elif not low <= number <= high:
        yield "%s is out of range; it must be between %d and %d" % (path, low, high)
