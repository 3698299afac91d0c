# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The operation C(dokploy_export): the document that describes what a server has."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

from .._engine.runner import Context, Operation
from .._errors import OptionError, enumerated
from .._manifest.catalog import OPERATIONS
from .._manifest.sections import BY_KIND, ELSEWHERE, all_sections
from .._manifest.unmanaged import Record
from .._model.argspec import Spec
from .._model.resource import PROJECTS
from .._resources.projects.scope import OPTION as SCOPE
from .._resources.projects.scope import Scope
from .claims import leave_out_doubles
from .described import Describer
from .document import Export
from .edits import to_json
from .marked import as_templates
from .memory import Memory
from .merging import Merger
from .names import Names
from .plain_env import OPTIONS as OF_VARIABLES
from .proof import prove
from .reading import Server, all_records, references_of
from .secrets_file import leave, read_secrets

Result = Dict[str, Any]

_DESTINATION = "destination"
_REDACTED = (
    "secret_env is all: from ansible-core 2.22 on, each value of an encrypted file is redacted wherever it occurs in"
    " the output of a run, also in words such as localhost. So are those of %s, which surely are no secrets."
)
_UNKNOWN = "It is of the kind %r, which this collection does not know."


def export(context: Context) -> Result:
    """Describe what the API key shows.

    :raises OptionError: the scope selects nothing, or an option is for the action of the module.
    :raises Refused: the document would change something.
    """
    params = context.params
    if params["dest"] is not None:
        raise OptionError("dest: only the action of the module writes it, on the controller")
    if params["secrets"] not in (None, "names_only"):
        raise OptionError("secrets is %s, which needs dest" % params["secrets"])
    scope = Scope(params["scope"], list(BY_KIND))
    memory = Memory(context.client)
    inner = memory.context(context, params)
    server = Server(inner, scope)
    wanted = [record for record in all_records(server.records) if _is_wanted(record, scope)]
    scope.refuse_unused([record.names for record in all_records(server.records) if record.section.in_tree])
    server.read(wanted, memory)
    wanted += _read_referenced(wanted, server, scope, memory, (params["scope"] or {}).get("destination"))
    rows = [record.whole for record in wanted if record.whole is not None]
    describer = Describer(Names(inner.reads), inner.client, inner.client.version(), rows)
    exported = Export(server.records, describer, scope)
    leave_out_doubles(exported)
    for kind, error in server.hidden.items():
        if scope.has_kind(kind):
            exported.left_out(kind, "", "", str(error), (BY_KIND[kind].name,))
    for record in server.unknown:
        kind = record.kind
        if scope.has(kind, record.names, kind not in BY_KIND):
            section = BY_KIND[kind].name if kind in BY_KIND else PROJECTS.results
            exported.left_out(kind, record.path, "", _UNKNOWN % record.type, (section,))
    for kind, sentence in _elsewhere() if scope.everything else ():
        exported.left_out(kind, "", "", sentence)
    exported.refer(inner.client.base_url)
    proven = prove(exported, exported.document, memory, context)
    changes: List[Dict[str, Any]] = []
    if params["document_file"] is not None:
        merger = Merger(read_secrets(params["document_file"]), exported, proven, memory, context, scope)
        changes = [to_json(change) for change in merger.changes()]
    _mark_secrets(exported, context)
    if params["secrets_file"] is not None:
        leave(params["secrets_file"], exported.document, exported.comments, exported.variables.values, changes)
    return {
        "changed": False,
        "document": as_templates(exported.document, exported.variables.values),
        "comments": exported.comments,
        "missing": exported.missing,
        "secret_names": exported.secret_names,
        "plain_env_proposed": exported.plain_env_proposed,
    }


def _mark_secrets(exported: Export, context: Context) -> None:
    params = context.params
    exported.mark_secrets(params["plain_env"], params["secret_env"] == "guessed", params["secret_env_names"])
    if params["secret_env"] == "all" and exported.plain_env_proposed:
        context.warn([_REDACTED % enumerated(exported.plain_env_proposed)])


def _read_referenced(
    wanted: Sequence[Record], server: Server, scope: Scope, memory: Memory, destination: Optional[str]
) -> List[Record]:
    """The records to which these refer, and those to which they refer in turn, which become a part of the scope, where
    that is asked for.

    :param destination: the name or the ID of one that comes with them.
    :raises OptionError: it does not exist, or nothing is to come with them.
    """
    known: Set[int] = set(map(id, wanted))
    added: List[Record] = []
    wanted = wanted if scope.references else []
    outside = [record for record in all_records(server.records) if not record.section.in_tree]
    stated = {
        (record.resource.listing.id_key, record.id)
        for record in outside
        if record.section.kind == _DESTINATION and destination in (record.names[-1], record.id)
    }
    if destination is not None and not scope.references:
        raise OptionError("scope.destination needs scope.references")
    if destination is not None and not stated:
        raise OptionError("scope.destination: no destination is named %r" % destination)
    while wanted:
        referenced = stated.union(*map(references_of, wanted))
        wanted = [
            record
            for record in outside
            if id(record) not in known and (record.resource.listing.id_key, record.id) in referenced
        ]
        for record in wanted:
            known.add(id(record))
            scope.add(record.section.kind, record.names)
        wanted = [record for record in wanted if not record.fixed]
        server.read(wanted, memory)
        added += wanted
    return added


def _is_wanted(record: Record, scope: Scope) -> bool:
    return scope.has(record.section.kind, record.names, record.section.in_tree) and not record.fixed


def _elsewhere() -> Iterator[Tuple[str, str]]:
    """The kinds that a document cannot have, each with the reason."""
    for operation in OPERATIONS:
        section = operation.resources[0].listing.results
        if section in ELSEWHERE:
            yield operation.name[len("dokploy_") :], ELSEWHERE[section]


_REFERENCES: Spec = {"references": {"type": "bool", "default": False}, "destination": {"type": "str"}}
OPTIONS: Spec = {
    "scope": {**SCOPE, "options": {**SCOPE["options"], **_REFERENCES}},
    "dest": {"type": "path"},
    "secrets": {"type": "str", "choices": ["vault", "file", "names_only"], "no_log": False},
    "secrets_dest": {"type": "path", "no_log": False},
    "force": {"type": "bool", "default": False},
    **OF_VARIABLES,
    "merge": {"type": "bool", "default": False},
    "conflicts": {"type": "str", "choices": ["fail", "leave"], "default": "fail"},
    "secrets_file": {"type": "path", "no_log": False},
    "document_file": {"type": "path"},
}
OPERATION = Operation(
    name="dokploy_export",
    options=OPTIONS,
    perform=export,
    files=(),
    resources=tuple(resource for section in all_sections() for resource in section.operation.resources),
)
