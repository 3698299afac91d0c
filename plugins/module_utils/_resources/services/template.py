# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Templates of Compose stacks: what there is, and a stack that begins as one.

A template gives a new stack its file, variables, domains and mounts. Each use makes another stack with other passwords
(measured on Dokploy 0.30.2), so that it is only used where the stack does not exist.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import replace
from typing import Any, Dict, Mapping

from ..._deployment.sources import sources_of
from ..._engine.apply import present
from ..._engine.desired import desire
from ..._engine.difference import Difference
from ..._engine.lookup import Target, locate
from ..._engine.plan import SELF, Plan, Write
from ..._engine.references import resolve
from ..._engine.runner import Context, Operation, repeated
from ..._errors import BadRequest, OptionError, ReferenceNotFound, Refused, known_names
from ..._model.argspec import Spec
from ..._model.resource import DELETE_TIMEOUT, SERVERS, Resource
from ..._values.codec import GENERATED
from ..._values.schema import ID, SCALAR, list_of, object_of
from .compose_file import CONTENT

EMPTY = "the server found no templates: it cannot reach their list, or the list is empty"
# The server fetches the files of the template.
FETCH_TIMEOUT = 120.0

TEMPLATE: Spec = {
    "type": "dict",
    "options": {"id": {"type": "str"}, "base_url": {"type": "str"}, "base64": {"type": "str", "no_log": True}},
    "mutually_exclusive": [["id", "base64"], ["base_url", "base64"]],
    "required_one_of": [["id", "base64"]],
}


def present_from_template(resource: Resource, context: Context) -> Dict[str, Any]:
    """C(present), for a resource that begins as a template if it does not exist."""
    params, template = context.params, context.params["template"]
    if template is None or params["name"] is None or params[resource.id_option] is not None:
        return present(resource, context)
    try:
        target = locate(resource, params, context.reads)
    except ReferenceNotFound:
        # In check mode its parent may be missing.
        return present(resource, context)
    if target.resource_id is not None:
        return present(resource, context)
    # What can be judged without the server is judged before anything is written.
    desire(resource, params)
    if template["base64"] is not None:
        return _imported(resource, template["base64"], target.label, context)
    return _deployed(resource, template, target, context)


def _deployed(resource: Resource, template: Mapping[str, Any], target: Target, context: Context) -> Dict[str, Any]:
    """A new one from a template of a list."""
    params = context.params
    if params["app_name"] is not None:
        raise OptionError("app_name is not supported with template.id: Dokploy names the containers by the template")
    source = {"baseUrl": template["base_url"]} if template["base_url"] else {}
    known = [str(row.get("id")) for row in context.client.query("compose.templates", source) or ()]
    if not known:
        raise Refused("template: %s" % EMPTY, hint="Nothing was written.")
    if template["id"] not in known:
        message = "template.id: there is no template %r" % template["id"]
        raise ReferenceNotFound(message, hint=known_names(template["id"], known))
    body = {str(resource.parent_key): target.parent_id, "id": template["id"], **source}
    if params["server"]:
        body["serverId"] = resolve(context.reads, SERVERS, params["server"], "server")
    write = Write("compose.deployTemplate", body, saves=SELF, timeout=FETCH_TIMEOUT, once=True)
    outcome = context.executor.run(Plan((write,)))
    row = outcome.rows.get(SELF)
    if not outcome.sent or row is None:
        result = present(resource, context)
    else:
        context.reads.tree(resource.levels).enter(resource.levels, row, target.parent_id)
        result = _adapted(resource, str(row[resource.id_key]), target.label, context)
    return _described(result, result, target.label, template["id"], params)


