# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a whole instance has: its version and health, and the records of each kind, in one or two requests.

Many of these queries answer passwords, private keys and tokens in clear (measured on 0.30.2). So each subset lists the
keys that it shows, and nothing else of an answer gets into a result. Those of records that modules list follow from the
descriptions (C(listed)). They are written, not looked up, so that the packaged module ships no description.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Set

from ..._api.client import VERSION_QUERY, Call, Client
from ..._engine.runner import Context, Operation
from ..._errors import DokployError, NotFoundError, OptionError, PermissionDenied, UnknownProcedure, known_names
from ..._model.field import version_text
from ..._model.responses import ANSWERS
from ..._reads.rows import valid
from ..._values.schema import ANY, both
from ..actions.api_document import DOCUMENT, QUERY, Difference, differences, newest_known
from ..projects.contents import environments_in, name_calls, named_by, with_environments
from .listed import LISTED
from .subset import Subset

SUBSETS: Mapping[str, Subset] = {
    "health": Subset("settings.health", {"status": "status"}, single=True),
    "tree": Subset("project.all", {"project_id": "projectId", "name": "name"}, result="projects"),
    **LISTED,
    "settings": Subset(
        "settings.getWebServerSettings",
        {
            "server_ip": "serverIp",
            "host": "host",
            "https": "https",
            "certificate_type": "certificateType",
            "letsencrypt_email": "letsEncryptEmail",
            "docker_cleanup": "enableDockerCleanup",
            "log_cleanup": "logCleanupCron",
            "builds_concurrency": "buildsConcurrency",
        },
        single=True,
    ),
}
MINIMUM = {"health"}


def chosen_facts(stated: Sequence[str]) -> Set[str]:
    """The subsets that the option C(gather_subset) selects, by the rules of C(ansible.builtin.setup).

    :raises OptionError: there is no such subset.
    """
    groups: Dict[str, Set[str]] = {"all": set(SUBSETS), "min": MINIMUM, **{name: {name} for name in SUBSETS}}
    for word in stated:
        name = word[1:] if word.startswith("!") else word
        if name not in groups:
            raise OptionError("gather_subset: there is no subset %r" % name, hint=known_names(name, groups))
    added = {word for word in stated if not word.startswith("!")}
    removed = {word[1:] for word in stated if word.startswith("!")}
    wanted = MINIMUM.union(*(groups[name] for name in added)) if added else set(SUBSETS)
    left_out: Set[str] = set().union(*(groups[name] - MINIMUM if name == "all" else groups[name] for name in removed))
    return wanted - (left_out - added)


def _complete(answered: Dict[str, Any], context: Context) -> None:
    """Read what the answers lack: the names of the databases in the tree, and the networks on servers."""
    client, projects = context.client, answered.get("tree") or []
    environments = [row for project in projects for row in project.get("environments") or []]
    servers = [row["serverId"] for row in answered.get("servers") or () if "networks" in answered]
    calls = name_calls(environments)
    answers = client.call_many([*calls, *(Call("network.all", {"serverId": server_id}) for server_id in servers)])
    if projects:
        answered["tree"] = with_environments(projects, named_by(answers[: len(calls)], environments))
    for answer in answers[len(calls) :]:
        # One whose server was removed meanwhile is not there any more.
        answered["networks"] = [*answered["networks"], *([] if isinstance(answer, NotFoundError) else valid(answer))]


def _name(results: Mapping[str, Any]) -> None:
    """Put names instead of the IDs of what was read, too."""
    names = {
        subset: {record_id: name for record_id, name, *_more in (record.values() for record in records)}
        for subset, records in results.items()
        if subset in LISTED
    }
    references = [(subset, *reference) for subset in names for reference in LISTED[subset].named.items()]
    for subset, key, other in references:
        for record in results[subset]:
            record[key] = names.get(other, {}).get(record[key], record[key])


def _counts(results: Mapping[str, Any]) -> Dict[str, int]:
    """How many records each list has, and how many environments and services the projects have."""
    counts = {SUBSETS[name].result or name: len(rows) for name, rows in results.items() if isinstance(rows, list)}
    if "tree" in results:
        environments = [environment for project in results["tree"] for environment in project["environments"]]
        counts.update(
            environments=len(environments), services=sum(len(environment["services"]) for environment in environments)
        )
    return counts


def gather(context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_info): the version, the chosen subsets, and which of them cannot be read.

    :raises OptionError: there is no such subset.
    """
    wanted, client = chosen_facts(context.params["gather_subset"]), context.client
    # The networks on a server are listed by its ID.
    needed_too = {"servers"} if "networks" in wanted else set()
    read = {name: subset for name, subset in SUBSETS.items() if name in wanted | needed_too}
    shapes = {**ANSWERS, QUERY: DOCUMENT}
    for subset in read.values():
        shapes[subset.procedure] = both(shapes.get(subset.procedure, ANY), subset.shape)
    client.expect(shapes)
    # The version also proves that the server accepts the key, whatever it refuses besides.
    calls = [Call(VERSION_QUERY, {}), *(Call(subset.procedure, subset.input) for subset in read.values())]
    version, *answers = client.call_many(calls)
    answered: Dict[str, Any] = {}
    not_readable: List[Dict[str, Any]] = []
    for name, answer in zip(read, answers):
        if not isinstance(answer, DokployError):
            answered[name] = answer
        elif not isinstance(answer, (PermissionDenied, UnknownProcedure)):
            raise answer
        else:
            not_readable.append({"subset": name, "kind": answer.kind, "reason": str(answer)})
    _complete(answered, context)
    results = {name: SUBSETS[name].records(answer) for name, answer in answered.items()}
    projects = {row["projectId"]: row for row in answered.get("tree") or ()}
    for project in results.get("tree", ()):
        project["environments"] = environments_in(projects[project["project_id"]])
    _name(results)
    checked = _api_checked(not_readable, client) if context.params["check_api"] else {}
    return {
        "changed": False,
        "version": str(valid(version)).lstrip("v"),
        "counts": _counts({name: value for name, value in results.items() if name in wanted}),
        "not_readable": not_readable,
        **{SUBSETS[name].result or name: value for name, value in results.items() if name in wanted},
        **checked,
    }


def _api_checked(not_readable: List[Dict[str, Any]], client: Client) -> Dict[str, Any]:
    """What the server's own document of its API has otherwise than the collection expects; C(None) if it is not
    readable, with the reason in C(not_readable)."""
    api_differences: Optional[List[Difference]] = None
    try:
        document = client.query(QUERY)
    except (PermissionDenied, UnknownProcedure) as error:
        not_readable.append({"subset": "api", "kind": error.kind, "reason": str(error)})
    else:
        api_differences = differences(document, client.version())
    return {"api_differences": api_differences, "api_known_until": version_text(newest_known())}


INFO_OPERATION = Operation(
    name="dokploy_info",
    options={
        "gather_subset": {"type": "list", "elements": "str", "default": ["all"]},
        "check_api": {"type": "bool", "default": False},
    },
    perform=gather,
)
