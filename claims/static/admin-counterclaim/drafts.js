// Keeps what is typed into the desk's forms until it is saved: through a reload, a crash, a lost session.
//
// Which forms: those with data-draft="name", and the admin's own, marked by <input data-draft-form="name">.
// Of these, no field with data-draft-skip: what says where the form's work goes is never a draft's to say.
// Those with data-draft-restore get their draft back without being asked.
// Where: this browser's localStorage, by user, so that another user at the same machine sees none.
// Until when: the server tells of a save by the cookie desk-saved=<name>; or 30 days.
//
// Other modules tell of a form that they have inserted by `desk:form`, and of one whose work is saved by
// `desk:saved`: events on document, with the form as detail.

const user = document.querySelector("script[data-drafts-user]")?.dataset.draftsUser;
const MARK = `desk-draft:${user}:`;
const DAYS = 30;
const NEVER = /csrf|password|passwd|token|secret|otp|code$/i;
const BUTTONS = new Set(["submit", "button", "image", "reset", "file", "password"]);
const waiting = new Map(); // the timer of each form that is typed in
const server = new WeakMap(); // what each form held as the server sent it; null: as it came back with errors
const offered = new WeakMap(); // the draft that stands on offer in a form

const kept = (() => {
  try {
    localStorage.setItem("desk-draft-try", "");
    localStorage.removeItem("desk-draft-try");
    return localStorage;
  } catch {
    return null; // switched off: forms work without
  }
})();

function nameOf(form) {
  return form.dataset.draft || form.querySelector("[data-draft-form]")?.dataset.draftForm || "";
}

function fieldsOf(form) {
  return [...form.elements].filter(
    (field) =>
      field.name && !field.disabled && !BUTTONS.has(field.type) && !NEVER.test(field.name) &&
      !field.name.includes("__prefix__") && !("draftSkip" in field.dataset),
  );
}

/** What a form holds: {name: [value, …]}; of a list, each choice as [value, label]. */
function contentOf(form) {
  const content = {};
  for (const field of fieldsOf(form)) {
    const values = (content[field.name] ??= []);
    if (field.tagName === "SELECT") {
      for (const option of field.selectedOptions) values.push([option.value, option.text]);
    } else if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) values.push(field.value);
    } else {
      values.push(field.value.replace(/\r\n/g, "\n"));
    }
  }
  return content;
}

// Labels may be told otherwise, and the entry that a form is made from is nothing that one types.
function same(one, other) {
  const plain = (content) =>
    JSON.stringify(
      Object.entries(content)
        .filter(([name, values]) => !/(^|-)_seen$/.test(name) && values.length)
        .map(([name, values]) => [name, values.map((v) => (Array.isArray(v) ? v[0] : v))])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return plain(one) === plain(other);
}

function read(name) {
  try {
    return JSON.parse(kept.getItem(MARK + name));
  } catch {
    return null;
  }
}

function forget(name) {
  kept?.removeItem(MARK + name);
}

function keep(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  const name = nameOf(form);
  if (!name || !kept) return;
  const content = contentOf(form);
  // Who types without answering an offer has not declined it: both are kept.
  const older = offered.get(form);
  if (server.get(form) && same(content, server.get(form))) {
    if (older) kept.setItem(MARK + name, JSON.stringify(older));
    else forget(name); // typed and taken back
    return;
  }
  try {
    kept.setItem(MARK + name, JSON.stringify({ at: Date.now(), content, older }));
  } catch {
    tell(form, "This browser has no room to keep a draft: save soon.");
  }
}

function keepSoon(event) {
  const form = event.target.form;
  if (!form || !nameOf(form) || !event.target.name || NEVER.test(event.target.name)) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => keep(form), 300));
}

function keepNow() {
  for (const form of [...waiting.keys()]) keep(form);
}

// --- Restoring ---

