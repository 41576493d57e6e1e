// Tells colleagues who looks at the open conversation, and who writes in it, and shows what the server knows of them, also
// that one of them has answered. Without this file nobody is told of anybody before they send.
"use strict";

const SAID_AGAIN_MS = 20000;
const TYPING_SAID_AGAIN_MS = 4000;
const STOPPED_AFTER_MS = 6000;

let present = ""; // the number of the conversation where colleagues take this page to be
let typedSaidAt = 0;
let stoppedLater = 0; // the timer that runs while somebody types

async function say(number, doing) {
  const { "X-CSRFToken": token } = JSON.parse(document.querySelector("main.inbox").getAttribute("hx-headers"));
  const answer = await fetch(`/inbox/${number}/presence`, {
    method: "POST",
    headers: { "X-CSRFToken": token, "HX-Request": "true" },
    body: new URLSearchParams({ doing }),
    keepalive: doing === "gone",
  }).catch(() => null); // it is said again soon, and nobody waits for it
  const place = document.querySelector("#presence");
  if (answer?.ok && doing !== "gone" && number === present && place?.dataset.number === number) {
    place.innerHTML = await answer.text();
  }
}

function beHere() {
  const number = document.hidden ? "" : (document.querySelector("#presence")?.dataset.number ?? "");
  if (present && present !== number) {
    say(present, "gone");
    clearTimeout(stoppedLater);
    stoppedLater = typedSaidAt = 0;
  }
  present = number;
  if (present) say(present, stoppedLater ? "writing" : "looking");
}

function stopTyping() {
  if (!stoppedLater) return;
  clearTimeout(stoppedLater);
  stoppedLater = typedSaidAt = 0;
  if (present) say(present, "looking");
}

// Whoever writes nothing yet has seen what came; who is writing is told if a colleague has answered meanwhile.
function seeMessages() {
  const { content, read_until: read } = document.querySelector("#composer form")?.elements ?? {};
  const last = [...document.querySelectorAll("#messages > .message time")].at(-1);
  if (!read || !last) return;
  if (content.value.trim()) htmx.trigger("#answered", "answered");
  else read.value = last.dateTime;
}

document.addEventListener("input", ({ target }) => {
  if (!present || !target.closest("#composer")) return;
  clearTimeout(stoppedLater);
  stoppedLater = setTimeout(stopTyping, STOPPED_AFTER_MS);
  if (Date.now() - typedSaidAt < TYPING_SAID_AGAIN_MS) return;
  typedSaidAt = Date.now();
  say(present, "writing");
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "post" && detail.elt.closest("#composer")) stopTyping();
});

document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target.id === "ticket") beHere();
  if (detail.target.id === "messages") seeMessages();
});
document.addEventListener("visibilitychange", beHere);
document.addEventListener("DOMContentLoaded", beHere);
setInterval(beHere, SAID_AGAIN_MS);
addEventListener("pagehide", () => {
  if (present) say(present, "gone");
  present = "";
});
