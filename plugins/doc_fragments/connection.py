# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connection options of every module, and of the inventory and lookup plugins."""

from __future__ import annotations


class ModuleDocFragment:
    OPTIONS = r"""
options:
  dokploy_url:
    description:
      - URL of the Dokploy server, for example V(https://dokploy.example.com). A trailing V(/) or V(/api) is ignored.
      - It begins with V(http://) or V(https://) and must not contain credentials. A redirect is an error that names the
        new URL, since the API key is never sent to another URL.
      - If the option is not set, the environment variable E(DOKPLOY_URL) is used.
    type: str
    required: true
  dokploy_api_key:
    description:
      - API key. Create it in Dokploy's web interface under B(Settings), B(Profile). It belongs to one user and one
        organization, with their permissions.
      - A key that is created with the API is limited to ten checks a day, which are five requests, unless
        C(rateLimitEnabled) is V(false). Keys of the web interface are not limited.
      - If the option is not set, the environment variable E(DOKPLOY_API_KEY) is used.
    type: str
    required: true
  auth_scheme:
    description:
      - The HTTP header for the key.
      - V(auto) sends it in both headers. Dokploy reads C(x-api-key) and ignores the other one.
      - V(api_key) sends C(x-api-key) only.
      - V(bearer) sends only C(Authorization) with the scheme C(Bearer), for a gateway in front of Dokploy that requires
        it.
      - If the option is not set, the environment variable E(DOKPLOY_AUTH_SCHEME) is used.
    type: str
    choices:
      - auto
      - api_key
      - bearer
    default: auto
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the server. V(false) is for tests only, since the API key can then be
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
      - Seconds to wait for a response to begin, and to be complete once it has begun. The timeout of the connection is
        at most 10 seconds.
      - Requests that stop or remove something always wait two minutes.
      - If the option is not set, the environment variable E(DOKPLOY_REQUEST_TIMEOUT) is used.
    type: float
    default: 30.0
  max_retries:
    description:
      - Number of retries of a request that failed for a temporary reason, such as a lost connection or an error C(502).
        The pauses between the attempts grow up to 8 seconds. The error message of a failed request contains the number
        of attempts.
      - A request that writes is repeated at once if nothing of it was sent. If it may have taken effect, as after a
        lost connection or an error C(502), C(503) or C(504) of a proxy, the module reads the resource again. It
        continues if the request took effect, and otherwise sends the request again.
      - A request is not repeated if it gets no answer within O(request_timeout), or if the server does not show whether
        it took effect. This applies to mutations of M(community.dokploy.dokploy_api), runs of schedules and volume
        backups, rollbacks, and the actions V(refresh_token) and V(kill_build) of
        M(community.dokploy.dokploy_application_action). The task then fails, and the message says that the effect is
        unknown.
      - If the option is not set, the environment variable E(DOKPLOY_MAX_RETRIES) is used.
    type: int
    default: 5
  rate_limit_timeout:
    description:
      - Total seconds to wait until the server accepts an API key that has exceeded its rate limit again. With V(0), the
        task fails at once.
      - Dokploy refuses such a key with the same message as an invalid one. If the option is set, a task waits in both
        cases. If it is not set, a task waits up to 30 seconds for a key that was accepted before, and does not wait if
        its first request is refused. Set it for loops of tasks that do not run in the process of Ansible, since each
        item begins with a first request.
      - If it is not set and the task has written something, it waits up to 310 seconds. A key whose window is five
        minutes or less then leaves nothing half-made. Set the option for a key with a longer window.
      - If the option is not set, the environment variable E(DOKPLOY_RATE_LIMIT_TIMEOUT) is used.
    type: float
requirements:
  - Python 3.9 or newer.
  - The Python library C(requests) 2.25.1 or newer.
  - Dokploy 0.25.0 or newer.
"""

    # With an annotation, since the yamllint of ansible-test takes a plain assignment for that of a literal.
    DOCUMENTATION: str = (
        OPTIONS
        + r"""
notes:
  - You can set the connection options for all modules of the collection but M(community.dokploy.dokploy_bootstrap) with
    C(module_defaults) and the action group C(community.dokploy.dokploy), or with environment variables.
  - The environment variables are those of the host that runs the module. For a remote host, use the options or the
    keyword C(environment).
  - With the connection plugin P(ansible.builtin.local#connection), the module runs in the process of Ansible, which
    takes a fraction of the time. See R(the guide to in-process execution,
    ansible_collections.community.dokploy.docsite.in_process).
"""
    )

    # Where the plugins find these options besides. Plugins name it before the other fragment, so that its type of
    # ca_path counts: an empty variable would be the current folder as a path.
    PLUGINS = r"""
options:
  dokploy_url:
    env:
      - name: DOKPLOY_URL
    ini:
      - section: dokploy
        key: url
    vars:
      - name: dokploy_url
  dokploy_api_key:
    env:
      - name: DOKPLOY_API_KEY
    vars:
      - name: dokploy_api_key
  auth_scheme:
    env:
      - name: DOKPLOY_AUTH_SCHEME
    ini:
      - section: dokploy
        key: auth_scheme
    vars:
      - name: dokploy_auth_scheme
  validate_certs:
    env:
      - name: DOKPLOY_VALIDATE_CERTS
    ini:
      - section: dokploy
        key: validate_certs
    vars:
      - name: dokploy_validate_certs
  ca_path:
    type: str
    env:
      - name: DOKPLOY_CA_PATH
    ini:
      - section: dokploy
        key: ca_path
    vars:
      - name: dokploy_ca_path
  request_timeout:
    env:
      - name: DOKPLOY_REQUEST_TIMEOUT
    ini:
      - section: dokploy
        key: request_timeout
    vars:
      - name: dokploy_request_timeout
  max_retries:
    env:
      - name: DOKPLOY_MAX_RETRIES
    ini:
      - section: dokploy
        key: max_retries
    vars:
      - name: dokploy_max_retries
  rate_limit_timeout:
    env:
      - name: DOKPLOY_RATE_LIMIT_TIMEOUT
    ini:
      - section: dokploy
        key: rate_limit_timeout
    vars:
      - name: dokploy_rate_limit_timeout
"""
