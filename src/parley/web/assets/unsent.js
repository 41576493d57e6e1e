// What is typed into a form waits in this tab while somebody has to sign in, or to prove who they are, before it is taken.
// Without this file it is typed again. Passwords are not kept, and of files the names, to say which to pick again; replies have
// drafts (drafts.js).
"use strict";

const UNSENT = "parley-unsent";
const TYPED = "textarea[name], select[name], input[name]:not([type=hidden], [type=password], [type=file], [autocomplete=one-time-code])";
const PUT_BACK = "What you typed before is here again. It is not saved yet.";
const PICK_AGAIN = "Files can't be kept. Pick them again: ";

const whoIsHere = document.body.dataset.user; // nobody on the page to sign in
const { project } = document.body.dataset;
const isProving = !whoIsHere || document.querySelector('form[action="/login/confirm"]') !== null;

const typedInto = (form) => [...form.elements].filter((one) => one.matches(TYPED));
const isTicked = ({ type }) => type === "checkbox" || type === "radio";

const isChanged = (one) => one.matches("textarea, input") && !isTicked(one) && one.value !== one.defaultValue;

const filesOf = (form) => [...form.querySelectorAll("[type=file]")].flatMap(({ files }) => [...files].map(({ name }) => name));
const hasDraft = (form) => Boolean(form.dataset.draft);
const formPathOf = (form) => form.getAttribute("action")?.split("?")[0];

function keep(form) {
  if (isProving || !form || form.method !== "post") return;
  const typed = hasDraft(form) ? [] : typedInto(form);
  const fields = typed.map((one) => ({ name: one.name, value: one.value, isOn: isTicked(one) ? one.checked : null }));
  const files = filesOf(form);
  if (!files.length && !fields.some(({ value, isOn }) => isOn === null && value.trim())) return;
  // A form that came into the page later is on one of its own, too.
  const { page: leadsTo } = form.dataset;
  const page = leadsTo?.split("?")[0] ?? location.pathname;
  const rich = form.elements.rich_content?.value;
  const kept = { user: whoIsHere, project, page, leadsTo, action: formPathOf(form), fields, files, rich };
  sessionStorage.setItem(UNSENT, JSON.stringify(kept));
}

document.addEventListener("submit", ({ target }) => {
  // Whoever signs out leaves nothing in the tab: what was answered by a file stood there still.
  if (target.getAttribute("action") === "/logout") sessionStorage.removeItem(UNSENT);
  else if (!target.hasAttribute("hx-post")) keep(target);
});
// A request beside the form may be the first to hear that the session has ended: the page is loaded anew then.
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.xhr.status !== 401) return;
  const composer = document.querySelector("#composer form");
  const others = [...document.forms].filter((form) => !form.hasAttribute("hx-post"));
  const isWorthIt = (form) => form && (filesOf(form).length > 0 || (!hasDraft(form) && typedInto(form).some(isChanged)));
  keep([composer, ...others].find(isWorthIt));
});

// A long text that is neither sent nor kept as a draft: the browser asks whoever leaves the page.
let isLeavingMeant = false;
document.addEventListener("submit", () => (isLeavingMeant = true));
addEventListener("beforeunload", (event) => {
  const isWritten = (form) => form.method === "post" && !hasDraft(form) && typedInto(form).some((one) => one.matches("textarea") && isChanged(one) && one.value.trim());
  if (!isLeavingMeant && !sessionStorage.getItem(UNSENT) && [...document.forms].some(isWritten)) event.preventDefault();
});
addEventListener("pageshow", () => (isLeavingMeant = false)); // whoever comes back to it may go on writing

// A box is known by its name and value: a list may have other rows by now, and a tick must not move to one of them.
function placesOf(form, fields) {
  const free = typedInto(form);
  return fields.map(({ name, value, isOn }) => {
    const at = free.findIndex((one) => one.name === name && isTicked(one) === (isOn !== null) && (isOn === null || one.value === value));
    return at < 0 ? undefined : free.splice(at, 1)[0];
  });
}

function fillAgain({ action, fields, files, rich }) {
  const form = [...document.forms].find((one) => formPathOf(one) === action && one.method === "post");
  const places = form ? placesOf(form, fields) : [];
  if (!form || fields.some(({ isOn }, place) => isOn === null && !places[place])) return; // the page has another form by now
  places.forEach((one, place) => {
    if (!one) return;
    if (isTicked(one)) one.checked = fields[place].isOn;
    else one.value = fields[place].value;
  });
  const written = rich && form.querySelector("#content");
  if (written) {
    // The editor takes the formats of a text that nobody has changed since.
    written.dataset.rich = rich;
    written.defaultValue = written.value;
  }
  const again = files.length ? PICK_AGAIN + files.map((name) => `“${name}”`).join(", ") : "";
  const notice = document.createElement("p");
  const textContent = [fields.length ? PUT_BACK : "", again].filter(Boolean).join(" ");
  Object.assign(notice, { className: "notice notice-info", role: "status", textContent });
  form.prepend(notice);
}

const unsent = JSON.parse(sessionStorage.getItem(UNSENT));
if (unsent && isProving) {
  sessionStorage.setItem(UNSENT, JSON.stringify({ ...unsent, isWaiting: true }));
} else if (unsent) {
  const isTheirs = unsent.isWaiting && unsent.user === whoIsHere && unsent.project === project;
  // Whoever has signed in may be led elsewhere first.
  if (!isTheirs || unsent.page === location.pathname) sessionStorage.removeItem(UNSENT);
  if (isTheirs && unsent.page === location.pathname) fillAgain(unsent);
  else if (isTheirs && unsent.leadsTo) location.replace(unsent.leadsTo);
}
