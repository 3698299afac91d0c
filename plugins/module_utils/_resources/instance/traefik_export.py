# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Traefik's files in an export: what of them is not Dokploy's own.

Dokploy writes a file for each application, its own router, certificates, and the middlewares of applications, whose
names have those of the applications in them (source of 0.30.2, measured).
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Container, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ..._api.client import Call, Client
from ..._errors import PermissionDenied, UnknownProcedure
from ..._model.exportable import Described
from ..._reads.rows import valid
from ..._values import yaml_text
from ..._values.nested import mapped
from .traefik_content import middlewares_in
from .traefik_files import paths_in_tree

_FILE = re.compile(r"dynamic/(?!dokploy\.ya?ml|middlewares\.ya?ml)[A-Za-z0-9_.-]+\.ya?ml\Z")
_OF_APPLICATIONS = re.compile(r"(?:redirect|auth|stripprefix|addprefix|forward-auth)-(?!to-https\Z)")
_OWN_MIDDLEWARE = "redirect-to-https"
# The file of a new server, but for the address for Let's Encrypt.
_MAIN: Mapping[str, Any] = {
    "providers": {
        "swarm": {"exposedByDefault": "false", "watch": "true"},
        "docker": {"exposedByDefault": "false", "watch": "true", "network": "dokploy-network"},
        "file": {"directory": "/etc/dokploy/traefik/dynamic", "watch": "true"},
    },
    "entryPoints": {
        "web": {"address": ":80"},
        "websecure": {
            "address": ":443",
            "http3": {"advertisedPort": "443"},
            "http": {"tls": {"certResolver": "letsencrypt"}},
        },
    },
    "api": {"insecure": "true"},
}
_RESOLVER: Mapping[str, Any] = {
    "storage": "/etc/dokploy/traefik/dynamic/acme.json",
    "httpChallenge": {"entryPoint": "web"},
}
# What other options change, and what some releases leave out.
_ANONYMOUS = {"sendAnonymousUsage": "false"}
_CHANGED = ("global", "certificatesResolvers", "accessLog")


def complete(described: Described, client: Client, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter the files of Traefik, and leave out what is Dokploy's own in them.

    :param rows: those of services, among others, whose files are Dokploy's.
    """
    options = described.options.get("traefik", {})
    described.left += [("traefik.%s" % option, reason) for option, reason in _without_own(options)]
    try:
        files = _read_files(client, {str(row.get("appName")) for row in rows})
    except PermissionDenied as error:
        described.left.append(("traefik.files", str(error)))
        files = []
    if files:
        options["files"] = files
        places = [("traefik", "files", number, "content") for number in range(len(files))]
        described.secrets += [(place, "traefik_%s" % file["path"]) for place, file in zip(places, files)]
    if options:
        described.options["traefik"] = options
    else:
        described.options.pop("traefik", None)


def _without_own(options: Dict[str, Any]) -> Iterator[Tuple[str, str]]:
    """Take out of the options of Traefik what is Dokploy's own, and what others of them state.

    :return: the options that cannot be stated, each with the reason.
    """
    ports = options.get("ports") or []
    if "dashboard" in options and "ports" in options:
        # The port of the dashboard is among the others.
        del options["ports" if len(ports) == 1 else "dashboard"]
    if "config" in options and _is_new_main(options["config"]):
        del options["config"]
    elif "config" in options:
        options.pop("access_log", None)
    names = _middlewares(options.get("middlewares"))
    if names is not None and not names - {_OWN_MIDDLEWARE}:
        options.pop("middlewares", None)
    elif names is not None and any(map(_OF_APPLICATIONS.match, names)):
        del options["middlewares"]
        own = sorted(name for name in names - {_OWN_MIDDLEWARE} if not _OF_APPLICATIONS.match(name))
        if own:
            text = "The file of %s also has what Dokploy writes for applications. Move them into a file of their own."
            yield "middlewares", text % " and ".join(own)


def _content(text: Any) -> Any:
    try:
        return yaml_text.mapping_of(str(text), "Traefik", "{http: ...}") if yaml_text.HAS_YAML else None
    except ValueError:
        return None


def _is_new_main(text: Any) -> bool:
    """Whether the main file is that of a new server, as far as no other option changes it."""
    # Its numbers and booleans are compared as texts.
    content = mapped(_content(text), lambda leaf: str(leaf).lower() if isinstance(leaf, (bool, int)) else leaf)
    if not isinstance(content, dict):
        # Without PyYAML it could not be stated.
        return not yaml_text.HAS_YAML
    resolvers = content.get("certificatesResolvers") or {}
    acme = (resolvers.get("letsencrypt") or {}).get("acme") or {}
    rest = {key: value for key, value in content.items() if key not in _CHANGED}
    same = rest == _MAIN and {key: value for key, value in acme.items() if key != "email"} == _RESOLVER
    return same and list(resolvers) == ["letsencrypt"] and content.get("global") in (None, _ANONYMOUS)


def _middlewares(text: Any) -> Optional[Set[Any]]:
    """The names of the middlewares in a file; C(None) for one of another form."""
    known = None if text is None else middlewares_in(text)
    if known is None or set(known[0]) - {"http"} or set(known[0].get("http") or ()) - {"middlewares"}:
        return None
    return set(known[1])


def _read_files(client: Client, services: Container[str]) -> List[Dict[str, str]]:
    """The files of the folder C(dynamic) that Dokploy has not made, as the option C(traefik.files) states them.

    :param services: names of services, whose files are Dokploy's.
    :raises PermissionDenied: the API key may not read them.
    """
    (tree,) = client.call_many([Call("settings.readDirectories", {})])
    if isinstance(tree, UnknownProcedure):
        return []
    nodes = valid(tree)
    root = posixpath.dirname(nodes[0]["id"]) if nodes else ""
    places = [place for place in paths_in_tree(nodes, "file") if _FILE.match(posixpath.relpath(place, root))]
    places = sorted(place for place in places if _stem(place) not in services)
    answers = client.call_many([Call("settings.readTraefikFile", {"path": place}) for place in places])
    texts = [None if isinstance(answer, PermissionDenied) else valid(answer) for answer in answers]
    return [
        {"path": posixpath.relpath(place, root), "content": text}
        for place, text in zip(places, texts)
        if text and not _is_of_service(_stem(place), text)
    ]


def _stem(place: str) -> str:
    return posixpath.basename(place).rpartition(".")[0]


def _is_of_service(name: str, text: str) -> bool:
    """Whether Dokploy has written a file for a service, which may be gone."""
    return text.strip() == "{}" or "%s-router-" % name in text or "%s-service-" % name in text
