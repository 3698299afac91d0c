# Copyright (c) Community Dokploy collection contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Folders of a host that are parts of the host itself, and no data of a service."""

from __future__ import annotations

_PARTS = tuple(
    "/proc /sys /dev /run /var/run /boot /usr /lib /lib64 /bin /sbin /etc/localtime /etc/timezone /etc/passwd"
    " /etc/group /etc/hosts /etc/ssl /etc/dokploy/traefik /var/lib/docker".split()
)


def is_part_of_host(path: str) -> bool:
    """Whether a path is the root of a host, or belongs to its system, such as Docker's socket."""
    return path == "/" or any(path == part or path.startswith("%s/" % part) for part in _PARTS)
