// What is typed into a form waits in this tab while somebody has to sign in, or to prove who they are, before it is taken.
// Without this file it is typed again. Passwords and files are not kept; replies have drafts (drafts.js).
"use strict";

const UNSENT = "parley-unsent";
const TYPED = "textarea[name], select[name], input[name]:not([type=hidden], [type=password], [type=file], [autocomplete=one-time-code])";
const PUT_BACK = "What you typed before is here again. It is not saved yet.";

const whoIsHere = document.body.dataset.user; // nobody on the page to sign in
const { project } = document.body.dataset;
const isProving = !whoIsHere || document.querySelector('form[action="/login/confirm"]') !== null;

const typedInto = (form) => [...form.elements].filter((one) => one.matches(TYPED));
const isTicked = ({ type }) => type === "checkbox" || type === "radio";

const isChanged = (one) => one.matches("textarea, input") && !isTicked(one) && one.value !== one.defaultValue;

function keep(form) {
  if (isProving || !form || form.method !== "post" || form.hasAttribute("hx-post")) return;
  const fields = typedInto(form).map((one) => ({ name: one.name, value: one.value, isOn: isTicked(one) ? one.checked : null }));
  if (!fields.some(({ value, isOn }) => isOn === null && value.trim())) return;
  const action = form.getAttribute("action");
  sessionStorage.setItem(UNSENT, JSON.stringify({ user: whoIsHere, project, page: location.pathname, action, fields }));
}

document.addEventListener("submit", ({ target }) => {
  // Whoever signs out leaves nothing in the tab: what was answered by a file stood there still.
  if (target.getAttribute("action") === "/logout") sessionStorage.removeItem(UNSENT);
  else keep(target);
});
// A request beside the form may be the first to hear that the session has ended: the page is loaded anew then.
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.xhr.status === 401) keep([...document.forms].find((form) => typedInto(form).some(isChanged)));
});

// A box is known by its name and value: a list may have other rows by now, and a tick must not move to one of them.
function placesOf(form, fields) {
  const free = typedInto(form);
  return fields.map(({ name, value, isOn }) => {
    const at = free.findIndex((one) => one.name === name && isTicked(one) === (isOn !== null) && (isOn === null || one.value === value));
    return at < 0 ? undefined : free.splice(at, 1)[0];
  });
}

function fillAgain({ action, fields }) {
  const form = [...document.forms].find((one) => one.getAttribute("action") === action && one.method === "post");
  const places = form ? placesOf(form, fields) : [];
  if (!form || fields.some(({ isOn }, place) => isOn === null && !places[place])) return; // the page has another form by now
  places.forEach((one, place) => {
    if (!one) return;
    if (isTicked(one)) one.checked = fields[place].isOn;
    else one.value = fields[place].value;
  });
  const notice = document.createElement("p");
  Object.assign(notice, { className: "notice notice-info", role: "status", textContent: PUT_BACK });
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
}
