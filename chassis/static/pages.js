// What the pages do beyond links and forms: keys on the worklist, menus that close, focus that follows, a clock that goes.
// Everything here is a convenience: without it every page still works.
(() => {
  "use strict";

  const typing = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  const duties = () => [...document.querySelectorAll(".duty-link, .row-link")];

  // j and k walk through the rows; from outside they begin at the first one.
  function walk(step) {
    const rows = duties();
    if (rows.length === 0) return;
    const here = rows.indexOf(document.activeElement);
    const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  function sign() {
    const button = document.activeElement.closest(".duty")?.querySelector(".sign-button");
    if (button) button.click();
  }

  function search() {
    const field = document.querySelector("[data-slash]") ?? document.querySelector("#find");
    field?.focus();
    field?.select();
  }

  const keys = { j: () => walk(1), k: () => walk(-1), s: sign, "/": search };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-drop][open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-drop]")));

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A mistake in a long text leads to its line there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line]");
    const field = link && document.querySelector(link.hash);
    if (!field) return;
    event.preventDefault();
    const lines = field.value.split("\n");
    const place = Number(link.dataset.line) - 1;
    const start = lines.slice(0, place).reduce((length, line) => length + line.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[place] ?? "").length);
    field.scrollTop = (field.scrollHeight / lines.length) * (place - 2);
  });

  // A form that leaves the page is sent once, however often its button is pressed; coming back makes it usable again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-once]") || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "true";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  });

  // After a form came back: to what was wrong with it, or into the row that was just added.
  document.addEventListener("htmx:after:swap", (event) => {
    const form = document.querySelector("#form");
    if (!form) return;
    const pressed = event.detail.ctx?.request?.submitter;
    if (pressed?.name === "add") {
      const rows = form.querySelectorAll(`[data-rows="${pressed.value}"] [data-row]`);
      rows[rows.length - 1]?.querySelector("input, select")?.focus();
      return;
    }
    (form.querySelector("[aria-invalid]") ?? form.querySelector("[data-focus]"))?.focus();
  });
})();
