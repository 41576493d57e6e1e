// Puts the stage of a recording into a frame of no origin, and hands it the port of the page around. A `data:` address
// has an origin of its own that equals no other; unlike `sandbox` it lets the replayer reach the frame that it draws in.
"use strict";

const { nonce, dataset } = document.currentScript;
const scripts = [dataset.player, dataset.events, dataset.stage].map((path) => new URL(path, location.origin).href);
const policy = `<meta http-equiv="Content-Security-Policy" content="frame-src 'none'; connect-src 'none'">`;
const tags = scripts.map((url) => `<script src="${url}" nonce="${nonce}"></${"script"}>`).join("");
const stage = document.createElement("iframe");
stage.setAttribute("sandbox", "allow-scripts allow-same-origin"); // no pop-ups, no forms, no way to the top
stage.title = "The recorded page";
stage.src = `data:text/html;charset=utf-8,${encodeURIComponent(`<!doctype html><html lang="en"><head><title>Replay</title>${policy}</head><body>${tags}</body></html>`)}`;

addEventListener("message", (event) => {
  if (event.source === stage.contentWindow && event.data === "stage") parent.postMessage("frame", "*");
  if (event.source === parent && event.data === "port") stage.contentWindow.postMessage("port", "*", [...event.ports]);
});
document.body.append(stage);
