// Copyright (c) Community Dokploy collection contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

"use strict";
(() => {
  const form = document.querySelector(".tools");
  const details = [...document.querySelectorAll("details")];
  // Paper shows what is closed on the screen.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = details.filter((entry) => !entry.open);
    for (const entry of closed) entry.open = true;
  });
  addEventListener("afterprint", () => {
    for (const entry of closed) entry.open = false;
  });
  if (!form) return;
  const rows = [...document.querySelectorAll(".row")].map((row) => {
    const instance = row.closest(".instance")?.dataset.instance ?? "";
    return {
      row, values: { ...row.dataset, instance }, text: `${instance} ${row.dataset.project} ${row.textContent}`.toLowerCase(),
    };
  });
  const groups = [...document.querySelectorAll(".group, .part, .instance")];
  const search = form.querySelector("#search");
  const selects = [...form.querySelectorAll("select")];
  const result = form.querySelector("#shown");
  const nothing = document.createElement("p");
  nothing.className = "nothing";
  nothing.textContent = "Nothing matches.";
  nothing.hidden = true;
  document.querySelector("main").append(nothing);
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter((select) => select.value).map((select) => [select.id, select.value]);
    const active = words.length > 0 || wanted.length > 0;
    let count = 0;
    for (const { row, values, text } of rows) {
      const fits = wanted.every(([name, value]) => values[name] === value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
    }
    for (const group of groups) group.hidden = active && !group.querySelector(".row:not([hidden])");
    nothing.hidden = count > 0;
    result.textContent = active ? `${count} of ${rows.length} shown` : "";
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
  });
  form.hidden = false;
  // The browser can have kept what was typed before the page was loaded again.
  filter();
})();
