#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_bootstrap
short_description: Create the first administrator and API key of a fresh Dokploy
version_added: 1.0.0
description:
  - Creates the first administrator of a Dokploy server that was just installed, and an API key for the other modules of
    this collection. It needs no API key and no browser.
  - Most tasks set O(email), O(password) and O(api_key_file).
  - 'A short example: C(community.dokploy.dokploy_bootstrap: {email: ops@example.com, password: "{{
    vault_dokploy_password }}", api_key_file: dokploy_api_key}).'
  - The module waits until the server answers. On a server that has an administrator, it signs in with O(email) and
    O(password) and creates the API key if it is missing.
  - If O(api_key_file) holds a key that the server accepts, the module changes nothing and does not sign in.
  - The key has no rate limit and does not expire. It belongs to the administrator and to the organization in which a
    new session of the administrator starts.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.attributes
  - community.dokploy.attributes.state
options:
  dokploy_url:
    description:
      - URL of the Dokploy server, for example V(http://192.0.2.1:3000). A trailing V(/) or V(/api) is ignored.
      - It begins with V(http://) or V(https://) and must not contain credentials. A redirect is an error that names the
        new URL.
      - If the option is not set, the environment variable E(DOKPLOY_URL) is used.
    type: str
    required: true
  email:
    description:
      - Email address of the administrator. Dokploy stores it in lower case.
    type: str
    required: true
  password:
    description:
      - Password of the administrator, at least 8 characters. The module does not change the password of an
        administrator that exists.
    type: str
    required: true
  first_name:
    description:
      - First name of a new administrator.
    type: str
    default: Admin
  last_name:
    description:
      - Last name of a new administrator.
    type: str
    default: ''
  api_key_name:
    description:
      - Name of the API key, at most 32 characters. The module looks for a key of this name that belongs to the
        administrator, is enabled and has not expired.
    type: str
    default: ansible
  api_key_file:
    description:
      - File for the API key, on the host that runs the module. Only its owner may read it (mode C(0600)). Its folder
        must exist.
      - If it holds a key of the administrator that the server accepts, that key is kept, whatever its name. A key that
        the server does not accept may be that of another server, and is overwritten with O(replace_api_key=true) only.
      - One of O(api_key_file) and O(include_secrets=true) is needed.
    type: path
  replace_api_key:
    description:
      - Whether to create an API key of the name O(api_key_name) again if it exists and O(api_key_file) does not hold
        it. The old key is deleted. Dokploy shows a key only when it creates it.
      - Without O(api_key_file), the key is created again in each run.
    type: bool
    default: false
  include_secrets:
    description:
      - Whether to also return RV(api_key). It is then visible in the result of the task, so use C(no_log). A registered
        result can be used all the same.
    type: bool
    default: false
  complete_onboarding:
    description:
      - Whether to end the tour for new users, to which the web interface of Dokploy 0.30.5 and newer leads the
        administrator from each page. Older releases have none, so that nothing is done.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to wait until the server answers.
    type: float
    default: 300.0
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the server. V(false) is for tests only, since the password can then be
        intercepted. The module issues a warning.
      - If the option is not set, the environment variable E(DOKPLOY_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File in PEM format, or folder prepared by C(c_rehash), with the certificates of the certificate authorities to
        trust. The default is those of the Python library C(requests).
      - If the option is not set, the environment variable E(DOKPLOY_CA_PATH) is used.
    type: path
  request_timeout:
    description:
      - Seconds to wait for a response. The sign-up waits at least two minutes, since a server without a way to the
        internet looks for its public address for up to a minute.
      - If the option is not set, the environment variable E(DOKPLOY_REQUEST_TIMEOUT) is used.
    type: float
    default: 30.0
  max_retries:
    description:
      - Number of retries of a request that failed for a temporary reason.
      - If the option is not set, the environment variable E(DOKPLOY_MAX_RETRIES) is used.
    type: int
    default: 5
attributes:
  action_group:
    support: none
    details:
      - The module is not in the action group C(community.dokploy.dokploy), since the defaults of that group contain the
        API key, which does not exist before the module has run. ansible-core 2.18 evaluates C(module_defaults) as a
        whole for each task, so that a lookup of O(api_key_file) in them needs C(errors='ignore') there.
requirements:
  - The Python library C(requests) 2.25.1 or newer.
  - Dokploy 0.25.0 or newer.
notes:
  - Two first sign-ups at the same moment both succeed and create two organizations, so run the module once for each
    server, with C(run_once) or on one host. Runs on the same machine wait for each other.
  - Dokploy accepts three sign-ins within ten seconds. The module waits if there were more.
  - The session of a sign-in ends after three days.
seealso:
  - module: community.dokploy.dokploy_project
"""

EXAMPLES = r"""
# The URL comes from an environment variable.

- name: Create the administrator, and a key in a file
  community.dokploy.dokploy_bootstrap:
    email: ops@example.com
    password: "{{ vault_dokploy_password }}"
    api_key_file: "{{ playbook_dir }}/dokploy_api_key"

- name: Spare the administrator the tour through the web interface, too
  community.dokploy.dokploy_bootstrap:
    email: ops@example.com
    password: "{{ vault_dokploy_password }}"
    api_key_file: "{{ playbook_dir }}/dokploy_api_key"
    complete_onboarding: true

- name: Use the key of the file in the next task
  community.dokploy.dokploy_project:
    dokploy_api_key: "{{ lookup('ansible.builtin.file', playbook_dir ~ '/dokploy_api_key') }}"
    name: wiki
  # In check mode there may be no key yet.
  when: not ansible_check_mode

- name: Return a key instead, which replaces an earlier one of its name
  community.dokploy.dokploy_bootstrap:
    email: ops@example.com
    password: "{{ vault_dokploy_password }}"
    api_key_name: deploy
    replace_api_key: true
    include_secrets: true
  no_log: true
  register: bootstrap

- name: Use the returned key
  community.dokploy.dokploy_project:
    dokploy_api_key: "{{ bootstrap.api_key }}"
    name: forum
  when: not ansible_check_mode
"""

RETURN = r"""
administrator_created:
  description: Whether the run has created the administrator, or would do so in check mode.
  returned: success
  type: bool
  sample: true
api_key_created:
  description: Whether the run has created the API key, or would do so in check mode.
  returned: success
  type: bool
  sample: true
onboarding_completed:
  description:
    - Whether the run has ended the tour of the administrator, or would do so in check mode.
    - Null in check mode without an administrator, since the version of Dokploy is not known then.
  returned: when O(complete_onboarding=true)
  type: bool
  sample: true
api_key:
  description:
    - The API key, V((generated\)) if check mode would create it. Null, with a warning, if it exists and its value is
      not known.
  returned: O(include_secrets=true)
  type: str
  sample: kTjQvCmGdeAWxLHnPzYbURsEfaoJiDNuMqXtVwOgKcFhSlBZyrpI
api_key_id:
  description: ID of the API key, V((generated\)) if check mode would create it. Null if O(api_key_file) holds a key of
    another name.
  returned: success
  type: str
  sample: npDUPHDh7vmblnJBwZo1gloxiZ21dHiq
organization_id:
  description: ID of the organization of the API key, V((generated\)) in check mode without an administrator.
  returned: success
  type: str
  sample: 1CksJdNMCHsJ6rbtiEgyC
user_id:
  description: ID of the administrator, V((generated\)) in check mode without one.
  returned: success
  type: str
  sample: LhvpKPbBpKZK1dcmI1NN6RbJPSOZoCyU
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      administrator: null
      api_key: null
    after:
      administrator: ops@example.com
      api_key: ansible
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.access.bootstrap import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
