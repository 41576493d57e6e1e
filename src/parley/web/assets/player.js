// The player of recordings: controls, timeline, and the blocks that are fetched while it plays. What is recorded is
// drawn by a frame of no origin (recording-stage.js); this page never sees more of it than texts and moments.
"use strict";

const MOST_KEYS = 20; // in one request
const AHEAD_MS = 5 * 60_000; // of recorded time are fetched before they are played
const MOST_MARKS = 2000;
const TRIES = 3; // at blocks that don't come, before others are asked for
const LONGEST_WAIT_MS = 30_000; // before the next try
const ENDS = {
  401: "This recording can't be watched any more. Load the page again to see why.",
  403: "This recording can't be watched any more. Load the page again to see why.",
  404: "This recording is not there any more: it was deleted, or its time is over.",
};
const SPEEDS = [0.5, 1, 2, 4, 8];
const NAMES = {
  click: "Click",
  page: "Page",
  error: "Console error",
  warn: "Console warning",
  ticket: "Ticket",
  message: "Wrote",
  elsewhere: "Other conversation of this person",
};

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const clock = (ms) => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (n) => String(n).padStart(2, "0");
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
};

function pathOf(address) {
  try {
    const { pathname, search, hash } = new URL(address);
    return pathname + search + hash;
  } catch {
    return address;
  }
}

