# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dokploy
short_description: Services and servers of Dokploy as inventory
version_added: 1.0.0
description:
  - Reads the applications, the services of Compose stacks, the databases and the remote servers of a Dokploy server as
    hosts, in groups by project, environment, kind, status, tag and server.
  - The configuration is a YAML file whose name ends with C(dokploy.yml) or C(dokploy.yaml).
  - All is read in three steps, with up to 100 queries in each request. The first request has the projects and servers,
    the next ones the services that O(filters) leave, and the last one the Compose files of stacks from repositories.
  - Host variables contain no secrets. Texts of the server are never evaluated as templates.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
  - community.dokploy.connection.plugins
  - community.dokploy.connection.options
options:
  plugin:
    description: Identifies the file as one of this plugin.
    type: str
    required: true
    choices:
      - community.dokploy.dokploy
  filters:
    description:
      - Which hosts are in the inventory. The keys are V(project), V(environment), V(kind), V(status), V(tag), V(server)
        and V(path). A host must match all of them.
      - The value is a name or a list of names, of which one must match. V(*) matches any characters, and a name after a
        V(!) excludes hosts. Capital and small letters differ.
      - The kinds are V(application), V(compose), V(database) and V(server), and those of databases, such as
        V(postgres). One that matches no kind is an error. The tags are those of the project.
      - The path is that of the service, such as V(shop/production/web), or the name of a server.
      - Names may be templates.
      - Servers are in no project and on no server but themselves. A filter for a project leaves them out, unless it
        only excludes.
      - Services outside of the stated projects, environments, tags and kinds are not read at all.
    type: dict
    default: {}
  group_by:
    description: By which values hosts are grouped. The groups are named like C(dokploy_project_shop).
    type: list
    elements: str
    choices:
      - project
      - environment
      - kind
      - status
      - tag
      - server
    default:
      - project
      - environment
      - kind
      - status
      - tag
      - server
  group_prefix:
    description:
      - The name of the group of all hosts, and the beginning of the names of the other groups.
      - Characters of a name that a group must not have become V(_), so that C(my-shop) and C(my.shop) have one group.
      - The groups of the kinds V(application), V(compose), V(database) and V(server), and of the statuses V(idle),
        V(running), V(done) and V(error), also exist without hosts.
    type: str
    default: dokploy
  hostvars_prefix:
    description:
      - The beginning of the names of the host variables. Another one avoids variables with the names of those that a
        playbook sets, such as the variable C(dokploy_image) of the playbook C(community.dokploy.deploy).
    type: str
    default: dokploy_
  hostname:
    description:
      - Template of the name of a host, from its variables. The default is the project, the environment and the name
        with dots between them, such as V(shop.production.web), followed by the service in a Compose stack, such as
        V(shop.production.forum.db). A server has its own name.
      - Other characters than letters, digits, V(_), V(-) and V(.) become V(-). If several resources would have the same
        name, the ID of each is appended, and a warning tells so. The same applies to V(localhost), to a name that a
        group has, and to one that a resource in another inventory file of this plugin has.
      - If the template fails for a host, it has the default name, or with O(strict=true) the inventory fails.
    type: str
