// Passkeys: making one (`data-passkey="make"` on a form) and signing in with one (`data-passkey="use"` on a button that is
// hidden until this file has seen that the browser can). Without script everything else of these pages works.
"use strict";

const canUse = "PublicKeyCredential" in window && Boolean(navigator.credentials);

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function send(path, body, csrf) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (csrf) headers["X-CSRFToken"] = csrf;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(said.detail), { code: said.code });
  return said;
}

function described(list) {
  return (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
}

async function makePasskey(form) {
  const csrf = form.elements.csrf_token.value;
  const options = await send("/api/webauthn/register/begin", {}, csrf);
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  });
  const response = {
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  };
  const answer = { id: made.id, rawId: text(made.rawId), type: made.type, response, label: form.elements.label.value };
  await send("/api/webauthn/register/complete", answer, csrf);
  location.assign("/settings/security?notice=passkey");
}

async function use(button) {
  const options = await send("/api/webauthn/login/begin", {});
  const found = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: described(options.allowCredentials),
    },
  });
  const response = {
    clientDataJSON: text(found.response.clientDataJSON),
    authenticatorData: text(found.response.authenticatorData),
    signature: text(found.response.signature),
    userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
  };
  await send("/api/webauthn/login/complete", { id: found.id, rawId: text(found.rawId), type: found.type, response });
  location.assign(button.dataset.next);
}

function sayWhy(holder, error) {
  const problem = holder.querySelector("[data-passkey-problem]");
  if (error.code === "sensitive_action_required_reauth") {
    location.assign("/login/confirm?next=/settings/security");
    return;
  }
  const isGivenUp = ["NotAllowedError", "AbortError"].includes(error.name);
  const isKnown = error.name === "InvalidStateError";
  problem.textContent = isKnown ? "This device has a passkey of yours already." : error.message;
  problem.hidden = isGivenUp;
  problem.setAttribute("role", "alert");
}

if (canUse) {
  for (const holder of document.querySelectorAll("[data-passkeys]")) holder.hidden = false;
}

document.addEventListener("submit", (event) => {
  if (event.target.dataset.passkey !== "make") return;
  event.preventDefault();
  makePasskey(event.target).catch((error) => sayWhy(event.target, error));
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-passkey='use']");
  if (button) use(button).catch((error) => sayWhy(button.parentElement, error));
});