function put(form, name, values) {
  const fields = fieldsOf(form).filter((field) => field.name === name);
  const state = () => JSON.stringify(fields.map((field) => [field.value, field.checked]));
  const before = state();
  fields.forEach((field, index) => {
    if (field.tagName === "SELECT") {
      const chosen = values.map((value) => (Array.isArray(value) ? value : [value, value]));
      for (const [value, label] of chosen) {
        if (![...field.options].some((option) => option.value === value)) {
          field.add(new Option(label, value)); // an autocomplete knows only what was chosen in it
        }
      }
      const wanted = new Set(chosen.map(([value]) => value));
      for (const option of field.options) option.selected = wanted.has(option.value);
    } else if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values.includes(field.value);
    } else if (values[index] !== undefined) {
      field.value = values[index];
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // Nobody should have to look for what has changed.
  if (state() !== before) for (const field of fields) field.closest("details")?.setAttribute("open", "");
}

/** The rows of an inline in a draft: those that were stored by their id, the others as new ones. */
function putRows(form, prefix, content) {
  const number = (part) => Number(content[`${prefix}-${part}`]?.[0] ?? 0);
  for (let i = 0; i < number("TOTAL_FORMS"); i += 1) {
    const start = `${prefix}-${i}-`;
    const row = Object.entries(content).filter(([name]) => name.startsWith(start));
    const id = content[`${start}id`]?.[0] ?? "";
    const there =
      id && fieldsOf(form).find((f) => f.value === id && new RegExp(`^${prefix}-\\d+-id$`).test(f.name));
    let target;
    if (there) {
      target = there.name.slice(0, -2);
    } else {
      const total = form.elements[`${prefix}-TOTAL_FORMS`];
      const before = total?.value;
      document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`)?.click();
      if (!total || total.value === before) continue;
      target = `${prefix}-${before}-`;
    }
    for (const [name, values] of row) {
      const field = name.slice(start.length);
      if (there || (field !== "id" && field !== "_seen" && field !== "DELETE")) put(form, target + field, values);
    }
  }
}

function restore(form, draft) {
  const { content } = draft;
  const prefixes = Object.keys(content)
    .filter((name) => name.endsWith("-TOTAL_FORMS"))
    .map((name) => name.slice(0, -"-TOTAL_FORMS".length));
  for (const [name, values] of Object.entries(content)) {
    if (!prefixes.some((prefix) => name.startsWith(`${prefix}-`))) put(form, name, values);
  }
  for (const prefix of prefixes) putRows(form, prefix, content);
}

// --- The offer ---

function tell(form, text) {
  let notice = form.querySelector(".desk-draft-told");
  if (!notice) {
    notice = document.createElement("p");
    notice.className = "desk-notice desk-draft-told";
    notice.setAttribute("role", "status");
    notice.tabIndex = -1;
    form.prepend(notice);
  }
  notice.textContent = text;
  return notice;
}

function when(at) {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const today = date.toDateString() === new Date().toDateString();
  return today ? time : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "desk-draft-button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function offer(form) {
  const name = nameOf(form);
  if (!name || !kept || server.has(form)) return;
  const refused = form.querySelector(".errornote, .errorlist") !== null;
  const sent = contentOf(form);
  server.set(form, refused ? null : sent);
  const draft = read(name);
  if (!draft) return;
  // What came back with errors is not saved: its draft stays, in case the page is left.
  if (same(draft.content, sent)) return void (refused || forget(name));
  if ("draftRestore" in form.dataset && !draft.older) return void bringBackAtOnce(form, draft, sent);
  offered.set(form, draft);
  const notice = document.createElement("section");
  notice.className = "desk-notice desk-draft-offer";
  notice.setAttribute("aria-label", "Unsaved changes");
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const answered = () => {
    notice.remove();
    offered.delete(form);
  };
  const bringBack = (chosen) => () => {
    answered();
    restore(form, chosen);
    keep(form);
    tell(form, "Your changes are back. They are not saved yet.").focus();
  };
  notice.append(words, button("Restore", bringBack(draft)));
  if (draft.older) notice.append(button(`Restore those from ${when(draft.older.at)}`, bringBack(draft.older)));
  notice.append(
    button("Discard", () => {
      answered();
      forget(name);
      keep(form); // what has been typed meanwhile
      tell(form, "Your unsaved changes are discarded.").focus();
    }),
  );
  form.prepend(notice);
  words.textContent = `You have unsaved changes from ${when(draft.at)}.`; // said once it is there
}

/** In a form that held nothing but proposals (data-draft-restore): what was typed is there at once. */
function bringBackAtOnce(form, draft, sent) {
  restore(form, draft);
  keep(form);
  const notice = tell(form, `What you typed (${when(draft.at)}) is back. It is not saved yet. `);
  notice.append(button("Discard", () => {
    restore(form, { content: sent });
    forget(nameOf(form));
    tell(form, "What you typed is discarded.").focus();
  }));
}

// --- Forgetting ---

function forgetSaved() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("desk-saved="));
  if (!cookie) return;
  forget(decodeURIComponent(cookie.slice("desk-saved=".length)));
  document.cookie = "desk-saved=; path=/; max-age=0; samesite=lax";
}

function forgetOld() {
  const names = Array.from({ length: kept.length }, (_, index) => kept.key(index));
  for (const name of names.filter((each) => each?.startsWith("desk-draft:"))) {
    let at = 0;
    try {
      at = JSON.parse(kept.getItem(name)).at;
    } catch {
      // not ours to read: forgotten
    }
    if (!(Date.now() - at < DAYS * 24 * 3600 * 1000)) kept.removeItem(name);
  }
}

if (user && kept) {
  forgetSaved();
  forgetOld();
  document.addEventListener("input", keepSoon);
  document.addEventListener("change", keepSoon);
  // What select2 chooses is told by jQuery alone.
  window.django?.jQuery?.(document).on("change", "select", (event) => event.target.form && keepSoon(event));
  document.addEventListener("submit", (event) => waiting.has(event.target) && keep(event.target));
  document.addEventListener("visibilitychange", keepNow);
  window.addEventListener("pagehide", keepNow);
  document.addEventListener("desk:form", (event) => offer(event.detail));
  document.addEventListener("desk:saved", (event) => {
    const form = event.detail;
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    forget(nameOf(form));
    server.delete(form);
  });
  const start = () => [...document.forms].forEach(offer);
  // After the admin's own scripts, which fill in and arrange.
  if (document.readyState === "complete") start();
  else window.addEventListener("load", start);
}
