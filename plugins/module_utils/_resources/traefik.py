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
from functools import partial
from typing import Any, Dict, Iterator, Mapping, Optional, Set

from .._engine.diff import Difference
from .._engine.lookup import find_parent
from .._engine.plan import Plan, Write
from .._engine.runner import Context, action_operation
from .._errors import ConfigurationError, NotApplied, OptionError, ReferenceNotFound
from .._model.resource import Resource
from .._secrets.patterns import MASK
from .._secrets.traefik import masked, masked_pair
from .application import APPLICATION
from .routing import INVALID_FILE_EFFECT

try:
    import yaml

    HAS_YAML = True
except ImportError:
    HAS_YAML = False


def configure(resource: Resource, context: Context) -> Dict[str, Any]:
    """The operation C(dokploy_traefik_config).

    :raises NotApplied: the server accepted the text, but the file has another one.
    """
    if not HAS_YAML:
        raise ConfigurationError("The Python library PyYAML is missing where the module runs.")
    text = rendered(context.params["content"])
    try:
        target = find_parent(resource, context.params, context.reads)
    except ReferenceNotFound as error:
        context.executor.parent_missing(error)
        label = "%s %r" % (resource.name, context.params[resource.name])
        return Difference(label, *masked_pair(None, text)).result(application_id=None, traefik_config=None)
    resource_id = str(target.resource_id)
    read = partial(context.client.query, "application.readTraefikConfig", {"applicationId": resource_id})
    current = read()
    unchanged = same(text, current)
    shown = masked_pair(current, current if unchanged else text)
    difference = context.first(Difference(target.label, *shown, hidden=not unchanged))
    if not unchanged:
        body = {"applicationId": resource_id, "traefikConfig": text}
        # Domains, redirects and basic-auth users are written by reading, changing and writing the same file.
        outcome = context.executor.run(Plan((Write("application.updateTraefikConfig", body, exclusive=True),)))
        if outcome.sent and not same(text, read()):
            raise NotApplied(
                "%s: the server accepted the Traefik configuration, but the file has another one" % target.label,
                hint="It could not write the file, or a domain was changed at the same time.",
            )
    return difference.result(application_id=resource_id, traefik_config=masked((current or "") if unchanged else text))


def rendered(content: Any) -> str:
    """The value of the option as the text to write.

    :raises OptionError: it is neither a mapping nor the text of one, or Traefik refuses it.
    """
    if isinstance(content, Mapping):
        try:
            # JSON drops the subclasses of text and mappings that Ansible uses.
            plain = json.loads(json.dumps(content, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise OptionError("content cannot be written as YAML for Traefik: %s" % error) from error
        text = str(yaml.safe_dump(plain, sort_keys=False, width=1000))
    elif isinstance(content, str):
        text = content if content.endswith("\n") else content + "\n"
    else:
        raise OptionError("content takes a mapping or the text of one, not a %s" % type(content).__name__)
    _check(text)
    if MASK in text:
        raise OptionError(
            "content contains %s in place of a secret: read it with include_secrets=true before you write it back"
            % MASK
        )
    return text


def _check(text: str) -> None:
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        value = yaml.safe_load(text) if len(documents) == 1 else None
    # ValueError: a date that does not exist. RecursionError: the nesting is too deep.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise OptionError("content is not valid YAML: %s" % _reason(error)) from error
    if len(documents) > 1:
        raise OptionError("content has %d YAML documents; Traefik reads one" % len(documents))
    if not isinstance(value, dict):
        kind = "empty" if value is None else "a %s" % type(value).__name__
        raise OptionError("content must be a mapping such as {http: ...}, not %s" % kind)
    duplicate = _duplicate(documents[0], set())
    if duplicate is not None:
        raise OptionError("content has the key %r twice in one mapping, which Traefik refuses" % duplicate)
    empty = next(_empty_sections(value), None)
    if empty is not None:
        raise OptionError(
            "content: %s is empty or not a mapping. %s. Leave it out; {} is an empty configuration"
            % (empty, INVALID_FILE_EFFECT)
        )


def _empty_sections(content: Mapping[str, Any]) -> Iterator[str]:
    """The sections and tables that Traefik refuses, since they are empty (measured with 3.7)."""
    for section in ("http", "tcp", "udp", "tls"):
        tables = content.get(section)
        named = tables if isinstance(tables, Mapping) else {}
        if tables is not None and all(table is None for table in named.values()):
            yield section
        yield from ("%s.%s" % (section, name) for name, table in named.items() if table == {})


def _reason(error: Any) -> str:
    """What is wrong and where, without quoted text, which may be a secret."""
    problem = " ".join(str(getattr(error, "problem", None) or error).split())
    mark = getattr(error, "problem_mark", None)
    place = "" if mark is None else "line %d, column %d: " % (mark.line + 1, mark.column + 1)
    return place + re.sub(r"(['\"])(?:(?!\1).){2,}\1", "(...)", problem)


def _duplicate(node: Any, seen: Set[int]) -> Optional[str]:
    """A key that a mapping has twice: PyYAML takes the last one, Traefik refuses the file."""
    # An anchor can make a node contain itself.
    if id(node) in seen or not isinstance(node, yaml.CollectionNode):
        return None
    seen.add(id(node))
    inner = node.value
    if isinstance(node, yaml.MappingNode):
        keys = [str(key.value) for key, _value in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1 and key != "<<":
                return key
        inner = [part for pair in node.value for part in pair]
    return next((found for found in (_duplicate(one, seen) for one in inner) if found is not None), None)


def same(wanted: str, current: Optional[str]) -> bool:
    """Whether two texts configure the same, regardless of comments, the order of keys and style."""
    if current is None or wanted.strip() == current.strip():
        return current is not None
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
