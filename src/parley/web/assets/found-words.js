// Marks the words of a search in the conversation that was opened from its results, and brings the newest message that has
// the longest of them into sight: the one that the list has shown. Without this file the newest messages are in sight.
"use strict";

const MOST_MARKED = 200;
let sought = []; // words and quoted phrases; only the case of letters is ignored here

function soughtIn(search) {
  const text = search.trim().toLowerCase();
  if (/^#?\d+$/.test(text)) return []; // the number of a conversation
  return [...text.matchAll(/"([^"]*)(?:"|$)|([^\s"]+)/g)].map(([, phrase, word]) => (phrase ?? word).trim()).filter(Boolean);
}

function* rangesIn(place, words) {
  const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length) continue; // a letter has become two: places would be wrong
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        yield range;
      }
    }
  }
}

const textsOfThread = () => [...document.querySelectorAll("#messages :is(.message-text, .message-rich)")];

function markFound() {
  if (!window.CSS?.highlights) return; // older browsers only bring it into sight
  const found = [];
  // The newest first, and no more than are marked: a long thread may have a common word ten thousand times.
  for (const place of sought.length ? textsOfThread().reverse() : []) {
    for (const range of rangesIn(place, sought)) {
      if (found.length === MOST_MARKED) break;
      found.push(range);
    }
    if (found.length === MOST_MARKED) break;
  }
  CSS.highlights.set("found", new Highlight(...found));
}

function showFound(search) {
  sought = soughtIn(search ?? "");
  markFound();
  const longest = sought.toSorted((a, b) => b.length - a.length)[0];
  const place = longest && textsOfThread().findLast((one) => !rangesIn(one, [longest]).next().done);
  const [first] = place ? rangesIn(place, [longest]) : [];
  first?.startContainer.parentElement.scrollIntoView({ block: "center" });
}

const searchOf = (path) => new URL(path, location.href).searchParams.get("search");

document.addEventListener(
  "htmx:afterSettle",
  onceForAnswer(({ detail }) => {
    if (detail.target.id === "ticket") showFound(searchOf(detail.pathInfo.finalRequestPath));
    else if (detail.target.id === "messages") markFound();
  }),
);
document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector("#opened")) showFound(searchOf(location.href));
});
