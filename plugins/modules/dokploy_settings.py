#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_settings
short_description: Manage the domain, clean-ups, Traefik and other settings of a Dokploy server
version_added: 1.0.0
description:
  - Manages the settings of the server itself, such as its domain, its clean-ups and Traefik. There is one set of
    settings for all organizations.
  - Most tasks set O(domain), O(docker_cleanup) and O(log_cleanup).
  - 'A short example: C(community.dokploy.dokploy_settings: {docker_cleanup: true, log_cleanup: 0 4 * * *}).'
  - Settings that are not set stay as they are. A setting is written only if it differs. Without options, the module
    returns the settings.
  - With O(actions), the module also cleans up the host or restarts services. These are changes each time.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.administrator
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.state
  - community.dokploy.unstated
requirements:
  - For this module, Dokploy 0.26.3 or newer.
options:
  state:
    description:
      - V(present) is the only state.
    type: str
    choices:
      - present
    default: present
  domain:
    description:
      - The domain of the web interface. Dokploy writes Traefik's file for it, which takes effect at once.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      host:
        description:
          - Host name, without a scheme and a path. V("") removes the domain, so that Dokploy is reached by its address
            and port only.
        type: str
      https:
        description:
          - Whether to serve the domain with HTTPS and to redirect HTTP to it. It has no effect without O(domain.host).
        type: bool
      certificate_type:
        description:
          - Where the certificate comes from. V(none) is the default certificate of Traefik, V(custom) one of those that
            are stored on the server.
        type: str
        choices:
          - none
          - letsencrypt
          - custom
      letsencrypt_email:
        description:
          - Email address for Let's Encrypt, needed where O(domain.certificate_type=letsencrypt). Dokploy writes it into
            Traefik's main file, without its comments. Traefik reads that file when it starts, see O(actions). V("")
            clears the setting, but not that file.
        type: str
  server_ip:
    description:
      - The IP address of the server, which Dokploy suggests for domains. V("") clears it.
    type: str
  log_cleanup:
    description:
      - Schedule on which Dokploy shortens Traefik's access log, in the format of cron. V("") switches it off.
    type: str
  docker_cleanup:
    description:
      - Whether Dokploy removes unused images, stopped containers and build caches of its own host each night.
    type: bool
  builds_concurrency:
    description:
      - Number of builds that run at once on Dokploy's own host, 1 to 100.
      - Needs Dokploy 0.29.9 or newer.
    type: int
  traefik:
    description:
      - Traefik on Dokploy's own host. Each suboption is independent, and those that are not set are not managed.
      - A change of O(traefik.environment), O(traefik.ports) or O(traefik.dashboard) creates Traefik's container again,
        which interrupts all connections for some seconds. The module waits until the container runs with the value.
        If it does not, for example because a port of the host is taken, the module fails, after it has given the
        container what it had before.
    type: dict
    suboptions:
      environment:
        description:
          - All environment variables of the container, such as the token of a DNS provider, as a mapping or as text.
            The variable E(PATH) of the image does not count. V("") removes all.
          - The values are secret, and are not returned.
        type: raw
      ports:
        description:
          - All ports that the container publishes besides 80 and 443. V([]) removes all. The value is compared and
            written as a whole. Parts that you leave out are not set.
          - Dokploy refuses ports that Traefik publishes already, so if some of them stay, the module closes all of them
            first.
          - The dashboard is port 8080. Use either O(traefik.ports) or O(traefik.dashboard).
        type: list
        elements: dict
        suboptions:
          target_port:
            description:
              - Port in the container, on which an entry point of Traefik listens, 1 to 65535.
            type: int
            required: true
          published_port:
            description:
              - Port of the host, 1 to 65535.
            type: int
            required: true
          protocol:
            description:
              - Protocol of the port.
            type: str
            choices:
              - tcp
              - udp
              - sctp
            default: tcp
      dashboard:
        description:
          - Whether the container publishes port 8080 for the dashboard, which asks for no password.
        type: bool
      config:
        description:
          - Content of Traefik's main file C(traefik.yml), as a mapping or as text. It is compared by content, without
            comments and the order of keys, and is checked before it is written.
          - Traefik reads the file when it starts, see O(actions). It does not start with an empty one, so V("") is
            refused.
          - It may hold secrets, so it is not returned.
        type: raw
      middlewares:
        description:
          - Content of C(middlewares.yml), as a mapping or as text. Traefik picks up the file at once.
          - Dokploy keeps its own middlewares in the same file, such as those for redirects and users of applications.
            They stay, and are not compared unless they are stated.
          - An empty section or table, such as C(http.routers), is refused, since Traefik would refuse the file and
            ignore later changes of routes. The module warns of sections that Traefik ignores.
          - V("") writes an empty configuration. It may hold secrets, so it is not returned.
        type: raw
      files:
        description:
          - Further files of Traefik's configuration. Each is compared by content, without comments and the order of
            keys, is checked before it is written, and is written as a whole. Traefik picks up the files in the folder
            C(dynamic) at once, so they are checked as O(traefik.middlewares) is.
          - Files that are not listed stay. Dokploy has no procedure that removes a file, so to take a file out of
            service, write V({}) to it, or remove it on the server.
          - Use O(traefik.config) for C(traefik.yml), O(traefik.middlewares) for C(dynamic/middlewares.yml), and
            M(community.dokploy.dokploy_traefik_config) for the file of an application. Dokploy writes
            C(dynamic/dokploy.yml) itself when O(domain) changes.
        type: list
        elements: dict
        suboptions:
          path:
            description:
              - Path relative to Dokploy's folder for Traefik, C(/etc/dokploy/traefik), such as
                V(dynamic/company.yml). It ends with V(.yml) or V(.yaml). Letters, digits, V(_), V(-) and V(.) are
                allowed. The folder must exist.
            type: str
            required: true
          content:
            description:
              - Content of the file, as a mapping or as text. V("") writes an empty configuration.
              - It may hold secrets, so it is not returned, and the diff shows only that it changes.
            type: raw
            required: true
      access_log:
        description:
          - Whether Traefik writes the access log for Dokploy's page of requests. Dokploy rewrites the main file for it,
            without its comments. Use either O(traefik.config) or O(traefik.access_log).
        type: bool
  actions:
    description:
      - What to do after the settings are stored, always in this order. They concern Dokploy's own host. What an action
        removes is lost.
      - V(clean_queue) drops all deployments that wait in the queue.
      - V(clean_containers) removes all stopped containers.
      - V(clean_images) removes all images that no container uses.
      - V(clean_volumes) removes all volumes that no container uses, and with them the data of everything that is
        stopped.
      - V(clean_builds) removes the build cache.
      - V(clean_system) removes stopped containers, unused networks and images, and the build cache.
      - V(clean_all) does the same in the background.
      - V(clean_monitoring) removes the recorded monitoring data.
      - V(reload_traefik) restarts Traefik in the background.
      - V(reload_server) restarts Dokploy, and waits until it answers. Running and waiting deployments are lost.
    type: list
    elements: str
    choices:
      - clean_queue
      - clean_containers
      - clean_images
      - clean_volumes
      - clean_builds
      - clean_system
      - clean_all
      - clean_monitoring
      - reload_traefik
      - reload_server
    default: []
  wait_timeout:
    description:
      - Seconds to wait until Dokploy answers after V(reload_server).
    type: float
    default: 300.0
