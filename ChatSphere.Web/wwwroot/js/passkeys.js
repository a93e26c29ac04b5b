// A button [data-passkey] in a form: asks for options, lets the browser make or use a passkey, and sends the form with the answer.
document.addEventListener("click", async event => {
  const button = event.target instanceof Element ? event.target.closest("[data-passkey]") : null;
  if (!button) return;
  const form = button.closest("form");
  const note = form.querySelector("[data-passkey-error]");
  const say = text => { note.hidden = !text; note.textContent = text; };
  if (!window.PublicKeyCredential) return say("This browser cannot use passkeys.");
  if (!form.reportValidity()) return;
  say("");
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.options, { method: "POST", headers: { RequestVerificationToken: form.elements.__RequestVerificationToken.value } });
    const body = await answer.json().catch(() => ({}));
    if (body.code === "reauthentication_required") {
      location.assign(`/confirm-identity?returnUrl=${encodeURIComponent(location.pathname)}`);
      return;
    }
    if (!answer.ok) return say(body.detail ?? "That did not work. Reload the page and try again.");
    const credential = button.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creation(body.options) })
      : await navigator.credentials.get({ publicKey: request(body.options) });
    form.elements["Input.Ticket"].value = body.ticket;
    form.elements["Input.Credential"].value = JSON.stringify(plain(credential));
    form.requestSubmit();
  } catch (error) {
    // Cancelled and timed out look the same, on purpose.
    say(error.name === "InvalidStateError" ? "This device has a passkey for your account already." : "No passkey was used. Try again if you meant to.");
  } finally {
    button.disabled = false;
  }
});

const bytes = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const listed = credentials => credentials?.map(c => ({ ...c, id: bytes(c.id) }));
const creation = o => ({ ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: listed(o.excludeCredentials) });
const request = o => ({ ...o, challenge: bytes(o.challenge), allowCredentials: listed(o.allowCredentials) });

function plain(credential) {
  const r = credential.response;
  const response = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) {
    response.attestationObject = text(r.attestationObject);
    response.transports = r.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(r.authenticatorData);
    response.signature = text(r.signature);
    if (r.userHandle) response.userHandle = text(r.userHandle);
  }
  return {
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined, clientExtensionResults: credential.getClientExtensionResults(),
  };
}

// Recovery codes go to paper or to a password keeper.
document.addEventListener("click", event => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-print]")) print();
  const copying = target?.closest("[data-copy-from]");
  if (copying) {
    const lines = [...document.querySelectorAll(`${copying.dataset.copyFrom} li`)].map(line => line.textContent.trim()).join("\n");
    navigator.clipboard.writeText(lines).then(() => { copying.textContent = "Copied"; }, () => { copying.textContent = "Copy them by hand"; });
  }
});

// On the way to a provider. The form's own redirect may not leave this site, a link may.
const leave = () => document.querySelector("a[data-leave]")?.click();
leave();
Blazor.addEventListener("enhancedload", leave);
