// Guided forms: keeps the draft while somebody writes, and draws the page again where an answer changes it.
const PAUSE = 3000;

// Chosen files go with the page itself, not with each draft.
const contents = (form) => {
  const kept = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File)) {
      kept.append(name, value);
    }
  }
  return kept;
};
const text = (form) => JSON.stringify([...contents(form)]);
const guided = () => document.querySelector("form.guided-form");

let timer = 0;
let saved = "";

function tell(form, message, failed) {
  const line = form.querySelector("[data-saved]");
  line.textContent = message;
  line.toggleAttribute("data-failed", failed);
  form.querySelector("[data-sign-in]").hidden = true;
}

// Who signed in again in another window has a new token, and this page an old one.
async function renew(form) {
  const answer = await fetch(form.action);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("form.guided-form [name=csrf_token]");
  if (token) {
    form.elements.csrf_token.value = token.value;
  }
  return Boolean(token);
}

const send = (form, keepalive = false) =>
  fetch(form.dataset.draftUrl, { method: "POST", body: contents(form), redirect: "manual", keepalive });

async function save(form) {
  const now = text(form);
  if (!form.isConnected || form.dataset.sent || now === saved) {
    return;
  }
  let signedOut = false;
  try {
    let answer = await send(form);
    if (answer.status === 400 && await renew(form)) {
      answer = await send(form);
    }
    signedOut = [400, 401].includes(answer.status);
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    saved = now;
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
    tell(form, `${form.dataset.savedText} ${time}`, false);
  } catch {
    tell(form, signedOut ? form.dataset.signedOutText : form.dataset.unsavedText, true);
    form.querySelector("[data-sign-in]").hidden = !signedOut;
    plan(form);
  }
}

function plan(form) {
  if (form.dataset.draftUrl) {
    clearTimeout(timer);
    timer = setTimeout(() => save(form), PAUSE);
  }
}

// The server's page takes the place of this one, unless somebody wrote on meanwhile: then it is asked again.
async function redraw(form, go) {
  const before = text(form);
  const data = new FormData(form);
  data.set("go", go);
  const answer = await fetch(form.action, { method: "POST", body: data });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("guided");
  if (!answer.ok || !page) {
    throw new Error(answer.status);
  }
  if (!form.isConnected) {
    return;
  }
  if (go === "redraw" && text(form) !== before) {
    await redraw(form, go);
    return;
  }
  const { activeElement: active } = document;
  const place = { id: active?.id, start: active?.selectionStart };
  document.getElementById("guided").replaceWith(page);
  saved = text(guided());
  focus(go, place);
  document.dispatchEvent(new CustomEvent("guided:drawn", { detail: page }));
}

function focus(go, place) {
  const [verb, name] = go.split(":");
  const list = name ? document.getElementById(`f-${name}`) : null;
  if (verb === "add" && list) {
    [...list.querySelectorAll(":scope > .guided-row")].pop()?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  } else if (verb === "remove" && list) {
    list.focus();
  } else if (place.id) {
    const field = document.getElementById(place.id);
    field?.focus({ preventScroll: true });
    if (typeof place.start === "number" && field?.setSelectionRange) {
      field.setSelectionRange(place.start, place.start);
    }
  }
}

document.addEventListener("input", (event) => {
  if (event.target.form === guided()) {
    plan(event.target.form);
  }
});

document.addEventListener("change", (event) => {
  const form = guided();
  if (!form || event.target.form !== form) {
    return;
  }
  plan(form);
  const name = event.target.name.split("-").pop();
  if (form.dataset.watched.split(" ").includes(name)) {
    redraw(form, "redraw").catch(() => tell(form, form.dataset.unsavedText || "", true));
  }
});

// Capturing, so that a row's button is not counted as the form having been sent.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const go = event.submitter?.value || "";
  clearTimeout(timer);
  if (form === guided() && !form.dataset.plain && /^(add|remove):/.test(go)) {
    event.preventDefault();
    redraw(form, go).catch(() => {
      form.dataset.plain = "yes";
      form.requestSubmit(event.submitter);
    });
  }
}, true);

// Who leaves by a link or by Back does not wait for the pause: what was typed last goes along.
window.addEventListener("pagehide", () => {
  const form = guided();
  if (form?.dataset.draftUrl && !form.dataset.sent && text(form) !== saved) {
    send(form, true).catch(() => {});
  }
});

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-error-summary] a");
  const field = target && document.getElementById(target.hash.slice(1));
  if (field) {
    event.preventDefault();
    field.focus();
    (field.closest(".guided-field") || field).scrollIntoView({ block: "start" });
  }
});

const first = guided();
if (first) {
  saved = text(first);
}
document.querySelector("[data-error-summary]")?.focus();
