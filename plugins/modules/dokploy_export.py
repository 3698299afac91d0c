#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_export
short_description: Write the document that describes a Dokploy instance
version_added: 1.0.0
description:
  - Writes what a server has as the document that M(community.dokploy.dokploy_manifest) applies, to adopt an instance
    that was set up in the web interface, or to apply it to another server.
  - Most tasks set O(dest), and O(scope) to export only a part.
  - 'A short example: C(community.dokploy.dokploy_export: {"dest": "instance"}).'
  - The document has names in place of IDs. It leaves out what a new record has by itself, what Dokploy has made by
    itself, such as random names and the volume with the data of a database, and everything that only reports.
  - Secrets are not in the document. Variables stand for them, see O(secrets). Values in environment text count as
    secrets unless they surely are none, see O(secret_env) and O(plain_env).
  - Comments of environment text are comments of the document. C((hidden)) stands in place of what may be a secret in
    them, such as the value of a variable that was switched off. The server keeps its text. Text that no mapping can
    state is a secret as a whole, with its comments.
  - The document is proven before it is written. If M(community.dokploy.dokploy_manifest) would change anything with
    it, the module fails, names the option, and writes nothing.
  - An application, a Compose stack or a database that does not run, or whose last deployment failed, has
    C(deploy=never), so that the document does not start it either. Remove that where it is to run.
  - What cannot be exported is in RV(missing), each with the reason.
  - Two exports of one state are equal byte by byte. A further export overwrites its files, unless O(merge) is true.
  - Files are written by the action of the module, on the controller, all of them or none. In a folder, files of earlier
    exports are removed if their project is gone. Files of others are left, see RV(left_files).
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.connection
  - community.dokploy.attributes
attributes:
  async:
    support: partial
    details:
      - Not with O(dest).
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the files of the document, never those with secrets.
  idempotent:
    support: full
