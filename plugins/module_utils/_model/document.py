# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""All mistakes of a document that no validator of Ansible sees, such as the variables of a role."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from ansible.module_utils.common.validation import (
    check_type_bool,
    check_type_dict,
    check_type_float,
    check_type_int,
    check_type_list,
)

from .._errors import close_names, enumerated, kind_of, known_names, suggested
from .._secrets.masking import hide_credentials, one_line, shortened
from .argspec import Spec, names_of
from .mistakes import LISTS, Validator, option_path, paths

# How Ansible converts a value, and what it takes.
_TYPES: Dict[str, Tuple[Callable[[Any], Any], str]] = {
    "bool": (check_type_bool, "true or false"),
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
    "dict": (check_type_dict, "a mapping"),
    "list": (check_type_list, "a list"),
}

# The most characters of a key or a value in a sentence.
_LONGEST = 80


def mistakes_in(spec: Spec, values: Mapping[str, Any], rules: Optional[Mapping[str, Any]] = None) -> List[str]:
    """One sentence for each mistake, each with the path of the entry: C(projects[shop].env_mode is 'mrge'; ...).

    No value of a C(no_log) option is in them.

    :param spec: the specification of the document. :param values: the document, with no value converted yet.
    :param rules: those between its outermost options.
    """
    places: Dict[str, List[str]] = {}

    def unknown(here: Spec, there: Mapping[Any, Any], place: str) -> Iterator[str]:
        if not places and not there.keys() <= names_of(here).keys():
            for path, name in paths(spec):
                places.setdefault(name, []).append(path)
        return _unknown(places, here, there, place)

    validator = Validator(unknown, _wrong, strict=True)
    return [shortened(one_line(hide_credentials(mistake))) for mistake in validator.mistakes(spec, rules or {}, values)]


def is_mistaken(spec: Spec, values: Mapping[str, Any], rules: Optional[Mapping[str, Any]] = None) -> bool:
    """Whether C(mistakes_in) would have a sentence, without the time that its hints take."""
    validator = Validator(_unknown_keys, _wrong, strict=True)
    return any(True for _mistake in validator.mistakes(spec, rules or {}, values))


def _unknown_keys(spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
    names = names_of(spec)
    return (option_path(place, key) for key in values if key not in names)


def _unknown(places: Mapping[str, List[str]], spec: Spec, values: Mapping[Any, Any], place: str) -> Iterator[str]:
    """One sentence for each key that no option has, with the options that may be meant, here or in another place.

    :param places: the paths of the options of each name in the whole document.
    """
    names = names_of(spec)
    # The place without names and positions, which other places have not.
    general = re.sub(r"\[[^\]]*\]", "[]", place)
    for key in values:
        if key in names:
            continue
        elsewhere = places.get(key, [])
        below = [path for path in elsewhere if path.startswith(general + ".")]
        close = close_names(str(key), names)
        # What is in many places tells nothing, and what is far away nothing beside a name that is similar.
        far = elsewhere if len(elsewhere) <= 3 and not close else []
        meant = [*close, *sorted(below or far, key=lambda path: path.count("."))][:3]
        hint = suggested(meant) if meant else known_names(str(key), names)
        yield "%s is unknown. %s" % (option_path(place, str(key)[:_LONGEST]), hint)


def _wrong(described: Spec, value: Any, path: str) -> Iterator[str]:
    """Whether a value has the type of an option, and is one of its choices."""
    kind = described["type"]
    if kind == "list" and isinstance(value, LISTS):
        for number, item in enumerate(value):
            yield from _wrong_type(described.get("elements"), item, "%s[%d]" % (path, number))
    else:
        yield from _wrong_type(kind, value, path)
    for item in value if isinstance(value, LISTS) else [value]:
        yield from _not_chosen(described, item, path)


def _wrong_type(kind: Any, value: Any, path: str) -> Iterator[str]:
    # Another check says so.
    skip = (isinstance(value, bool) and kind in ("int", "float")) or (isinstance(value, Mapping) and kind == "list")
    if kind not in _TYPES or skip:
        return
    convert, takes = _TYPES[kind]
    try:
        convert(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        yield "%s is %s; it takes %s" % (path, kind_of(value), takes)


def _not_chosen(described: Spec, value: Any, path: str) -> Iterator[str]:
    choices = described.get("choices")
    if not choices or isinstance(value, (Mapping, *LISTS)):
        return
    texts = [str(choice) for choice in choices]
    # YAML reads yes and no as true and false, which are choices then.
    same = ("True", "true", "yes", "on") if value is True else ("False", "false", "no", "off")
    if str(value) in texts or (isinstance(value, bool) and not set(same).isdisjoint(texts)):
        return
    why = described.get("why_no_other_choice")
    close = [] if why else close_names(str(value), texts)
    hint = suggested(close) if close else "It must be one of %s." % enumerated([repr(choice) for choice in choices])
    quoted = kind_of(value) if described.get("no_log") or len(str(value)) > _LONGEST else repr(value)
    yield " ".join(filter(None, ("%s is %s." % (path, quoted), hint, why)))
