// The settings of the chat widget: the field for a color has a picker beside it, and the preview follows the form.
// Without this file the color is typed, and the preview shows what is stored.
"use strict";

const preview = document.getElementById("widget-preview");
const picker = document.querySelector("[data-picks]");
const color = document.getElementById(picker.dataset.picks);
const FULL_COLOR = /^#[0-9a-f]{6}/i;
const SHORT_COLOR = /^#([0-9a-f])([0-9a-f])([0-9a-f])[0-9a-f]?$/i;
const WAIT_MS = 400;
let waiting;

function showColor() {
  const text = color.value || color.placeholder;
  const found = text.match(FULL_COLOR)?.[0] ?? text.replace(SHORT_COLOR, "#$1$1$2$2$3$3");
  if (FULL_COLOR.test(found)) picker.value = found;
}

function showPreview() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(preview.closest("form"))) {
    if (name.startsWith("widget_") && name !== "widget_domains") query.set(name, value);
  }
  // Not into the history: "back" should leave the page.
  preview.contentWindow.location.replace(`${preview.getAttribute("src")}?is_draft=1&${query}`);
}

preview.closest("form").addEventListener("input", ({ target }) => {
  if (target === picker) color.value = picker.value;
  if (target === color) showColor();
  if (target !== picker && !target.name?.startsWith("widget_")) return;
  clearTimeout(waiting);
  waiting = setTimeout(showPreview, WAIT_MS);
});
showColor();
// A form that came back with a fault has more in it than is stored.
if (document.querySelector("[aria-invalid]")) showPreview();

// The widget takes the keyboard when it opens, here and after each change. Only who presses in it or tabs to it means it.
let focused = document.body;
let isTabbed = false;
document.addEventListener("focusin", ({ target }) => {
  if (target !== preview) focused = target;
});
document.addEventListener("keydown", ({ key }) => (isTabbed = key === "Tab"), true);
function giveBack() {
  if (document.activeElement !== preview || isTabbed || preview.matches(":hover")) return;
  preview.blur();
  window.focus();
  focused.focus({ preventScroll: true });
}
window.addEventListener("blur", () => setTimeout(giveBack)); // by then it is known where the keyboard went
