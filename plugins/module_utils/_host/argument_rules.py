# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Options that do not exist, and the rules between options, judged as Ansible does.

Ansible's own words list all options of a rule instead of the ones that are set, take C(null) for a value, and name a
suboption without its place.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import Spec
from ansible_collections.community.dokploy.plugins.module_utils._values.hints import close_names, suggested

#: The rules that are judged here; they stand beside C(options) in a spec, as Ansible has them.
RULES = ("mutually_exclusive", "required_one_of", "required_if")


def unsupported(module: str, whole: Spec, spec: Spec, values: Mapping[Any, Any], place: str) -> Optional[str]:
    """The complaint about options that do not exist, with those that may be meant.

    :param whole: all options of the module, for a suboption that is set in the wrong place.
    :param spec: the options that may be set here.
    :param place: C(mounts[0]), or empty.
    """
    names = {alias for one in spec.values() for alias in one.get("aliases") or ()}.union(spec)
    unknown = [str(key) for key in values if key not in names and not str(key).startswith("_ansible_")]
    if not unknown:
        return None
    meant = [path for name in unknown for path in _meant(name, names, place, whole)]
    return "Unsupported parameters for (community.dokploy.%s) module: %s. %s" % (
        module,
        ", ".join(_at(place, name) for name in unknown),
        suggested(meant) if meant else "Supported parameters include: %s." % ", ".join(sorted(names)),
    )


def _meant(name: str, names: Any, place: str, whole: Spec) -> List[str]:
    near = [_at(place, one) for one in close_names(name, names)]
    return near + [path for path, last in _paths(whole, "") if last == name]


def _paths(spec: Spec, place: str) -> Iterator[Tuple[str, str]]:
    """Every option with where it stands: C((domains[].host, host))."""
    for name, one in spec.items():
        path = _at(place, name)
        yield path, name
        if one.get("options"):
            yield from _paths(one["options"], path + ("[]" if one["type"] == "list" else ""))


def broken(rules: Mapping[str, Any], spec: Spec, values: Mapping[Any, Any], place: str) -> Optional[str]:
    """The complaint about a rule between options, or about one that is required.

    :param rules: C(mutually_exclusive) and the others of C(RULES).
    """
    written: Dict[str, str] = {}
    for name, one in spec.items():
        for word in (name, *(one.get("aliases") or ())):
            if values.get(word) is not None:
                written[name] = word
    missing = [name for name, one in spec.items() if _required(one) and name not in written]
    if missing:
        return "missing required arguments: %s" % _all(missing, place)
    for names in rules.get("mutually_exclusive") or ():
        given = [written[name] for name in names if name in written]
        if len(given) > 1:
            return "%s are mutually exclusive" % " and ".join(_at(place, name) for name in given)
    for names in rules.get("required_one_of") or ():
        if not any(name in written for name in names):
            return "one of the following is required: %s" % _all(names, place)
    for option, word, names in rules.get("required_if") or ():
        absent = [name for name in names if name not in written]
        if values.get(written.get(option)) == word and absent:
            return "%s is %s but all of the following are missing: %s" % (_at(place, option), word, _all(absent, place))
    return None


def _required(one: Spec) -> bool:
    """Whether an option must be set in the task itself: one with a fallback may be set in the environment."""
    return bool(one.get("required")) and "fallback" not in one


def _all(names: Any, place: str) -> str:
    return ", ".join(_at(place, name) for name in names)


def _at(place: str, name: str) -> str:
    return "%s.%s" % (place, name) if place else name
