// The public page of a share. It asks for the password where one is wanted, without a cookie: other sites' frames have none.
// What is shared is handed to the player by the event `parley:shared`, whose detail is the data of the page.
"use strict";

const holder = document.getElementById("parley-data");

function hand(data) {
  document.dispatchEvent(new CustomEvent("parley:shared", { detail: data }));
}

function say(text) {
  const problem = document.getElementById("problem");
  const field = document.getElementById("password");
  problem.textContent = text;
  problem.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", "problem");
  field.select();
  field.focus();
}

async function proofFor(password) {
  const answer = await fetch(location.pathname, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ password }),
  });
  if (answer.ok) return (await answer.json()).shareToken;
  if (answer.status === 401) say("This password is not right.");
  else if (answer.status === 429) say("Too many tries. Please wait a minute, then try again.");
  else say("That did not work. Please load the page again.");
  return null;
}

async function open(proof) {
  const page = await fetch(location.href, { headers: { Authorization: `Bearer ${proof}`, Accept: "text/html" } });
  if (!page.ok) return say("That did not work. Please load the page again.");
  const opened = new DOMParser().parseFromString(await page.text(), "text/html");
  const data = opened.getElementById("parley-data").textContent;
  holder.textContent = data;
  document.title = opened.title;
  document.querySelector("main").replaceWith(opened.querySelector("main"));
  hand(JSON.parse(data));
}

document.getElementById("unlock")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  try {
    const proof = await proofFor(document.getElementById("password").value);
    if (proof) await open(proof);
  } catch {
    say("The server does not answer. Please try again.");
  } finally {
    button.disabled = false;
  }
});

const data = JSON.parse(holder.textContent || "{}");
if (data.type === "scene" || data.type === "embed") hand(data);
