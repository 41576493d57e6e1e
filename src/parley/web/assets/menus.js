// Opens forms with the cursor in their first field, and closes open menus: by Escape, which gives the keyboard back to the
// button, and by a press elsewhere. Every page has it.
"use strict";

document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && document.querySelector("details[data-closes][open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[data-closes][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

// What takes the keyboard in a form that was folded away; nothing where a button or a link comes first, as in menus.
function focusFirst(place) {
  const isNext = (one) => one.parentElement !== place && one.tabIndex >= 0 && one.checkVisibility();
  const first = [...place.querySelectorAll("input, textarea, select, button, a[href], summary")].find(isNext);
  if (!first?.matches("input, textarea, select")) return;
  first.focus();
  first.select?.();
}

// At once, not when the browser tells of it: a key in between would be a shortcut of the page.
document.addEventListener("click", (event) => {
  const summary = event.target.closest("summary");
  const fold = summary?.parentElement;
  if (!fold || fold.open || event.defaultPrevented || event.target.closest("a, button")) return;
  event.preventDefault();
  fold.open = true;
  focusFirst(fold);
});

// What somebody has searched for stays in their browser only as long as they are signed in.
document.addEventListener("submit", ({ target }) => {
  if (target.getAttribute("action") !== "/logout") return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("parley.searches.")) localStorage.removeItem(key);
});