// Reads ?t=90, ?t=1:30 or ?at=2026-01-31T12:00:00Z as milliseconds since the beginning.
function momentAsked(query, first) {
  const at = Date.parse(query.get("at") ?? "");
  if (!Number.isNaN(at)) return Math.max(0, at - first);
  const t = query.get("t") ?? "";
  if (!/^\d{1,15}(\.\d+)?(:\d{1,2}){0,2}$/.test(t)) return 0;
  return t.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

class RecordingPlayer {
  // `source` is {url, headers, frame, marks}: where the snapshots are, with what they are asked for, the frame's
  // address, and marks that the server knows: {at, kind, text, href}.
  constructor(root, source) {
    this.root = root;
    this.source = source;
    this.blocks = [];
    this.nLoaded = 0;
    this.at = 0; // epoch ms
    this.marks = [];
    this.windows = [];
    this.nBad = 0;
    this.failed = new Set(); // keys of blocks
    this.isPlaying = this.isWaiting = this.isDone = false;
    this.build();
  }

  // ---- what it looks like

  build() {
    const id = (name) => `player-${name}`;
    this.play = make("button", { type: "button", class: "btn btn-primary btn-sm player-play", disabled: true }, "Play");
    this.slider = make("input", { type: "range", min: 0, max: 1, value: 0, step: 1, class: "player-slider", "aria-label": "Moment", disabled: true });
    this.track = make("div", { class: "player-track", "aria-hidden": "true" });
    this.time = make("span", { class: "player-time" }, "0:00 / 0:00");
    this.speed = make("select", { id: id("speed"), class: "select select-sm player-speed" });
    for (const speed of SPEEDS) this.speed.append(make("option", { value: speed, selected: speed === 1 }, `${speed}×`));
    this.skip = make("input", { type: "checkbox", id: id("skip"), class: "checkbox checkbox-sm", checked: true });
    this.tab = make("select", { id: id("tab"), class: "select select-sm" });
    this.tabs = make("span", { class: "player-choice", hidden: true }, make("label", { for: id("tab") }, "Browser tab"), this.tab);
    this.copy = make("button", { type: "button", class: "btn btn-sm btn-framed" }, "Copy link to this moment");
    this.link = make("input", { class: "input input-sm player-link", readonly: true, hidden: true, "aria-label": "Link to this moment" });
    this.status = make("p", { class: "player-status", role: "status" }, "Loading the recording …");
    this.problem = make("span", { role: "status" });
    this.again = make("button", { type: "button", class: "btn btn-sm", hidden: true }, "Try again");
    this.note = make("div", { class: "notice notice-warning flex flex-wrap items-center gap-3", hidden: true }, this.problem, this.again);
    this.screen = make("iframe", { src: this.source.frame, title: "Replay", class: "player-screen", tabindex: "-1" });
    this.box = make("div", { class: "player-box" }, this.screen, this.status);
    this.list = make("ol", { class: "player-marks", "aria-label": "What happened" });
    this.root.replaceChildren(
      make("div", { class: "player-main" },
        this.box,
        make("div", { class: "player-line" }, this.track, this.slider),
        make("div", { class: "player-controls" }, this.play, this.time,
          make("span", { class: "player-choice" }, make("label", { for: id("speed") }, "Speed"), this.speed),
          make("span", { class: "player-choice" }, this.skip, make("label", { for: id("skip") }, "Skip inactivity")),
          this.tabs, this.copy, this.link),
        this.note),
    );
    const side = make("section", { class: "player-side" }, make("h2", { class: "section-title" }, "What happened"), this.list);
    if (this.source.hidesList) this.root.classList.add("player-alone");
    else this.root.append(side);
    this.play.addEventListener("click", () => (this.isPlaying ? this.pause() : this.go(this.isAtEnd() ? this.first : this.at, true)));
    this.slider.addEventListener("input", () => this.seek(this.first + Number(this.slider.value), this.isPlaying));
    this.speed.addEventListener("change", () => this.send("set", { changed: { speed: Number(this.speed.value) } }));
    this.skip.addEventListener("change", () => this.send("set", { changed: { skipInactive: this.skip.checked } }));
    this.tab.addEventListener("change", () => this.choose(this.tab.value));
    this.again.addEventListener("click", () => this.tryAgain());
    this.copy.addEventListener("click", () => this.copyLink());
    document.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (event.target.closest?.("input, select, textarea, button, a, summary") || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowLeft: -5000, ArrowRight: 5000 };
    if (event.key === " ") this.play.click();
    else if (event.key in steps && this.first) this.seek(this.at + steps[event.key], this.isPlaying);
    else return;
    event.preventDefault();
  }

  show() {
    if (!this.first) return;
    const passed = Math.max(0, this.at - this.first);
    this.slider.value = passed;
    this.slider.setAttribute("aria-valuetext", `${clock(passed)} of ${clock(this.last - this.first)}`);
    this.time.textContent = `${clock(passed)} / ${clock(this.last - this.first)}`;
    this.play.textContent = this.isPlaying ? "Pause" : "Play";
    let current;
    for (const mark of this.marks) if (mark.at <= this.at) current = mark;
    if (current !== this.current) this.markCurrent(current);
  }

  markCurrent(current) {
    this.current?.row.removeAttribute("data-current");
    this.current = current;
    if (!current) return;
    current.row.setAttribute("data-current", "");
    if (!this.list.matches(":hover, :focus-within")) {
      this.list.scrollTop = current.row.offsetTop - this.list.clientHeight / 2; // the page itself stays where it is
    }
  }

  say(text) {
    this.status.textContent = text;
    this.status.hidden = !text;
  }

  sayWhatIsMissing() {
    const parts = [];
    const nMissing = this.failed.size;
    if (nMissing) parts.push(`${nMissing} of ${this.blocks.length} blocks could not be fetched or are broken.`);
    if (this.nBad) parts.push(`${this.nBad} ${this.nBad === 1 ? "event" : "events"} could not be read.`);
    if (this.isTroubled) parts.push("Some changes of the page could not be replayed.");
    const left = parts.length ? `${parts.join(" ")} They were left out, so the replay may differ from what was seen.` : "";
    const text = this.tryNow ? "The recording does not come at the moment. It is asked for again and again." : left;
    if (this.problem.textContent !== text) this.problem.textContent = text;
    this.again.hidden = !this.tryNow && !nMissing;
    this.note.hidden = !text;
  }

  // ---- marks

  addMarks(found) {
    for (const mark of found) {
      if (this.marks.length >= MOST_MARKS || !(mark.kind in NAMES) || !Number.isFinite(mark.at)) continue;
      const moment = make("button", { type: "button", class: "player-moment" }, clock(mark.at - this.first));
      const shown = mark.kind === "page" ? pathOf(mark.text) : mark.text;
      const words = shown ? `${NAMES[mark.kind]}: ${shown}` : NAMES[mark.kind];
      const text = mark.href ? make("a", { href: mark.href, class: "text-link" }, words) : make("bdi", {}, words);
      moment.setAttribute("aria-label", `Go to ${clock(mark.at - this.first)}, ${words}`);
      moment.addEventListener("click", () => this.go(mark.at, this.isPlaying));
      const row = make("li", { class: `player-mark mark-${mark.kind}` }, moment, text);
      const dot = make("span", { class: `player-dot mark-${mark.kind}`, title: words });
      dot.style.left = `${(100 * Math.min(1, Math.max(0, (mark.at - this.first) / (this.last - this.first || 1)))).toFixed(2)}%`;
      const before = this.marks.findIndex((other) => other.at > mark.at);
      if (before < 0) this.list.append(row);
      else this.marks[before].row.before(row);
      this.marks.splice(before < 0 ? this.marks.length : before, 0, { at: mark.at, row });
      this.track.append(dot);
    }
    this.show();
  }

  // ---- the blocks

  async fetchText(query) {
    const url = new URL(this.source.url, location.href);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const answer = await fetch(url, { headers: this.source.headers ?? {}, credentials: this.source.credentials ?? "same-origin" });
    if (!answer.ok) throw Object.assign(new Error(`HTTP ${answer.status}`), { status: answer.status, after: answer.headers.get("Retry-After") });
    return answer.text();
  }

  async patiently(query) {
    for (;;) {
      try {
        return await this.fetchText(query);
      } catch (error) {
        if (error.status !== 429) throw error;
        await new Promise((wake) => setTimeout(wake, 1000 * Math.min(60, Number(error.after) || 5)));
      }
    }
  }

  // Does something until it has a result. Throws what does not get better by trying: the recording is gone, or out of reach.
  async untilThere(attempt) {
    for (let n = 0; ; n += 1) {
      const [found, error] = await attempt(n).then((got) => [got], (thrown) => [undefined, thrown]);
      if (found || error?.status in ENDS) {
        this.tryNow = undefined;
        this.sayWhatIsMissing();
        if (found) return found;
        throw error;
      }
      const waited = new Promise((wake) => {
        this.tryNow = wake;
        setTimeout(wake, Math.min(LONGEST_WAIT_MS, 1000 * 2 ** n));
      });
      this.sayWhatIsMissing();
      await waited;
    }
  }

  end({ status }) {
    this.pause();
    this.isOver = true;
    this.play.disabled = this.slider.disabled = true;
    this.say(ENDS[status] ?? "The recording could not be fetched. Load the page again to try once more.");
  }

  async start() {
    let sources;
    try {
      ({ sources } = await this.untilThere(async () => JSON.parse(await this.patiently({}))));
    } catch (error) {
      return this.end(error);
    }
    this.blocks = sources
      .map((one) => ({ key: Number(one.blob_key), first: Date.parse(one.start_timestamp), last: Date.parse(one.end_timestamp) }))
      .filter((one) => Number.isSafeInteger(one.key))
      .sort((one, other) => one.key - other.key);
    if (!this.blocks.length) return this.say("Nothing of this recording has been stored.");
    this.first = Math.min(...this.blocks.map((one) => one.first));
    this.last = this.notedLast = Math.max(...this.blocks.map((one) => one.last));
    this.at = this.first;
    this.slider.max = Math.max(1, this.last - this.first);
    this.wanted = Math.min(this.last, this.first + momentAsked(new URLSearchParams(location.search), this.first));
    this.addMarks((this.source.marks ?? []).filter((one) => one.at >= this.first - AHEAD_MS && one.at <= this.last + AHEAD_MS));
    await this.stageReady;
    return this.fill();
  }

  // Fetches until enough is there for the moment that is played; asked for again whenever that changes.
  fill() {
    if (this.isFilling || this.isOver) return;
    this.isFilling = true;
    this.filled = this.fetchAhead()
      .catch((error) => this.end(error))
      .finally(() => (this.isFilling = false));
  }

  async fetchAhead() {
    let n = 1; // the first page shows early, later requests are larger
    while (this.nLoaded < this.blocks.length && (!this.isBegun || this.loadedUntil() < Math.max(this.at, this.wanted ?? 0) + AHEAD_MS)) {
      const some = this.blocks.slice(this.nLoaded, this.nLoaded + n);
      for (const { key, end, text } of await this.textsOf(some)) await this.handIn(key, text, end);
      this.nLoaded += some.length;
      n = Math.min(MOST_KEYS, n * 2);
      this.sayWhatIsMissing();
      if (this.isBegun && this.wanted !== undefined && this.has(this.wanted)) this.arrive();
    }
    if (this.nLoaded === this.blocks.length && !this.isBegun) {
      this.say(
        this.failed.size === this.blocks.length
          ? "Nothing of this recording could be read."
          : "This recording has no whole page, so nothing can be shown. Its beginning may be missing.",
      );
    }
  }

  // Asks at once for what has failed.
  async tryAgain() {
    if (this.tryNow) return this.tryNow();
    await this.filled;
    const failed = [...this.failed];
    this.isFilling = true;
    for (const key of failed) {
      try {
        const text = await this.patiently({ source: "blob_v2", blob_key: key });
        this.failed.delete(key);
        await this.handIn(key, text);
      } catch {
        // it stays in the list
      }
    }
    this.isFilling = false;
    this.sayWhatIsMissing();
    if (this.isBegun) this.seek(this.at, this.isPlaying);
  }

  loadedUntil() {
    return this.nLoaded ? Math.max(...this.blocks.slice(0, this.nLoaded).map((one) => one.last)) : -Infinity;
  }

  has(at) {
    return this.nLoaded === this.blocks.length || this.blocks.slice(this.nLoaded).every((one) => one.first > at);
  }

  // Returns the texts of some blocks. A broken one costs only itself; while none comes, it waits until the server answers.
  textsOf(some) {
    return this.untilThere(async (n) => {
      const found = await this.textsThatCome(some);
      if (!found.length) await this.fetchText({}); // throws where the recording is gone
      if (!found.length && (n < TRIES || !(await this.comesAny(some)))) return undefined;
      for (const { key } of some) if (!found.some((one) => one.isAll || one.key === key)) this.failed.add(key);
      return found;
    });
  }

  // One answer for a range; where that fails, one for each key.
  async textsThatCome(some) {
    const [start, end] = [some[0].key, some[some.length - 1].key];
    if (end - start < MOST_KEYS) {
      try {
        return [{ key: start, end, isAll: true, text: await this.patiently({ source: "blob_v2", start_blob_key: start, end_blob_key: end }) }];
      } catch {
        // below each by itself
      }
    }
    const found = [];
    for (const { key } of some) {
      try {
        found.push({ key, text: await this.patiently({ source: "blob_v2", blob_key: key }) });
      } catch {
        // told by its absence
      }
    }
    return found;
  }

  async comesAny(others) {
    const one = this.blocks.find((block) => !others.includes(block) && !this.failed.has(block.key));
    return one && this.fetchText({ source: "blob_v2", blob_key: one.key }).then(() => true, () => false);
  }

  // ---- the frame

  connect() {
    this.stageReady = new Promise((resolve) => {
      const channel = new MessageChannel();
      this.port = channel.port1;
      this.port.onmessage = ({ data }) => (data.is === "ready" ? resolve() : this.hear(data));
      addEventListener("message", (event) => {
        if (event.source !== this.screen.contentWindow || event.data !== "frame") return;
        this.screen.contentWindow.postMessage("port", "*", [channel.port2]);
      });
    });
  }

  send(act, more = {}) {
    this.port?.postMessage({ act, ...more });
  }

  handIn(key, text, end = key) {
    const until = Math.max(...this.blocks.filter((one) => key <= one.key && one.key <= end).map((one) => one.last));
    return new Promise((resolve) => {
      this.loaded = resolve;
      this.send("load", { key, text, until, first: this.first, last: this.notedLast });
    });
  }

  // Batches of a clock that is wrong by more than a day are noted by their arrival, which may be all at once.
  reachTo(last) {
    if (!(last > this.last)) return;
    this.last = last;
    this.slider.max = last - this.first;
    this.show();
  }

  hear(data) {
    if (data.is === "loaded") {
      this.nBad += Number(data.nBad);
      for (const { key } of this.blocks) if (data.lost.includes(String(key))) this.failed.add(key);
      this.showTabs(data.windows);
      this.reachTo(Math.max(...data.windows.map((one) => one.last)));
      // Only texts and moments are taken from the frame, no links.
      this.addMarks(data.marks.map(({ at, kind, text }) => ({ at, kind, text: String(text) })));
      this.loaded?.();
    } else if (data.is === "begun") {
      this.isBegun = true;
      this.play.disabled = this.slider.disabled = false;
      this.tab.value = data.windowId;
      this.say(this.wanted > this.first ? "Going to the moment …" : "");
      this.root.dataset.begun = "yes";
      noteView();
    } else if (data.is === "time" && this.isPlaying && !this.isWaiting) {
      this.at = Math.min(this.last, Number(data.at));
      this.show();
      this.fill();
    } else if (data.is === "finish") this.finish(Number(data.at));
    else if (data.is === "skipping") this.say(data.isSkipping ? "Skipping inactivity …" : "");
    else if (data.is === "trouble") {
      this.isTroubled = true;
      this.loaded?.();
      this.sayWhatIsMissing();
    }
  }

  showTabs(windows) {
    this.windows = windows;
    this.tabs.hidden = windows.length < 2;
    for (const [index, { id, first }] of windows.entries()) {
      if (this.tab.options[index]?.value === id) continue;
      this.tab.append(make("option", { value: id }, `${index + 1}, from ${clock(first - this.first)}`));
    }
  }

  // ---- moving

  isAtEnd() {
    return this.at >= this.last - 300;
  }

  choose(windowId) {
    const found = this.windows.find((one) => one.id === windowId);
    if (!found) return;
    if (this.at < found.first || this.at > found.last) this.at = found.first;
    this.send("choose", { windowId, at: this.at, play: this.isPlaying });
    this.show();
  }

  // On a phone the replay may be out of sight, and browsers halt frames that nobody sees.
  go(at, play) {
    this.box.scrollIntoView({ block: "nearest" });
    this.seek(at, play);
  }

  seek(at, play) {
    if (this.isOver) return;
    this.at = Math.min(this.last, Math.max(this.first, at));
    this.isPlaying = play;
    this.wanted = undefined;
    if (this.has(this.at)) this.moveTo(this.at, play);
    else {
      this.wanted = this.at;
      this.isWaiting = true;
      this.send("pause");
      this.say("Loading …");
    }
    this.show();
    this.fill();
  }

  // A moment outside of the tab that is shown leads to one in which something happened then.
  moveTo(at, play) {
    const covers = ({ first, last }) => first <= at && at <= last;
    const shown = this.windows.find((one) => one.id === this.tab.value);
    const other = shown && !covers(shown) && this.windows.find(covers);
    if (!other) return this.send("seek", { at, play });
    this.tab.value = other.id;
    return this.send("choose", { windowId: other.id, at, play });
  }

  arrive() {
    const at = this.wanted;
    this.wanted = undefined;
    this.isWaiting = false;
    this.say("");
    this.seek(at, this.isPlaying);
  }

  pause() {
    this.isPlaying = this.isWaiting = false;
    this.send("pause");
    this.show();
  }

  // The frame has played all that it has: either that is the end, or more is on its way.
  finish(at) {
    if (!this.isPlaying) return;
    if (this.nLoaded < this.blocks.length) return this.seek(at + 1, true);
    const later = this.windows.filter((one) => one.id !== this.tab.value && one.last > at + 500);
    if (later.length) {
      const next = later.reduce((one, other) => (other.first < one.first ? other : one));
      return this.seek(Math.max(at, next.first), true);
    }
    this.isPlaying = false;
    this.say("");
    const rest = this.windows.find((one) => one.id === this.tab.value)?.last ?? this.last;
    this.at = Math.max(this.at, Math.min(this.last, rest));
    this.show();
  }

  linkTo(address) {
    const url = new URL(address, location.href);
    url.searchParams.delete("at");
    url.searchParams.set("t", Math.floor(Math.max(0, this.at - (this.first ?? this.at)) / 1000));
    return url.href;
  }

  async copyLink() {
    const link = this.linkTo(this.source.link ?? location.href);
    this.link.value = link;
    this.link.hidden = false;
    this.link.select();
    try {
      await navigator.clipboard.writeText(link);
      this.copy.textContent = "Link copied";
    } catch {
      this.copy.textContent = "Copy it from here"; // no permission, or plain http
    }
  }
}

// A signed-in page has a form that notes who has watched; sent without leaving the page.
function noteView() {
  const form = document.querySelector("#viewed");
  if (form) fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
}

// Buttons outside of the player that copy a shared link to the moment that is shown.
function copyMoment(player) {
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copies-moment]");
    if (!button) return;
    const shown = document.getElementById(button.dataset.copiesMoment);
    shown.textContent = player.linkTo(shown.textContent.trim());
    try {
      await navigator.clipboard.writeText(shown.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = "Selected";
    }
  });
}

function startPlayer(source) {
  const root = document.querySelector("#player");
  root.classList.add("player");
  const player = new RecordingPlayer(root, source);
  player.connect();
  player.start();
  copyMoment(player);
}

// What a shared link opens is told by share.js; the link, and the proof of its password, are all that is sent.
document.addEventListener("parley:shared", ({ detail }) => {
  if (!detail.recording) return;
  const date = document.querySelector("#shared-at");
  const { start_time: startedAt } = detail.recording;
  if (date) {
    date.textContent = new Date(startedAt).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    date.dateTime = startedAt;
  }
  const path = `/api/projects/${detail.projectId}/session_recordings/${encodeURIComponent(detail.recording.id)}/snapshots`;
  startPlayer({
    url: `${path}?sharing_access_token=${encodeURIComponent(detail.accessToken)}`,
    headers: detail.shareToken ? { Authorization: `Bearer ${detail.shareToken}` } : {},
    credentials: "omit",
    frame: "/player",
    link: location.pathname,
    hidesList: detail.showInspector !== true,
  });
});

const given = document.querySelector("#player-source");
if (given) startPlayer(JSON.parse(given.textContent));
