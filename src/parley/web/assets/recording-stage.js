// Replays a recording. Runs in a frame of no origin: it has no cookies and can reach nothing but the port through
// which the page around it hands in lines and says what to do (docs/decisions/0031). `recording-events.js` is loaded before.
"use strict";

const LONGEST_TEXT = 300;
const UNREADABLE = "parley_block_unreadable"; // a block that the server can't read; no recorded event has an empty window id
const TICK_MS = 200;
const DAY_MS = 86_400_000;
const MARGIN_MS = 60_000; // how far an event may lie outside of the time that the server has noted
const STYLE = `
  html, body { margin: 0; height: 100%; overflow: hidden; background: #fff; }
  .rr-player { position: relative; }
  .rr-player__frame { overflow: hidden; position: relative; }
  .replayer-wrapper { position: absolute; left: 50%; top: 50%; transform-origin: top left; }
  .replayer-wrapper > iframe { border: 0; background: #fff; }
  .replayer-mouse { position: absolute; width: 16px; height: 16px; margin: -8px 0 0 -8px; border-radius: 50%; z-index: 2;
    background: rgb(79 70 229 / 0.55); border: 2px solid #fff; box-sizing: border-box; transition: left 50ms linear, top 50ms linear; }
  .replayer-mouse.active { box-shadow: 0 0 0 10px rgb(79 70 229 / 0.35); }
  .replayer-mouse-tail { position: absolute; pointer-events: none; }`;
// Pictures of the site are never loaded, and parts of it are hidden: boxes of their size stand in their place.
const INLINE = "a, abbr, b, bdi, cite, code, em, i, label, mark, small, span, strong, time";
const RULES = [
  "[data-left-out] { background: #8884 !important; outline: 1px dashed #888; outline-offset: -1px; box-sizing: border-box !important; }",
  `:is(${INLINE})[data-left-out] { display: inline-block; vertical-align: bottom; }`,
];

const windows = new Map(); // by id: {id, events, hasPage, href}
const settings = { speed: 1, skipInactive: true };
let port, chosen, replayer, player, size;
let isPlaying = false;
let shift = 0; // what a clock is off by that is wrong by more than a day: the server notes when its batches arrived
let work = Promise.resolve(); // one message after the other

const tell = (is, more = {}) => port.postMessage({ is, ...more });

// ---- reading

async function load({ key, text, until, first, last }) {
  const isIn = (at, margin) => at >= first - MARGIN_MS && at <= last + margin;
  const placed = (at) => (isIn(at, MARGIN_MS) ? at : shift && isIn(at + shift, DAY_MS) ? at + shift : undefined);
  const lines = text.split("\n").filter(Boolean);
  shift = shiftOfLines(lines, placed, until) ?? shift;
  const marks = [];
  let nBad = 0;
  const lost = []; // keys of blocks that the server can't read
  for (const line of lines) {
    try {
      const found = await eventOfLine(line, placed);
      if (found?.windowId === "" && found.event.type === 5 && found.event.data.tag === UNREADABLE) lost.push(found.event.data.payload?.blob_key);
      else if (found) take(found.windowId, found.event, marks);
    } catch {
      nBad += 1;
    }
  }
  chosen ??= [...windows.values()].find((one) => one.hasPage)?.id;
  if (!replayer) begin();
  tell("loaded", { key, nBad, lost, marks, windows: [...windows.values()].filter((one) => one.hasPage).map(spanOf) });
}

const spanOf = ({ id, events }) => ({ id, first: events[0].timestamp, last: events[events.length - 1].timestamp });

function take(windowId, event, marks) {
  if (!windows.has(windowId)) windows.set(windowId, { id: windowId, events: [], hasPage: false, href: "" });
  const into = windows.get(windowId);
  const mark = markOf(into, event);
  if (mark) marks.push({ at: event.timestamp, windowId, ...mark });
  if (event.type > 4) return;
  if (!into.hasPage) {
    // Nothing can be shown before the first whole page; its size comes just before it.
    if (event.type === 4) into.events = [event];
    if (event.type !== 2) return;
    if (!into.events.length) into.events.push({ type: 4, timestamp: event.timestamp, data: { href: "", width: 1024, height: 768 } });
    into.hasPage = true;
  }
  const { events } = into;
  if (events.length && event.timestamp < events[0].timestamp) return; // of before the first whole page
  let place = events.length; // late batches come out of order
  while (place > 0 && events[place - 1].timestamp > event.timestamp) place -= 1;
  events.splice(place, 0, event);
  if (replayer && windowId === chosen) replayer.addEvent(event);
}

// rrweb notes each thing that was logged as JSON. Texts are shown without their quotation marks.
function loggedText(noted) {
  try {
    const logged = JSON.parse(noted);
    return typeof logged === "string" ? logged : String(noted);
  } catch {
    return String(noted);
  }
}

