#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_server
short_description: Manage remote servers of Dokploy, check them and set them up
version_added: 1.0.0
description:
  - Creates, updates and removes a remote server, on which Dokploy runs services or builds images over SSH. It also
    checks whether the server is ready, and sets it up.
  - Most tasks set O(name), O(ip_address), O(ssh_key) and O(state=setup).
  - 'A short example: C(community.dokploy.dokploy_server: {name: frankfurt, ip_address: 203.0.113.20, ssh_key: deploy,
    state: setup}).'
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
    details:
      - Check mode validates a server whose record does not change, and does not set it up.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Dokploy stores a server without a connection to it. Only O(state=validated) and O(state=setup) show that it can be
    used.
  - A server without an SSH key is not an error for Dokploy, but it then uses the Docker of its own host instead of
    the server's. So O(ssh_key) cannot be empty. Dokploy removes the SSH key from its servers when the SSH key is
    removed. The module warns of a server without an SSH key.
  - The set-up script is run by Dokploy, not by Ansible. The server needs the public part of the SSH key before, in
    C(authorized_keys) of O(user).
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the server, 1 to 255 characters. Case is significant.
      - One of O(name) and O(server_id) is required.
    type: str
  server_id:
    description:
      - ID of an existing server. Use it instead of O(name), or with it to rename the server.
      - If it does not exist, O(state=absent) changes nothing, and other states fail.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the server, or updates it where it differs.
      - V(absent) removes the server. Dokploy removes its schedules and certificates with it. Files, containers and
        networks on the server stay. If services are on the server, the module fails and lists them. If applications
        are built on it, it does so, too, unless O(force=true).
      - V(validated) does the same as V(present). Then Dokploy connects to the server and looks for what is installed.
        The module fails if Dokploy cannot connect, or if one of O(required_components) is missing.
      - V(setup) does the same as V(validated), but runs the set-up script if something is missing, and validates the
        server again, since Dokploy reports success however the script ends. It also runs the script if O(command)
        changes. Needs Dokploy 0.28.0 or newer.
    type: str
    choices:
      - present
      - absent
      - validated
      - setup
    default: present
  description:
    description:
      - Description of the server. V("") clears it.
    type: str
  ip_address:
    description:
      - IP address or host name of the server, without scheme and port. Required for a new server.
    type: str
    aliases:
      - host
  port:
    description:
      - Port of the SSH service, 1 to 65535. The default for a new server is 22.
    type: int
  user:
    description:
      - User to log in as, 1 to 255 characters. The default for a new server is V(root). Another user needs C(sudo)
        without a password.
    type: str
  ssh_key:
    description:
      - Name or ID of the SSH key to log in with, which M(community.dokploy.dokploy_ssh_key) creates. Required for a new
        server.
    type: str
  type:
    description:
      - V(deploy) is a server that runs services, V(build) one that only builds images. The default for a new server is
        V(deploy). Needs Dokploy 0.26.0 or newer.
    type: str
    choices:
      - deploy
      - build
  docker_cleanup:
    description:
      - Whether Dokploy removes unused Docker images from the server every night. The default for a new server is
        V(true). Needs Dokploy 0.29.8 or newer.
    type: bool
  builds_concurrency:
    description:
      - How many builds run on the server at the same time, 1 to 100. The default for a new server is 1. Needs Dokploy
        0.29.9 or newer.
    type: int
  command:
    description:
      - Shell script that sets the server up instead of Dokploy's own. V("") is Dokploy's own, which is also the
        default for a new server. O(state=setup) runs it.
    type: str
  required_components:
    description:
      - What must be on the server for O(state=validated) and O(state=setup). The default is all of them, for
        O(type=build) without V(rclone), V(swarm) and V(network).
      - V(network) is the Docker network C(dokploy-network), V(main_directory) is C(/etc/dokploy). V(docker_group) is
        the membership of O(user) in the group C(docker), and V(privileges) is C(sudo) without a password. C(root)
        needs neither of them.
    type: list
    elements: str
    choices:
      - docker
      - rclone
      - nixpacks
      - buildpacks
      - railpack
      - swarm
      - network
      - main_directory
      - docker_group
      - privileges
  wait_timeout:
    description:
      - Seconds to wait for the end of the set-up script.
    type: float
    default: 1800
  log_lines:
    description:
      - How many lines at the end of the log of the set-up script to return, 1 to 10000.
    type: int
    default: 50
  follow:
    description:
      - Whether to show the log of the set-up script while it runs. Ansible shows it only if the task runs on the
        controller, which is the default of this module.
    type: bool
    default: false
  force:
    description:
      - Whether O(state=absent) also removes a server on which applications are built.
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_server_info
  - module: community.dokploy.dokploy_ssh_key
  - module: community.dokploy.dokploy_application
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Add a server, and install what Dokploy needs on it
  community.dokploy.dokploy_server:
    name: frankfurt
    ip_address: 203.0.113.20
    ssh_key: deploy
    state: setup
    follow: true

