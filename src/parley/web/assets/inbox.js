// What the inbox does beyond HTMX: the title, the times, and what was changed meanwhile. Without this file everything
// still works by forms and links.
"use strict";

const find = (selector, from = document) => from.querySelector(selector);
const ticketNumber = () => find("#opened")?.dataset.number ?? "";
const nMessages = () => Number(find("#messages").dataset.first) + document.querySelectorAll("#messages > .message").length;
const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

// ---- the title and the list

let chosen = ""; // the conversation that somebody has chosen and that is on its way
let lastPlace = -1; // where in the list the open conversation was when it was last there
let around = null; // its number, those above and below it, and whether it has moved up since

const placesOfRows = () => new Map([...document.querySelectorAll("#rows .row")].map((row, place) => [row.dataset.number, place]));

// A change moves a conversation to the top of the list. Whoever made it goes on where they were: below is what was below it.
function lookAround(number) {
  const places = placesOfRows();
  const at = places.get(number);
  lastPlace = at;
  const hasMoved = around?.number === number && around.above.some((one) => places.get(one) > at);
  if (hasMoved) around.hasMoved = true;
  else around = { number, above: [...places.keys()].slice(0, at), below: [...places.keys()].slice(at + 1), hasMoved };
}

// Where the ones stand now that were above and below a conversation before it moved; null where it has not.
function placesAround(number) {
  if (around?.number !== number || !around.hasMoved) return null;
  const places = placesOfRows();
  const above = Math.max(-1, ...around.above.map((one) => places.get(one) ?? -1));
  const below = around.below.map((one) => places.get(one) ?? -1).find((place) => place > above);
  return { above, below: below ?? above + 1 };
}

// A dot in the icon of the tab says that something is unread.
function showIcon(isUnread) {
  const icon = find("link[rel=icon]");
  const { unreadIcon } = find("#main").dataset;
  icon.dataset.plain ??= icon.getAttribute("href");
  const wanted = isUnread ? unreadIcon : icon.dataset.plain;
  if (icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

function showState() {
  const unread = Number(find("[data-unread]")?.dataset.unread ?? 0);
  const ticket = find("#opened");
  const place = ticket ? `#${ticket.dataset.number} ${ticket.dataset.name}` : "Inbox";
  showIcon(unread > 0);
  document.title = `${unread ? `(${unread}) ` : ""}${place} · Parley`;
  if (chosen === ticketNumber()) chosen = "";
  const current = find(`#row-${chosen || ticketNumber() || "none"}`);
  for (const row of document.querySelectorAll("#rows .row[aria-current]")) {
    if (row !== current) row.removeAttribute("aria-current");
  }
  if (!current) return;
  current.setAttribute("aria-current", "true");
  lookAround(current.dataset.number);
}

// Whoever moves through the list by keys stays in it, however often it is loaded anew meanwhile.
let isInList = false;
document.addEventListener("focusin", ({ target }) => {
  isInList = target.closest("#rows") !== null;
});
document.addEventListener("pointerdown", ({ target }) => {
  isInList = target.closest("#rows") !== null;
});

function keepFocus() {
  if (isInList && document.activeElement === document.body) {
    find("#rows .row[aria-current]")?.focus({ preventScroll: true });
  }
}

let unreadBefore = null;

function announceUnread() {
  const unread = Number(find("[data-unread]")?.dataset.unread ?? 0);
  if (unreadBefore !== null && unread > unreadBefore) {
    find("#announcer").textContent = `${unread} unread ${unread === 1 ? "message" : "messages"}`;
  }
  unreadBefore = unread;
}

// ---- times

const STEPS = [[31536000, "y"], [2592000, "mo"], [604800, "w"], [86400, "d"], [3600, "h"], [60, "min"]];

function showTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (now - Date.parse(time.dateTime)) / 1000;
    const step = STEPS.find(([size]) => Math.abs(seconds) >= size);
    const words = step ? `${seconds < 0 ? "in " : ""}${Math.floor(Math.abs(seconds) / step[0])} ${step[1]}` : "now";
    if (time.textContent !== words) time.textContent = words;
  }
  for (const time of document.querySelectorAll("time[data-due]")) {
    const left = (Date.parse(time.dateTime) - now) / 1000;
    const step = STEPS.find(([size]) => Math.abs(left) >= size);
    const words = step ? `${left > 0 ? "in " : ""}${Math.floor(Math.abs(left) / step[0])} ${step[1]}` : "now";
    const said = `${left < 0 ? "Overdue" : "Due"} ${words}`;
    if (time.textContent !== said) time.textContent = said;
    time.className = `due due-${left < 0 ? "breached" : left <= 3600 ? "at-risk" : "on-track"}`;
  }
}

// ---- requests of HTMX

// HTMX tells of each element that an answer has brought, such as fifty rows. What looks at the whole list is done once.
function onceForAnswer(listener) {
  let last = null;
  return (event) => {
    if (event.detail === last) return;
    last = event.detail;
    listener(event);
  };
}

document.addEventListener("htmx:configRequest", ({ detail }) => {
  const messages = find("#messages");
  if (detail.elt === messages) {
    detail.parameters.append("after", String(nMessages()));
  } else if (detail.target === messages) {
    detail.parameters.append("from", messages.dataset.first);
  }
  // Where only the ticket has changed, nothing was seen but what is new: a colleague may have marked it as unread.
  const isOfTicket = /^sse:ticket-/.test(detail.triggeringEvent?.type ?? "");
  if (/\/messages(\?|$)/.test(detail.path) && !document.hidden) detail.parameters.append("seen", isOfTicket ? "new" : "1");
});

