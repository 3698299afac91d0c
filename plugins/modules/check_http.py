# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: check_http
short_description: Check several services over HTTP at once
version_added: 1.0.0
description:
  - Sends a GET request to each URL until it answers with an expected status, to all of them at the same time. It takes
    as long as the slowest check.
  - The role P(community.dokploy.setup#role) checks its applications with it. A task that deploys one service has
    O(community.dokploy.dokploy_deployment#module:http_check) for that.
  - The requests do not contain the API key of Dokploy.
author:
  - Community Dokploy collection contributors (@community-dokploy)
requirements:
  - requests
options:
  checks:
    description: The checks.
    type: list
    elements: dict
    required: true
    suboptions:
      label:
        description: The name of the service in messages.
        type: str
        required: true
      url:
        description: The URL to request. Either this or O(checks[].secret_url) is required.
        type: str
      secret_url:
        description: As O(checks[].url), for a URL with a password or a token. Neither messages nor logs show it.
        type: str
      host:
        description: Value of the C(Host) header, if it is not the host of the URL.
        type: str
      status_codes:
        description: Statuses that are accepted.
        type: list
        elements: int
        default: [200]
      timeout:
        description: Seconds to wait for a response.
        type: float
        default: 10.0
      retries:
        description: How often to request again.
        type: int
        default: 10
      delay:
        description: Seconds between two requests.
        type: float
        default: 3.0
      validate_certs:
        description: Whether to verify the TLS certificate.
        type: bool
        default: true
      follow_redirects:
        description: Whether to follow redirects.
        type: bool
        default: true
attributes:
  check_mode:
    support: none
    description: Nothing is requested.
  diff_mode:
    support: N/A
    description: Changes nothing.
"""

EXAMPLES = r"""
- name: Check two services at the same time
  community.dokploy.check_http:
    checks:
      - label: web
        url: https://shop.example.com/
      - label: api
        url: https://api.example.com/health
        status_codes: [200, 204]
        retries: 3
"""

RETURN = r"""
checks:
  description: The result of each check, in their order.
  type: list
  elements: dict
  returned: when the checks were made
  contains:
    label:
      description: The name of the service.
      type: str
      returned: always
      sample: shop/production/web
    passed:
      description: Whether the last response had an expected status.
      type: bool
      returned: always
      sample: true
    status:
      description: The status of the response, or null if it is not an expected one.
      type: int
      returned: always
      sample: 200
    error:
      description: What is wrong, or null if nothing is.
      type: str
      returned: always
      sample: HTTP 503
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.community.dokploy.plugins.module_utils._http.session import HAS_REQUESTS
from ansible_collections.community.dokploy.plugins.module_utils._resources.actions.http_checks import OPTIONS, check_all


def main() -> None:
    module = AnsibleModule(OPTIONS, supports_check_mode=False)
    if not HAS_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"))
    result = check_all(module.params["checks"])
    if result["failed"]:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
