#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_job
short_description: Run a command in a container of its own on a Dokploy server
version_added: 1.0.0
description:
  - Runs one command in a container that is made for it, waits for its end, and returns its output and its exit code.
    The container is removed then, whatever has come of it.
  - Most tasks set O(project), O(name), O(image), and O(script) or O(args).
  - 'A short example: C(community.dokploy.dokploy_job: {project: shop, name: migrate, image: "ghcr.io/acme/shop:1.4",
    args: [rake, "db:migrate"]}).'
  - It reaches what other services of the server reach, such as a database by its internal host, and any volume. So it
    counts rows, migrates a schema, hashes files, or copies a folder of the host into a volume that can be backed up.
  - Dokploy has no jobs. The module creates an application that is not started again when it ends, with the name C(job-)
    and O(name), starts it with a reload, reads its log and deletes it. A reload waits for no build, and sends no
    notification. If Docker cannot pull the image, the module deploys the application instead, because a deployment uses
    the logins of the server.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.lists.job
attributes:
  check_mode:
    support: full
    details:
      - Nothing runs, and RV(job) is null.
  diff_mode:
    support: full
    details:
      - It shows that the job runs.
  idempotent:
    support: none
    details:
      - Each run runs the command again. Use C(changed_when) where the command changes nothing.
requirements:
  - For this module, Dokploy 0.29.0 or newer.
notes:
  - Jobs of one name in one environment never run side by side. If another run, or one that was killed, has left a job,
    the module waits until the command of it has ended, and removes it. In an environment, give different jobs different
    names.
  - While the command runs, the values of O(env) are in the configuration of the application, which users of Dokploy can
    read who may see the environment.
  - In a swarm with several nodes, a volume is that of the node on which the job runs.
options:
  name:
    description:
      - Name of the job. The application that stands for it is named C(job-) and this name.
    type: str
    required: true
  project:
    description:
      - Name or ID of the project in which it runs. If several projects have this name, the module fails and lists their
        IDs.
    type: str
    required: true
  environment:
    description:
      - Name or ID of the environment in the project. The default is the default environment of the project,
        V(production).
    type: str
  server:
    description:
      - Name or ID of the server that runs the job, as listed in Dokploy under B(Remote Servers). The default is the
        server that runs Dokploy.
    type: str
  image:
    description:
      - Docker image, such as V(postgres:18). The image of the service that the job is about often has all that it
        needs.
    type: str
    required: true
  registry_url:
    description:
      - URL of the registry, if it needs a login.
    type: str
  username:
    description:
      - User name for the registry.
    type: str
  password:
    description:
      - Password for the registry.
    type: str
  command:
    description:
      - Program to run instead of the entrypoint of the image. Dokploy splits the text at each space and does not
        support quotes, so set arguments with spaces in O(args).
    type: str
  args:
    description:
      - Arguments of the entrypoint or of O(command), instead of the command of the image.
    type: list
    elements: str
  script:
    description:
      - Text that C(/bin/sh -e) of the image runs, so that the first command that fails ends it.
      - Mutually exclusive with O(command) and O(args).
    type: str
  env:
    description:
      - Environment variables of the container, as a mapping of names to values, or as text in the format of a C(.env)
        file. Values are masked in the output.
      - In a value, V(${{project.NAME}}) and V(${{environment.NAME}}) refer to variables of the project and the
        environment. In a playbook, such a value needs the YAML tag C(!unsafe), since Ansible otherwise takes it for a
        template.
      - A secret.
    type: raw
  networks:
    description:
      - Networks of the container besides C(dokploy-network), by name or ID, as listed in Dokploy under B(Networks).
        Only overlay networks are supported. Needs Dokploy 0.29.14 or newer.
    type: list
    elements: str
  memory_limit:
    description:
      - Maximum memory of the container, for example V(512M) or V(1.5G). Docker kills a container that exceeds it.
    type: str
  cpu_limit:
    description:
      - Maximum number of CPUs of the container, for example V(0.5) or V(2).
    type: str
  exit_codes:
    description:
      - The exit codes with which the job has succeeded. With any other one, the module fails.
    type: list
    elements: int
    default:
      - 0
  timeout:
    description:
      - Seconds for which the job may take, its image included. After that, it is ended and removed, and the module
        fails.
    type: float
    default: 600.0
  log_lines:
    description:
      - Number of lines from the end of the output, from 0 to 10000.
    type: int
    default: 1000
seealso:
  - module: community.dokploy.dokploy_schedule
    description: For a command that runs again and again in the container of a service.
  - module: community.dokploy.dokploy_restore
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Migrate the schema with the image that is deployed next
  community.dokploy.dokploy_job:
    project: shop
    name: migrate
    image: ghcr.io/acme/shop:1.4
    args: [rake, "db:migrate"]
    env:
      RAILS_ENV: production

- name: Count the rows of a table
  community.dokploy.dokploy_job:
    project: shop
    name: count-orders
    image: postgres:18
    env:
      PGPASSWORD: "{{ vault_database_password }}"
    script: |
      psql --host orders-x1y2z3 --username orders --tuples-only --no-align --command "select count(*) from orders"
  register: count
  changed_when: false

- name: Refuse to go on without them
  ansible.builtin.assert:
    that: count.job.output | int > 0

- name: Copy a folder of the host into a volume, which a backup can save
  community.dokploy.dokploy_job:
    project: shop
    name: copy-uploads
    image: alpine:3
    mounts:
      - type: bind
        source: /srv/shop/uploads
        path: /from
      - type: volume
        source: shop-uploads-copy
        path: /to
    script: |
      cp -a /from/. /to
      find /to -type f | wc -l
"""

RETURN = r"""
job:
  description: How the command ended. Null in check mode.
  returned: success, also when the job failed
  type: dict
  contains:
    exit_code:
      description: Exit code of the command. Null if its container did not start.
      type: int
      sample: 0
    output:
      description: The end of what it wrote to both channels, at most O(log_lines) lines, without secrets.
      type: str
      sample: '200000'
    output_lines:
      description: The same as a list of lines.
      type: list
      elements: str
      sample:
        - '200000'
    seconds:
      description: Seconds from the start of the application to the end of the command.
      type: float
      sample: 1.512
log:
  description: The end of the log of its deployment.
  returned: when the deployment failed, because the image cannot be pulled for example
  type: list
  elements: str
  sample:
    - Pulling ghcr.io/acme/shop:1.4
    - ❌ Pulling image failed
diff:
  description: That the job runs, or would in check mode.
  returned: success and in diff mode
  type: dict
  sample:
    before:
      run: ''
    after:
      run: (a new one)
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.jobs.job import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
