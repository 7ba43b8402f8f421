/* The panel of the annotate screen: what a selection becomes, without leaving the page or the place in it.

   The server renders everything (one set of templates for the page and its fragments); a selection opens the
   panel at once from a <template>, filled from the attributes of its turn. */

const page = document.querySelector("[data-annotate]");
const panel = document.getElementById("annotate-panel");
const body = panel.querySelector("[data-body]");
const text = page.querySelector("[data-text]");
const help = page.querySelector("[data-help-dialog]");
const templates = Object.fromEntries(
  [...page.querySelectorAll("template")].map((template) => [template.dataset.template, template]));

/** The selection that the panel is open for: {start, end, exact, block}, or null. */
let open = null;
/** Panels that were left with something typed in, by their selection. */
const kept = new Map();
/** Where the focus goes when the panel is closed. */
let opener = null;
/** Whether the panel has been scrolled since it was opened. */
let scrolled = false;
panel.addEventListener("scroll", () => { scrolled = true; }, { passive: true });

const key = (selection) => `${selection.start}-${selection.end}`;

/** Whether the panel still is where `selection` was worked on. (Left and opened again, it is another object.) */
function isOpen(selection) {
  return open === selection || Boolean(open && selection && key(open) === key(selection));
}

function send(name, detail) { document.dispatchEvent(new CustomEvent(name, { detail })); }

/* --- Telling ---------------------------------------------------------------------------------------- */

function tell(words, { bad = false, signIn = false } = {}) {
  const status = panel.querySelector("[data-status]");
  status.textContent = words;
  status.classList.toggle("bad", bad);
  if (!signIn) return;
  const link = document.createElement("a");
  link.href = `${page.dataset.login}?next=${encodeURIComponent(location.pathname)}`;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Sign in (new tab)";
  status.append(" ", link);
}

const LOST = "You are signed out. What you typed is still here: sign in, then come back and save again.";

/* --- Asking the server ------------------------------------------------------------------------------ */

function token(form) {
  const cookie = document.cookie.match(/(?:^|; )(?:__Host-|__Secure-)?csrftoken=([^;]+)/);
  return cookie ? cookie[1] : form?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
}

/** The answer as {status, data}; null where there was none, and that has been told. */
async function ask(address, form = null) {
  const options = { headers: { "X-Requested-With": "fetch" }, redirect: "manual" };
  if (form) {
    options.method = "POST";
    options.body = new FormData(form);
    // Signing in anew changes the token; the cookie has the one of today, the page that of its birth.
    options.body.delete("csrfmiddlewaretoken");
    options.headers["X-CSRFToken"] = token(form);
  }
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    tell("The server did not answer, and nothing was saved. What you typed is still here: try again.", { bad: true });
    return null;
  }
  if (response.type === "opaqueredirect" || response.redirected) {
    tell(LOST, { bad: true, signIn: true });
    return null;
  }
  if (response.status === 403) {
    tell("You may not do that, or you have been signed out meanwhile. What you typed is still here.", { bad: true, signIn: true });
    return null;
  }
  try {
    return { status: response.status, data: await response.json() };
  } catch {
    tell(`Something went wrong (${response.status}), and nothing was saved. What you typed is still here.`, { bad: true });
    return null;
  }
}

/* --- The panel -------------------------------------------------------------------------------------- */

function fill(root, name, value) {
  for (const field of root.querySelectorAll(`[data-fill=${name}]`)) field.value = value;
}

function choice(form, name) {
  const words = form.elements[name];
  return words && { words, slug: form.elements[`${name}_slug`] };
}

function setChoice(form, name, words, slug) {
  const field = choice(form, name);
  if (!field) return;
  field.words.value = words ?? "";
  field.slug.value = slug ?? "";
}

/** As claims/annotate/selection.py proposes it. */
function proposed(words) {
  const edge = " ,;:–—\\-\"'“”„‟«»‘’()\\[\\]…";
  let line = words.replace(/\s+/g, " ").trim();
  line = line.replace(new RegExp(`^[${edge}]+|[${edge}]+$`, "g"), "");
  if (!line) return "";
  const first = String.fromCodePoint(line.codePointAt(0));
  line = first.toUpperCase() + line.slice(first.length);
  line = /[.!?…]$/.test(line) ? line : `${line}.`;
  return [...line].slice(0, 500).join("");
}

/** The turn that holds the whole selection, if one does. */
function turnOf(selection) {
  const block = document.getElementById(selection.block);
  if (!block?.dataset.position) return null;
  const whole = Number(block.dataset.from) <= selection.start && selection.end <= Number(block.dataset.to);
  return whole ? block : null;
}

