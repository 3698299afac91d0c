#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_mount
short_description: Manage a mount of an application, a Compose stack or a database of Dokploy
version_added: 1.0.0
description:
  - Mounts a Docker volume, a file or folder of the host, or a file whose content Dokploy stores, into the containers of
    an application or a database, or stores a file for a Compose stack.
  - Most tasks set O(project), O(environment) and O(application), O(compose) or O(database), O(path) and O(type), and
    O(name), O(host_path) or O(content).
  - 'A short example: C(community.dokploy.dokploy_mount: {project: shop, application: web, path: /var/lib/shop, type:
    volume, name: shop-data}).'
  - A mount is identified by O(path), that of a stack by O(file_path). Dokploy does not enforce that they are unique. If
    several mounts of a service have the same, the module fails and lists their IDs.
  - The module manages one mount and does not change the others. O(community.dokploy.dokploy_application#module:mounts),
    O(community.dokploy.dokploy_compose#module:mounts) and O(community.dokploy.dokploy_database#module:mounts) manage
    the whole list and remove the others. Use one of the two for a service.
  - Changes need a deployment. Dokploy writes a changed file of a stack at once, and a container that mounts it sees the
    new content, but what only a deployment reads, such as a file of variables, needs one.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes
  - community.dokploy.notes.cleared
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.location.database
  - community.dokploy.location.database_type
options:
  state:
    description:
      - V(present) creates the mount, or updates it where it differs.
      - V(absent) removes the mount. The volume and the folder of the host are kept. A file whose content Dokploy stores
        is deleted.
    type: str
    choices:
      - present
      - absent
    default: present
  mount_id:
    description:
      - ID of an existing mount. Use it instead of O(path), or with it to move the mount to another path.
      - If it does not exist, O(state=present) fails and O(state=absent) changes nothing.
      - One of O(path) and O(mount_id) is required, for a stack one of O(file_path) and O(mount_id).
    type: str
  path:
    description:
      - Absolute path in the container. Not supported for a stack, whose Compose file says where a file is mounted.
    type: str
    aliases:
      - target
  type:
    description:
      - V(volume) is a Docker volume, which is created if it does not exist.
      - V(bind) is an existing file or folder of the host.
      - V(file) is a file whose content Dokploy stores. It is the only type for a stack, whose Compose file defines
        volumes and folders of the host by itself.
      - Required for a new mount. A change of the type of the mount at O(path) replaces it with a new mount with another
        ID, which is refused if O(mount_id) selects the mount.
    type: str
    choices:
      - volume
      - bind
      - file
  name:
    description:
      - Name of the Docker volume. Applications that set the same name share it.
        M(community.dokploy.dokploy_volume_backup) calls it C(volume), since a backup has a name of its own.
      - Required with O(type=volume), unless the mount has one already.
    type: str
    aliases:
      - volume
  host_path:
    description:
      - Absolute path on the host. Required with O(type=bind), unless the mount has one already.
    type: str
  source:
    description:
      - The source of the mount, as Docker names it. It is the same as O(name) with O(type=volume), and as O(host_path)
        with O(type=bind). Requires O(type).
    type: str
  file_path:
    description:
      - Name of the file in the folder in which Dokploy stores the files of the service, such as V(app.conf). The
        Compose file of a stack refers to it as C(../files/app.conf). Required with O(type=file), unless the mount has
        one already. It must not lead out of the folder with C(..).
      - If you change it, a second file is written, and Dokploy does not remove the first one.
    type: str
  content:
    description:
      - Content of the file with O(type=file). V("") makes it an empty file. It is written unchanged, including its line
        endings.
      - A secret. Dokploy returns it, so it is compared, and written only if it differs.
    type: str
  src:
    description:
      - File with the content for O(type=file), encoded as UTF-8. Use it instead of O(content). It is a secret, as
        O(content) is.
      - With the connection plugin P(ansible.builtin.local#connection), it is a file on the controller, and a relative
        path is searched for in the folder C(files) and beside the playbook or role, as with M(ansible.builtin.copy).
        Otherwise it is a file on the host that runs the task. For a file on the controller, delegate the task to
        C(localhost).
    type: path
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_compose
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Store the uploads in a volume
  community.dokploy.dokploy_mount:
    project: shop
    environment: production
    application: web
    path: /app/uploads/images
    type: volume
    name: shop-images
  register: images

- name: Deploy the application if the configuration has changed
  community.dokploy.dokploy_deployment:
    project: shop
    environment: production
    application: web
  when: images.deploy_needed

- name: Mount a configuration file
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/shop/features.toml
    type: file
    file_path: features.toml
    content: |
      checkout = true

- name: Mount a configuration file, and deploy in a handler
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Mount the limits
      community.dokploy.dokploy_mount:
        project: shop
        environment: production
        application: web
        path: /etc/shop/limits.toml
        type: file
        file_path: limits.toml
        content: |
          requests_per_minute = 600
      register: limits
      # Also if an earlier run ended before its handlers.
      changed_when: limits is changed or limits.deploy_needed | default(false)
      notify: Deploy web
  handlers:
    - name: Deploy web
      community.dokploy.dokploy_deployment:
        project: shop
        environment: production
        application: web

- name: Mount a file from the controller
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/shop/robots.txt
    type: file
    file_path: robots.txt
    src: robots.txt

- name: Mount the time zone of the host
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/localtime
    type: bind
    host_path: /etc/localtime

- name: Store a file for a Compose stack, which mounts it from ../files/alerts.yml
  community.dokploy.dokploy_mount:
    project: shop
    compose: monitoring
    file_path: alerts.yml
    content: |
      groups: []

- name: Mount a volume with Docker's option names
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    type: volume
    source: shop-cache
    target: /app/cache

- name: Move a mount to another path in the container
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    mount_id: "{{ images.mount.mount_id }}"
    path: /app/images

- name: Remove a mount
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/localtime
    state: absent
"""

RETURN = r"""
application_id:
  description: ID of the application. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for an application
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
compose_id:
  description: ID of the Compose stack. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a stack
  type: str
  sample: mB7wR2xK9cVtQ4nLzHdPa
database_id:
  description: ID of the database. If it does not exist, it is V((generated\)) in check mode, and null with
    O(state=absent).
  returned: success, for a database
  type: str
  sample: hV6qXc9tRn2bZ8wKd3mLs
mount:
  description:
    - The mount after the module ran, or as predicted in check mode. Its keys are the options, without the content. Null
      for O(state=absent).
  returned: success
  type: dict
  contains:
    mount_id:
      description: ID of the mount. V((generated\)) if check mode would create it.
      returned: O(state=present)
      type: str
      sample: p0OiUy7TrEw6QaSdF5gHj
    path:
      description: See O(path).
      returned: O(state=present)
      type: str
      sample: /app/uploads
    type:
      description: See O(type).
      returned: O(state=present)
      type: str
      sample: volume
    name:
      description: See O(name).
      returned: O(state=present)
      type: str
      sample: shop-uploads
    host_path:
      description: See O(host_path).
      returned: O(state=present)
      type: str
      sample: ''
    file_path:
      description: See O(file_path).
      returned: O(state=present)
      type: str
      sample: ''
deploy_needed:
  description:
    - Whether a deployment is needed, by the rules of O(community.dokploy.dokploy_deployment#module:trigger). It is
      needed if nothing was deployed yet, if the last deployment failed or was cancelled, or if the configuration
      differs from what was deployed last, regardless of who changed it.
    - A new commit, or a new image with the same tag, is not detected.
    - V(false) if the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      mounts:
        /app/uploads:
          name: shop-data
    after:
      mounts:
        /app/uploads:
          name: shop-uploads
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.service_children.operations import (
    MOUNT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
