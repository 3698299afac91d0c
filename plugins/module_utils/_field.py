# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of options: a field, and a group of fields under one option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple, Union

from ansible_collections.community.dokploy.plugins.module_utils._values import TEXT, Codec

Version = Tuple[int, int, int]


@dataclass(frozen=True)
class Field:
    """One option and the API key it maps to. Everything the engine knows of an option is here.

    :param name: the option, in the field's standard words.
    :param api: the key of the API, in requests and in answers.
    :param codec: the kind of value.
    :param choices: the words the user may write; a mapping translates them to the API's.
    :param secret: masked in the argument spec, in diffs and results.
    :param create_only: sent at creation; a later change is refused, since the server drops it silently.
    :param frozen_where: a key of the row; where it is true the server refuses a change.
    :param reference: the value names another resource of this kind (see C(_refs)).
    :param needed: the thing cannot work without it: it must be stated, or already be set on the server; a pair
        C((option, word)) says that this holds only where the neighbouring option has that value.
    :param default: for part of a natural key: what its absence means.
    :param key: part of a child's natural key.
    :param replaces: a change of it cannot be written in place: the child is made anew.
    :param mode_option: the option that chooses between C(replace) and C(merge).
    :param since: the first Dokploy version that has it.
    :param limits: smallest and largest number, or shortest and longest text.
    :param pattern: what the whole text must match, and the words that say so.
    :param no_log: C(False) tells Ansible that a name which looks like a secret's is none.
    """

    name: str
    api: str
    codec: Codec = TEXT
    choices: Union[Tuple[str, ...], Mapping[str, str]] = ()
    secret: bool = False
    create_only: bool = False
    frozen_where: Optional[str] = None
    reference: Optional[str] = None
    needed: Union[bool, Tuple[str, str]] = False
    key: bool = False
    default: Any = None
    replaces: bool = False
    mode_option: Optional[str] = None
    since: Optional[Version] = None
    limits: Optional[Tuple[int, int]] = None
    pattern: Optional[Tuple[str, str]] = None
    aliases: Tuple[str, ...] = ()
    no_log: Optional[bool] = None

    def to_word(self, value: Any) -> Any:
        """The user's word for a value of the API."""
        if isinstance(self.choices, Mapping):
            for word, api in self.choices.items():
                if api == value:
                    return word
        return self.codec.shown(value)


@dataclass(frozen=True)
class Group:
    """Several fields under one option of type dict.

    :param selects: a field of the API and the value that the mere presence of this group asks for, as C(github) asks
        for C(sourceType=github).
    :param family: groups of one family exclude each other.
    """

    name: str
    fields: Tuple[Field, ...]
    selects: Optional[Tuple[Field, str]] = None
    family: str = ""


Option = Union[Field, Group]
