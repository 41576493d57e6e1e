// What the list of the inbox does beyond HTMX: ticking many rows, and staying where somebody is while it is loaded anew.
// Without this file rows are ticked one by one, and a link leads to older conversations.
"use strict";

const rowsOf = () => document.querySelector("#rows");
const nRows = () => document.querySelectorAll("#rows .row").length;
const ticks = () => [...document.querySelectorAll("#rows .row-tick")]; // of the rows that the reader may change

// ---- ticks, which stay when the list is loaded anew

const ticked = new Set();
let lastTick = null; // the id of the row that was ticked last: Shift ticks all between it and another

function showTicks() {
  const all = ticks();
  for (const tick of all) tick.checked = ticked.has(tick.value);
  const shown = new Set(all.map((tick) => tick.value));
  for (const id of ticked) if (!shown.has(id)) ticked.delete(id);
  document.querySelector(".inbox-list")?.toggleAttribute("data-ticked", ticked.size > 0);
  const said = document.querySelector("#n-ticked");
  if (said) said.textContent = `${ticked.size} ticked`;
  const everything = document.querySelector("#tick-all");
  if (!everything) return;
  everything.checked = all.length > 0 && ticked.size === all.length;
  everything.indeterminate = ticked.size > 0 && ticked.size < all.length;
}

function tickTo(tick) {
  const all = ticks();
  const [from, to] = [all.findIndex((one) => one.value === lastTick), all.indexOf(tick)].sort((a, b) => a - b);
  if (from < 0) return;
  for (const one of all.slice(from, to + 1)) tick.checked ? ticked.add(one.value) : ticked.delete(one.value);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches("#rows .row-tick")) {
    tick(target, event.shiftKey);
  } else if (target.id === "tick-all") {
    for (const one of ticks()) target.checked ? ticked.add(one.value) : ticked.delete(one.value);
    showTicks();
  } else if (target.closest("[data-unticks]")) {
    ticked.clear();
    showTicks();
  }
});

function tick(box, isRange) {
  box.checked ? ticked.add(box.value) : ticked.delete(box.value);
  if (isRange) tickTo(box);
  lastTick = box.value;
  showTicks();
}

// The page behind a change of many shows as many rows as this one, so that each that was ticked is there again.
document.addEventListener("submit", ({ target }) => {
  const rows = target.querySelector("[data-rows]");
  if (rows) rows.value = nRows();
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "show-filters" && target.checked) focusFirst(document.querySelector(".more-filters"));
});

// What is chosen for the ticked ones is done at once: the next page offers to undo it.
document.addEventListener("change", ({ target }) => {
  const { presses } = target.dataset;
  if (presses) target.form.querySelector(`button[value="${presses}"]`).click();
});

// Each arrow key would choose in a list that is closed. Here it opens the list, and Enter chooses.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const wouldChoose = target.dataset?.presses && /^(Arrow|Home$|End$|Page|.$)/.test(key) && !event.ctrlKey && !event.metaKey;
  if (!wouldChoose || !CSS.supports("selector(:open)") || target.matches(":open")) return;
  event.preventDefault();
  target.showPicker();
});

// Holding Shift while clicking would mark the text between two rows.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".row-pick")) event.preventDefault();
});

// ---- Tab crosses the list in one step: it stops at the open row or the one that had the focus last, and at its box

function showTabStop() {
  const rows = [...document.querySelectorAll("#rows .row")];
  const stop = rows.find((row) => row.parentElement.contains(document.activeElement)) ?? rows.find((row) => row.hasAttribute("aria-current")) ?? rows[0];
  // Only what is new, or was the stop before: the browser looks at each row again whose attribute is set.
  for (const one of document.querySelectorAll(`#rows :is(.row, .row-tick):not([tabindex="-1"])`)) one.tabIndex = -1;
  for (const one of stop?.parentElement.querySelectorAll(".row, .row-tick") ?? []) one.tabIndex = 0;
}

document.addEventListener("focusin", ({ target }) => {
  if (target.tabIndex < 0 && target.matches("#rows .row, #rows .row-tick")) showTabStop();
});
document.addEventListener("DOMContentLoaded", showTabStop);

// ---- the place in the list

// So many rows at most are loaded anew at once. Whoever has scrolled further keeps what they see until they come back.
const MOST_REFRESHED = 500;
let isRefreshHeld = false;

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id === "list") detail.parameters.append("rows", String(nRows()));
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "list" || nRows() <= MOST_REFRESHED || !rowsOf().scrollTop) return;
  event.preventDefault();
  isRefreshHeld = true;
});

document.addEventListener(
  "scroll",
  ({ target }) => {
    if (!isRefreshHeld || target !== rowsOf() || target.scrollTop) return;
    isRefreshHeld = false;
    htmx.trigger(document.body, "resync");
  },
  true,
);

let place = null; // the first row in sight, and how far below the upper edge it is

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const rows = rowsOf();
  place = null;
  if (detail.target.id !== "list" || !rows?.scrollTop) return;
  const edge = rows.getBoundingClientRect().top;
  const first = [...rows.querySelectorAll(".row")].find((row) => row.getBoundingClientRect().bottom > edge);
  if (first) place = { id: first.id, below: first.getBoundingClientRect().top - edge, top: rows.scrollTop };
});

document.addEventListener(
  "htmx:afterSwap",
  onceForAnswer(({ detail }) => {
    if (detail.target.id !== "list") return;
    const rows = rowsOf();
    if (rows && place) {
      rows.scrollTop = place.top;
      const row = document.getElementById(place.id);
      if (row) rows.scrollTop += row.getBoundingClientRect().top - rows.getBoundingClientRect().top - place.below;
    }
    showTicks();
    showTabStop();
  }),
);
document.addEventListener(
  "htmx:afterSettle",
  onceForAnswer(({ detail }) => {
    const isInRows = rowsOf()?.contains(detail.elt) || detail.target.closest?.("#rows");
    if (isInRows) showTicks();
    // The open conversation is marked by then.
    if (isInRows || detail.target.id === "ticket" || detail.target.id === "list") showTabStop();
  }),
);

document.addEventListener("DOMContentLoaded", () => {
  for (const one of ticks()) if (one.checked) ticked.add(one.value);
  if (ticked.size) showTicks();
  document.querySelector("#rows .row[aria-current]")?.scrollIntoView({ block: "nearest" });
});
