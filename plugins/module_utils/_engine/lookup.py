# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Finding the resource that an address means: C(project) / C(environment) / C(name), or the id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ansible_collections.community.dokploy.plugins.module_utils._engine.desired import (
    Desired,
    all_wants,
    dotted,
    with_values,
)
from ansible_collections.community.dokploy.plugins.module_utils._engine.reads import Reads
from ansible_collections.community.dokploy.plugins.module_utils._engine.tree import missing, pick, place
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotFoundError,
    OptionError,
    Refused,
    UnknownProcedure,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.field import Listing, version_text
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource

Row = Dict[str, Any]

#: The resources that stand in the project tree. Any other would be taken for what has its name there.
LEVELS = ("project", "environment", "application")


@dataclass(frozen=True)
class Target:
    """What an address leads to.

    :param resource_id: the id of the existing resource, or C(None).
    :param row: its row in the project tree, when the tree was needed to find it.
    :param parent: the tree's row of the parent, when it exists.
    :param parent_id: the parent's id, for a creation or a move; C(None) when no parent was named, or it is missing.
    :param siblings: gives the ids that a loop is likely to ask for next; only what reads ahead needs to know.
    """

    label: str
    resource_id: Optional[str] = None
    row: Optional[Row] = None
    parent: Optional[Row] = None
    parent_id: Optional[str] = None
    siblings: Optional[Callable[[], List[str]]] = None


def locate(resource: Resource, params: Mapping[str, Any], reads: Reads, name_option: str = "name") -> Target:
    """The target of a module's parameters.

    :param name_option: the option that holds the name, in messages and in C(params).

    :raises OptionError: the address is incomplete.
    :raises ReferenceNotFound: a parent is unknown; the message lists similar names.
    :raises Ambiguous: a name is borne by several; the message lists the ids.
    :raises ValueError: the resource is not in the project tree.
    """
    if resource.name not in LEVELS:
        raise ValueError("a %s is not in the project tree" % resource.name)
    resource_id: Optional[str] = params.get(resource.id_option)
    name: str = params.get(name_option) or ""
    for option in (resource.id_option, name_option, "project", "environment"):
        if params.get(option) == "":
            raise OptionError("%s must not be empty" % option)
    if resource_id is None and not name:
        raise OptionError("one of %s and %s is needed" % (name_option, resource.id_option))
    if resource_id is not None:
        return _by_id(resource, resource_id, params, reads)
    if resource.name == "project":
        row = reads.tree().project(name, name_option)
        return Target("project %r" % name, _id(row, "projectId"), row)
    if params.get("project") is None:
        raise OptionError("project is needed to find the %s %r by its name" % (resource.name, name))
    label = "%s %r" % (resource.name, name)
    project, environment = parents(resource, params, reads)
    tree = reads.tree()
    if environment is None:
        row = tree.environment(project, name, name_option)
        siblings = _ids(project, "environments", "environmentId")
        resource_id = _id(row, "environmentId")
        return Target(label + place(project, None), resource_id, row, project, project["projectId"], siblings)
    row = tree.application(project, environment, name, name_option)
    siblings = _ids(environment, "applications", "applicationId")
    resource_id = _id(row, "applicationId")
    return Target(
        label + place(project, environment), resource_id, row, environment, environment["environmentId"], siblings
    )


def stated(params: Mapping[str, Any], target: Target) -> Mapping[str, Any]:
    """The parameters to compare: without a name that is the id of what was found, since that only finds it."""
    return {**params, "name": None} if params.get("name") == target.resource_id else params