function markOf(into, { type, data }) {
  if (type === 3 && data.source === 2 && data.type === 2) return { kind: "click", text: "" };
  if (type === 4 || (type === 5 && typeof data.payload?.href === "string")) {
    const href = type === 4 ? data.href : data.payload.href;
    if (!href || href === into.href) return undefined;
    into.href = href;
    return { kind: "page", text: href.slice(0, LONGEST_TEXT) };
  }
  if (type === 6 && data.plugin === "rrweb/console@1" && ["error", "warn"].includes(data.payload?.level)) {
    const words = Array.isArray(data.payload.payload) ? data.payload.payload.map(loggedText).join(" ") : "";
    return { kind: data.payload.level, text: words.slice(0, LONGEST_TEXT) };
  }
  return undefined;
}

// ---- showing

function begin() {
  const from = windows.get(chosen);
  if (!from || from.events.length < 2) return;
  document.body.replaceChildren();
  const options = { events: [...from.events], width: innerWidth, height: innerHeight, showController: false, autoPlay: false };
  // Animations go on while the replay stands: what has just faded in would stay invisible at the moment of a link.
  const quiet = { pauseAnimation: false, showWarning: false, mouseTail: false, triggerFocus: false, insertStyleRules: RULES, loadTimeout: 1 };
  player = new rrwebPlayer.Player({
    target: document.body,
    props: { ...options, ...quiet, ...settings, speedOption: [0.5, 1, 2, 4, 8] },
  });
  replayer = player.getReplayer();
  forgive("applyIncremental");
  forgive("rebuildFullSnapshot");
  replayer.iframe.tabIndex = -1;
  replayer.iframe.title = "The recorded page";
  replayer.iframe.inert = true;
  replayer.on("finish", () => {
    isPlaying = false;
    tell("finish", { at: now() });
  });
  replayer.on("skip-start", () => tell("skipping", { isSkipping: true }));
  replayer.on("skip-end", () => tell("skipping", { isSkipping: false }));
  replayer.on("fullsnapshot-rebuilded", () => tell("frame"));
  fit();
  replayer.pause(1);
  tell("begun", { windowId: chosen, first: from.events[0].timestamp });
}

// One event that the replayer can't apply would end the replay: its timer stops at what is thrown.
function forgive(name) {
  const apply = replayer[name].bind(replayer);
  replayer[name] = (...given) => {
    try {
      return apply(...given);
    } catch (error) {
      tell("trouble", { text: String(error).slice(0, LONGEST_TEXT) });
      return undefined;
    }
  };
}

const beginning = () => windows.get(chosen).events[0].timestamp;
const now = () => beginning() + Math.max(0, replayer.getCurrentTime());

// The size of a page comes just before the page. Between the two the replayer has nothing to draw.
function drawable(at) {
  const { events } = windows.get(chosen);
  const next = events.findIndex((event) => event.timestamp > at);
  const isBetween = next > 0 && events[next].type === 2 && events[next - 1].type === 4;
  return isBetween ? events[next].timestamp : at;
}

function seek({ at, play }) {
  if (!replayer) return;
  isPlaying = play;
  const offset = Math.max(0, drawable(at) - beginning()) + 1; // what happens at this very moment is drawn, too
  if (play) replayer.play(offset);
  else replayer.pause(offset);
}

function set({ changed }) {
  Object.assign(settings, changed);
  replayer?.setConfig(changed);
  player?.$set(changed); // rrweb-player gives the replayer back what it was made with
}

function choose({ windowId, at, play }) {
  if (!windows.get(windowId)?.hasPage) return;
  if (windowId !== chosen) {
    replayer?.destroy();
    player?.$destroy();
    replayer = undefined;
    chosen = windowId;
    begin();
  }
  seek({ at, play });
}

function fit() {
  if (!player || size === `${innerWidth} ${innerHeight}`) return;
  size = `${innerWidth} ${innerHeight}`;
  player.$set({ width: innerWidth, height: innerHeight });
  setTimeout(() => player.triggerResize(), 0);
}

// ---- talking

const ACTS = { load, seek, set, choose, pause: () => ((isPlaying = false), replayer?.pause()) };

function listen(event) {
  const act = ACTS[event.data?.act];
  if (!act) return;
  work = work.then(() => act(event.data)).catch((error) => tell("trouble", { text: String(error).slice(0, LONGEST_TEXT) }));
}

addEventListener("message", (event) => {
  if (port || event.source !== parent || event.ports.length !== 1) return;
  [port] = event.ports;
  port.onmessage = listen;
  tell("ready");
});
addEventListener("resize", fit);
addEventListener("error", (event) => port && tell("trouble", { text: String(event.message).slice(0, LONGEST_TEXT) }));
setInterval(() => {
  if (replayer && isPlaying) tell("time", { at: now() });
}, TICK_MS);

const style = document.createElement("style");
style.textContent = STYLE;
document.head.append(style);
parent.postMessage("stage", "*");