def _imported(resource: Resource, text: str, label: str, context: Context) -> Dict[str, Any]:
    """A new one with the content of an exported template.

    :raises Refused: the server cannot import it.
    """
    file, params, sent_before = _compose_file(text), context.params, context.executor.sent
    if all(params[name] is None for name in sources_of(resource)):
        # So its services are known before anything is written.
        params = {**params, "raw": {"content": file}}
    inner = replace(context, params=params)
    made = repeated(lambda: present(resource, inner), inner, label)
    result, resource_id = made, made[resource.name][resource.id_option]
    if resource_id != GENERATED:
        body = {resource.id_key: resource_id}
        write = Write("compose.import", {**body, "base64": text}, timeout=FETCH_TIMEOUT)
        try:
            context.executor.run(Plan((write,)))
        except BadRequest as error:
            # With nothing in it, the next run would take it for the imported one.
            removal = Write(resource.remove, {**body, **resource.remove_with}, timeout=DELETE_TIMEOUT)
            context.executor.run(Plan((removal,)))
            context.executor.sent = sent_before
            context.reads.tree(resource.levels).forget(resource.levels, resource_id)
            raise Refused(
                "template.base64: Dokploy cannot import it",
                hint="The new %s was removed again." % resource.name,
                procedure=error.procedure,
                status=error.status,
                server_message=error.server_message,
            ) from None
        result = _adapted(resource, resource_id, label, context)
    return _described(result, made, label, "(imported)", params)


def _adapted(resource: Resource, resource_id: str, label: str, context: Context) -> Dict[str, Any]:
    """The result of bringing the new one to what is stated."""
    params = {**context.params, "template": None, resource.id_option: resource_id}
    inner = replace(context, params=params)
    # Only this is repeated after a failure: another use of the template would make another one.
    return repeated(lambda: present(resource, inner), inner, label)


def _described(
    result: Dict[str, Any], made: Mapping[str, Any], label: str, template: str, params: Mapping[str, Any]
) -> Dict[str, Any]:
    """A result of a new one, with the template in the diff.

    :param made: the result whose diff has what is stated.
    """
    before, after = {"state": "absent"}, {"state": "present", "name": params["name"], "template": template}
    difference = Difference(label, before, {**after, **made["diff"]["after"]})
    # A template has a file, and deploys nothing.
    return {**result, "deploy_needed": True, **difference.result()}


def _compose_file(text: str) -> str:
    """The Compose file of an exported template.

    :raises OptionError: it is no template: the import removes mounts and domains before it reads it.
    """
    try:
        content = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise OptionError("template.base64 is not the Base64 text of JSON") from error
    if not isinstance(content, dict) or not all(isinstance(content.get(key), str) for key in ("compose", "config")):
        raise OptionError("template.base64 has no template: the keys compose and config, both with text, are needed")
    try:
        return str(CONTENT.to_api(content["compose"]))
    except ValueError as error:
        raise OptionError("template.base64: compose: %s" % error) from None


# --- the list --------------------------------------------------------------------------------------------------------

_SHOWN = ("id", "name", "version", "description", "links", "tags")


def list_templates(context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_template_info)."""
    params = context.params
    query = {"baseUrl": params["base_url"]} if params["base_url"] else {}
    rows = context.client.query("compose.templates", query) or []
    if not rows:
        context.warn(["%s." % EMPTY.capitalize()])
    wanted = {tag.lower() for tag in params["tags"]}
    found = [
        {key: row.get(key) for key in _SHOWN}
        for row in rows
        if params["id"] in (None, row.get("id")) and wanted <= {str(tag).lower() for tag in row.get("tags") or ()}
    ]
    return {"changed": False, "templates": sorted(found, key=lambda row: str(row["id"]))}


#: The answer that lists the templates.
TEMPLATES = {"compose.templates": list_of(object_of(id=ID, tags=list_of(SCALAR)))}

INFO_OPERATION = Operation(
    name="dokploy_template_info",
    options={
        "base_url": {"type": "str"},
        "id": {"type": "str"},
        "tags": {"type": "list", "elements": "str", "default": []},
    },
    perform=list_templates,
    answers=TEMPLATES,
)
