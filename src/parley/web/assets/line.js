// The line on which the server says what has changed, and the bar that says when it is broken. Without this file a page
// stays as it was loaded.
"use strict";

// ---- the line to the server: whenever it is opened, what happened since the page was made is loaded

let heardAt = Date.now();

document.addEventListener("htmx:sseOpen", () => {
  heardAt = Date.now();
  htmx.trigger(document.body, "resync");
  document.body.dataset.live = "yes";
  if (navigator.onLine) sayOffline("");
});
document.addEventListener("htmx:sseError", () => {
  document.body.dataset.live = "no";
  brokenLater ||= setTimeout(() => sayOffline(navigator.onLine ? UNREACHABLE : NO_NETWORK), BROKEN_FOR_MS);
});

// ---- the bar. A line that comes back within a second is no news.

const BROKEN_FOR_MS = 1000;
const UNREACHABLE = "The server can't be reached. What you type is kept, and what you miss is loaded once it answers.";
const NO_NETWORK = "You are offline. What you type is kept, and what you miss is loaded once you are back.";
let brokenLater = 0;

function sayOffline(words) {
  clearTimeout(brokenLater);
  brokenLater = 0;
  const bar = document.querySelector("#offline");
  bar.hidden = !words;
  if (bar.textContent !== words) bar.textContent = words;
}

addEventListener("offline", () => sayOffline(NO_NETWORK));
// The browser may take the line for a good one: it is opened anew, and then the bar goes.
addEventListener("online", () => (source && source.readyState !== EventSource.CONNECTING ? openAnew() : undefined));

// ---- how many lines a browser has

// A browser opens six lines to a server at most, and these streams never end. So of the tabs in the background only
// three keep theirs; the others let go after a while and load anew when somebody looks at them.

const KEPT_IN_BACKGROUND = 3;
const LET_GO_AFTER_MS = 20000;
let source = null; // the line
let keepsLine = !navigator.locks;

// The server says every 20 seconds that it is there. A line that is silent for longer is broken, though the browser
// may not know it: a network that was left, a computer that slept.
const SILENT_FOR_MS = 60000;

htmx.createEventSource = (url) => {
  source = new EventSource(url, { withCredentials: true });
  for (const name of ["beat", "inbox", "resync"]) source.addEventListener(name, () => (heardAt = Date.now()));
  return source;
};

function openAnew() {
  source.close();
  source.onerror(new Event("error")); // the extension takes it for a broken line and opens another
}

setInterval(() => {
  if (source?.readyState === EventSource.OPEN && Date.now() - heardAt > SILENT_FOR_MS) openAnew();
}, 10000);

function takeSlot(number) {
  if (keepsLine || number > KEPT_IN_BACKGROUND) return;
  navigator.locks.request(`parley-live-${number}`, { ifAvailable: true }, (lock) => {
    if (!lock) return takeSlot(number + 1);
    keepsLine = true;
    return new Promise(() => {}); // held until the tab is closed
  });
}

takeSlot(1);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    setTimeout(() => {
      if (document.hidden && !keepsLine) source?.close();
    }, LET_GO_AFTER_MS);
  } else if (source?.readyState === EventSource.CLOSED) {
    openAnew();
  }
});
