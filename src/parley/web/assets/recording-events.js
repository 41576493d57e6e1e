// Makes harmless, replayable events of the lines of a recording. Whoever visits a site can write such lines, so
// nothing in them is trusted: what has an unexpected form is left out and counted, and what could load or run
// something loses the attribute that would. The policy of the frame stops it once more (docs/decisions/0031).
"use strict";

const MOST_INFLATED = 64 * 1024 * 1024; // bytes of one event
const DEEPEST = 500; // a browser that reads HTML stops at about the same depth
const LONGEST_GAP_MS = 3_600_000; // recorders begin a new session after half an hour without anything
const MOST_NODES = 300_000; // of one event
const MOST_BRACKETS = 100; // one in the other, in a style sheet
const STYLE_SOURCES = new Set([8, 13, 15]); // changes of style sheets
const PARTS = ["texts", "attributes", "removes", "adds"];
// Incremental sources of rrweb that are replayed. Missing: canvas (9), whose commands name any constructor.
const SOURCES = new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15]);
const LEFT_OUT = new Set("script base object embed applet frame frameset portal fencedframe template meta link".split(" "));
const NEVER = new Set(
  "srcdoc ping action formaction manifest attributionsrc nonce integrity target download autofocus autoplay rel allow sandbox is csp name".split(" "),
);
const ADDRESSES = new Set(
  "src href xlink:href poster data background srcset imagesrcset cite longdesc lowsrc dynsrc profile usemap codebase classid rr_src".split(" "),
);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isId = (value) => Number.isSafeInteger(value);
const listOf = (value) => (Array.isArray(value) ? value.filter(isObject) : []);

// ---- what posthog-js packs ("cv": "2024-10"): gzip of JSON, one character for each byte

async function inflated(text) {
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > MOST_INFLATED) {
      await reader.cancel();
      throw new RangeError("An event is larger than a page can be.");
    }
    parts.push(value);
  }
  return JSON.parse(await new Blob(parts).text());
}

async function unpacked(event) {
  if (event.cv === undefined) return event;
  if (event.cv !== "2024-10") throw new TypeError("This form of packing is unknown.");
  if (typeof event.data === "string") return { ...event, data: await inflated(event.data) };
  const data = { ...event.data };
  for (const part of PARTS) if (typeof data[part] === "string") data[part] = await inflated(data[part]);
  return { ...event, data };
}

// ---- style sheets

