#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_mount
short_description: Manage a mount of an application of Dokploy
version_added: 0.1.0
description:
  - Puts a Docker volume, a file or folder of the host, or a file whose text Dokploy keeps, into the containers of an
    application.
  - A mount is recognized by O(path). Dokploy does not keep it unique. Two mounts of an application with the same path
    are an error that lists their ids.
  - The module manages one mount and leaves its siblings alone. O(community.dokploy.dokploy_application#module:mounts)
    is the list of all of them instead, and removes those that it does not hold. Use one of the two for an application.
  - An option that is not stated is not managed. It is neither compared nor changed, and a new mount gets what Dokploy
    takes of itself. V("") clears a text.
  - Changes need a deployment.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  state:
    description:
      - V(present) makes sure that the mount exists and is as stated.
      - V(absent) makes sure that there is no such mount. The volume, and the folder of the host, are kept. A file whose
        text Dokploy keeps is deleted.
    type: str
    choices:
      - present
      - absent
    default: present
  project:
    description:
      - Name or id of the project. A name that several projects bear is an error that lists their ids.
      - Required unless O(application_id) is given.
    type: str
  environment:
    description:
      - Name or id of the environment in the project. Without it, the project's default environment is meant.
    type: str
  application:
    description:
      - Name or id of the application. Two applications of this name in one environment are an error that lists their
        ids.
      - One of O(application) and O(application_id) is required.
    type: str
  application_id:
    description:
      - Id of the application, to be used instead of O(project), O(environment) and O(application).
    type: str
  mount_id:
    description:
      - Id of an existing mount, to be used instead of O(path), or together with it to move it to another path.
      - Where it leads to nothing, O(state=present) is an error and O(state=absent) is fulfilled.
      - One of O(path) and O(mount_id) is required.
    type: str
  path:
    description:
      - Path in the container, absolute.
    type: str
    aliases:
      - target
  type:
    description:
      - V(volume) is a Docker volume, which is created when it does not exist.
      - V(bind) is a file or folder of the host, which has to exist.
      - V(file) is a file whose text Dokploy keeps.
      - Required for a new mount. A mount of another type at the same O(path) is removed and made anew, with another id,
        which is refused where O(mount_id) says which one is meant.
    type: str
    choices:
      - volume
      - bind
      - file
  name:
    description:
      - Name of the Docker volume. Applications that state the same name share it.
        M(community.dokploy.dokploy_volume_backup) calls it C(volume), since a backup has a name of its own.
      - Required with O(type=volume), unless the mount has one already.
    type: str
    aliases:
      - volume
  host_path:
    description:
      - Path on the host, absolute. Required with O(type=bind), unless the mount has one already.
    type: str
  source:
    description:
      - What is mounted, in Docker's words. It stands for O(name) with O(type=volume) and for O(host_path) with
        O(type=bind), and needs O(type).
    type: str
  file_path:
    description:
      - Name of the file in the folder where Dokploy keeps the application's files, such as V(app.conf). Required with
        O(type=file), unless the mount has one already.
      - With another name a second file is written, and Dokploy leaves the first one where it is.
    type: str
  content:
    description:
      - Text of the file with O(type=file). V("") makes it an empty file. It is written as it is, with the line ends
        that it has.
      - A secret. Dokploy returns it, so it is compared and written only when it differs.
    type: str
  src:
    description:
      - A file with the text for O(type=file), encoded as UTF-8. A secret, as O(content) is, and to be used instead of
        it.
      - With the connection plugin P(ansible.builtin.local#connection) it is a file of the controller, and a relative
        path is looked for in the folder C(files) and beside the playbook or role, as M(ansible.builtin.copy) does.
        Elsewhere it is a file of the host that the task runs on. For one of the controller, delegate the task to
        C(localhost).
    type: path
seealso:
  - module: community.dokploy.dokploy_application
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_deployment
  - module: community.dokploy.dokploy_volume_backup
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Keep the uploads in a volume
  community.dokploy.dokploy_mount:
    project: shop
    environment: production
    application: web
    path: /app/uploads/images
    type: volume
    name: shop-images
  register: images

- name: Deploy the application when what runs is behind
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

- name: Mount a file of the controller
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/shop/robots.txt
    type: file
    file_path: robots.txt
    src: robots.txt

- name: Mount a volume in Docker's words
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    type: volume
    source: shop-cache
    target: /app/cache

- name: Show the host's time zone to the application
  community.dokploy.dokploy_mount:
    project: shop
    application: web
    path: /etc/localtime
    type: bind
    host_path: /etc/localtime

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
  description: Id of the application. Null when there is none, which only check mode and O(state=absent) put up with.
  returned: success
  type: str
  sample: kX3vQ9mT2bWcZ7rLdPfYs
mount:
  description:
    - The mount as it is after the module ran, or as it would be in check mode. The keys are those of the options,
      without the text. Null for O(state=absent).
  returned: success
  type: dict
  contains:
    mount_id:
      description: Id of the mount. Null when check mode would create it.
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
    - Whether a deployment is needed, judged as M(community.dokploy.dokploy_deployment) does it. It is when nothing was
      deployed yet, when the last deployment failed or was cancelled, and when what is configured is not what was
      deployed last, whoever changed it.
    - A new commit, or a new image behind the same tag, is not noticed.
    - V(false) as long as the application has no source that could be deployed.
  returned: O(state=present)
  type: bool
  sample: true
diff:
  description:
    - What changed, or would change in check mode, with the text of a file hidden.
    - It holds the differing options only, below C(mounts) and the mount's path.
  returned: success and in diff mode
  type: dict
  contains:
    before:
      description: The differing options as they were.
      returned: success
      type: dict
      sample:
        mounts:
          /app/uploads:
            name: shop-data
    after:
      description: The differing options as they are to be.
      returned: success
      type: dict
      sample:
        mounts:
          /app/uploads:
            name: shop-uploads
    before_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
    after_header:
      description: The resource that changes.
      returned: success
      type: str
      sample: application 'web' in shop/production
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
error:
  description: The error in a form for conditions in a playbook. The message is in C(msg).
  returned: failure, except for options of a wrong name or type
  type: dict
  contains:
    kind:
      description:
        - The kind of error. R(The guide to errors, ansible_collections.community.dokploy.docsite.errors) lists all
          kinds.
      returned: failure
      type: str
      sample: validation
    procedure:
      description: The procedure of Dokploy's API that failed. Null if the error did not come from the server.
      returned: failure
      type: str
      sample: application.update
    status:
      description: The HTTP status of the answer. Null if there was no answer.
      returned: failure
      type: int
      sample: 400
effect_unknown:
  description:
    - Whether it is unknown if a write took effect, because the connection failed after the request was sent.
  returned: when there was no connection, or no answer
  type: bool
  sample: false
"""

from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module
from ansible_collections.community.dokploy.plugins.module_utils._resources.application import (
    MOUNT_OPERATION as OPERATION,
)


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
