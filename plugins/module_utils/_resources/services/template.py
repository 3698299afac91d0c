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
from dataclasses import dataclass, replace
from typing import Any, Dict, Mapping, Sequence, Tuple

from ..._api.client import Call, Client
from ..._deployment.state import sources_of
from ..._engine.apply import PRESENT, finished, planned_again
from ..._engine.desired import desire
from ..._engine.execute import Executor
from ..._engine.flow import ResourcePlan, entered, fulfil, plan
from ..._engine.lookup import resolved
from ..._engine.plan import SELF, Outcome, Step, Write
from ..._engine.runner import Context, Operation, repeated
from ..._engine.state import Node, State
from ..._errors import BadRequest, OptionError, ReferenceNotFound, Refused, known_names
from ..._model.argspec import Spec
from ..._model.resource import DELETE_TIMEOUT, SERVERS, Resource
from ..._model.states import Transition
from ..._values.marks import FromResponse
from ..._values.schema import ID, SCALAR, list_of, object_of
from .compose_file import CONTENT

EMPTY = "the server found no templates: it cannot reach their list, or the list is empty"
# The server fetches the files of the template.
FETCH_TIMEOUT = 120.0

TEMPLATE: Spec = {
    "type": "dict",
    "options": {
        "id": {"type": "str"},
        "base_url": {"type": "str"},
        "base64": {"type": "str", "no_log": True, "contents": True},
    },
    "mutually_exclusive": [["id", "base64"], ["base_url", "base64"]],
    "required_one_of": [["id", "base64"]],
}


@dataclass(frozen=True)
class TemplatePlan(ResourcePlan):
    """A new stack from a template. What is stated beside the template is left to do after that.

    :param creation: the creation of the stack without a template.
    """

    creation: ResourcePlan

    def read_back(self, outcome: Outcome) -> Sequence[Call]:
        return ()


def _plan(state: State, context: Context) -> ResourcePlan:
    """C(present), for a resource that begins as a template if it does not exist."""
    params, target = context.params, state.target
    template, named = params["template"], params["name"] is not None and params[state.resource.id_option] is None
    # In check mode its parent may be missing.
    if template is None or not named or target.resource_id is not None or target.parent_id is None:
        planned: ResourcePlan = PRESENT.plan(state, context)
        return planned
    if template["base64"] is not None:
        return _plan_import(state, template["base64"], context)
    return _plan_use(state, template, context)


def _plan_use(state: State, template: Mapping[str, Any], context: Context) -> TemplatePlan:
    """A new one from a template of a list."""
    resource, params = state.resource, context.params
    if params["app_name"] is not None:
        raise OptionError("app_name is not supported with template.id: Dokploy names the containers by the template")
    source = {"baseUrl": template["base_url"]} if template["base_url"] else {}
    known = [str(row.get("id")) for row in context.client.query("compose.templates", source) or ()]
    if not known:
        raise Refused("template: %s" % EMPTY, hint="Nothing was written.")
    if template["id"] not in known:
        message = "template.id: there is no template %r" % template["id"]
        raise ReferenceNotFound(message, hint=known_names(template["id"], known))
    server = next((want.value for want in state.desired.fields if want.field.reference is SERVERS), None)
    body = {str(resource.parent_key): state.target.parent_id, "id": template["id"], **source}
    body.update({"serverId": server} if server else {})
    write = Write("compose.deployTemplate", body, saves=SELF, timeout=FETCH_TIMEOUT, once=True)
    return _described((write,), plan(state), template["id"])


def _plan_import(state: State, text: str, context: Context) -> TemplatePlan:
    """A new one with the content of an exported template."""
    resource, params, file = state.resource, context.params, _compose_file(text)
    if all(params[name] is None for name in sources_of(resource)):
        # So its services are known before anything is written.
        desired = desire(resource, {**params, "raw": {"content": file}})
        desired, names = resolved(context.reads, desired, context.executor.parent_missing)
        state = replace(state, desired=desired, names={**state.names, **names})
    creation: ResourcePlan = PRESENT.plan(state, context)
    return _described((*creation.steps, ImportTemplate(resource, text)), creation, "(imported)")


def _described(steps: Tuple[Step, ...], creation: ResourcePlan, template: str) -> TemplatePlan:
    """The plan, with the template in its difference."""
    name = next(want.value for want in creation.state.desired.fields if want.field.api == "name")
    first, created = {"state": "present", "name": name, "template": template}, creation.difference
    difference = replace(created, after={**first, **created.after})
    return TemplatePlan(steps, difference, creation.state, creation.diff, creation)


def _never(_client: Client) -> bool:
    """An import whose answer is lost is sent again: it removes mounts and domains first, so that it does the same."""
    return False


@dataclass(frozen=True)
class ImportTemplate(Step):
    """Import an exported template into the stack that was just created, which is removed again if that fails."""

    resource: Resource
    text: str

    def run(self, executor: Executor, outcome: Outcome) -> None:
        """:raises Refused: the server cannot import it."""
        resource = self.resource
        own = {resource.id_key: outcome.value(FromResponse(SELF, resource.id_key))}
        body = {**own, "base64": self.text}
        try:
            executor.write(Write("compose.import", body, timeout=FETCH_TIMEOUT, took=_never), outcome)
        except BadRequest as error:
            # With nothing in it, the next run would take it for the imported one.
            removal = Write(resource.removal.procedure, {**own, **resource.removal.body}, timeout=DELETE_TIMEOUT)
            executor.write(removal, outcome)
            executor.sent = outcome.sent_before
            raise Refused(
                "template.base64: Dokploy cannot import it",
                hint="The new %s was removed again." % resource.name,
                procedure=error.procedure,
                status=error.status,
                server_message=error.server_message,
            ) from None


def _finish(first: ResourcePlan, planned: ResourcePlan, outcome: Outcome, context: Context) -> Dict[str, Any]:
    """The result of bringing the new one to what is stated."""
    if not isinstance(planned, TemplatePlan):
        result: Dict[str, Any] = PRESENT.finish(first, planned, outcome, context)
        return result
    if outcome.sent:
        row = {**outcome.rows[SELF], **(outcome.shown or {})}
        target = entered(fulfil(planned, outcome), row, context.reads).target
        result = _adapted(planned, str(target.resource_id), outcome, context)
    else:
        # What check mode has to say of the creation.
        creation: ResourcePlan = PRESENT.plan(planned.creation.state, context)
        result = PRESENT.finish(creation, creation, outcome, context)
    # A template has a file, and deploys nothing.
    return {**result, "deploy_needed": True, **first.difference.result()}


def _adapted(planned: TemplatePlan, resource_id: str, outcome: Outcome, context: Context) -> Dict[str, Any]:
    resource, label = planned.state.resource, planned.state.target.label
    params = {**context.params, "template": None, resource.id_option: resource_id}
    node, inner = Node(resource, params), replace(context, params=params)

    def attempt() -> Dict[str, Any]:
        left = planned_again(node, inner)
        progress = inner.executor.begin(left)
        result = finished(node, left, progress, inner)
        outcome.shown = progress.outcome.shown
        return result

    # Only this is repeated after a failure: another use of the template would make another one.
    return repeated(attempt, inner, label)


#: A stack begins as a template if it does not exist.
FROM_TEMPLATE = Transition(PRESENT.observe, _plan, _finish)


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
    templates = [
        {key: row.get(key) for key in _SHOWN}
        for row in rows
        if params["id"] in (None, row.get("id")) and wanted <= {str(tag).lower() for tag in row.get("tags") or ()}
    ]
    return {"changed": False, "templates": sorted(templates, key=lambda row: str(row["id"]))}


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
