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
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.listed
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.attributes.info
  - community.dokploy.listing
options:
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
      description: See O(community.dokploy.dokploy_notification#module:custom).
      returned: when RV(notifications[].type=custom)
      type: dict
      contains:
        endpoint:
          description: See O(community.dokploy.dokploy_notification#module:custom.endpoint).
          returned: O(include_secrets=true)
          type: str
          sample: https://hooks.example.com/dokploy
        headers:
          description: See O(community.dokploy.dokploy_notification#module:custom.headers).
          returned: O(include_secrets=true)
          type: dict
          sample:
            X-Token: token of the service
    discord:
      description: See O(community.dokploy.dokploy_notification#module:discord).
      returned: when RV(notifications[].type=discord)
      type: dict
      contains:
        webhook_url:
          description: See O(community.dokploy.dokploy_notification#module:discord.webhook_url).
          returned: O(include_secrets=true)
          type: str
          sample: https://discord.example.com/api/webhooks/1/x
        decoration:
          description: See O(community.dokploy.dokploy_notification#module:discord.decoration).
          type: bool
          sample: true
    email:
      description: See O(community.dokploy.dokploy_notification#module:email).
      returned: when RV(notifications[].type=email)
      type: dict
      contains:
        password:
          description: See O(community.dokploy.dokploy_notification#module:email.password).
          returned: O(include_secrets=true)
          type: str
          sample: password of the mail server
        smtp_server:
          description: See O(community.dokploy.dokploy_notification#module:email.smtp_server).
          type: str
          sample: smtp.example.com
        smtp_port:
          description: See O(community.dokploy.dokploy_notification#module:email.smtp_port).
          type: int
          sample: 587
        username:
          description: See O(community.dokploy.dokploy_notification#module:email.username).
          type: str
          sample: dokploy
        from_address:
          description: See O(community.dokploy.dokploy_notification#module:email.from_address).
          type: str
          sample: Dokploy <dokploy@example.com>
        to_addresses:
          description: See O(community.dokploy.dokploy_notification#module:email.to_addresses).
          type: list
          elements: str
          sample:
            - ops@example.com
    gotify:
      description: See O(community.dokploy.dokploy_notification#module:gotify).
      returned: when RV(notifications[].type=gotify)
      type: dict
      contains:
        app_token:
          description: See O(community.dokploy.dokploy_notification#module:gotify.app_token).
          returned: O(include_secrets=true)
          type: str
          sample: AexampleToken
        server_url:
          description: See O(community.dokploy.dokploy_notification#module:gotify.server_url).
          type: str
          sample: https://gotify.example.com
        priority:
          description: See O(community.dokploy.dokploy_notification#module:gotify.priority).
          type: int
          sample: 5
        decoration:
          description: See O(community.dokploy.dokploy_notification#module:gotify.decoration).
          type: bool
          sample: true
    lark:
      description: See O(community.dokploy.dokploy_notification#module:lark).
      returned: when RV(notifications[].type=lark)
      type: dict
      contains:
        webhook_url:
          description: See O(community.dokploy.dokploy_notification#module:lark.webhook_url).
          returned: O(include_secrets=true)
          type: str
          sample: https://open.larksuite.example.com/open-apis/bot/v2/hook/x
    mattermost:
      description: See O(community.dokploy.dokploy_notification#module:mattermost).
      returned: when RV(notifications[].type=mattermost)
      type: dict
      contains:
        webhook_url:
          description: See O(community.dokploy.dokploy_notification#module:mattermost.webhook_url).
          returned: O(include_secrets=true)
          type: str
          sample: https://mattermost.example.com/hooks/x
        channel:
          description: See O(community.dokploy.dokploy_notification#module:mattermost.channel).
          type: str
          sample: ops
        username:
          description: See O(community.dokploy.dokploy_notification#module:mattermost.username).
          type: str
          sample: dokploy
    ntfy:
      description: See O(community.dokploy.dokploy_notification#module:ntfy).
      returned: when RV(notifications[].type=ntfy)
      type: dict
      contains:
        access_token:
          description: See O(community.dokploy.dokploy_notification#module:ntfy.access_token).
          returned: O(include_secrets=true)
          type: str
          sample: tk_example
        server_url:
          description: See O(community.dokploy.dokploy_notification#module:ntfy.server_url).
          type: str
          sample: https://ntfy.sh
        topic:
          description: See O(community.dokploy.dokploy_notification#module:ntfy.topic).
          type: str
          sample: shop-ops
        priority:
          description: See O(community.dokploy.dokploy_notification#module:ntfy.priority).
          type: int
          sample: 3
    pushover:
      description: See O(community.dokploy.dokploy_notification#module:pushover).
      returned: when RV(notifications[].type=pushover)
      type: dict
      contains:
        user_key:
          description: See O(community.dokploy.dokploy_notification#module:pushover.user_key).
          returned: O(include_secrets=true)
          type: str
          sample: uQiRzpo4DXghDmr9QzzfQu27cmVRsG
        api_token:
          description: See O(community.dokploy.dokploy_notification#module:pushover.api_token).
          returned: O(include_secrets=true)
          type: str
          sample: azGDORePK8gMaC0QOYAMyEEuzJnyUi
        priority:
          description: See O(community.dokploy.dokploy_notification#module:pushover.priority).
          type: int
          sample: 0
        retry:
          description: See O(community.dokploy.dokploy_notification#module:pushover.retry).
          type: int
          sample: 60
        expire:
          description: See O(community.dokploy.dokploy_notification#module:pushover.expire).
          type: int
          sample: 3600
    resend:
      description: See O(community.dokploy.dokploy_notification#module:resend).
      returned: when RV(notifications[].type=resend)
      type: dict
      contains:
        api_key:
          description: See O(community.dokploy.dokploy_notification#module:resend.api_key).
          returned: O(include_secrets=true)
          type: str
          sample: re_example
        from_address:
          description: See O(community.dokploy.dokploy_notification#module:resend.from_address).
          type: str
          sample: dokploy@example.com
        to_addresses:
          description: See O(community.dokploy.dokploy_notification#module:resend.to_addresses).
          type: list
          elements: str
          sample:
            - ops@example.com
    slack:
      description: See O(community.dokploy.dokploy_notification#module:slack).
      returned: when RV(notifications[].type=slack)
      type: dict
      contains:
        webhook_url:
          description: See O(community.dokploy.dokploy_notification#module:slack.webhook_url).
          returned: O(include_secrets=true)
          type: str
          sample: https://hooks.slack.example.com/services/T0/B0/x
        channel:
          description: See O(community.dokploy.dokploy_notification#module:slack.channel).
          type: str
          sample: '#ops'
    teams:
      description: See O(community.dokploy.dokploy_notification#module:teams).
      returned: when RV(notifications[].type=teams)
      type: dict
      contains:
        webhook_url:
          description: See O(community.dokploy.dokploy_notification#module:teams.webhook_url).
          returned: O(include_secrets=true)
          type: str
          sample: https://teams.example.com/webhook/x
    telegram:
      description: See O(community.dokploy.dokploy_notification#module:telegram).
      returned: when RV(notifications[].type=telegram)
      type: dict
      contains:
        bot_token:
          description: See O(community.dokploy.dokploy_notification#module:telegram.bot_token).
          returned: O(include_secrets=true)
          type: str
          sample: 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw
        chat_id:
          description: See O(community.dokploy.dokploy_notification#module:telegram.chat_id).
          type: str
          sample: '-1001234567890'
        message_thread_id:
          description: See O(community.dokploy.dokploy_notification#module:telegram.message_thread_id).
          type: str
          sample: '7'
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
      contains:
        app_deploy:
          description: See O(community.dokploy.dokploy_notification#module:events.app_deploy).
          type: bool
          sample: true
        app_build_error:
          description: See O(community.dokploy.dokploy_notification#module:events.app_build_error).
          type: bool
          sample: true
        database_backup:
          description: See O(community.dokploy.dokploy_notification#module:events.database_backup).
          type: bool
          sample: false
        volume_backup:
          description: See O(community.dokploy.dokploy_notification#module:events.volume_backup).
          type: bool
          sample: false
        dokploy_backup:
          description: See O(community.dokploy.dokploy_notification#module:events.dokploy_backup).
          type: bool
          sample: false
        dokploy_restart:
          description: See O(community.dokploy.dokploy_notification#module:events.dokploy_restart).
          type: bool
          sample: false
        docker_cleanup:
          description: See O(community.dokploy.dokploy_notification#module:events.docker_cleanup).
          type: bool
          sample: false
        server_threshold:
          description: See O(community.dokploy.dokploy_notification#module:events.server_threshold).
          type: bool
          sample: false
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