- name: Check that the server is ready before services are created on it
  community.dokploy.dokploy_server:
    name: frankfurt
    state: validated
  register: ready

- name: Show the version of Docker on it
  ansible.builtin.debug:
    msg: "{{ ready.validation.docker }}"

- name: Add a build server
  community.dokploy.dokploy_server:
    name: builder
    ip_address: builder.example.com
    user: dokploy
    ssh_key: deploy
    type: build
    builds_concurrency: 2

- name: Remove the server, unless services are on it
  community.dokploy.dokploy_server:
    name: frankfurt
    state: absent
"""

RETURN = r"""
server:
  description:
    - The server after the module ran, or as predicted in check mode.
    - For O(state=absent), only its ID and name, or null if it did not exist.
  returned: success
  type: dict
  contains:
    server_id:
      description: ID of the server. V((generated\)) if check mode would create it.
      type: str
      sample: fLdjvz_GFr-f4uCHC9Vc3
    created_at:
      description: When it was created, in UTC.
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    in_use:
      description: Whether services are on the server, also such that the API key cannot access. Dokploy does not count
        libSQL databases.
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: bool
      sample: true
    name:
      description: Name of the server.
      type: str
      sample: frankfurt
    description:
      description: See O(description).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: Runs the shop
    ip_address:
      description: See O(ip_address).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: 203.0.113.20
    port:
      description: See O(port).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: int
      sample: 22
    user:
      description: See O(user).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: root
    ssh_key:
      description: See O(ssh_key). The ID if the option is not set.
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: deploy
    type:
      description: See O(type).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: deploy
    docker_cleanup:
      description: See O(docker_cleanup).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: bool
      sample: true
    builds_concurrency:
      description: See O(builds_concurrency).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: int
      sample: 1
    command:
      description: See O(command).
      returned: O(state=present) or O(state=validated) or O(state=setup)
      type: str
      sample: ''
validation:
  description:
    - What is on the server. Null if it could not be validated, since check mode has only predicted the connection to
      it, or the set-up that is needed.
  returned: O(state=validated) and O(state=setup), also if a component is missing
  type: dict
  contains:
    docker:
      description: Version of Docker. Null if it is missing.
      type: str
      sample: 28.5.0
    rclone:
      description: Version of rclone. Null if it is missing.
      type: str
      sample: 1.60.1
    nixpacks:
      description: Version of Nixpacks. Null if it is missing.
      type: str
      sample: 1.39.0
    buildpacks:
      description: Version of Buildpacks. Null if it is missing.
      type: str
      sample: 0.35.0
    railpack:
      description: Version of Railpack. Null if it is missing.
      type: str
      sample: 0.2.2
    swarm:
      description: Whether Docker Swarm is active.
      type: bool
      sample: true
    network:
      description: Whether Docker has the network C(dokploy-network).
      type: bool
      sample: true
    main_directory:
      description: Whether the directory C(/etc/dokploy) exists.
      type: bool
      sample: true
    docker_group:
      description: Whether O(user) is in the group C(docker). Null if this version of Dokploy does not tell.
      type: bool
      sample: false
    privileges:
      description: V(root), V(sudo) if C(sudo) needs no password, or V(none). Null if this version of Dokploy does not
        tell.
      type: str
      sample: root
    missing:
      description: Which of O(required_components) are missing.
      type: list
      elements: str
      sample:
        - railpack
set_up:
  description: Whether the set-up script ran, or would run in check mode.
  returned: O(state=setup)
  type: bool
  sample: true
log:
  description: The last lines of the log of the set-up script, at most O(log_lines). Empty if it did not run.
  returned: O(state=setup), also if the script ran and something is missing
  type: list
  elements: str
  sample:
    - 'Installing Server Dependencies: ✅'
    - 'Setup Server: ✅'
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      port: 22
    after:
      port: 2222
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
error:
  description: The error in a form for conditions. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: failure
  type: dict
  sample:
    kind: validation
    procedure: application.update
    status: 400
effect_unknown:
  description: Whether it is unknown if a write took effect, because the connection failed after it was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.server import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
