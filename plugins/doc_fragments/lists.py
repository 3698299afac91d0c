# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of domains and of mounts in a service.

A text without C(options:) is a part of a fragment: an option, which ends with C(suboptions:), or suboptions.
"""

from __future__ import annotations

# Which service of a stack.
_SERVICE = r"""
      service:
        description:
          - Name of a service in the Compose file. A name that the file does not have is refused. Of a repository the
            services are known once it was deployed.
        type: str
        required: true
"""

_DOMAIN = r"""
      host:
        description:
          - Host name, for example V(shop.example.com). Its DNS records must point to the server.
          - Upper-case letters are converted to lower case.
        type: str
        required: true
      path:
        description:
          - Prefix of the paths that Traefik routes to the service (Traefik's C(PathPrefix)).
        type: str
        default: /
      port:
        description:
          - Port that the service listens on in its container, 1 to 65535. The default for a new domain is V(3000).
        type: int
      https:
        description:
          - Whether Traefik serves the domain on the entry point C(websecure) and redirects requests to C(web) there.
            The default for a new domain is V(false), which serves it on C(web).
        type: bool
      certificate:
        description:
          - The source of the certificate. V(letsencrypt) is Traefik's certificate resolver of that name, V(custom) is
            O(domains[].certificate_resolver), and V(none) uses no resolver. The default for a new domain is V(none).
          - Has no effect without O(domains[].https=true). The module then issues a warning.
        type: str
        choices:
          - none
          - letsencrypt
          - custom
      certificate_resolver:
        description:
          - Name of a certificate resolver in Traefik's configuration. Required with O(domains[].certificate=custom).
        type: str
      internal_path:
        description:
          - Prefix that Traefik adds to the path of a request (Traefik's C(AddPrefix)). The default for a new domain is
            V(/), which adds nothing, as does V("").
        type: str
      strip_path:
        description:
          - Whether Traefik removes O(domains[].path) from a request before it forwards it (Traefik's C(StripPrefix)).
            The default for a new domain is V(false).
        type: bool
      entrypoint:
        description:
          - Name of the Traefik entry point that serves the domain, instead of C(web) and C(websecure). Needs Dokploy
            0.29.0 or newer.
          - V("") clears it.
        type: str
      middlewares:
        description:
          - Names of Traefik middlewares for the domain, for example V(compress@file). Needs Dokploy 0.29.0 or newer.
          - Traefik applies them in this order, so the order is significant. V([]) clears them.
        type: list
        elements: str
      forward_auth:
        description:
          - Whether requests require the single sign-on of the organization (Traefik's C(ForwardAuth)). The default for
            a new domain is V(false). Needs Dokploy 0.29.8 or newer.
          - Single sign-on is a feature of Dokploy's enterprise licence. If the server has not set it up, Traefik does
            not serve the domain.
        type: bool
      enabled:
        description:
          - Whether Traefik serves the domain. A disabled domain keeps its settings. The default for a new domain is
            V(true). Needs Dokploy 0.30.0 or newer.
        type: bool
"""

_MOUNT = r"""
      path:
        description:
          - Absolute path in the container.
        type: str
        required: true
        aliases:
          - target
      type:
        description:
          - V(volume) is a Docker volume, which is created if it does not exist.
          - V(bind) is an existing file or folder of the host.
          - V(file) is a file whose content Dokploy stores.
        type: str
        required: true
        choices:
          - volume
          - bind
          - file
      name:
        description:
          - Name of the Docker volume. Services that set the same name share it. Required with O(mounts[].type=volume).
        type: str
        aliases:
          - volume
      host_path:
        description:
          - Path on the host. Required with O(mounts[].type=bind).
        type: str
      source:
        description:
          - The source of the mount, as Docker names it. It is the same as O(mounts[].name) with
            O(mounts[].type=volume), and as O(mounts[].host_path) with O(mounts[].type=bind).
        type: str
      file_path:
        description:
          - Name of the file in the folder in which Dokploy stores the service's files, such as V(app.conf). Required
            with O(mounts[].type=file). It must not lead out of the folder with C(..).
        type: str
"""

# The content of a file mount.
_FILE = r"""
      content:
        description:
          - Content of the file with O(mounts[].type=file). V("") makes it an empty file.
          - A secret. Dokploy returns it, so it is compared, and written only if it differs.
        type: str
      src:
        description:
          - File with the content, instead of O(mounts[].content). It must be UTF-8.
          - With a local connection, the file is searched for as with M(ansible.builtin.copy), in C(files) of the role
            or beside the playbook. With another connection, it is a path on the remote host.
          - The content is a secret, as O(mounts[].content) is.
        type: path
"""


class ModuleDocFragment:
    # With an annotation, since the yamllint of ansible-test takes a plain assignment for that of a literal.

    # Of an application.
    APPLICATION: str = (
        r"""
options:
  domains:
    description:
      - All domains of the application. Others are removed, and V([]) removes all. Without the option domains are not
        managed.
      - A domain is identified by O(domains[].host) and O(domains[].path). An existing one is updated in place, and its
        options that are not set do not change.
      - If another application or stack has a new domain's host and path, the module issues a warning that names it.
      - Takes effect at once, without a deployment. Dokploy writes it to Traefik's configuration.
      - O(redirects) and O(basic_auth) are written after the domains, and removed before them. If no domain is enabled,
        the module ensures that Traefik can read the file of the application. See R(the guide to Traefik,
        ansible_collections.community.dokploy.docsite.traefik).
    type: list
    elements: dict
    suboptions:
"""
        + _DOMAIN
        + r"""
  mounts:
    description:
      - All mounts of the application. Others are removed, and V([]) removes all. Without the option mounts are not
        managed. Removing a mount does not delete the volume or the folder of the host.
      - A mount is identified by O(mounts[].path). An existing one is updated in place, and its options that are not set
        do not change. A change of O(mounts[].type) replaces the mount.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
"""
        + _MOUNT
        + _FILE
    )

    # Of a Compose stack.
    COMPOSE: str = (
        r"""
options:
  domains:
    description:
      - All domains of the stack. Others are removed, and V([]) removes all. Without the option domains are not managed.
      - A domain is identified by O(domains[].host) and O(domains[].path). An existing one is updated in place, and its
        options that are not set do not change.
      - If another stack or application has a new domain's host and path, the module issues a warning that names it.
      - 'Changes need a deployment: Dokploy adds them as labels to the services.'
    type: list
    elements: dict
    suboptions:
"""
        + _SERVICE
        + _DOMAIN
        + r"""
  mounts:
    description:
      - All files that Dokploy stores for the stack. Others are removed, and V([]) removes all. Without the option they
        are not managed.
      - 'The Compose file refers to such a file as C(../files/FILE_PATH), in C(volumes) of a service for example.
        Volumes and folders of the host are part of the Compose file itself: Dokploy stores mounts of these types for a
        stack, but does not use them.'
      - A file is identified by O(mounts[].file_path). An existing one is updated in place.
      - Dokploy writes a changed file at once, and a container that mounts it sees the new content. What a deployment
        reads, such as a file of variables, needs one.
    type: list
    elements: dict
    suboptions:
      file_path:
        description:
          - Path of the file, relative to the folder in which Dokploy stores the stack's files, such as
            V(nginx/app.conf). It must not lead out of the folder with C(..).
        type: str
        required: true
      type:
        description:
          - The only type that a stack has.
        type: str
        choices:
          - file
        default: file
"""
        + _FILE
    )

    # Of a database.
    DATABASE: str = (
        r"""
options:
  mounts:
    description:
      - All mounts of the database besides the data volume that Dokploy makes. Others are removed, and V([]) removes
        all. Without the option mounts are not managed. Removing a mount does not delete the volume or the folder of the
        host.
      - The data volume, C(<app_name>-data), is kept, and need not be in the list. A mount at its path replaces it.
      - A mount is identified by O(mounts[].path). An existing one is updated in place, and its options that are not set
        do not change. A change of O(mounts[].type) replaces the mount.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
"""
        + _MOUNT
        + _FILE
    )

    # Of a job.
    JOB: str = (
        r"""
options:
  mounts:
    description:
      - The mounts of the container. A volume that does not exist is created, and stays.
    type: list
    elements: dict
    suboptions:
"""
        + _MOUNT
        + _FILE
    )
