// What is typed into a form waits in this tab while somebody has to sign in, or to prove who they are, before it is taken.
// Without this file it is typed again. Passwords and files are not kept; replies have drafts (drafts.js).
"use strict";

const UNSENT = "parley-unsent";
const TYPED = "textarea[name], select[name], input[name]:not([type=hidden], [type=password], [type=file], [autocomplete=one-time-code])";
const PUT_BACK = "What you typed before is here again. It is not saved yet.";

const whoIsHere = document.body.dataset.user; // nobody on the page to sign in
const isProving = !whoIsHere || document.querySelector('form[action="/login/confirm"]') !== null;

const typedInto = (form) => [...form.elements].filter((one) => one.matches(TYPED));
const isTicked = ({ type }) => type === "checkbox" || type === "radio";

const isChanged = (one) => one.matches("textarea, input") && !isTicked(one) && one.value !== one.defaultValue;

function keep(form) {
  if (isProving || !form || form.method !== "post" || form.hasAttribute("hx-post")) return;
  const fields = typedInto(form).map((one) => (isTicked(one) ? one.checked : one.value));
  if (!fields.some((value) => typeof value === "string" && value.trim())) return;
  const action = form.getAttribute("action");
  sessionStorage.setItem(UNSENT, JSON.stringify({ user: whoIsHere, page: location.pathname, action, fields }));
}

document.addEventListener("submit", ({ target }) => keep(target));
// A request beside the form may be the first to hear that the session has ended: the page is loaded anew then.
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.xhr.status === 401) keep([...document.forms].find((form) => typedInto(form).some(isChanged)));
});

function fillAgain({ action, fields }) {
  const form = [...document.forms].find((one) => one.getAttribute("action") === action && one.method === "post");
  const places = form ? typedInto(form) : [];
  if (places.length !== fields.length) return; // the page has another form by now
  places.forEach((one, place) => {
    if (isTicked(one)) one.checked = fields[place];
    else one.value = fields[place];
  });
  const notice = document.createElement("p");
  Object.assign(notice, { className: "notice notice-info", role: "status", textContent: PUT_BACK });
  form.prepend(notice);
}

const unsent = JSON.parse(sessionStorage.getItem(UNSENT));
if (unsent && isProving) {
  sessionStorage.setItem(UNSENT, JSON.stringify({ ...unsent, isWaiting: true }));
} else if (unsent) {
  const isTheirs = unsent.isWaiting && unsent.user === whoIsHere;
  // Whoever has signed in may be led elsewhere first.
  if (!isTheirs || unsent.page === location.pathname) sessionStorage.removeItem(UNSENT);
  if (isTheirs && unsent.page === location.pathname) fillAgain(unsent);
}
