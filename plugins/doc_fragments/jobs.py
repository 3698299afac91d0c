# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of schedules and of volume backups in a service.

A text without C(options:) is a part of a fragment: an option, which ends with C(suboptions:), or suboptions.
"""

from __future__ import annotations

_SCHEDULES = r"""
  schedules:
    description:
      - All commands that Dokploy runs on a schedule in a container of the service. Others are removed, and V([])
        removes all. Without the option schedules are not managed. A run fails if the service has no running container.
      - A schedule is identified by O(schedules[].name). An existing one is updated in place, and its options that are
        not set do not change.
      - Dokploy does not return them with the service. Setting the option costs one more request, and they are in the
        result only then.
      - Takes effect at once, without a deployment.
    type: list
    elements: dict
    suboptions:
"""

_SCHEDULE = r"""
      name:
        description:
          - Name of the schedule, 1 to 255 characters.
        type: str
        required: true
      cron:
        description:
          - When to run, as a cron expression of five fields, such as V(30 3 * * mon-fri), or of six fields with the
            seconds first, or V(@hourly), V(@daily), V(@weekly), V(@monthly) or V(@yearly). The module validates it,
            since Dokploy accepts any text and never runs what it cannot parse.
        type: str
        required: true
      command:
        description:
          - Command that the shell runs in the container.
        type: str
        required: true
      shell:
        description:
          - The shell, which the image must contain. The default for a new schedule is V(bash).
        type: str
        choices:
          - bash
          - sh
      timezone:
        description:
          - Time zone of O(schedules[].cron), such as V(Europe/Berlin). Needs Dokploy 0.26.0 or newer.
          - A time zone that does not exist is refused, if the host that runs the module has the data. Dokploy would
            accept the schedule and never run it.
          - V("") clears it, and Dokploy uses UTC.
        type: str
      description:
        description:
          - Text that the web interface shows. V("") clears it. Needs Dokploy 0.29.3 or newer.
        type: str
      enabled:
        description:
          - Whether the schedule runs. The default for a new schedule is V(true).
        type: bool
"""

_VOLUME_BACKUPS = r"""
  volume_backups:
    description:
      - All backups of the service's Docker volumes. Others are removed, and V([]) removes all. Without the option
        volume backups are not managed. Removing a volume backup does not delete its files.
      - A volume backup is identified by O(volume_backups[].name). An existing one is updated in place, and its options
        that are not set do not change.
      - Dokploy does not return them with the service. Setting the option costs one more request, and they are in the
        result only then.
      - Takes effect at once, without a deployment.
    type: list
    elements: dict
    suboptions:
"""

_VOLUME_BACKUP = r"""
      name:
        description:
          - Name of the volume backup, 1 to 255 characters.
        type: str
        required: true
      destination:
        description:
          - Name or ID of the destination of the files, as listed in Dokploy under B(S3 Destinations).
        type: str
        required: true
      cron:
        description:
          - When to run, as a cron expression of five fields, such as V(30 3 * * mon-fri), or of six fields with the
            seconds first, or V(@hourly), V(@daily), V(@weekly), V(@monthly) or V(@yearly), in the time zone of Dokploy,
            usually UTC. The module validates it, since Dokploy accepts any text and never runs what it cannot parse.
        type: str
        required: true
      prefix:
        description:
          - Folder in the bucket, below the folder of the service. The default for a new volume backup is none.
          - It must not contain whitespace or special characters of a shell, since Dokploy inserts it into commands. It
            must not lead out of the folder with C(..).
          - V("") clears it.
        type: str
      keep:
        description:
          - Number of files to keep, 0 to 100000. Older files are deleted after each backup. V(0), the default for a new
            volume backup, keeps all.
        type: int
      enabled:
        description:
          - Whether the volume backup runs. The default for a new volume backup is V(true), which the module sets.
        type: bool
"""

_STOP_SERVICE = r"""
      stop_service:
        description:
          - Whether to stop the service while the volume is read, so that its files do not change. The default for a new
            volume backup is V(false).
        type: bool
"""


class ModuleDocFragment:
    # With an annotation, since the yamllint of ansible-test takes a plain assignment for that of a literal.

    # Of an application.
    APPLICATION: str = (
        "options:"
        + _SCHEDULES
        + _SCHEDULE
        + _VOLUME_BACKUPS
        + _VOLUME_BACKUP
        + _STOP_SERVICE
        + r"""
      volume:
        description:
          - Name of the Docker volume, as in O(mounts[].name).
        type: str
        required: true
"""
    )

    # Of a Compose stack.
    COMPOSE: str = (
        "options:"
        + _SCHEDULES
        + r"""
      service:
        description:
          - Name of a service in the Compose file. A name that the file does not have is refused. Of a repository the
            services are known once it was deployed.
        type: str
        required: true
"""
        + _SCHEDULE
        + _VOLUME_BACKUPS
        + _VOLUME_BACKUP
        + _STOP_SERVICE
        + r"""
      service:
        description:
          - Name of the service that uses the volume. A name that the file does not have is refused.
        type: str
        required: true
      volume:
        description:
          - Full name of the Docker volume, which begins with RV(compose.app_name) and V(_) unless the Compose file
            names it, for example V(shop-k3f9zq_data).
        type: str
        required: true
"""
    )

    # Of a database.
    DATABASE: str = (
        "options:"
        + _VOLUME_BACKUPS
        + _VOLUME_BACKUP
        + r"""
      volume:
        description:
          - Name of the Docker volume. That of the data is RV(database.app_name) and V(-data). The files of a running
            database may be inconsistent in such a backup. Dokploy cannot stop a database for it.
        type: str
        required: true
"""
    )

    # The options of the state executed, in the modules of one schedule or backup.
    RUN = r"""
options:
  wait_timeout:
    description:
      - Seconds for which O(state=executed) waits for the run to end. After that, the module fails, and the run
        continues.
    type: float
    default: 600.0
  log_lines:
    description:
      - Number of lines from the end of the log of the run, 0 to 10000. V(0) returns none.
      - The values of the application's variables, build arguments, build secrets and registry password, and the content
        of its file mounts and patches, are masked. Other output of the run is shown.
      - The log needs Dokploy 0.29.5 or newer.
    type: int
    default: 50
"""
