#!/usr/bin/python
# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dokploy_notification
short_description: Manage notifications of Dokploy by email, chat, push service or webhook
version_added: 1.0.0
description:
  - Creates, updates, tests and removes a notification, which sends a message to one recipient when something happens,
    for example when a deployment has failed.
  - Most tasks set O(name), O(events) and the suboptions of one kind.
  - 'A short example: C(community.dokploy.dokploy_notification: {name: ops, events: {app_build_error: true}, slack:
    {webhook_url: "{{ vault_slack_webhook_url }}"}}).'
  - 'The kind of recipient is the one whose suboptions are set: one of O(custom), O(discord), O(email), O(gotify),
    O(lark), O(mattermost), O(ntfy), O(pushover), O(resend), O(slack), O(teams) and O(telegram). A new notification
    needs one of them. The kind of an existing notification is known and cannot change: remove the notification first,
    or give the new one another name.'
  - If notifications of different kinds have the same name, the suboptions that are set select one.
  - Dokploy shows all secrets to every API key that may read notifications, so they are compared with what it stores.
    They are never returned, except by M(community.dokploy.dokploy_notification_info) on request.
author:
  - Community Dokploy collection contributors (@community-dokploy)
extends_documentation_fragment:
  - community.dokploy.notes.names
  - community.dokploy.notes
  - community.dokploy.connection
  - community.dokploy.attributes
  - community.dokploy.unstated
attributes:
  check_mode:
    support: full
    details:
      - No message is sent in check mode.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - O(state=tested) sends a message each time.
notes:
  - Dokploy reports the test of O(telegram) and O(lark) as successful, whatever happens. The result says so.
  - Dokploy replaces all settings of a notification at once, so the module always sends all of them, with the stored
    values of those that are not set.
