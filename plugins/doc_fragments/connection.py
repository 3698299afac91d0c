# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which server is meant, the same in every module."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  dokploy_url:
    description:
      - Address of the Dokploy server, for example V(https://dokploy.example.com). A trailing V(/) or V(/api) makes no
        difference.
      - It begins with V(http://) or V(https://) and holds no credentials. A redirect is an error that names the right
        address, since the API key is never sent to another one.
      - When the option is not set, the value of the environment variable E(DOKPLOY_URL) is used.
    type: str
    required: true
  dokploy_api_key:
    description:
      - API key, as Dokploy's web page creates it under B(Settings), B(Profile). It belongs to one user and one
        organization, and sees what they may see.
      - A key that is created through the API is limited to ten checks a day, that is five requests, unless
        C(rateLimitEnabled) is V(false). Keys from the web page are not limited.
      - When the option is not set, the value of the environment variable E(DOKPLOY_API_KEY) is used.
    type: str
    required: true
  auth_scheme:
    description:
      - In which HTTP header the key is sent.
      - V(auto) sends it in both headers. Dokploy reads C(x-api-key) and ignores the other one.
      - V(api_key) sends C(x-api-key) only.
      - V(bearer) sends C(Authorization) with the word C(Bearer) only, for a gateway in front of Dokploy that asks for
        that.
      - When the option is not set, the value of the environment variable E(DOKPLOY_AUTH_SCHEME) is used, if there is
        one.
    type: str
    choices:
      - auto
      - api_key
      - bearer
    default: auto
  validate_certs:
    description:
      - Whether the server's TLS certificate must be valid. V(false) is for tests, since anybody on the way can then
        read the key; the task warns of it.
      - When the option is not set, the value of the environment variable E(DOKPLOY_VALIDATE_CERTS) is used, if there is
        one.
    type: bool
    default: true
  ca_path:
    description:
      - A file in PEM format, or a folder as C(c_rehash) prepares it, with the certificates of the authorities to trust.
        Without it, those that the Python library C(requests) trusts are used.
      - When the option is not set, the value of the environment variable E(DOKPLOY_CA_PATH) is used, if there is one.
    type: path
  request_timeout:
    description:
      - Seconds to wait for the whole answer to one request. For a connection to be made it waits 10 seconds at most.
      - Stopping and removing things takes Dokploy longer. Such requests wait two minutes, whatever is stated here.
      - When the option is not set, the value of the environment variable E(DOKPLOY_REQUEST_TIMEOUT) is used, if there
        is one.
    type: float
    default: 30.0
  max_retries:
    description:
      - How often a request is repeated that failed for a reason that may pass, such as a lost connection or an error
        C(502). The pauses between the attempts grow up to 8 seconds. The message of a request that fails in the end
        says after how many attempts.
      - A request that writes is repeated at once when nothing of it was sent. When it may have had an effect, as after
        a lost connection or an error C(502), C(503) or C(504) of a proxy, the module reads again what is there. It goes
        on when the request had its effect, and otherwise sends the request again.
      - A request is not repeated when it gets no answer within O(request_timeout), or when the server does not show
        whether it had an effect. This is so for mutations of M(community.dokploy.dokploy_api), runs of schedules and
        volume backups, rollbacks, and the actions V(refresh_token) and V(kill_build) of
        M(community.dokploy.dokploy_application_action). The task fails then, and the message says that the effect is
        unknown.
      - When the option is not set, the value of the environment variable E(DOKPLOY_MAX_RETRIES) is used, if there is
        one.
    type: int
    default: 5
  rate_limit_timeout:
    description:
      - Seconds to wait in all for an API key that is used up to be accepted again. With V(0) the task fails at once.
      - Dokploy refuses a key that is used up with the same words as a wrong one. When the option is set, a task waits
        in both cases. When it is not set, a task waits up to 30 seconds for a key that was accepted before, and does
        not wait when its first request is refused. Set it for loops of tasks that do not run in Ansible's own process,
        as each of their items begins with a first request.
      - When the option is not set, the value of the environment variable E(DOKPLOY_RATE_LIMIT_TIMEOUT) is used, if
        there is one.
    type: float
requirements:
  - The Python library C(requests) 2.25.1 or newer.
  - Dokploy 0.25.0 or newer.
notes:
  - The connection options can be stated once for all modules of the collection, with C(module_defaults) and the action
    group C(community.dokploy.dokploy), or with environment variables.
  - The environment variables are those of the host that runs the module. A remote host does not see those of the
    controller; use the options or the keyword C(environment) there.
  - With the connection plugin P(ansible.builtin.local#connection) the module runs inside Ansible's own process, which
    takes a fraction of the time. See R(the guide to in-process execution,
    ansible_collections.community.dokploy.docsite.in_process).
"""