notes:
  - An option that does not exist is an error, so that a misspelt filter does not select all hosts.
  - B(Applications, Compose services and databases are no hosts that Ansible can log in to.) They run in containers and
    have no C(ansible_host). Use them to loop over services, with the keyword C(connection) set to V(local) and the
    modules of this collection, or set C(ansible_host) to the address of their server by O(compose).
  - The hosts are those that the API key may read. With a key that may not list the servers, there are no servers, and
    C(dokploy_server) is the ID of a server.
  - Servers have C(ansible_host), C(ansible_port) and C(ansible_user). The SSH key stays in Dokploy.
  - A stack whose services are not known is one host without C(dokploy_service). This applies to a stack from a
    repository that was not deployed yet.
  - Every host has the variables C(dokploy_kind), C(dokploy_id), C(dokploy_path), C(dokploy_name),
    C(dokploy_description), C(dokploy_app_name), C(dokploy_created_at), C(dokploy_status), C(dokploy_project),
    C(dokploy_environment), C(dokploy_service), C(dokploy_tags), C(dokploy_server) and C(dokploy_server_address). Those
    that it does not have are null. C(dokploy_path) is what M(community.dokploy.dokploy_manifest),
    M(community.dokploy.dokploy_export) and the lookup plugin call the service, such as V(shop/production/web). On
    Dokploy's own host, C(dokploy_server) is null and C(dokploy_server_address) is the IP address in the settings of
    Dokploy.
  - Applications also have C(dokploy_source), C(dokploy_image), C(dokploy_build_type), C(dokploy_replicas),
    C(dokploy_auto_deploy), C(dokploy_domains), C(dokploy_urls) and C(dokploy_ports).
  - Compose services also have C(dokploy_type), C(dokploy_source), C(dokploy_auto_deploy), C(dokploy_domains) and
    C(dokploy_urls).
  - Databases also have C(dokploy_type), C(dokploy_image), C(dokploy_database), C(dokploy_user), C(dokploy_replicas),
    C(dokploy_internal_host), C(dokploy_internal_port) and C(dokploy_external_port).
  - Servers also have C(dokploy_type), C(dokploy_ip_address), C(dokploy_port), C(dokploy_user) and C(dokploy_in_use),
    whether services are on them.
seealso:
  - module: community.dokploy.dokploy_info
  - plugin: community.dokploy.dokploy
    plugin_type: lookup
  - ref: ansible_collections.community.dokploy.docsite.inventory
    description: The guide to the inventory plugin.
"""

EXAMPLES = r"""
# dokploy.yml: everything. The URL and the API key are in the environment, as DOKPLOY_URL and DOKPLOY_API_KEY.
plugin: community.dokploy.dokploy

---
# production.dokploy.yml: the production environments of two projects, without databases, kept for an hour
plugin: community.dokploy.dokploy
dokploy_url: https://dokploy.example.com
dokploy_api_key: "{{ lookup('ansible.builtin.env', 'DEPLOY_KEY') }}"
filters:
  project: [shop, blog-*]
  environment: production
  kind: "!database"
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: .cache/inventory
cache_timeout: 3600

---
# Other names, groups and variables
plugin: community.dokploy.dokploy
hostname: "{{ dokploy_app_name or dokploy_name }}"
group_by: [project, kind]
keyed_groups:
  # Groups such as image_nginx_1
  - key: dokploy_image
    prefix: image
groups:
  has_domain: dokploy_urls | default([]) | length > 0
  failed: dokploy_status == 'error'
compose:
  # The commands of a play run on the server of a service, as the user deploy.
  ansible_host: dokploy_server_address
  ansible_user: "'deploy'"
