# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of services that Docker Swarm runs."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cpu_limit:
    description:
      - Maximum number of CPUs of each container, for example V(0.5) or V(2). The minimum that Docker accepts is
        V(0.001).
      - V("") and V(0) clear it, and there is no limit.
      - Changes need a deployment.
    type: str
  cpu_reservation:
    description:
      - CPUs to reserve on a node of the swarm for each container, for example V(0.25). The minimum is V(0.001).
      - V("") and V(0) clear it, and nothing is reserved.
      - Changes need a deployment.
    type: str
  memory_limit:
    description:
      - Maximum memory of each container, for example V(512M) or V(1.5G). Docker kills a container that exceeds it.
      - Units are V(K), V(M), V(G) and V(T), powers of 1024. A number without a unit is in bytes. The minimum that
        Docker accepts is V(4M).
      - V("") and V(0) clear it, and there is no limit.
      - Changes need a deployment.
    type: str
  memory_reservation:
    description:
      - Memory to reserve on a node of the swarm for each container, for example V(256M). A container that no node has
        memory for does not start. The units are those of O(memory_limit), and the minimum is V(4M).
      - V("") and V(0) clear it, and nothing is reserved.
      - Changes need a deployment.
    type: str
  healthcheck:
    description:
      - How Docker checks the health of a container. An unhealthy container is replaced, and an update waits until a new
        one is healthy.
      - The value is compared and written as a whole. Parts that you leave out are not set, and Docker uses the settings
        of the image or its own defaults.
      - V({}) clears it, and the health check of the image is used, if it has one.
      - Changes need a deployment.
    type: dict
    suboptions:
      test:
        description:
          - Command to run in the container. The exit code V(0) means healthy.
          - The shell of the container runs text, such as V(curl -f http://localhost:3000/health || exit 1).
          - A list begins with V(CMD) and runs without a shell, or is V(CMD-SHELL) and one text for the shell, or is
            V([NONE]), which disables the health check of the image.
        type: raw
      interval:
        description:
          - Time between two checks, such as V(30s) or V(1m30s). Units are V(h), V(m), V(s), V(ms), V(us) and V(ns). The
            minimum is V(1ms). Docker's default is V(30s), which V(0s) also selects.
        type: str
      timeout:
        description:
          - Time after which a check fails, such as V(5s). The minimum is V(1ms). Docker's default is V(30s), which
            V(0s) also selects.
        type: str
      start_period:
        description:
          - Time for a container to start, during which failures are ignored, such as V(1m). The minimum is V(1ms).
            Docker's default is V(0s).
        type: str
      retries:
        description:
          - Consecutive failures after which a container is unhealthy. Docker's default is V(3), which V(0) also
            selects.
        type: int
  restart_policy:
    description:
      - When Docker replaces a container that has exited.
      - The value is compared and written as a whole. Parts that you leave out are not set, and Docker uses its
        defaults.
      - V({}) clears it, and Docker always starts a new container.
      - Changes need a deployment.
    type: dict
    suboptions:
      condition:
        description:
          - When to start a new container. V(any) is always, V(on-failure) only if the exit code was not V(0), and
            V(none) never. Docker's default is V(any).
        type: str
        choices:
          - none
          - on-failure
          - any
      delay:
        description:
          - Time to wait before the start, such as V(10s). Docker's default is V(5s).
        type: str
      max_attempts:
        description:
          - Maximum number of attempts within O(restart_policy.window). Docker's default is V(0), which is unlimited.
        type: int
      window:
        description:
          - Time window of O(restart_policy.max_attempts), such as V(2m). Docker's default is V(0s), which is unlimited.
        type: str
  placement:
    description:
      - On which nodes of the swarm containers may run.
      - The value is compared and written as a whole. Parts that you leave out are not set.
      - V({}) clears it. Dokploy then sets the constraint V(node.role==manager) for a service with mounts, and none
        otherwise. With any other value it sets no constraint, so set one for the node with the data.
      - Changes need a deployment.
    type: dict
    suboptions:
      constraints:
        description:
          - Conditions that a node must all meet, as for Docker, such as V(node.role==worker), V(node.hostname!=db1) or
            V(node.labels.zone==a). The order is not significant.
        type: list
        elements: str
      preferences:
        description:
          - Labels of nodes over whose values containers are spread evenly, in the order of precedence.
        type: list
        elements: dict
        suboptions:
          spread:
            description:
              - A label of nodes, such as V(node.labels.zone).
            type: str
            required: true
      max_replicas:
        description:
          - Maximum number of containers on one node. Docker's default is V(0), which is unlimited.
        type: int
      platforms:
        description:
          - Platforms of nodes that may run containers. The order is not significant.
        type: list
        elements: dict
        suboptions:
          architecture:
            description:
              - Architecture as Docker names it, such as V(x86_64) or V(aarch64).
            type: str
            required: true
          os:
            description:
              - Operating system as Docker names it, such as V(linux).
            type: str
            required: true
  update_config:
    description:
      - How to replace running containers at each deployment.
      - The value is compared and written as a whole. Parts that you leave out are not set, and Docker uses its
        defaults, not those of Dokploy.
      - V({}) clears it. Dokploy then replaces one container of an application after the other, starts the new one
        before it stops the old one, and rolls back if that fails. Of a database it stops the old container first.
      - Changes need a deployment.
    type: dict
    suboptions:
      parallelism: &parallelism
        description:
          - Number of containers to replace at a time. V(0) replaces all at once. Docker's default is V(1).
        type: int
      delay: &delay
        description:
          - Time between two replacements, such as V(10s). Docker's default is V(0s).
        type: str
      failure_action:
        description:
          - What to do if new containers fail. V(pause), Docker's default, leaves old and new containers running,
            V(rollback) restores the old ones.
        type: str
        choices:
          - pause
          - continue
          - rollback
      monitor:
        description:
          - Time to monitor a new container for failure, such as V(30s). Docker's default is V(5s), which V(0s) also
            selects.
        type: str
      max_failure_ratio: &max_failure_ratio
        description:
          - Fraction of containers that may fail, from V(0) to V(1). Docker's default is V(0).
        type: float
      order:
        description:
          - V(stop-first), Docker's default, stops the old container before the new one starts, for containers that
            cannot run side by side. V(start-first) starts the new container first, without an interruption.
        type: str
        choices:
          - stop-first
          - start-first
  rollback_config:
    description:
      - How to replace containers when Docker rolls back, with O(update_config.failure_action=rollback).
      - The value is compared and written as a whole. Parts that you leave out are not set, and Docker uses its
        defaults, not those of Dokploy.
      - V({}) clears it. Dokploy then replaces one container of an application after the other, and starts the old one
        before it stops the new one. For a database, Docker uses its defaults.
      - Changes need a deployment.
    type: dict
    suboptions:
      parallelism: *parallelism
      delay: *delay
      failure_action:
        description:
          - What to do if the rollback fails. Docker's default is V(pause).
        type: str
        choices:
          - pause
          - continue
      monitor:
        description:
          - Time to monitor a container for failure, such as V(30s). Docker's default is V(5s), which V(0s) also
            selects.
        type: str
      max_failure_ratio: *max_failure_ratio
      order:
        description:
          - As O(update_config.order). Docker's default is V(stop-first).
        type: str
        choices:
          - stop-first
          - start-first
  mode:
    description:
      - The mode of the Docker service. O(replicas) has no effect while it is set.
      - Docker cannot change the mode of an existing service. Remove the application or the database first, or set the
        mode before the first deployment.
      - The value is compared and written as a whole. Parts that you leave out are not set.
      - V({}) clears it, and O(replicas) is used.
      - Changes need a deployment.
    type: dict
    suboptions:
      type:
        description:
          - V(replicated) runs O(mode.replicas) containers, V(global) runs one on each node that O(placement) allows.
          - Dokploy cannot deploy Docker's jobs, V(replicated-job) and V(global-job). An application runs once with
            O(community.dokploy.dokploy_application#module:runs=once).
          - Required unless O(mode) is V({}).
        type: str
        choices:
          - replicated
          - global
      replicas:
        description:
          - Number of containers. Only with O(mode.type=replicated), where Docker's default is V(1).
        type: int
  labels:
    description:
      - 'Labels of the containers, by name. Values are text: V(true), V(false) and numbers are converted.'
      - These replace all labels. V({}) clears them.
      - The label C(community.dokploy.deployment), which records the last deployment, is not managed by this option.
      - Changes need a deployment.
    type: dict
  stop_grace_period:
    description:
      - Time for a container to exit after the stop signal before Docker kills it, such as V(30s). V(0s) kills it at
        once. Needs Dokploy 0.29.0 or newer.
      - Older servers have the setting, but once it has a value, they can no longer return the service. So it is refused
        there. A value that was set in the web interface can be cleared.
      - V("") clears it. PostgreSQL then gets V(30s), any other service Docker's default, V(10s). Not for libSQL.
      - Changes need a deployment.
    type: str
  endpoint_spec:
    description:
      - How Docker publishes the service, instead of the ports that Dokploy publishes otherwise. Needs Dokploy 0.25.7 or
        newer. Not for libSQL.
      - The value is compared and written as a whole. Parts that you leave out are not set.
      - V({}) clears it, and Dokploy publishes its ports again.
      - Changes need a deployment.
    type: dict
    suboptions:
      mode:
        description:
          - V(vip), Docker's default, gives the service one virtual address, V(dnsrr) returns the addresses of the
            containers in turn. With V(dnsrr), ports can only be published with V(host).
        type: str
        choices:
          - vip
          - dnsrr
      ports:
        description:
          - All published ports. The order is not significant.
        type: list
        elements: dict
        suboptions:
          target_port:
            description:
              - Port that the service listens on in its container, 1 to 65535.
            type: int
            required: true
          published_port:
            description:
              - Port on the nodes, 1 to 65535. The default is a port that Docker chooses.
            type: int
          protocol:
            description:
              - Protocol of both ports.
            type: str
            choices:
              - tcp
              - udp
              - sctp
            default: tcp
          publish_mode:
            description:
              - With V(ingress), every node of the swarm accepts and forwards connections. With V(host), only a node
                with a container accepts them, and it can have only one container.
            type: str
            choices:
              - ingress
              - host
            default: ingress
  ulimits:
    description:
      - Kernel limits of the processes in a container. Needs Dokploy 0.27.0 or newer. Not for libSQL.
      - The list is compared and written as a whole. Parts that you leave out are not set, and Docker uses its defaults.
        The order is not significant.
      - V([]) clears it.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the limit, such as V(nofile), V(nproc) or V(memlock).
        type: str
        required: true
      soft:
        description:
          - The soft limit, which a process may raise up to O(ulimits[].hard). V(-1) is unlimited.
        type: int
        required: true
      hard:
        description:
          - The hard limit, not less than O(ulimits[].soft). V(-1) is unlimited. The default is O(ulimits[].soft).
        type: int
  networks:
    description:
      - Networks of the containers besides C(dokploy-network), by name or ID, as listed in Dokploy under B(Networks).
        Only overlay networks are supported. Needs Dokploy 0.29.14 or newer.
      - They are looked for on the server in O(server), then on the host of Dokploy itself, and then on all servers.
      - The list is complete. The order is not significant, and V([]) clears it.
      - It has no effect while O(network_attachments) is set.
      - Changes need a deployment.
    type: list
    elements: str
  network_attachments:
    description:
      - The networks as Docker defines them, with aliases, including networks that Dokploy does not know. Prefer
        O(networks), which is validated.
      - O(networks) and O(detach_dokploy_network) have no effect while it is set, and the containers are in no other
        network. So add C(dokploy-network), or neither Traefik nor other services reach them.
      - The list is compared and written as a whole. Parts that you leave out are not set. The order is not significant.
      - V([]) clears it.
      - Changes need a deployment.
    type: list
    elements: dict
    suboptions:
      target:
        description:
          - Name or ID of the network in Docker. It must be an existing overlay network.
        type: str
        required: true
      aliases:
        description:
          - Additional host names of the containers in this network. The order is not significant.
        type: list
        elements: str
      driver_opts:
        description:
          - Driver options of the network, by name.
        type: dict
"""
