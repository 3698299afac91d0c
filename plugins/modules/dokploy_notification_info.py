#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_notification_info
short_description: List the notifications of Dokploy
version_added: 1.0.0
description:
  - Lists notifications with the events that they are sent for. Without options, it lists all notifications that the API
    key can access.
  - One of a kind that this collection does not know, such as a fork of Dokploy has, is listed with its ID, its name and
    its RV(notifications[].type), and without anything else.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
  # Written by make generate, but for what is described below.
  notification_id:
    description:
      - Only the notification with this ID.
    type: str
  type:
    description:
      - Only notifications of this kind.
    type: str
    choices:
      - custom
      - discord
      - email
      - gotify
      - lark
      - mattermost
      - ntfy
      - pushover
      - resend
      - slack
      - teams
      - telegram
  # Written by hand.
  include_secrets:
    description:
      - Whether to also return the secrets, such as tokens, passwords and the addresses of webhooks. They are then
        visible in the result of the task, so use C(no_log).
    type: bool
    default: false
seealso:
  - module: community.dokploy.dokploy_notification
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: List all notifications
  community.dokploy.dokploy_notification_info:
  register: all_notifications

- name: Show those that are sent when a deployment has failed
  ansible.builtin.debug:
    msg: "{{ item.name }} ({{ item.type }})"
  loop: "{{ all_notifications.notifications | selectattr('events.app_build_error') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
notifications:
  description: The notifications, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    custom:
      description: See O(community.dokploy.dokploy_notification#module:custom). C(endpoint) and C(headers) are returned
        with O(include_secrets=true) only.
      returned: when RV(notifications[].type=custom)
      type: dict
      sample:
        endpoint: https://hooks.example.com/dokploy
        headers:
          X-Token: token of the service
    discord:
      description: See O(community.dokploy.dokploy_notification#module:discord). C(webhook_url) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=discord)
      type: dict
      sample:
        webhook_url: https://discord.example.com/api/webhooks/1/x
        decoration: true
    email:
      description: See O(community.dokploy.dokploy_notification#module:email). C(password) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=email)
      type: dict
      sample:
        smtp_server: smtp.example.com
        smtp_port: 587
        username: dokploy
        password: password of the mail server
        from_address: Dokploy <dokploy@example.com>
        to_addresses:
          - ops@example.com
    gotify:
      description: See O(community.dokploy.dokploy_notification#module:gotify). C(app_token) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=gotify)
      type: dict
      sample:
        server_url: https://gotify.example.com
        app_token: AexampleToken
        priority: 5
        decoration: true
    lark:
      description: See O(community.dokploy.dokploy_notification#module:lark). C(webhook_url) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=lark)
      type: dict
      sample:
        webhook_url: https://open.larksuite.example.com/open-apis/bot/v2/hook/x
    mattermost:
      description: See O(community.dokploy.dokploy_notification#module:mattermost). C(webhook_url) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=mattermost)
      type: dict
      sample:
        webhook_url: https://mattermost.example.com/hooks/x
        channel: ops
        username: dokploy
    ntfy:
      description: See O(community.dokploy.dokploy_notification#module:ntfy). C(access_token) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=ntfy)
      type: dict
      sample:
        server_url: https://ntfy.sh
        topic: shop-ops
        access_token: tk_example
        priority: 3
    pushover:
      description: See O(community.dokploy.dokploy_notification#module:pushover). C(user_key) and C(api_token) are
        returned with O(include_secrets=true) only.
      returned: when RV(notifications[].type=pushover)
      type: dict
      sample:
        user_key: uQiRzpo4DXghDmr9QzzfQu27cmVRsG
        api_token: azGDORePK8gMaC0QOYAMyEEuzJnyUi
        priority: 0
        retry: 60
        expire: 3600
    resend:
      description: See O(community.dokploy.dokploy_notification#module:resend). C(api_key) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=resend)
      type: dict
      sample:
        api_key: re_example
        from_address: dokploy@example.com
        to_addresses:
          - ops@example.com
    slack:
      description: See O(community.dokploy.dokploy_notification#module:slack). C(webhook_url) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=slack)
      type: dict
      sample:
        webhook_url: https://hooks.slack.example.com/services/T0/B0/x
        channel: '#ops'
    teams:
      description: See O(community.dokploy.dokploy_notification#module:teams). C(webhook_url) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=teams)
      type: dict
      sample:
        webhook_url: https://teams.example.com/webhook/x
    telegram:
      description: See O(community.dokploy.dokploy_notification#module:telegram). C(bot_token) is returned with
        O(include_secrets=true) only.
      returned: when RV(notifications[].type=telegram)
      type: dict
      sample:
        bot_token: 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw
        chat_id: '-1001234567890'
        message_thread_id: '7'
    type:
      description: The kind of recipient.
      type: str
      sample: slack
    created_at:
      description: When it was created, in UTC.
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    notification_id:
      description: ID of the notification.
      type: str
      sample: VfTafv0KGYInbEDEx5sGs
    name:
      description: See O(community.dokploy.dokploy_notification#module:name).
      type: str
      sample: ops
    events:
      description: See O(community.dokploy.dokploy_notification#module:events).
      type: dict
      sample:
        app_deploy: true
        app_build_error: true
        database_backup: false
        volume_backup: false
        dokploy_backup: false
        dokploy_restart: false
        docker_cleanup: false
        server_threshold: false
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.notification import (
    INFO_OPERATION,
)


def main() -> None:
    run_module(INFO_OPERATION)


if __name__ == "__main__":
    main()