/** The first turn that the code points reach into, if any. */
function turnAt(start, end) {
  return [...text.querySelectorAll("[data-position]")].find(
    (block) => Number(block.dataset.from) < end && start < Number(block.dataset.to)) ?? null;
}

function prefill(root, selection) {
  const turn = turnOf(selection);
  const { speaker, speakerSlug } = turn?.dataset ?? {};
  for (const form of root.querySelectorAll("[data-make]")) {
    const fields = form.elements;
    setChoice(form, "claimant", speaker, speakerSlug);
    setChoice(form, "speaker", speaker, speakerSlug);
    if (fields.said_on) fields.said_on.value = page.dataset.saidOn;
    if (fields.locator && turn) fields.locator.value = `turn ${turn.dataset.position}`;
    if (form.dataset.make === "claim") fields.text.value = proposed(selection.exact);
  }
}

/** What a panel that the server rendered also needs. */
function equip(root, selection) {
  const turn = turnOf(selection);
  for (const element of root.querySelectorAll("[data-scripted]")) element.hidden = false;
  for (const form of root.querySelectorAll("[data-make]")) {
    form.dataset.draft = `annotate-${page.dataset.snapshot}-${key(selection)}-${form.dataset.make}`;
    form.dataset.draftRestore = "";
    form.dataset.speaker = turn?.dataset.speaker ?? "";
    form.dataset.speakerSlug = turn?.dataset.speakerSlug ?? "";
    follow(form);
  }
}

function keep() {
  const typed = body.querySelector("[data-make][data-typed], [data-make][data-busy]");
  if (!open || !typed) return;
  const nodes = document.createDocumentFragment();
  nodes.append(...body.childNodes);
  kept.set(key(open), nodes);
}

/** Open the panel for a selection; `rows`, whether something may hang on it already. */
function openFor(selection, { rows = false, from = null } = {}) {
  if (open && key(open) === key(selection)) { panel.dataset.open = ""; return; }
  keep();
  open = selection;
  opener = from;
  if (kept.has(key(selection))) {
    body.replaceChildren(kept.get(key(selection)));
    kept.delete(key(selection));
  } else {
    const fresh = templates.panel.content.cloneNode(true);
    fill(fresh, "start", selection.start);
    fill(fresh, "end", selection.end);
    fill(fresh, "exact", selection.exact);
    fresh.querySelector("[data-exact]").textContent = selection.exact;
    fresh.querySelector("[data-outside]").hidden = turnAt(selection.start, selection.end) !== null;
    prefill(fresh, selection);
    equip(fresh, selection);
    body.replaceChildren(fresh);
  }
  panel.dataset.open = "";
  // Only where it is needed: to ask where it stands would cost a layout of the whole text.
  if (scrolled) { panel.scrollTop = 0; scrolled = false; }
  tell("");
  if (rows) refresh(selection);
}

/** Go on with the panel that came with the page: its address says where, and which form is open. */
function takeOver(selection) {
  open = selection;
  equip(body, selection);
  const asked = body.querySelector("[data-form]:not([hidden])");
  send("annotate:show", { ...selection, scroll: true });
  if (asked) choose(asked.dataset.form);
}

async function refresh(selection) {
  const answer = await ask(`${page.dataset.passage}?start=${selection.start}&end=${selection.end}`);
  if (!answer || open !== selection) return;
  if (answer.status === 200) body.querySelector("[data-rows]").innerHTML = answer.data.rows;
  else tell(answer.data.message, { bad: true });
}

function close({ focus = true } = {}) {
  keep();
  const back = opener?.isConnected ? opener
    : open && document.getElementById(open.block)?.querySelector("[data-words]");
  open = null;
  opener = null;
  const start = templates.start.content.cloneNode(true);
  for (const element of start.querySelectorAll("[data-scripted]")) element.hidden = false;
  body.replaceChildren(start);
  remind();
  delete panel.dataset.open;
  tell("");
  send("annotate:show");
  if (focus && back) back.focus({ preventScroll: true });
}

function choose(action) {
  const chosen = body.querySelector(`[data-form="${action}"]`);
  if (!chosen) return false;
  for (const section of body.querySelectorAll("[data-form]")) section.hidden = section !== chosen;
  for (const button of body.querySelectorAll("[data-action]")) {
    button.setAttribute("aria-expanded", String(button.dataset.action === action));
  }
  const form = chosen.querySelector("form");
  document.dispatchEvent(new CustomEvent("desk:form", { detail: form }));
  const first = form.querySelector("textarea, input:not([type=hidden])");
  first.focus();
  // What is proposed makes way for what is typed; what was typed does not.
  if (!("typed" in form.dataset)) first.select?.();
  first.scrollTop = 0;
  form.scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("annotate:action", { detail: form }));
  return true;
}

