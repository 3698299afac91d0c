# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: dokploy
short_description: Read resources of Dokploy, or values in them
version_added: 1.0.0
description:
  - Reads projects, services, servers and other resources of a Dokploy server by their names, or single values of them.
  - All terms of a lookup are read together, over one connection. The number of requests depends on the kinds of the
    resources, and not on the number of terms.
  - The results are those of the modules C(dokploy_*_info), such as M(community.dokploy.dokploy_application_info), with
    the same names as the options of the modules that manage the resources. References to other resources are IDs.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection.plugins
  - community.dokploy.connection.options
options:
  _terms:
    description:
      - What to read. V(shop) is a project, V(shop/production) an environment, and V(shop/production/web) an
        application, a Compose stack or a database. An empty name is the default environment, as in V(shop//web).
      - The kind before the path, as in V(registry://acme), names a resource outside of the projects, or one of several
        services with the same name, as in V(database://shop/production/db). The kinds are those of the C(_info) modules
        of resources, such as V(ssh_key) for M(community.dokploy.dokploy_ssh_key_info), and the types of databases, such
        as V(postgres). The name of a user is the email address.
      - A network of a remote server has the name of the server before its own, as in V(network://worker-1/backend).
      - Every name can be replaced by the ID. With a kind, the ID of a service or an environment is enough, as in
        V(application://8OYmGSp4Gg3lRPDmVxk2s).
      - A field after a colon reads one value, as in V(shop/production/web:domains). Dots lead to values in it, by key
        or by position, as in V(shop/production/web:domains.0.host). Fields that a C(_info) module reads on request
        only, such as C(schedules) or C(running), are read if a term names them.
      - A backslash before a V(/), V(:) or V(.) makes it a part of a name. The last V(:) is the one before the field.
      - Paths in results, such as RV(community.dokploy.dokploy_manifest#module:plan), and references in documents are
        terms.
    type: list
    elements: str
    required: true
  default:
    description:
      - The result for a term that names a resource which does not exist, or a value which is not there, instead of an
        error.
      - A misspelt field that no resource of its kind has, a secret without O(include_secrets), several resources with
        the same name, and failed requests stay errors.
    type: raw
  include_secrets:
    description:
      - Whether the results contain secrets, such as variables, passwords, tokens and the URLs of databases with the
        password.
      - From ansible-core 2.22 on, Ansible redacts passwords, tokens and private keys in the output of the run. It knows
        nothing of variables and of the contents of files, and with older releases of nothing. Use them in options that
        are secret, and set C(no_log=true) for other tasks that get them, such as M(ansible.builtin.set_fact) and
        M(ansible.builtin.debug).
    type: bool
    default: false
notes:
  - A lookup runs on the controller, and so do its requests. Each lookup opens a connection of its own. For many values,
    use one lookup with several terms.
  - The options of C(module_defaults) do not apply to lookups. Set the environment variables, or variables such as
    C(dokploy_url) and C(dokploy_api_key).
seealso:
  - module: community.dokploy.dokploy_application_info
  - module: community.dokploy.dokploy_info
  - plugin: community.dokploy.dokploy
    plugin_type: inventory
  - ref: ansible_collections.community.dokploy.docsite.lookup
    description: The guide to lookups and filters.
"""

EXAMPLES = r"""
- name: Show the domains of an application
  ansible.builtin.debug:
    msg: "{{ lookup('community.dokploy.dokploy', 'shop/production/web:domains') | map(attribute='host') }}"

- name: Deploy only if the last deployment failed
  community.dokploy.dokploy_deployment:
    project: shop
    application: web
  when: lookup('community.dokploy.dokploy', 'shop/production/web:status') == 'error'

- name: Read several values over one connection
  ansible.builtin.debug:
    msg: "The image is {{ image }}, the registry {{ registry }}."
  vars:
    values: "{{ query('community.dokploy.dokploy', 'shop/production/web:docker.image', 'registry://acme:url') }}"
    image: "{{ values[0] }}"
    registry: "{{ values[1] }}"

- name: Set up another application with the variables of this one
  community.dokploy.dokploy_application:
    project: shop
    environment: staging
    name: web
    env: "{{ lookup('community.dokploy.dokploy', 'shop/production/web:env', include_secrets=true) }}"

- name: Give an application the URL of its database
  community.dokploy.dokploy_application:
    project: shop
    name: web
    env:
      DATABASE_URL: "{{ lookup('community.dokploy.dokploy', 'shop//db:internal_url', include_secrets=true) }}"
    env_mode: merge

- name: Create the tag if there is none
  community.dokploy.dokploy_tag:
    name: customer
  when: lookup('community.dokploy.dokploy', 'tag://customer', default=none) is none

- name: Show the address of each server
  ansible.builtin.debug:
    msg: "{{ item.name }} is {{ item.ip_address }}"
  loop: "{{ query('community.dokploy.dokploy', 'server://worker-1', 'server://worker-2') }}"
"""

RETURN = r"""
_raw:
  description:
    - One entry for each term, a mapping for a resource, or the value of a field. The keys are the return values of the
      C(_info) module of the kind.
  type: list
  elements: raw
  sample:
    - application_id: 8OYmGSp4Gg3lRPDmVxk2s
      project: shop
      environment: production
      name: web
      status: done
"""

from typing import Any, List, Mapping, Optional

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ansible_collections.community.dokploy.plugins.module_utils._errors import DokployError, OptionError, kind_of
from ansible_collections.community.dokploy.plugins.module_utils._model.argspec import CONNECTION
from ansible_collections.community.dokploy.plugins.plugin_utils._host.connection import (
    as_ansible_errors,
    connection_options,
    reading,
    refuse_unknown_options,
)
from ansible_collections.community.dokploy.plugins.plugin_utils._lookup.records import values_of
from ansible_collections.community.dokploy.plugins.plugin_utils._lookup.terms import Term, parse_term
from ansible_collections.community.dokploy.plugins.plugin_utils._plain import plain


class LookupModule(LookupBase):
    def run(self, terms: List[Any], variables: Optional[Mapping[str, Any]] = None, **kwargs: Any) -> List[Any]:
        # The keyword with_ passes it on before ansible-core 2.19.
        kwargs.pop("wantlist", None)
        self.set_options(var_options=variables, direct=kwargs)
        with as_ansible_errors():
            refuse_unknown_options(kwargs, ("default", "include_secrets", *CONNECTION))
            wanted = [_parsed(plain(term)) for term in terms]
        if not wanted:
            return []
        # Those of dokploy_application_info.
        logs = {"log_lines": 100, "log_since": None, "log_search": None}
        params = {"include_secrets": plain(self.get_option("include_secrets")), **logs}
        kinds = {id(kind): kind for term in wanted for kind in term.kinds}
        with reading(connection_options(self.get_option), tuple(kinds.values()), params) as context:
            values = values_of(wanted, context)
        return [self._result(value, kwargs) for value in values]

    @staticmethod
    def _result(value: Any, given: Mapping[str, Any]) -> Any:
        """:raises AnsibleLookupError: there is no such record or value, and no default."""
        if not isinstance(value, DokployError):
            return value
        if "default" in given:
            return given["default"]
        raise AnsibleLookupError(str(value))


def _parsed(term: Any) -> Term:
    """:raises OptionError: it is no term."""
    if not isinstance(term, str):
        hint = "A * before a list makes its items terms." if isinstance(term, list) else None
        raise OptionError("a term is text, such as shop/production/web, not %s" % kind_of(term), hint=hint)
    return parse_term(term)