"""

import hashlib
from typing import Any, List, Mapping, Sequence, Set

from ansible import constants
from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable

from ansible_collections.community.dokploy.plugins.plugin_utils._host.connection import (
    as_ansible_errors,
    connection_options,
    reading,
    refuse_unknown_options,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._inventory.hosts import (
    ALWAYS,
    ANSWERS,
    HOST_VARIABLES,
    KINDS,
    Filters,
    Record,
    host_name,
    hosts_of,
    with_ids,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain, unsafe


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "community.dokploy.dokploy"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(("dokploy.yml", "dokploy.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        with as_ansible_errors():
            refuse_unknown_options(config, self._options)
        self._add(self._records(path, cache))

    # --- reading ---

    def _records(self, path: str, cache: bool) -> List[Record]:
        """The hosts, from the cache if there are any of the same server, key and filters."""
        connection = self._connection()
        filters = plain(self.templar.template(self.get_option("filters")))
        caching, key = self.get_option("cache"), self.get_cache_key(path)
        # Another key may see other projects, or those of another organization.
        owner = hashlib.sha256(str(connection["dokploy_api_key"]).encode()).hexdigest()[:16]
        # Another release of the collection may have other variables.
        origin = {
            "url": connection["dokploy_url"],
            "key": owner,
            "filters": filters,
            "variables": plain(HOST_VARIABLES),
        }
        if caching and cache:
            try:
                cached = plain(self._cache[key])
            except KeyError:
                # There is none, or it has expired.
                cached = {}
            if cached.get("origin") == origin:
                records: List[Record] = cached["hosts"]
                return records
        with as_ansible_errors():
            wanted = Filters(filters)
        with reading(connection, KINDS, {}, ANSWERS) as context:
            records = hosts_of(context, wanted, self.display.warning)
        if caching:
            self._cache[key] = {"origin": origin, "hosts": records}
        return records

    def _connection(self) -> Mapping[str, Any]:
        """The connection options, with the templates that the file has in them."""
        self.templar.available_variables = self._vars
        options = dict(connection_options(self.get_option))
        for name, value in options.items():
            stated = self.get_option(name)
            if isinstance(value, str) and self.templar.is_template(stated):
                options[name] = plain(self.templar.template(stated))
        return options

    # --- the inventory ---

    def _add(self, records: List[Record]) -> None:
        prefix, strict = plain(self.get_option("hostvars_prefix")), self.get_option("strict")
        top = self.inventory.add_group(self._sanitize_group_name(plain(self.get_option("group_prefix"))))
        variables = [
            {prefix + name: unsafe(value) for name, value in record["vars"].items()}
            | {"ansible_" + name: unsafe(value) for name, value in record["connection"].items()}
            for record in records
        ]
        wanted = [self._name(record, own, strict) for record, own in zip(records, variables)]
        for dimension in plain(self.get_option("group_by")):
            for value in ALWAYS.get(dimension, ()):
                self.inventory.add_group(self._group_name(top, dimension, value))
        doubles = set()
        reserved = self._reserved(prefix + "id", [record["vars"]["id"] for record in records])
        for record, own, stated, name in zip(records, variables, wanted, with_ids(wanted, records, reserved)):
            if name != stated:
                doubles.add(stated)
            self.inventory.add_host(name, group=top)
            for variable, value in own.items():
                self.inventory.set_variable(name, variable, value)
            self._group(record, name, top)
            known = self.inventory.get_host(name).get_vars()
            self._set_composite_vars(self.get_option("compose"), known, name, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), known, name, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), known, name, strict=strict)
        if doubles:
            self.display.warning(
                "The IDs are appended to the names of hosts that several resources would have, or that are reserved: %s"
                % ", ".join(sorted(doubles))
            )

    def _reserved(self, variable: str, ids: Sequence[str]) -> Set[str]:
        """Names with a meaning of their own, those of groups, and those of resources in other inventory files.

        :param variable: the one that has the ID of a resource. :param ids: those of the resources in this file.
        """
        known = ((name, host.vars.get(variable)) for name, host in self.inventory.hosts.items())
        others = (name for name, value in known if value is not None and value not in ids)
        return {*constants.LOCALHOST, *self.inventory.groups, *others}

    def _name(self, record: Record, variables: Mapping[str, Any], strict: bool) -> str:
        """The name of a host, by the template if there is one.

        :raises AnsibleParserError: it fails, and C(strict) is true.
        """
        template = self.get_option("hostname")
        name = ""
        if template:
            extra = self._vars if self.get_option("use_extra_vars") else {}
            self.templar.available_variables = {**variables, **extra}
            try:
                rendered = plain(self.templar.template(template))
            except Exception as error:
                # Before ansible-core 2.19, what fails in an expression, such as a division by zero, is raised as it is.
                if strict:
                    raise AnsibleParserError("hostname failed for %s: %s" % (record["name"], error)) from error
                rendered = None
            name = "" if rendered is None else host_name(str(rendered))
        return name or str(record["name"])

    def _group_name(self, *parts: str) -> str:
        return str(self._sanitize_group_name("_".join(parts)))

    def _group(self, record: Record, host: str, top: str) -> None:
        for dimension in plain(self.get_option("group_by")):
            above = None
            for value in record["groups"][dimension]:
                group = self.inventory.add_group(self._group_name(top, dimension, value))
                self.inventory.add_host(host, group=group)
                # A database is in the group of its kind, which is one of those of all databases.
                if dimension == "kind" and above is not None:
                    self.inventory.add_child(above, group)
                above = group
