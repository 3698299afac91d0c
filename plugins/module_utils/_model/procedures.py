# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Frozen descriptions of the procedures by which a record is created, read, updated and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Union


@dataclass(frozen=True)
class Creation:
    """How a record is created.

    :param procedure: empty if the API creates none.
    :param takes: the keys that the procedure takes; an update follows for the others.
    :param defaults: keys that the procedure requires, with the values of those that are not stated.
    :param implied: further keys of the body, from its values.
    :param row_path: the path of the row in the answer; C(None) if the answer has none, so that the record is found in
        the listing.
    :param row_optional: older releases answer without a row; then it is found in the listing, too.
    :param shown_once: results that only the answer has, as C(Reading.secret_facts): the name of each, and its key. No
        other record can stand for it: the creation is not repeated, and one that another run creates with it stays.
    """

    procedure: str = ""
    takes: Tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    implied: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda body: {}
    row_path: Optional[Tuple[str, ...]] = ()
    row_optional: bool = False
    shown_once: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """How a record is read, and what results have of it beside its options.

    :param procedure: empty if only the listing shows it whole.
    :param in_listing: the listing has every field, so that no read of its own is needed.
    :param facts: results besides the options: the name of each, and its key in the row or a function of the row.
    :param secret_facts: results that are shown with C(include_secrets) only, from the row and the URL of the server.
    :param includes: what is read on request only, from the resource, the requested names, the rows and the context.
    """

    procedure: str = ""
    in_listing: bool = False
    facts: Tuple[Tuple[str, Union[str, Callable[[Mapping[str, Any]], Any]]], ...] = ()
    secret_facts: Optional[Callable[[Mapping[str, Any], str], Dict[str, Any]]] = None
    includes: Tuple[Tuple[str, ...], Optional[Callable[..., List[Dict[str, Any]]]]] = ((), None)


@dataclass(frozen=True)
class Replacement:
    """How a record is replaced by a new one, since it cannot be changed in place.

    :param steps: the steps, of the resource, the diff, its ID and its row: pure.
    :param references: what refers to an ID, from the client and the ID: for each reference the updating procedure, the
        body, and the key of the reference. If that is more than the ID, as a list of IDs, it is in the body.
    :param removed_first: the new record can only be created when the old one is gone.
    """

    steps: Callable[..., List[Any]]
    references: Callable[[Any, str], List[Tuple[str, Dict[str, Any], str]]] = lambda client, resource_id: []
    removed_first: bool = False


@dataclass(frozen=True)
class Updating:
    """How a record is changed.

    :param procedure: empty if a record cannot be changed in place.
    :param always_sent: keys that the procedure resets if it is not sent them, with the values that are sent in place of
        null. They are created with these, too, or with those of C(Creation.defaults).
    :param refusal_stores: an update may be stored although the server refuses it.
    :param replacement: how a record is replaced on request; C(None) if it cannot be.
    """

    procedure: str = ""
    always_sent: Mapping[str, Any] = field(default_factory=dict)
    refusal_stores: bool = False
    replacement: Optional[Replacement] = None


@dataclass(frozen=True)
class Removal:
    """How a record is removed.

    :param procedure: empty if the API removes none.
    :param id_key: the key of the ID that the procedure and those of single fields take, if it is another one.
    :param body: further keys of the body.
    :param unanswered: the procedure answers nothing, so that the listing has to show its effect.
    :param steps: the steps, if one request is not enough, of the resource, its row in the tree, the parameters and what
        was observed: pure.
    :param options: the options that the removal reads, beside those of other states.
    :param observe: reads what the steps have to know, from the resource, the row, the parameters and the C(Reads). What
        this run removes before does not count; the keys of the nodes that do so are C(released).
    :param in_flight: how many removals a server takes at once, by their procedure, of what is not known to be on
        Dokploy's own host.
    """

    procedure: str = ""
    id_key: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    unanswered: bool = False
    steps: Optional[Callable[..., List[Any]]] = None
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    observe: Callable[..., Mapping[str, Any]] = lambda resource, row, params, reads: {}
    in_flight: Mapping[str, int] = field(default_factory=dict)