options:
  scope:
    description:
      - What to export. Without it, everything that the API key shows.
      - Patterns are those of a shell, in which V(*) stands for any text, V(?) for any character and V([ab]) for one
        of these. A record is exported if one of the patterns selects it, or what it is in.
      - A record that is in something else comes with the names of what it is in. What it refers to by name, such as a
        destination, comes with it where O(scope.references) is set.
      - A file that is written has what is selected and nothing else. Select whole projects to export to a folder with
        files of an earlier export.
    type: dict
    suboptions:
      kinds:
        description:
          - The kinds of records to export. A kind is the name of a module without C(dokploy_), such as V(application)
            or V(registry).
        type: list
        elements: str
      projects:
        description:
          - Patterns for the names of projects. Everything in them is exported, too.
        type: list
        elements: str
      environments:
        description:
          - Patterns for environments, such as V(shop/production) or V(*/staging). A backslash before a slash makes it
            part of a name.
        type: list
        elements: str
      services:
        description:
          - Patterns for applications, Compose stacks and databases, such as V(shop/production/web).
        type: list
        elements: str
      references:
        description:
          - Whether to export what the selected records refer to by name as well, and what these refer to in turn, such
            as registries, destinations, SSH keys, Git providers, servers, networks and tags. Others of these kinds are
            left out.
        type: bool
        default: false
      destination:
        description:
          - Name or ID of a destination to export as well where O(scope.references) is set, such as that of the
            archives of a backup set.
        type: str
  dest:
    description:
      - Where to write the document, on the controller. A path that ends in C(.yml) or C(.yaml) is a file. Any other
        path is a folder, with the file C(instance.yml), and a file for each project in its folder C(projects).
      - A relative path begins in the folder of the playbook, for a playbook of a collection in the working directory.
        The folder above must exist.
      - Without it, the document is only in the result.
    type: path
  secrets:
    description:
      - What becomes of the secrets. V(vault) writes them to O(secrets_dest), encrypted with the vault password that
        Ansible was started with. With several vault IDs, it is the one of the setting
        C(ANSIBLE_VAULT_ENCRYPT_IDENTITY), or that of the file that is there. V(file) writes them there as they are, for
        the user of the task only. V(names_only) writes none.
      - The default is V(vault) if O(dest) is set. Without O(dest), only V(names_only) is possible.
    type: str
    choices:
      - vault
      - file
      - names_only
  secrets_dest:
    description:
      - Where to write the secrets, on the controller. The default is C(secrets.yml) beside the file of O(dest), or
        beside its folder, in which M(community.dokploy.dokploy_manifest) reads all files.
      - The file has variables for C(vars_files). Only its owner can read it. It is not written again if it has the same
        variables. It keeps those that files take which are left in the folder of O(dest).
    type: path
  plain_env:
    description:
      - The variables of environment text whose values stay readable in the document, such as V(REGION) and
        V(PUBLIC_*), beside those that O(secret_env) leaves readable.
      - Each is a name, or a pattern as in O(scope). Upper and lower case differ. A pattern does not select a variable
        whose name says that it is a secret, such as V(PUBLIC_TOKEN). Its whole name does.
      - A value stays a secret if it is one elsewhere in the document, or has one in it, such as the password of a
        database or of a URL, or the value of a variable that is not named here. Common words and short numbers, such as
        V(production) and V(3000), count only if they are the value of an option, such as a password.
      - Build secrets are always secrets, and so is environment text that only text can state.
    type: list
    elements: str
    default: []
  secret_env:
    description:
      - Which values of environment text are secrets.
      - With V(guessed), all but those that surely are none. These are empty values, those of at most 3 characters,
        numbers of at most 9 digits, booleans, usual words such as V(production), V(info) and V(postgres), time zones,
        hosts with an optional port, URLs of a host without a login and a query, and the names that the document has,
        such as that of a project. A host without a dot counts only if the name of the variable ends in C(HOST) or
        C(HOSTNAME).
      - No value is readable whose variable may be a secret by its name, such as C(PIN), C(CODE), C(API_KEY) and
        C(DB_PASSWORD), nor the same value of another variable.
      - With V(all), all of them are secrets. From ansible-core 2.22 on, each value of an encrypted file of variables is
        redacted wherever it occurs in the output of a run. With values such as V(1) and V(local), output becomes
        unreadable, and callbacks show the wrong state of a task. The module warns of such values.
    type: str
    choices:
      - guessed
      - all
    default: guessed
  secret_env_names:
    description:
      - Names of variables of environment text, and patterns as in O(scope), whose values are secrets in any case.
    type: list
    elements: str
    default: []
  force:
    description:
      - Whether to overwrite files that this module has not written. It knows its own by a comment at their beginning.
      - The same is true of secrets of another document, and of those that no vault password of the run decrypts.
    type: bool
    default: false
  merge:
    description:
      - Whether to change what differs in the files of O(dest), and leave everything else in them as it is, whoever has
        written it. Comments, the order, files that were split, references, variables, C(deploy), C(protect) and
        other words that are no configuration stay.
      - The plan of the document that the files have tells what differs, as with
        M(community.dokploy.dokploy_manifest). What it would change becomes what the server has. What it would create
        is removed, since the server no longer has it. What it does not name is added. An entry with C(state=absent)
        stays.
      - The files are read with the variables of the task, and with those of O(secrets_dest), which count before these.
        That file keeps its other variables.
      - In a folder, a new project is a new file. A file that an export has written is removed if nothing is left in it.
      - Without files, and where it is false, the files are written as a whole.
    type: bool
    default: false
  conflicts:
    description:
      - What happens with O(merge) if a place cannot be changed by itself, since a template makes several entries, an
        anchor of YAML repeats it, or the file is JSON or encrypted as a whole. V(fail) writes nothing. V(leave) leaves
        such places as they are. Both list them in RV(conflicts).
    type: str
    choices:
      - fail
      - leave
    default: fail
  document_file:
    description:
      - A file on the host that runs the module, with the document that exists as JSON. Only the action of the module
        sets it, and removes the file.
    type: path
  secrets_file:
    description:
      - A new file on the host that runs the module, for the document and its secrets as JSON. Only the action of the
        module sets it, and removes the file.
    type: path
seealso:
  - module: community.dokploy.dokploy_manifest
  - module: community.dokploy.dokploy_info
  - plugin: community.dokploy.reference
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at the whole instance
  community.dokploy.dokploy_export:
  register: instance

- name: Show what is not in the document
  ansible.builtin.debug:
    var: instance.missing

- name: Look at one project
  community.dokploy.dokploy_export:
    scope:
      projects:
        - shop
  register: shop

- name: Write a project that another instance can have, with what it needs of this one
  community.dokploy.dokploy_export:
    scope:
      projects:
        - shop
      references: true
    dest: whole_shop.yml
    secrets_dest: group_vars/all/whole_shop.yml

- name: Look at all registries, and at the databases of production
  community.dokploy.dokploy_export:
    scope:
      kinds:
        - registry
        - database
      environments:
        - "*/production"

- name: Write the instance to files, and its secrets to one that is encrypted
  community.dokploy.dokploy_export:
    dest: dokploy
    secrets_dest: group_vars/all/vault.yml

- name: Write the instance to files in which those who review them see what is no secret
  community.dokploy.dokploy_export:
    dest: dokploy
    plain_env:
      - TZ
      - REGION
      - PUBLIC_*

- name: Merge what was changed in the web interface, and leave what people have written in the files
  community.dokploy.dokploy_export:
    dest: dokploy
    secrets_dest: group_vars/all/vault.yml
    merge: true

- name: Write one project to a file, without its secrets
  community.dokploy.dokploy_export:
    scope:
      projects:
        - shop
    dest: shop.yml
    secrets: names_only
