// What this browser tells somebody of new messages: their choice, which the browser keeps for each of its users, the sound,
// and the form for it on the page of the account. Off until somebody switches it on.
"use strict";

const NOTICES = `parley.notices.${document.querySelector("[data-user]").dataset.user}`;

function noticeSettings() {
  try {
    const kept = JSON.parse(localStorage.getItem(NOTICES) ?? "{}");
    return { desktop: kept.desktop === true, sound: kept.sound === true, about: kept.about === "mine" ? "mine" : "all" };
  } catch {
    return { desktop: false, sound: false, about: "all" };
  }
}

function keepNoticeSettings(changes) {
  try {
    localStorage.setItem(NOTICES, JSON.stringify({ ...noticeSettings(), ...changes }));
    return true;
  } catch {
    return false;
  }
}

// ---- the sound: two short tones. A browser lets a page sound only after a press in it.

let audio = null;

function readySound() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

function chime() {
  if (audio?.state !== "running") return;
  for (const [at, pitch] of [[0, 660], [0.14, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + at;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.15, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  }
}

// ---- the form

const BLOCKED = "Your browser blocks notifications of this site. Allow them in its settings, then tick the box again.";
const NONE = "This browser shows no notifications. On a phone, get mails instead.";
const UNKEPT = "This browser keeps nothing, so the choice is lost when you leave the page.";

async function mayNotify() {
  if (!("Notification" in window)) return NONE;
  const answer = Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  return answer === "granted" ? "" : BLOCKED;
}

const noticeForm = document.querySelector("#notices");

async function keepChoice({ target }) {
  let problem = "";
  if (target.name === "desktop" && target.checked) problem = await mayNotify();
  if (problem) target.checked = false;
  const value = target.type === "checkbox" ? target.checked : target.value;
  if (!keepNoticeSettings({ [target.name]: value })) problem ||= UNKEPT;
  noticeForm.querySelector("[aria-live]").textContent = problem || "Saved in this browser.";
}

if (noticeForm) {
  const kept = noticeSettings();
  const isAllowed = "Notification" in window && Notification.permission === "granted";
  noticeForm.querySelector("[name=desktop]").checked = kept.desktop && isAllowed;
  noticeForm.querySelector("[name=sound]").checked = kept.sound;
  noticeForm.querySelector("[name=about]").value = kept.about;
  noticeForm.hidden = false;
  noticeForm.addEventListener("change", keepChoice);
  noticeForm.querySelector("[data-chimes]").addEventListener("click", async () => {
    readySound();
    await audio.resume();
    chime();
  });
}