// Says whether brackets are nested deeper than a browser can read: Chromium reads them by recursion, and crashes.
// Browsers and rrweb don't agree on what hides a bracket, so that it is deep if it is in any of their ways of reading.
function isTooDeep(text) {
  if (text.length <= MOST_BRACKETS) return false;
  const ends = /["']/.test(text) ? [true, false] : [true];
  const urls = /url|\\/i.test(text) ? [true, false] : [false];
  return ends.some((endsAtLine) => urls.some((knowsUrls) => depthOf(text, endsAtLine, knowsUrls) > MOST_BRACKETS));
}

// Returns how deep brackets are nested, in one pass. A bracket that closes none counts for nothing.
function depthOf(text, endsAtLine, knowsUrls) {
  const marks = /[\\"'()[\]{}]|\/\*/g;
  const inString = { '"': endsAtLine ? /[\\"\n\r\f]/g : /[\\"]/g, "'": endsAtLine ? /[\\'\n\r\f]/g : /[\\']/g };
  const open = [];
  for (let found = marks.exec(text); found && open.length <= MOST_BRACKETS; found = marks.exec(text)) {
    const mark = found[0];
    if (mark === "\\") marks.lastIndex += 1;
    else if (mark === "/*") marks.lastIndex = endBehind(text, /\*\//g, marks.lastIndex);
    else if (mark in inString) marks.lastIndex = endBehind(text, inString[mark], marks.lastIndex);
    else if (mark in CLOSING) {
      open.push(CLOSING[mark]);
      if (mark === "(" && knowsUrls && isUrl(text, found.index)) marks.lastIndex = endBehind(text, /[\\)]/g, marks.lastIndex) - 1;
    } else if (mark === open[open.length - 1]) open.pop();
  }
  return open.length;
}
const CLOSING = { "(": ")", "[": "]", "{": "}" };

// Returns the place behind what ends a string, a comment or an address; a backslash hides what stands behind it.
function endBehind(text, end, from) {
  end.lastIndex = from;
  for (let found = end.exec(text); found; found = end.exec(text)) {
    if (found[0] !== "\\") return end.lastIndex;
    end.lastIndex += text.startsWith("\r\n", end.lastIndex) ? 2 : 1;
  }
  return text.length + 1;
}

const URL_NAME = /(?:u|\\u|\\0{0,4}[57]5\s?)(?:r|\\r|\\0{0,4}[57]2\s?)(?:l|\\l|\\0{0,4}[46]c\s?)$/i;
const isUrl = (text, at) => URL_NAME.test(text.slice(Math.max(0, at - 30), at)) && !/^\s*["']/.test(text.slice(at + 1, at + 100));

// Says so of any text in what a change of a style sheet holds.
function holdsTooDeep(value, depth = 0) {
  if (typeof value === "string") return isTooDeep(value);
  if (typeof value !== "object" || value === null) return false;
  return depth > 10 || Object.values(value).some((one) => holdsTooDeep(one, depth + 1));
}
const readableText = (value) => (isTooDeep(String(value)) ? "" : String(value));

// ---- nodes

function cleanAttributes(attributes) {
  const kept = {};
  for (const [name, value] of Object.entries(isObject(attributes) ? attributes : {})) {
    const low = name.toLowerCase();
    if (!/^[a-z_@:][\w:.@-]*$/.test(low) || low.startsWith("on") || NEVER.has(low) || low in {}) continue;
    if (holdsTooDeep(value)) continue;
    if (ADDRESSES.has(low) && value !== null) {
      const address = cleanAddress(low, value);
      if (address !== undefined) kept[name] = address;
    } else if (low === "rr_dataurl") {
      if (isPicture(value)) kept[name] = value;
    } else if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
      kept[name] = value;
    } else if (low === "style" && isObject(value)) {
      kept[name] = value; // how a mutation names single properties
    }
  }
  return kept;
}

const isPicture = (value) => typeof value === "string" && /^data:image\/(?!svg)[\w.+-]+[;,]/i.test(value);

function cleanAddress(name, value) {
  if (typeof value !== "string") return undefined;
  if (value.startsWith("#")) return value; // a part of the same drawing
  if (name === "src" || name === "poster" || name.endsWith("href") || name === "background") {
    if (/^data:image\/[\w.+-]+[;,]/i.test(value)) return value;
  }
  return name === "href" ? "#" : undefined; // a link that still looks like one
}

// Cleans a node and all below it in place, without recursion: a tree may be as deep as somebody likes.
function cleanTree(root, count) {
  const waiting = [[root, 0]];
  while (waiting.length) {
    const [node, depth] = waiting.pop();
    count.nodes += 1;
    if (count.nodes > MOST_NODES) throw new RangeError("A page has too many elements.");
    if (!isId(node.id)) throw new TypeError("An element has no id.");
    cleanNode(node);
    node.childNodes = depth < DEEPEST ? listOf(node.childNodes) : [];
    for (const child of node.childNodes) waiting.push([child, depth + 1]);
  }
  return root;
}

function cleanNode(node) {
  if (![0, 1, 2, 3, 4, 5].includes(node.type)) throw new TypeError("An element is of no known kind.");
  if (node.type !== 2) {
    node.textContent = readableText(node.textContent ?? "");
    if (node.type === 1) Object.assign(node, { name: "html", publicId: "", systemId: "" });
    if (node.type === 4) Object.assign(node, { type: 3 });
    return;
  }
  const attributes = isObject(node.attributes) ? node.attributes : {};
  let tag = String(node.tagName).toLowerCase();
  // A style sheet that the recorder has read comes as the text of its <link>.
  if (tag === "link" && typeof attributes._cssText === "string") tag = "style";
  // rrweb looks names up in an object, which has some of its own ("constructor").
  if (!/^[a-z][a-z0-9._-]*$/.test(tag) || tag in {} || tag.length > 100) tag = "div";
  if (LEFT_OUT.has(tag)) {
    Object.assign(node, { tagName: "noscript", attributes: {}, childNodes: [], isCustom: false });
    return;
  }
  // SVG tells capital letters apart: linearGradient.
  node.tagName = node.isSVG && tag !== "div" && LETTERS.test(node.tagName) ? node.tagName : tag;
  node.attributes = cleanAttributes(attributes);
  if (attributes.rr_width !== undefined) node.attributes["data-left-out"] = "";
  if (tag === "img" && !node.attributes.src && ["src", "srcset", "rr_width"].some((name) => name in attributes)) {
    Object.assign(node.attributes, { src: emptyPicture(attributes), "data-left-out": "" });
  }
  node.isCustom = node.isCustom === true && /^[a-z][a-z0-9._]*-[a-z0-9._-]*$/.test(tag);
}

// An image without an address takes no room, whatever its width and height say. This one is of the size that they say.
function emptyPicture({ width, height }) {
  const [across, down] = [width, height].map((size) => (/^\d{1,4}$/.test(size) ? Number(size) : 0));
  const [w, h] = [across || down || 24, down || across || 24];
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='${w}' height='${h}'/%3E`;
}
const LETTERS = /^[a-zA-Z][a-zA-Z0-9]*$/;

// ---- events

const numberIn = (value, least, most) => Math.min(most, Math.max(least, Number.isFinite(value) ? value : least));

function cleanMutation(data) {
  const count = { nodes: 0 };
  return {
    source: 0,
    texts: listOf(data.texts).filter((one) => isId(one.id)).map(({ id, value }) => ({ id, value: value === null ? null : readableText(value ?? "") })),
    attributes: listOf(data.attributes).filter((one) => isId(one.id)).map((one) => ({ id: one.id, attributes: cleanAttributes(one.attributes) })),
    removes: listOf(data.removes).filter((one) => isId(one.id) && isId(one.parentId)),
    adds: listOf(data.adds)
      .filter((one) => isId(one.parentId) && isObject(one.node))
      .map((one) => ({ ...one, node: cleanTree(one.node, count) })),
    ...(data.isAttachIframe === true ? { isAttachIframe: true } : {}),
  };
}

function cleanData(event) {
  const { type, data } = event;
  if (!isObject(data)) throw new TypeError("An event has no data.");
  if (type === 4) {
    return { href: String(data.href ?? "").slice(0, 2000), width: numberIn(data.width, 1, 8000), height: numberIn(data.height, 1, 8000) };
  }
  if (type === 2) {
    if (!isObject(data.node) || data.node.type !== 0) throw new TypeError("A page has no document.");
    const { left, top } = isObject(data.initialOffset) ? data.initialOffset : {};
    return { node: cleanTree(data.node, { nodes: 0 }), initialOffset: { left: numberIn(left, 0, 1e7), top: numberIn(top, 0, 1e7) } };
  }
  if (type !== 3) return data;
  if (data.source === 0) return cleanMutation(data);
  if (data.source === 4) return { source: 4, width: numberIn(data.width, 1, 8000), height: numberIn(data.height, 1, 8000) };
  if (data.source === 1 || data.source === 6 || data.source === 12) {
    const positions = listOf(data.positions).filter((one) => [one.x, one.y, one.timeOffset].every(Number.isFinite));
    if (!positions.length) throw new TypeError("A move goes nowhere.");
    return { source: data.source, positions };
  }
  if (STYLE_SOURCES.has(data.source) && holdsTooDeep(data)) throw new RangeError("A style sheet is nested too deep.");
  return data;
}

// Returns by how much the times of these lines have to be moved, so that the last one is `until`; undefined where the first
// one, or the middle one, already has a place. Times beyond a gap of an hour are wrong.
function shiftOfLines(lines, placed, until) {
  const times = [];
  for (const line of lines) {
    let at, windowId;
    try {
      [windowId, { timestamp: at }] = JSON.parse(line);
    } catch {
      continue; // counted when it is read
    }
    if (windowId === "" || !Number.isFinite(at)) continue;
    if (!times.length && placed(at) !== undefined) return undefined;
    times.push(at);
  }
  times.sort((one, other) => one - other);
  let n = times.length >> 1;
  if (!times.length || placed(times[n]) !== undefined) return undefined;
  while (times[n + 1] - times[n] <= LONGEST_GAP_MS) n += 1;
  return until - times[n];
}

// Returns {windowId, event}, or undefined for what isn't replayed. Throws for what can't be read.
async function eventOfLine(line, placed) {
  const [windowId, packed] = JSON.parse(line);
  if (!isObject(packed) || !Number.isFinite(packed.timestamp)) throw new TypeError("A line is no event.");
  const { type } = packed;
  const timestamp = placed(packed.timestamp);
  if (timestamp === undefined) throw new RangeError("An event is of another time.");
  if (![2, 3, 4, 5, 6].includes(type)) return undefined;
  if (type === 3 && !SOURCES.has(packed.data?.source)) return undefined;
  const event = await unpacked(packed);
  return { windowId: String(windowId ?? "").slice(0, 100), event: { type, timestamp, data: cleanData(event) } };
}