/* Who reports, and in what manner, follows the claimant until the researcher says otherwise. */
function follow(form) {
  const claimant = choice(form, "claimant");
  if (!claimant) return;
  const { speaker, speakerSlug } = form.dataset;
  const named = claimant.words.value.trim();
  const another = Boolean(speaker && named && named !== speaker);
  if (!("reporter" in form.dataset)) {
    setChoice(form, "reported_by", another ? speaker : "", another ? speakerSlug : "");
  }
  if (!("manner" in form.dataset)) {
    const reported = choice(form, "reported_by").words.value.trim() !== "";
    form.elements.manner.value = reported ? "reported" : speaker ? "asserted" : "";
  }
}

body.addEventListener("input", (event) => {
  const form = event.target.closest("[data-make]");
  if (!form) return;
  form.dataset.typed = "";
  const { name } = event.target;
  if (name === "manner") form.dataset.manner = "";
  if (name === "reported_by") form.dataset.reporter = "";
  if (name === "claimant" || name === "reported_by") follow(form);
});
body.addEventListener("annotate:chosen", (event) => {
  const form = event.target.closest("[data-make]");
  if (form) follow(form);
});

/* --- Claims that the desk has already ------------------------------------------------------------------- */

let compared = 0;
let comparing = 0;

async function compare(form) {
  const place = form.querySelector("[data-similar]");
  const words = form.elements.text.value.trim();
  compared += 1;
  const mine = compared;
  const at = `start=${form.elements.start.value}&end=${form.elements.end.value}`;
  const answer = words && await ask(`${page.dataset.similar}?${at}&text=${encodeURIComponent(words)}`);
  // Not an answer to what stood there before.
  if (mine !== compared || !place.isConnected) return;
  const said = form.elements.another?.checked;
  place.innerHTML = answer && answer.status === 200 ? answer.data.similar : "";
  // The question is asked once; what was answered stays answered.
  const question = place.querySelector("[data-another]");
  if (question && form.querySelector("[data-field=another]")) question.remove();
  else if (question && said) question.querySelector("input").checked = true;
}

document.addEventListener("annotate:action", (event) => {
  if (event.detail.dataset.make === "claim") compare(event.detail);
});
body.addEventListener("input", (event) => {
  if (event.target.name !== "text") return;
  clearTimeout(comparing);
  comparing = setTimeout(compare, 300, event.target.form);
});
body.addEventListener("click", (event) => {
  const instead = event.target.closest("[data-instead]");
  if (!instead) return;
  event.preventDefault();
  const form = body.querySelector('[data-make="appearance"]');
  const from = body.querySelector('[data-make="claim"]');
  setChoice(form, "claim", instead.dataset.words, instead.dataset.instead);
  // What was said of the claimant holds for the claim that is there, too.
  for (const name of ["claimant", "claimant_slug", "reported_by", "reported_by_slug", "manner", "said_on"]) {
    form.elements[name].value = from.elements[name].value;
  }
  Object.assign(form.dataset, { ...from.dataset, draft: form.dataset.draft, make: "appearance" });
  choose("appearance");
  form.querySelector("[type=submit]").focus();
});

/* --- Saving ----------------------------------------------------------------------------------------- */

panel.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches(".annotate-actions")) {
    event.preventDefault();
    choose(event.submitter.dataset.action);
  } else if (form.matches("[data-make], [data-note], [data-quote]")) {
    event.preventDefault();
    submit(form);
  }
});

async function submit(form) {
  if ("busy" in form.dataset) return;
  form.dataset.busy = "";
  const at = open;
  tell("Saving…");
  const answer = await ask(form.action, form);
  delete form.dataset.busy;
  if (!answer) return;
  const { status, data } = answer;
  if (status === 422) refused(form, data.form, at);
  else if (status !== 200) tell(data.message ?? `Something went wrong (${status}).`, { bad: true });
  else if (form.matches("[data-quote]")) { if (isOpen(at)) found(data); }
  else saved(form, data, at);
}

