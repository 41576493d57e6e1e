// What takes a conversation out of the list, resolving and snoozing: the next one is shown, and it can be undone. Without this
// file the conversation stays open.
"use strict";

const UNDO_FOR_MS = 10000;
const leaving = new Map(); // requests that resolve or snooze a conversation: what is said of it, and how it was before
let undone = null; // what a press of the button undoes
let undoEnds = 0;
const gone = new Set(); // conversations that were left lately: while a reply waits, the list has them still

const selected = (id, from = document) => from.querySelector(`#${id} option[selected]`);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { verb, path, parameters } = detail.requestConfig;
  const found = /^\/inbox\/(\d+)(\/messages)?(\?|$)/.exec(path);
  if (verb !== "post" || !found) return;
  const isReply = Boolean(found[2]);
  const isResolved = parameters[isReply ? "then" : "status"] === "resolved";
  const isSnoozed = !isReply && [parameters.snooze, parameters.snooze_at].some((until) => until && until !== "as-it-is");
  if (!isResolved && !isSnoozed) return;
  const status = selected("status")?.value ?? "open";
  const before = isSnoozed ? { status, snooze_at: document.querySelector("#snooze_at")?.getAttribute("value") ?? "" } : { status: status === "resolved" ? "open" : status };
  leaving.set(detail.xhr, { number: found[1], path: path.replace("/messages", ""), isReply, isSnoozed, before });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const left = leaving.get(detail.xhr);
  leaving.delete(detail.xhr);
  if (!left || detail.xhr.status !== 200) return;
  undone = left;
  gone.add(left.number);
  setTimeout(() => gone.delete(left.number), UNDO_FOR_MS);
  sayLeft(`#${left.number} is ${left.isSnoozed ? `snoozed until ${wakesAt(detail.xhr)}` : "resolved"}.`);
  if (document.querySelector("#main").dataset.afterResolving !== "next" || ticketNumber() !== left.number) return;
  const rows = [...document.querySelectorAll("#rows .row")];
  const at = rows.findIndex((row) => row.dataset.number === left.number);
  const place = placesAround(left.number)?.below ?? (at < 0 ? Math.max(0, lastPlace) : at);
  const next = [...rows.slice(place), ...rows.slice(0, place).reverse()].find((row) => !gone.has(row.dataset.number));
  // By its id: the list may be loaded anew until then.
  if (next) setTimeout(() => document.getElementById(next.id)?.click());
});

// The details that come back name the time, in the project's time zone.
function wakesAt(xhr) {
  return selected("snooze", new DOMParser().parseFromString(xhr.responseText, "text/html"))?.textContent ?? "";
}

function sayLeft(text) {
  const note = document.querySelector("#undo-note");
  note.querySelector("span").textContent = text;
  note.hidden = !text;
  clearTimeout(undoEnds);
  if (text) undoEnds = setTimeout(() => sayLeft(""), UNDO_FOR_MS);
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest("#undo-note button") || !undone) return;
  const last = undone;
  undone = null;
  gone.delete(last.number);
  sayLeft("");
  undo(last).catch(() => complain(`#${last.number} could not be put back. Please do it in the conversation.`));
});

// A reply that still waits is taken back, and nothing has been resolved; else what was before is set again.
async function undo({ number, path, isReply, before }) {
  if (isReply) {
    await htmx.ajax("GET", path, { target: "#ticket", swap: "innerHTML", push: "true" });
    const button = document.querySelector("#composer [data-held]:not([hidden]) button");
    if (button && ticketNumber() === number) {
      button.click();
      return;
    }
  }
  await putBack(number, before);
}

// Not by HTMX: the answer would be shown in the place of the conversation that is open now.
async function putBack(number, before) {
  const headers = JSON.parse(document.querySelector("#main").getAttribute("hx-headers"));
  const body = new URLSearchParams(before);
  const answer = await fetch(`/inbox/${number}`, { method: "POST", headers, body, redirect: "manual" });
  if (answer.type !== "opaqueredirect") throw new Error(answer.status);
}