"""

RETURN = r"""
document:
  description: The document, with the options of M(community.dokploy.dokploy_manifest). Secrets, and values that another
    server has under another name, are templates.
  returned: without O(dest)
  type: dict
  sample:
    version: 1
    projects:
      - name: shop
        environments:
          - name: production
            applications:
              - name: web
                docker:
                  image: nginx:1.29
                env:
                  TOKEN: '{{ vault_shop_production_web_env[''TOKEN''] }}'
comments:
  description: What to know about entries of the document, and the comments of environment text. In a file, they are
    comments.
  returned: without O(dest)
  type: list
  elements: dict
  contains:
    path:
      description: The keys and positions of the entry in the document. The last one is empty for a comment behind all
        variables.
      returned: always
      type: list
      elements: raw
      sample:
        - projects
        - 0
        - environments
        - 0
        - applications
        - 2
    text:
      description: What to know, in sentences.
      returned: always
      type: str
      sample: It has the same name as another project, so that its ID stands here.
missing:
  description: What the document does not have.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description: The name of the module, without C(dokploy_).
      returned: always
      type: str
      sample: user
    path:
      description: The names of project, environment and service, or the name. Empty for all records of the kind.
      returned: always
      type: str
      sample: dev@example.com
    option:
      description: The option, or empty for a whole record.
      returned: always
      type: str
      sample: password
    reason:
      description: Why it is missing.
      returned: always
      type: str
      sample: Dokploy stores only a hash of it. A new one needs it.
secret_names:
  description: The variables that stand for secrets in the document.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name of the variable.
      returned: always
      type: str
      sample: vault_shop_production_web_env
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: application
    path:
      description: The names of project, environment and service, or the name.
      returned: always
      type: str
      sample: shop/production/web
    option:
      description: The option.
      returned: always
      type: str
      sample: env
plain_env_proposed:
  description: The names of variables, for O(plain_env), whose values surely are no secrets, see O(secret_env), and are
    secrets nevertheless, since O(secret_env) is V(all).
  returned: success
  type: list
  elements: str
  sample:
    - NODE_ENV
    - PORT
    - TZ
dest:
  description: The file or folder of the document.
  returned: with O(dest)
  type: str
  sample: /srv/shop/dokploy
secrets_dest:
  description: The file of the secrets. Null if there is none.
  returned: with O(dest)
  type: str
  sample: /srv/shop/group_vars/all/vault.yml
files:
  description: The files of the document, from the folder of RV(dest).
  returned: with O(dest)
  type: list
  elements: str
  sample:
    - instance.yml
    - projects/shop.yml
changed_files:
  description: Those of RV(files) that are new or have changed, or would be in check mode.
  returned: with O(dest)
  type: list
  elements: str
  sample:
    - projects/shop.yml
removed_files:
  description: Files of earlier exports that are removed, since O(scope) is empty and the server no longer has their
    project.
  returned: with O(dest)
  type: list
  elements: str
  sample: []
left_files:
  description: Other files in the folder. M(community.dokploy.dokploy_manifest) reads them as part of the document.
  returned: with O(dest)
  type: list
  elements: str
  sample: []
changes:
  description: What O(merge) changes in the files, or would in check mode. Of a secret, the value may be in
    RV(secrets_dest) only.
  returned: with O(merge), if there are files
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      returned: always
      type: str
      sample: dokploy/projects/shop.yml
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: application
    path:
      description: The names of project, environment and service, or the name.
      returned: always
      type: str
      sample: shop/production/web
    option:
      description: The option. Empty for a whole entry.
      returned: always
      type: str
      sample: env.TZ
    action:
      description: C(changed), C(added) or C(removed).
      returned: always
      type: str
      sample: changed
conflicts:
  description: What differs and O(merge) cannot change, see O(conflicts).
  returned: with O(merge), if there are files
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      returned: always
      type: str
      sample: dokploy/projects/shop.yml
    line:
      description: The line, from 1.
      returned: always
      type: int
      sample: 12
    kind:
      description: The name of the module of the entry, without C(dokploy_).
      returned: always
      type: str
      sample: application
    path:
      description: The names of project, environment and service, or the name.
      returned: always
      type: str
      sample: shop/production/web
    option:
      description: The option. Empty for a whole entry.
      returned: always
      type: str
      sample: replicas
    reason:
      description: Why it cannot be changed.
      returned: always
      type: str
      sample: an anchor of YAML is used in several places
    value:
      description: What the server has, as an export writes it. Null if that has nothing.
      returned: always
      type: raw
      sample: 3
diff:
  description: The files of the document that change, as they are and will be.
  returned: with O(dest), in diff mode
  type: list
  elements: dict
  sample:
    - before_header: dokploy/projects/shop.yml
      after_header: dokploy/projects/shop.yml
      before: ''
      after: |
        version: 1

        projects:
          - name: shop
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

from ansible_collections.community.dokploy.plugins.module_utils._export.export import OPERATION
from ansible_collections.community.dokploy.plugins.module_utils._host.module import run_module


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