// What a form in the details has changed comes with its own answer. The server tells of it, too, and may be faster: a
// refresh in between would take the form away from under its request.
const sending = new Set(); // the requests of such forms, which may be gone from the page when they are answered
let isRefreshMissed = false;
let isAnswerMissed = false;

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { elt, xhr, target, requestConfig } = detail;
  if (requestConfig.verb !== "post" || !elt.closest("#details, #thread-head")) return;
  sending.add(xhr);
  // HTMX tells the page nothing of a request whose form is gone from it, as after opening another conversation.
  xhr.addEventListener("loadend", () => {
    sending.delete(xhr);
    if (sending.size) return;
    const isShown = target.isConnected && target.id === "details" && xhr.status === 200;
    if (isAnswerMissed || (isRefreshMissed && !isShown)) htmx.trigger(document.body, "resync");
    isAnswerMissed = isRefreshMissed = false;
  });
});

// A refresh by the server must not take a field away from somebody who is in it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  const isRefresh = requestConfig.verb === "get" && target.id === "details";
  // Nor may the answer to a change take away the form of another one that is still under way.
  const isOneOfSeveral = requestConfig.verb === "post" && target.id === "details" && sending.size > 1;
  if (isOneOfSeveral || (isRefresh && sending.size)) {
    event.detail.shouldSwap = false;
    if (isRefresh) isRefreshMissed = true;
    else isAnswerMissed = true;
    return;
  }
  if (isRefresh && target.contains(document.activeElement) && isTyping(document.activeElement)) {
    event.detail.shouldSwap = false;
    // Not at once: whoever leaves a field by pressing a button has yet to let go of it.
    const later = () => setTimeout(() => htmx.trigger(document.body, "resync"), 300);
    document.activeElement.addEventListener("blur", later, { once: true });
  }
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const sent = /^\/inbox\/(\d+)\/messages/.exec(detail.pathInfo.requestPath);
  if (sent && detail.requestConfig.verb === "post") queueMicrotask(() => focusAnswered(detail.xhr));
});

// Merging and splitting move messages without saying which.
function reloadStaleThread() {
  const messages = find("#messages");
  const known = Number(find("#details [data-n-messages]")?.dataset.nMessages);
  if (messages && known !== nMessages()) htmx.trigger(document.body, "thread-stale");
}

// On a phone an open conversation takes the whole screen.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id === "ticket") find("#main").toggleAttribute("data-opened", find("#opened") !== null);
});

document.addEventListener(
  "htmx:afterSettle",
  onceForAnswer(({ detail }) => {
    showState();
    showTimes();
    if (detail.target.id === "list") {
      announceUnread();
      keepFocus();
    }
    if (detail.target.id === "details") reloadStaleThread();
  }),
);

let quietLater = 0;

function complain(text) {
  const place = find("#trouble");
  place.textContent = text;
  place.hidden = !text;
  clearTimeout(quietLater);
  if (text) quietLater = setTimeout(() => complain(""), 6000);
}

// What failed before is over once the next thing that somebody does succeeds.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "post" && detail.successful) complain("");
});

// Whatever keeps a conversation from being shown, the one that is open is marked again.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    chosen = "";
    showState();
  });
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  let told = "";
  try {
    told = JSON.parse(detail.xhr.responseText).detail;
  } catch {
    told = "";
  }
  complain(told || "That did not work. Please try again.");
});
document.addEventListener("htmx:sendError", () => complain("The server can't be reached. What you typed is kept."));

// A refresh that the server could not answer is asked for again: no other notice may come for hours.
const AGAIN_AFTER_MS = 5000;
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.requestConfig.verb !== "get" || detail.xhr.status < 500 || !detail.requestConfig.triggeringEvent) return;
  if (!/^(sse:|resync|thread-)/.test(detail.requestConfig.triggeringEvent.type)) return;
  setTimeout(() => htmx.trigger(document.body, "resync"), AGAIN_AFTER_MS);
});

// ---- what happens while a conversation is opened

// The parts of a conversation listen once they are drawn. What happened to it since it was asked for is loaded then.
let opening = null; // the numbers of the conversations in which something happened meanwhile

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "ticket") opening = new Set();
});
document.addEventListener("htmx:sseMessage", ({ detail }) => opening?.add(detail.data));
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id !== "ticket") return;
  if (opening?.has(ticketNumber())) htmx.trigger(document.body, "ticket-stale");
  opening = null;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  htmx.trigger(document.body, "looked-at");
  if (find("#messages")) htmx.trigger(document.body, "thread-grew");
});

// ---- small things

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-submits]")) target.form.requestSubmit();
  // On a small screen the details cover the messages that are to be ticked.
  if (target.id === "choose-messages" && target.checked) find("#show-details").checked = false;
});
document.addEventListener("click", ({ target }) => {
  const row = target.closest("#rows .row");
  if (row) {
    chosen = row.dataset.number;
    showState();
  }
});

document.addEventListener("DOMContentLoaded", () => {
  showState();
  unreadBefore = Number(find("[data-unread]")?.dataset.unread ?? 0);
  showTimes();
  setInterval(showTimes, 30000);
});
