/*
 * Copyright (c) Community Dokploy collection contributors
 * GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

// On a phone the cells of a table stand below each other, each below the heading of its column (site.css).
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll(".rst-content table.docutils:not(.ansible-option-table)")) {
    const headings = [...table.querySelectorAll("thead th")].map((heading) => heading.textContent.trim());
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, column) => cell.setAttribute("data-heading", headings[column] || ""));
    }
  }
});
