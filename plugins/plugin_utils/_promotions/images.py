# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images of a promotion: what to ask a registry for each, and what none has any more. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Sequence, Tuple

Row = Mapping[str, Any]

HUB = "registry-1.docker.io"
_NOTHING = "Nothing was promoted, and what runs has not changed."
_CANNOT_PREPARE = "The applications that pull the images cannot be prepared."


def promote_images(rows: Sequence[Row], sources: Sequence[Row]) -> List[Dict[str, Any]]:
    """What to pull: the images of sources that have a digest, with the rows of their targets.

    :param rows: of the targets. :param sources: the result of C(dokploy_application_info) for the source of each.
    :return: each with C(digest), C(login), which has a secret, its C(path) in its registry, and the URL C(manifest).
    """
    images = []
    for row, source in zip(rows, sources):
        for application in source.get("applications") or ():
            for image in application["running"]["images"]:
                if image["digest"]:
                    host, path = _place(image["digest"].split("@")[0])
                    # As Docker does it, a registry on loopback has no TLS.
                    scheme = "http" if re.match(r"localhost|127\.", host) else "https"
                    digest = image["digest"].split("@")[1]
                    manifest = "%s://%s/v2/%s/manifests/%s" % (scheme, host, path, digest)
                    login = dict(application.get("docker") or {})
                    images.append(
                        {**row, "digest": image["digest"], "login": login, "path": path, "manifest": manifest}
                    )
    return images


def _place(name: str) -> Tuple[str, str]:
    """The host of a registry, and the path of an image there. A name without an address is of Docker Hub."""
    first, slash, rest = name.partition("/")
    has_host = bool(slash and re.search("[.:]|^localhost$", first))
    if has_host and first != "docker.io":
        return first, rest
    path = rest if has_host else name
    return HUB, path if "/" in path else "library/" + path


def promote_gone(asked: Sequence[Row], asked_again: Sequence[Row]) -> Dict[str, List[str]]:
    """What registries have answered that they do not have: the C(digests), and the paths in C(sources).

    :param asked: the results of the first requests. :param asked_again: those with tokens, whose items are nested.
    """
    gone = [result["item"] for result in asked if result.get("status") == 404]
    gone += [result["item"]["item"]["item"] for result in asked_again if result.get("status") == 404]
    return {
        "digests": list(dict.fromkeys(image["digest"] for image in gone)),
        "sources": list(dict.fromkeys(image["from"] for image in gone)),
    }


def promote_refusal(pulled: Sequence[Row]) -> str:
    """Why images cannot be pulled, each with the first line of what the server says.

    :param pulled: the results of the deployments that pull them; none if they could not even be prepared.
    """
    lines = []
    for pull in pulled:
        if pull.get("failed"):
            said = str(pull.get("msg") or "").partition("\n")[0]
            lines.append("%s cannot be pulled for %s: %s" % (pull["item"]["digest"], pull["item"]["to"], said))
    return "\n".join([_NOTHING, *(lines or [_CANNOT_PREPARE])])
