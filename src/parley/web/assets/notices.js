// Tells of new messages while the tab is hidden, as its user has chosen: a notification of the desktop, and a sound. What
// is told comes from the server, with the rights of the user.
"use strict";

const MOST_TOLD = 50; // ids of messages that are remembered as told
const TOLD = "parley.told";

// Of several hidden tabs one tells of a message.
async function tellOnce(id, tell) {
  const first = () => {
    const told = JSON.parse(localStorage.getItem(TOLD) ?? "[]");
    if (told.includes(id)) return;
    localStorage.setItem(TOLD, JSON.stringify([id, ...told].slice(0, MOST_TOLD)));
    tell();
  };
  await (navigator.locks ? navigator.locks.request(TOLD, first) : first());
}

function openConversation(number) {
  focus();
  const row = document.getElementById(`row-${number}`);
  if (row) row.click();
  else location.assign(`/inbox/${number}`);
}

function notify({ number, name, text }) {
  try {
    const notice = new Notification(name, { body: text, tag: `parley-${number}`, renotify: true });
    notice.onclick = () => {
      notice.close();
      openConversation(number);
    };
  } catch {
    // Browsers of phones let no page do this.
  }
}

async function tellOf(number) {
  const { desktop, sound, about } = noticeSettings();
  if (!document.hidden || !(desktop || sound)) return;
  const answer = await fetch(`/inbox/${number}/notice`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status !== 200) return;
  const message = await answer.json();
  if (about === "mine" && !message.is_for_me) return;
  await tellOnce(message.message_id, () => {
    if (desktop && Notification.permission === "granted") notify(message);
    if (sound) chime();
  });
}

document.addEventListener("htmx:sseMessage", ({ detail }) => {
  if (detail.type === "inbox" && Number(detail.data) > 0) tellOf(Number(detail.data));
});

for (const event of ["pointerdown", "keydown"]) {
  addEventListener(event, () => noticeSettings().sound && readySound());
}