options:
  # Written by make generate, but for what is described below.
  name:
    description:
      - Name of the notification, 1 to 255 characters. Case is significant.
      - One of O(name) and O(notification_id) is required.
    type: str
  notification_id:
    description:
      - ID of an existing notification. Use it instead of O(name), or with it to rename the notification.
      - If it does not exist, O(state=present) and O(state=tested) fail, and O(state=absent) changes nothing.
    type: str
  # Written by hand.
  state:
    description:
      - V(present) creates the notification, or updates it where it differs.
      - V(absent) removes it.
      - V(tested) sends a real message to the recipient and reports a change. It uses the stored settings, or the
        options of the kind that are set instead, and stores nothing. The notification need not exist if all that a new
        one needs is set. In check mode no message is sent.
    type: str
    choices:
      - present
      - absent
      - tested
    default: present
  events:
    description:
      - The events that a message is sent for. The default of each for a new notification is V(false).
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      app_deploy:
        description:
          - Whether a deployment has succeeded.
        type: bool
      app_build_error:
        description:
          - Whether a deployment has failed.
        type: bool
      database_backup:
        description:
          - Whether a backup of a database has ended.
        type: bool
      volume_backup:
        description:
          - Whether a backup of a volume has ended.
          - Needs Dokploy 0.26.0 or newer. For O(lark) and O(custom), the first version is 0.26.2.
        type: bool
      dokploy_backup:
        description:
          - Whether a backup of Dokploy itself has ended.
          - Needs Dokploy 0.29.0 or newer.
        type: bool
      dokploy_restart:
        description:
          - Whether Dokploy has restarted.
        type: bool
      docker_cleanup:
        description:
          - Whether the Docker cleanup has run.
        type: bool
      server_threshold:
        description:
          - Whether a monitored server exceeds a threshold.
          - For O(gotify) and O(ntfy), needs Dokploy 0.30.5 or newer.
        type: bool
  custom:
    description:
      - Any address, which receives the messages as JSON in a POST request.
      - Needs Dokploy 0.26.0 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      endpoint:
        description:
          - The address, beginning with C(http://) or C(https://). Treated as a secret, since it may contain a token.
            Required for a new one.
        type: str
      headers:
        description:
          - Further headers of the request, by their names. The values are treated as secrets. V({}) removes all.
        type: dict
  discord:
    description:
      - A channel of Discord.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      webhook_url:
        description:
          - An address that begins with C(http://) or C(https://). Treated as a secret, since whoever knows it can post.
            Required for a new one.
        type: str
      decoration:
        description:
          - Whether messages have emojis. The default for a new notification is V(true).
        type: bool
  email:
    description:
      - Mail by an SMTP server.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      smtp_server:
        description:
          - Host name of the server, 1 to 255 characters. Required for a new one.
        type: str
      smtp_port:
        description:
          - Port of the server, 1 to 65535. The default for a new notification is V(587).
        type: int
      username:
        description:
          - Name to log in with, 1 to 255 characters. Required for a new one.
        type: str
      password:
        description:
          - Its password, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      from_address:
        description:
          - Address of the sender, 1 to 255 characters. A name may stand before it, as in V(Dokploy
            <dokploy@example.com>). Required for a new one.
        type: str
      to_addresses:
        description:
          - Addresses of the recipients, in any order. Required for a new one.
        type: list
        elements: str
  gotify:
    description:
      - A Gotify server.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      server_url:
        description:
          - Address of the server, beginning with C(http://) or C(https://). Required for a new one.
        type: str
      app_token:
        description:
          - Token of the application in Gotify, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      priority:
        description:
          - Priority of the messages, 1 to 10. The default for a new notification is V(5).
        type: int
      decoration:
        description:
          - Whether messages have emojis. The default for a new notification is V(true).
        type: bool
  lark:
    description:
      - A group of Lark or Feishu.
      - Needs Dokploy 0.25.6 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      webhook_url:
        description:
          - An address that begins with C(http://) or C(https://). Treated as a secret, since whoever knows it can post.
            Required for a new one.
        type: str
  mattermost:
    description:
      - A channel of Mattermost.
      - Needs Dokploy 0.29.0 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      webhook_url:
        description:
          - An address that begins with C(http://) or C(https://). Treated as a secret, since whoever knows it can post.
            Required for a new one.
        type: str
      channel:
        description:
          - Channel to post to, without V(#). V("") clears it. The default for a new notification is that of the
            webhook.
        type: str
      username:
        description:
          - Name that the messages are posted under. V("") clears it.
        type: str
  ntfy:
    description:
      - A topic of an ntfy server.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      server_url:
        description:
          - Address of the server, beginning with C(http://) or C(https://). Required for a new one.
        type: str
      topic:
        description:
          - The topic, 1 to 255 characters. Required for a new one.
        type: str
      access_token:
        description:
          - Access token for a protected topic. Treated as a secret. V("") clears it.
        type: str
      priority:
        description:
          - Priority of the messages, 1 to 5. The default for a new notification is V(3).
        type: int
  pushover:
    description:
      - A user or group of Pushover.
      - Needs Dokploy 0.26.7 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      user_key:
        description:
          - Key of the user or group, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      api_token:
        description:
          - Token of the application in Pushover, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      priority:
        description:
          - Priority of the messages, from V(-2) to V(2). The default for a new notification is V(0).
        type: int
      retry:
        description:
          - With O(pushover.priority=2), the interval in seconds at which a message is repeated, at least 30. Required
            with this priority. V(0) clears it.
        type: int
      expire:
        description:
          - With O(pushover.priority=2), the seconds after which a message is no longer repeated, at most 10800.
            Required with this priority. V(0) clears it.
        type: int
  resend:
    description:
      - Mail by the service Resend.
      - Needs Dokploy 0.27.0 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      api_key:
        description:
          - API key of Resend, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      from_address:
        description:
          - Address of the sender, 1 to 255 characters. A name may stand before it, as in V(Dokploy
            <dokploy@example.com>). Required for a new one.
        type: str
      to_addresses:
        description:
          - Addresses of the recipients, in any order. Required for a new one.
        type: list
        elements: str
  slack:
    description:
      - A channel of Slack.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      webhook_url:
        description:
          - An address that begins with C(http://) or C(https://). Treated as a secret, since whoever knows it can post.
            Required for a new one.
        type: str
      channel:
        description:
          - Channel to post to, for example V(#ops). V("") clears it. The default for a new notification is that of the
            webhook.
        type: str
  teams:
    description:
      - A channel of Microsoft Teams.
      - Needs Dokploy 0.27.1 or newer.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      webhook_url:
        description:
          - An address that begins with C(http://) or C(https://). Treated as a secret, since whoever knows it can post.
            Required for a new one.
        type: str
  telegram:
    description:
      - A chat of Telegram.
      - Each suboption is independent, and those that are not set are not managed.
    type: dict
    suboptions:
      bot_token:
        description:
          - Token of the bot, 1 to 1024 characters. Treated as a secret. Required for a new one.
        type: str
      chat_id:
        description:
          - ID of the chat, 1 to 255 characters. Required for a new one.
        type: str
      message_thread_id:
        description:
          - ID of the topic in a group with topics. V("") clears it.
        type: str
seealso:
  - module: community.dokploy.dokploy_notification_info
"""

EXAMPLES = r"""
# The connection options come from environment variables or from module_defaults.

- name: Notify a Slack channel of deployments
  community.dokploy.dokploy_notification:
    name: ops
    events:
      app_deploy: true
      app_build_error: true
    slack:
      webhook_url: "{{ vault_slack_webhook_url }}"
      channel: "#ops"

- name: Send a test message to it
  community.dokploy.dokploy_notification:
    name: ops
    state: tested

- name: Send an email when a backup has ended
  community.dokploy.dokploy_notification:
    name: backups
    events:
      database_backup: true
      volume_backup: true
    email:
      smtp_server: smtp.example.com
      smtp_port: 587
      username: dokploy
      password: "{{ vault_smtp_password }}"
      from_address: Dokploy <dokploy@example.com>
      to_addresses:
        - ops@example.com

- name: Send an email when Dokploy has restarted, too
  community.dokploy.dokploy_notification:
    name: backups
    events:
      dokploy_restart: true

- name: Post failed builds to a service of your own
  community.dokploy.dokploy_notification:
    name: own
    events:
      app_build_error: true
    custom:
      endpoint: https://hooks.example.com/dokploy
      headers:
        X-Token: "{{ vault_hook_token }}"

- name: Remove a notification
  community.dokploy.dokploy_notification:
    name: backups
    state: absent
"""

RETURN = r"""
notification:
  description:
    - The notification after the module ran, or as predicted in check mode. It never contains secrets.
    - For O(state=absent), only its ID and name, or null if it did not exist. For O(state=tested), the stored
      notification, or null if there is none.
  returned: success
  type: dict
  contains:
    notification_id:
      description: ID of the notification. V((generated\)) if check mode would create it.
      type: str
      sample: VfTafv0KGYInbEDEx5sGs
    type:
      description: The kind of recipient.
      returned: O(state=present) or O(state=tested)
      type: str
      sample: slack
    created_at:
      description: When it was created, in UTC. V((generated\)) if check mode would create it.
      returned: O(state=present) or O(state=tested)
      type: str
      sample: '2026-03-14T09:26:53.589Z'
    name:
      description: Name of the notification.
      type: str
      sample: ops
    events:
      description: See O(events).
      returned: O(state=present) or O(state=tested)
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
    discord:
      description: See O(discord).
      returned: when RV(notification.type=discord), O(state=present) or O(state=tested)
      type: dict
      sample:
        decoration: true
    email:
      description: See O(email).
      returned: when RV(notification.type=email), O(state=present) or O(state=tested)
      type: dict
      sample:
        smtp_server: smtp.example.com
        smtp_port: 587
        username: dokploy
        from_address: Dokploy <dokploy@example.com>
        to_addresses:
          - ops@example.com
    gotify:
      description: See O(gotify).
      returned: when RV(notification.type=gotify), O(state=present) or O(state=tested)
      type: dict
      sample:
        server_url: https://gotify.example.com
        priority: 5
        decoration: true
    mattermost:
      description: See O(mattermost).
      returned: when RV(notification.type=mattermost), O(state=present) or O(state=tested)
      type: dict
      sample:
        channel: ops
        username: dokploy
    ntfy:
      description: See O(ntfy).
      returned: when RV(notification.type=ntfy), O(state=present) or O(state=tested)
      type: dict
      sample:
        server_url: https://ntfy.sh
        topic: shop-ops
        priority: 3
    pushover:
      description: See O(pushover).
      returned: when RV(notification.type=pushover), O(state=present) or O(state=tested)
      type: dict
      sample:
        priority: 0
        retry: 60
        expire: 3600
    resend:
      description: See O(resend).
      returned: when RV(notification.type=resend), O(state=present) or O(state=tested)
      type: dict
      sample:
        from_address: dokploy@example.com
        to_addresses:
          - ops@example.com
    slack:
      description: See O(slack).
      returned: when RV(notification.type=slack), O(state=present) or O(state=tested)
      type: dict
      sample:
        channel: '#ops'
    telegram:
      description: See O(telegram).
      returned: when RV(notification.type=telegram), O(state=present) or O(state=tested)
      type: dict
      sample:
        chat_id: '-1001234567890'
        message_thread_id: '7'
    custom:
      description: See O(custom).
      returned: when RV(notification.type=custom), O(state=present) or O(state=tested)
      type: dict
      sample: {}
    lark:
      description: See O(lark).
      returned: when RV(notification.type=lark), O(state=present) or O(state=tested)
      type: dict
      sample: {}
    teams:
      description: See O(teams).
      returned: when RV(notification.type=teams), O(state=present) or O(state=tested)
      type: dict
      sample: {}
message_sent:
  description: Whether a test message was sent. False in check mode.
  returned: O(state=tested)
  type: bool
  sample: true
message_confirmed:
  description: Whether the recipient accepted it. Dokploy does not tell this of O(telegram) and O(lark).
  returned: O(state=tested)
  type: bool
  sample: true
diff:
  description: What changed, or would change in check mode. See R(the guide to results,
    ansible_collections.community.dokploy.docsite.results).
  returned: success and in diff mode
  type: dict
  sample:
    before:
      events:
        app_deploy: false
    after:
      events:
        app_deploy: true
ids:
  description: The IDs of all resources that have the same name or key.
  returned: when a name or a key is not unique
  type: list
  elements: str
  sample:
    - 8OYmGSp4Gg3lRPDmVxk2s
    - hT6YbN3vRf8KmWqZ1xCdE
options:
  description: The options whose values the server accepted, but did not store.
  returned: when a written value differs afterwards
  type: list
  elements: str
  sample:
    - description
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
from ansible_collections.community.dokploy.plugins.module_utils._resources.infrastructure.notification import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