function refused(form, html, at) {
  const slot = form.closest("[data-slot]");
  const before = { ...form.dataset };
  slot.innerHTML = html;
  const anew = slot.querySelector("form");
  Object.assign(anew.dataset, before);
  for (const element of anew.querySelectorAll("[data-scripted]")) element.hidden = false;
  if (!isOpen(at)) {
    // The panel was left before the answer came; what was typed waits where it was typed.
    tell(`Not saved: the form at “${shortened(at.exact)}” was refused. Select those words again.`, { bad: true });
    return;
  }
  const labels = [...anew.querySelectorAll("[data-field]")].filter((field) => field.querySelector(".errorlist"))
    .map((field) => field.querySelector("legend, label").textContent.trim());
  tell(labels.length ? `Not saved: see what is said at ${labels.map((label) => `“${label}”`).join(", ")}.`
    : "Not saved: see what is said in the form.", { bad: true });
  (anew.querySelector("[aria-invalid=true]:not(fieldset)") ?? anew.querySelector("input:not([type=hidden]), textarea")).focus();
}

function shortened(words) {
  const points = [...words.replace(/\s+/g, " ").trim()];
  return points.length > 60 ? `${points.slice(0, 60).join("")}…` : points.join("");
}

function found({ start, end }) {
  send("annotate:show", { start, end, scroll: true });
  send("annotate:find", { start, end });
  panel.focus();
}

/** What was saved where `at` was the selection, which may have been left before the answer came. */
function saved(form, data, at) {
  document.dispatchEvent(new CustomEvent("desk:saved", { detail: form }));
  for (const [id, html] of Object.entries(data.blocks)) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    document.getElementById(id).replaceWith(holder.content);
  }
  send("annotate:changed");
  count();
  kept.delete(data.at);
  if (at) kept.delete(key(at));
  tell(data.message);
  if (!isOpen(at)) {
    // Another passage is being worked on: its panel, and the focus in it, stay as they are.
    if (open) send("annotate:show", open);
    return;
  }
  body.innerHTML = data.panel;
  if (open) {
    equip(body, open);
    send("annotate:show", open);
  }
  opener = badge(data.at);
  // Back to the text, where the next words wait; Esc or n go on from there.
  (opener ?? panel).focus({ preventScroll: true });
}

function count() {
  page.querySelector("[data-count]").textContent = badges().length;
}

/* --- Marks ------------------------------------------------------------------------------------------ */

function badges() { return [...text.querySelectorAll("[data-badge]")]; }

function badge(at) { return text.querySelector(`[data-badge="${at}"]`); }

/** The selection that a mark stands for. */
function marked(at) {
  const [start, end] = at.split("-").map(Number);
  const pieces = [...text.querySelectorAll(`[data-mark="${at}"]`)];
  return {
    start, end,
    exact: pieces.map((piece) => piece.textContent).join(""),
    block: pieces[0].closest("[data-block]").id,
  };
}

function openMark(at, { focus = true } = {}) {
  const selection = marked(at);
  openFor(selection, { rows: true, from: badge(at) });
  send("annotate:show", selection);
  if (focus) panel.focus({ preventScroll: true });
}

text.addEventListener("click", (event) => {
  const button = event.target.closest("[data-badge]");
  if (button) {
    event.preventDefault();
    openMark(button.dataset.badge);
    return;
  }
  const mark = event.target.closest("[data-mark]");
  if (mark && document.getSelection().isCollapsed) openMark(mark.dataset.mark, { focus: false });
});

document.addEventListener("annotate:selected", (event) => {
  const { by, from, reasons, rendered, ...selection } = event.detail;
  if (rendered) takeOver(selection);
  else openFor(selection, { rows: badge(key(selection)) !== null, from });
  if (reasons) {
    const why = body.querySelector("[data-reasons]");
    why.textContent = `Suggested: ${reasons.join("; ")}.`;
    why.hidden = false;
  }
  if (by === "keyboard") page.querySelector("[data-word]").textContent = selection.exact;
  if (by === "enter") panel.focus({ preventScroll: true });
});

panel.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) { event.preventDefault(); close(); }
});

/* --- Settings --------------------------------------------------------------------------------------- */

/** What this browser keeps under `name`, after keeping `value` there if one is given; null where the
    browser keeps nothing for us: the screen then starts as if it were new. */