def parents(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Tuple[Row, Optional[Row]]:
    """The tree's rows of the project and, for an application, of the environment that the parameters name."""
    tree = reads.tree()
    project = tree.need_project(params["project"], "project")
    if resource.name == "environment":
        return project, None
    return project, tree.need_environment(project, params.get("environment"), "environment")


def _ids(parent: Row, option: str, id_key: str) -> Callable[[], List[str]]:
    return lambda: [str(row[id_key]) for row in parent.get(option) or []]


def _id(row: Optional[Row], key: str) -> Optional[str]:
    return None if row is None else str(row[key])


def _by_id(resource: Resource, resource_id: str, params: Mapping[str, Any], reads: Reads) -> Target:
    label = "%s %s" % (resource.name, resource_id)
    if resource.name == "project":
        row = reads.tree().find("projectId", resource_id)[0]
        return Target(label, _id(row, "projectId"), row)
    parent: Optional[Row] = None
    if resource.name == "environment" and params.get("project") is not None:
        parent = parents(resource, params, reads)[0]
    elif resource.name == "application" and params.get("environment") is not None:
        if params.get("project") is not None:
            parent = parents(resource, params, reads)[1]
        else:
            parent = reads.tree().find("environmentId", params["environment"])[1]
            if parent is None:
                raise OptionError("project is needed to find the environment %r by its name" % params["environment"])
    return Target(label, resource_id, None, parent, _id(parent, str(resource.create_parent)))


def read(resource: Resource, target: Target, reads: Reads, fresh: bool = False) -> Optional[Row]:
    """The whole row of a target, or C(None) when there is none."""
    if target.resource_id is None:
        return None
    if resource.tree_has_all and not fresh:
        return target.row
    try:
        if fresh:
            row: Row = reads.fresh(resource.read, resource.id_key, target.resource_id)
        else:
            group = str(target.parent_id or "")
            row = reads.one(resource.read, resource.id_key, target.resource_id, target.siblings, group)
    except NotFoundError:
        return None
    return row


def locate_existing(resource: Resource, params: Mapping[str, Any], reads: Reads, name_option: str) -> Target:
    """C(locate) for an application that must have a row in the project tree, or is named by its id.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names, or where else there is one.
    """
    target = locate(resource, params, reads, name_option)
    if target.resource_id is None:
        project, environment = parents(resource, params, reads)
        by_default = params.get("environment") is None
        raise reads.tree().no_application(project, environment or {}, params[name_option], name_option, by_default)
    return target


def find_application(resource: Resource, params: Mapping[str, Any], reads: Reads) -> Target:
    """The application that the options C(application), C(application_id), ... name; it must exist.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names, or where else there is one.
    :raises NotFoundError: there is none of that id.
    """
    target = locate_existing(resource, params, reads, "application")
    if params["application_id"] is not None and read(resource, target, reads) is None:
        # deployment.all answers an empty list for an application that does not exist.
        raise NotFoundError("application_id: there is no application %r" % params["application_id"])
    return target


# --- references ---
# References: options whose value names another resource.
#
# The user writes the name, or the id; the API wants the id. Lists of names are read once a task.


def resolve(reads: Reads, listing: Listing, wanted: str, option: str) -> str:
    """The ID of the record with this name or ID.

    :raises ReferenceNotFound: there is none of that name; the message lists similar names.
    :raises Ambiguous: several do; the message lists their ids.
    """
    rows = listing.rows(reads.listing(listing.procedures))
    row = pick(rows, wanted, option=option, kind=listing.label, id_key=listing.id_key, name_key=listing.name_key)
    if row is None:
        raise missing(rows, wanted, option=option, kind=listing.label, name_key=listing.name_key)
    return str(row[listing.id_key])


def resolved(reads: Reads, desired: Desired) -> Tuple[Desired, Dict[str, str]]:
    """The desired state with ids for names, and the names of the ids that were met.

    :raises ReferenceNotFound: nothing bears a name.
    :raises Ambiguous: several do.
    """
    names: Dict[str, str] = {}
    values: Dict[Tuple[str, ...], Any] = {}
    for want in all_wants(desired):
        listing = want.field.reference
        if listing is None or not want.value:
            continue
        wanted = want.value if isinstance(want.value, list) else [want.value]
        try:
            found = [resolve(reads, listing, str(item), dotted(want.path)) for item in wanted]
        except UnknownProcedure as error:
            if want.field.since is None:
                raise
            raise Refused(
                "%s needs Dokploy %s or newer, and this server does not know %s"
                % (dotted(want.path), version_text(want.field.since), error.procedure)
            ) from None
        names.update(zip(found, (str(item) for item in wanted)))
        values[want.path] = found if isinstance(want.value, list) else found[0]
    return with_values(desired, values), names
