// What is added to an open thread joins what is there: no day and no change stands twice. Without this file a thread is
// drawn as a whole.
"use strict";

// What follows the last message: a day, and changes. It is sent with each part that is added.
function tailOf(messages) {
  const last = [...messages.querySelectorAll(":scope > .message")].at(-1);
  const items = [...messages.children];
  return items.slice(last ? items.indexOf(last) + 1 : 0);
}

function joined(messages, html) {
  const added = document.createElement("template");
  added.innerHTML = html;
  let isUnfolded = false;
  for (const item of tailOf(messages)) {
    const next = added.content.firstElementChild;
    // What is there and stays isn't drawn anew: a screen reader would say it again.
    if (next && next.dataset.key === item.dataset.key) {
      next.remove();
    } else {
      isUnfolded ||= item.querySelector("details[open]") !== null;
      item.remove();
    }
  }
  if (isUnfolded) for (const fold of added.content.querySelectorAll("details")) fold.open = true;
  return added.innerHTML;
}

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, pathInfo, xhr } = detail;
  if (target.id !== "messages" || xhr.status !== 200) return;
  const after = new URL(pathInfo.finalRequestPath, location.href).searchParams.get("after");
  if (after === null) return;
  if (Number(after) === nMessages()) {
    detail.serverResponse = joined(target, detail.serverResponse);
  } else {
    // The thread was drawn anew since this was asked for.
    detail.shouldSwap = false;
    queueMicrotask(() => htmx.trigger(document.body, "thread-grew"));
  }
});

// Whoever has chosen to split messages off ticks them next.
document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-messages") for (const menu of document.querySelectorAll("details[data-closes][open]")) menu.open = false;
});