function setting(name, value) {
  try {
    if (value !== undefined) localStorage.setItem(name, value);
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function settings() {
  try {
    return Object.keys(localStorage);
  } catch {
    return [];
  }
}

/* --- Keys ------------------------------------------------------------------------------------------- */

const single = help.querySelector("[data-single-keys]");
single.checked = setting("annotate-single-keys") !== "off";
single.addEventListener("change", () => {
  setting("annotate-single-keys", single.checked ? "on" : "off");
});
// The module of the suggestions reads its own from the page, and tells of a change.
page.toggleAttribute("data-suggestions-off", setting("annotate-suggestions") === "off");
document.addEventListener("annotate:setting", (event) => setting(event.detail.name, event.detail.value));
page.querySelector("[data-help]").addEventListener("click", () => help.showModal());

/** The next of `all` after (before) the focus; where the focus is elsewhere, after what is in view. */
function step(all, by) {
  if (!all.length) return;
  const here = document.activeElement;
  const at = all.indexOf(here);
  let next = at + by;
  if (at < 0) {
    const inText = text.contains(here) && here !== text;
    const after = all.findIndex((element) => (inText
      ? here.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING
      : element.getBoundingClientRect().bottom > 80));
    next = by > 0 ? after : (after < 0 ? all.length : after) - 1;
  }
  const element = all[next];
  if (!element) { tell(by > 0 ? "That was the last one." : "That was the first one."); return; }
  element.focus();
  element.scrollIntoView({ block: "nearest" });
}

/** The words of the turns; of a text without turns, all there are. (Arrows lead into what stands outside.) */
function turns() {
  const spoken = [...text.querySelectorAll("[data-position] [data-words]")];
  return spoken.length ? spoken : [...text.querySelectorAll("[data-words]")];
}

const ACTIONS = { c: "claim", a: "appearance", r: "rebuttal", e: "evidence" };

function act(action) {
  const here = document.activeElement?.dataset?.badge;
  if (here) openMark(here, { focus: false });
  else if (text.contains(document.activeElement) && document.getSelection().isCollapsed) send("annotate:take");
  if (!open) { tell("Select some words first."); return; }
  if (!choose(action)) tell("Your role does not include that.", { bad: true });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || help.open) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("#annotate-panel form[data-make], #annotate-panel form[data-quote]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (event.key === "Escape" && open) { event.preventDefault(); close(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
  if (!single.checked) return;
  const pressed = event.key.toLowerCase();
  if (event.key === "?") help.showModal();
  else if (pressed === "j") step(turns(), 1);
  else if (pressed === "k") step(turns(), -1);
  else if (pressed === "n") step(badges(), 1);
  else if (pressed === "p") step(badges(), -1);
  else if (pressed === "s") step([...text.querySelectorAll("[data-suggestion]")], event.shiftKey ? -1 : 1);
  else if (pressed === "q") { close({ focus: false }); body.querySelector("textarea").focus(); }
  else if (pressed in ACTIONS) act(ACTIONS[pressed]);
  else return;
  event.preventDefault();
});

// The cursor of words is drawn, not a caret that a screen reader follows.
document.addEventListener("annotate:word", (event) => {
  page.querySelector("[data-word]").textContent = event.detail;
});

document.addEventListener("annotate:lost", (event) => tell(event.detail, { bad: true, signIn: true }));

/* --- At the start ----------------------------------------------------------------------------------- */

/* What was typed into a form and never saved (drafts.js keeps it): the way back to it. */
function remind() {
  const mark = `desk-draft:${document.querySelector("[data-drafts-user]")?.dataset.draftsUser}:`
    + `annotate-${page.dataset.snapshot}-`;
  const list = body.querySelector("[data-unsaved]");
  for (const name of list ? settings() : []) {
    const [start, end, action] = name.startsWith(mark) ? name.slice(mark.length).split("-") : [];
    if (!templates.panel.content.querySelector(`[data-form="${action}"]`)) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "annotate-link";
    button.dataset.unsaved = action;
    const heading = templates.panel.content.querySelector(`[data-form="${action}"] h3`).textContent;
    const turn = turnAt(Number(start), Number(end));
    button.textContent = turn ? `${heading}, turn ${turn.dataset.position}` : heading;
    button.addEventListener("click", () => {
      send("annotate:find", { start: Number(start), end: Number(end) });
      choose(action);
    });
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
    list.parentElement.hidden = false;
  }
}

for (const element of page.querySelectorAll("[data-scripted]")) element.hidden = false;
remind();
const rendered = body.querySelector("[data-panel]");
if (rendered) {
  const [start, end] = [Number(rendered.dataset.start), Number(rendered.dataset.end)];
  send("annotate:find", { start, end, rendered: true });
}
const anchor = location.hash.match(/^#p(\d+-\d+)$/);
if (anchor && badge(anchor[1])) openMark(anchor[1]);
page.dataset.ready = "";
