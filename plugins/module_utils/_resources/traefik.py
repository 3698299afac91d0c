# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Traefik configuration of an application: a file, checked, compared and written as a whole.

Dokploy stores any text, and answers C(true) even when it cannot write the file (measured on 0.30.2). So invalid YAML is
refused here, and the file is read again after the write.
"""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Mapping, Optional

from ansible_collections.community.dokploy.plugins.module_utils._api.client import Client
from ansible_collections.community.dokploy.plugins.module_utils._engine.lookup import find_application
from ansible_collections.community.dokploy.plugins.module_utils._engine.operations import action_operation
from ansible_collections.community.dokploy.plugins.module_utils._engine.plan import Plan, Write
from ansible_collections.community.dokploy.plugins.module_utils._engine.runner import Context
from ansible_collections.community.dokploy.plugins.module_utils._errors import (
    NotApplied,
    OptionError,
    ProtocolError,
    ReferenceNotFound,
)
from ansible_collections.community.dokploy.plugins.module_utils._model.resource import Resource
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import APPLICATION
from ansible_collections.community.dokploy.plugins.module_utils._resources.routing import TRAEFIK_FILE
from ansible_collections.community.dokploy.plugins.module_utils._secrets.patterns import MASK
from ansible_collections.community.dokploy.plugins.module_utils._secrets.traefik import diff, masked

try:
    import yaml

    HAS_YAML = True
except ImportError:  # A module's host needs nothing but requests.
    HAS_YAML = False

Result = Dict[str, Any]

_READ = "application.readTraefikConfig"


def configure(resource: Resource, context: Context) -> Result:
    """The operation C(dokploy_traefik_config).

    :raises OptionError: C(content) is no YAML mapping.
    :raises ReferenceNotFound: there is no such application.
    :raises NotApplied: the server said yes, but the file is not what was written.
    """
    text = rendered(context.params["content"])
    if not HAS_YAML:
        context.executor.warnings.append(
            "PyYAML is missing where the module runs, so content is compared as text and its syntax is not checked"
        )
    try:
        target = find_application(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        return {"changed": True, "application_id": None, "traefik_config": None, "diff": diff("", None, text)}
    resource_id = str(target.resource_id)
    current = read_config(context.client, resource_id)
    there = same(text, current)
    shown = context.first(diff(target.label, current, current if there else text))
    if there:
        return {
            "changed": False,
            "application_id": resource_id,
            "traefik_config": masked(current or ""),
            "diff": shown,
        }
    body = {"applicationId": resource_id, "traefikConfig": text}
    # Domains, redirects and basic-auth users are written by reading the same file, changing it and writing it back.
    outcome = context.executor.run(Plan((Write("application.updateTraefikConfig", body, alone=True),)))
    if outcome.sent and not same(text, read_config(context.client, resource_id)):
        raise NotApplied(
            "%s: the server accepted the Traefik configuration, but shows another one" % target.label,
            hint="It could not write the file, or a change of a domain has rewritten it at the same time.",
        )
    return {
        "changed": True,
        "application_id": resource_id,
        "traefik_config": masked(text),
        "diff": shown,
    }


def read_config(client: Client, application_id: str) -> Optional[str]:
    """The text of the file, C(None) where there is none.

    :raises ProtocolError: something that is no Dokploy has answered.
    """
    text = client.query(_READ, {"applicationId": application_id})
    if text is not None and not isinstance(text, str):
        raise ProtocolError("%s answered %s instead of text" % (_READ, type(text).__name__), procedure=_READ)
    return text


def rendered(content: Any) -> str:
    """The option's value as the text that is written.

    :raises OptionError: it is neither a mapping nor the text of one.
    """
    if isinstance(content, Mapping):
        text = _dump(content)
        _check_sections(content)
    elif isinstance(content, str):
        text = content if content.endswith("\n") else content + "\n"
        _check(text)
    else:
        raise OptionError("content takes a mapping or the text of one, not a %s" % type(content).__name__)
    if MASK in text:
        raise OptionError(
            "content holds %s where a secret is hidden; read it with include_secrets=true before you write it back"
            % MASK
        )
    return text


def _dump(content: Mapping[str, Any]) -> str:
    try:
        # Through JSON, which leaves nothing of the subclasses of text and mappings that Ansible works with.
        plain = json.loads(json.dumps(content, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise OptionError("content holds what YAML for Traefik cannot say: %s" % error) from error
    if HAS_YAML:
        text = _yaml(plain, allow_unicode=True)
        # PyYAML writes a few control characters so that it reads others, unless it escapes all that is not ASCII.
        return text if yaml.safe_load(text) == plain else _yaml(plain, allow_unicode=False)
    # JSON is YAML too.
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _yaml(value: Any, allow_unicode: bool) -> str:
    return str(
        yaml.safe_dump(value, default_flow_style=False, sort_keys=False, allow_unicode=allow_unicode, width=1000)
    )


def _check(text: str) -> None:
    if not HAS_YAML:
        if not text.strip():
            raise OptionError("content is empty; a configuration without anything in it is {}")
        return
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        value = yaml.safe_load(text) if len(documents) == 1 else None
    except yaml.YAMLError as error:
        raise OptionError("content is no valid YAML: %s" % _why(error)) from error
    except (ValueError, RecursionError) as error:
        # A date that no calendar has, or an endless nest.
        raise OptionError("content is no valid YAML: %s" % error) from error
    if len(documents) > 1:
        raise OptionError("content has %d YAML documents; Traefik reads one" % len(documents))
    if not isinstance(value, dict):
        raise OptionError(
            "content must be a mapping such as {http: ...}, not %s"
            % ("empty" if value is None else "a %s" % type(value).__name__)
        )
    twice = _twice(documents[0])
    if twice:
        raise OptionError("content has the key %r twice in one mapping, which Traefik refuses" % twice)
    _check_sections(value)


def _check_sections(content: Mapping[str, Any]) -> None:
    """:raises OptionError: a section or a table of it is empty, which Traefik refuses (measured with 3.7)."""
    for section in ("http", "tcp", "udp", "tls"):
        tables = content.get(section)
        if tables is None:
            continue
        named = tables if isinstance(tables, Mapping) else {}
        empty = ["%s.%s" % (section, name) for name, table in named.items() if table == {}]
        if all(table is None for table in named.values()):
            empty = [section]
        if empty:
            raise OptionError(
                "content: %s is empty or no mapping. %s. Leave it out; {} is a configuration without anything in it"
                % (empty[0], TRAEFIK_FILE.effect)
            )


def _why(error: Any) -> str:
    """What is wrong and where, without the line itself, which PyYAML quotes, and without names that may be values."""
    what = re.sub(r"(['\"])(?:(?!\1).){2,}\1", "(...)", " ".join(str(getattr(error, "problem", "") or "").split()))
    mark = getattr(error, "problem_mark", None)
    where = "" if mark is None else "line %d, column %d: " % (mark.line + 1, mark.column + 1)
    return where + (what or "it cannot be read")


def _twice(node: Any) -> Optional[str]:
    """A key that a mapping has twice: PyYAML takes the last one, Traefik does not read the file at all."""
    nodes: List[Any] = [node]
    seen = set()
    while nodes:
        one = nodes.pop()
        # Anchors let a node stand in several places, even in itself.
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, yaml.MappingNode):
            keys = [str(key.value) for key, _value in one.value if isinstance(key, yaml.ScalarNode)]
            doubles = [key for key in keys if keys.count(key) > 1 and key != "<<"]
            if doubles:
                return doubles[0]
            nodes += [part for pair in one.value for part in pair]
        elif isinstance(one, yaml.SequenceNode):
            nodes += one.value
    return None


def same(wanted: str, current: Optional[str]) -> bool:
    """Whether two texts configure the same; comments, order of keys and style do not matter where YAML can be read."""
    if current is None:
        return False
    if wanted.strip() == current.strip():
        return True
    if not HAS_YAML:
        return False
    try:
        return bool(yaml.safe_load(wanted) == yaml.safe_load(current))
    except (yaml.YAMLError, ValueError, RecursionError):
        return False


OPERATION = action_operation(
    "dokploy_traefik_config",
    APPLICATION,
    configure,
    # It may contain password hashes.
    {"content": {"type": "raw", "required": True, "no_log": True}},
    {"required_one_of": [["application", "application_id"]]},
)
