# Copyright (c) Community Dokploy collection contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""router project: the tour for new users, which every page of the web interface leads to until it is over.

Read in the web interface of 0.30.5. The answer of ``completeOnboarding`` and who is shown the tour were not: here it is
shown to those who have not ended it and have no project."""

from __future__ import annotations

from ...store.store import Row
from ..procedures import Context, procedure
from ..projects.project import own_projects


@procedure("project.onboardingStatus")
def onboarding_status(ctx: Context, _data: Row) -> Row:
    over = ctx.identity.user_id in ctx.store.onboarded or bool(own_projects(ctx))
    return {"shouldShowOnboarding": not over}


@procedure("project.completeOnboarding")
def complete_onboarding(ctx: Context, _data: Row) -> bool:
    ctx.store.onboarded.add(ctx.identity.user_id)
    return True