attributes:
  idempotent:
    support: partial
    details:
      - O(actions) are done in each run.
seealso:
  - module: community.dokploy.dokploy_bootstrap
  - module: community.dokploy.dokploy_traefik_config
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Serve Dokploy under a domain with HTTPS
  community.dokploy.dokploy_settings:
    domain:
      host: dokploy.example.com
      https: true
      certificate_type: letsencrypt
      letsencrypt_email: ops@example.com

- name: Clean up the logs every night, and run two builds at the same time
  community.dokploy.dokploy_settings:
    log_cleanup: "0 4 * * *"
    builds_concurrency: 2

- name: Give Traefik the token with which it solves DNS challenges
  community.dokploy.dokploy_settings:
    traefik:
      environment:
        CF_DNS_API_TOKEN: "{{ vault_dns_token }}"

- name: Publish a port of Traefik
  community.dokploy.dokploy_settings:
    traefik:
      ports:
        - target_port: 5432
          published_port: 15432

- name: Redirect an old host name in a file of its own
  community.dokploy.dokploy_settings:
    traefik:
      files:
        - path: dynamic/company.yml
          content:
            http:
              middlewares:
                to-new-host:
                  redirectRegex:
                    regex: ^https?://old\.example\.com/(.*)
                    replacement: https://www.example.com/${1}

- name: Write Traefik's main file, and restart Traefik in a handler
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Write the main file
      community.dokploy.dokploy_settings:
        traefik:
          config: "{{ lookup('ansible.builtin.file', 'traefik.yml') }}"
      notify: Restart Traefik
  handlers:
    - name: Restart Traefik
      community.dokploy.dokploy_settings:
        actions:
          - reload_traefik

- name: Remove unused images
  community.dokploy.dokploy_settings:
    actions:
      - clean_images
"""

RETURN = r"""
settings:
  description: The settings afterwards, in the names of the options.
  returned: success
  type: dict
  contains:
    settings_id:
      description: ID of the settings.
      type: str
      sample: b0db9f19-6b0b-492a-a2cf-fdad7c70b262
    domain:
      description: The domain of the web interface. See O(domain).
      type: dict
      sample:
        host: dokploy.example.com
        https: true
        certificate_type: letsencrypt
        letsencrypt_email: ops@example.com
    server_ip:
      description: The IP address of the server.
      type: str
      sample: 192.0.2.1
    log_cleanup:
      description: Schedule on which the access log is shortened.
      type: str
      sample: 0 0 * * *
    docker_cleanup:
      description: Whether unused images and the like are removed each night.
      type: bool
      sample: true
    builds_concurrency:
      description: Number of builds that run at once, null if the server is older than 0.29.9.
      type: int
      sample: 1
    traefik:
      description: Traefik on Dokploy's own host. What is not stated is not read, and null. See O(traefik).
      type: dict
      sample:
        ports:
          - target_port: 5432
            published_port: 15432
            protocol: tcp
        dashboard: false
        access_log: false
actions:
  description: What was done, or would be done in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: The action.
      type: str
      sample: clean_images
    effect:
      description: What it removed or interrupted.
      type: str
      sample: removed all images of the host that no container uses
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      server_ip: 192.0.2.1
    after:
      server_ip: 192.0.2.2
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.instance.settings import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
