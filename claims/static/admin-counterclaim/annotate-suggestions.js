/* Sentences that are worth a look: underlined with dots, each with a button that tells why. Suggestions, never
   decisions: they are asked for after the page is shown, stored nowhere, and make way for marks. */

const page = document.querySelector("[data-annotate]");
const text = page.querySelector("[data-text]");
const toggle = page.querySelector("[data-suggestions-toggle]");

/** [{start, end, reasons}] as the server found them. */
let found = [];

function shown() { return !page.hasAttribute("data-suggestions-off"); }

function button({ start, end, reasons }) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "annotate-badge annotate-suggestion k-note";
  element.dataset.suggestion = `${start}-${end}`;
  element.dataset.letters = "?";
  const why = reasons.join("; ");
  element.setAttribute("aria-label", `?: suggestion, ${why}`);
  element.title = `Suggested: ${why}`;
  return element;
}

/** Those that no passage lies in yet: what is marked needs no suggestion. */
function open() {
  const marked = [...text.querySelectorAll("[data-badge]")]
    .map((badge) => badge.dataset.badge.split("-").map(Number));
  return found.filter(({ start, end }) => !marked.some((mark) => mark[0] < end && mark[1] > start));
}

function place() {
  const items = shown() ? open().map((one) => ({ ...one, element: button(one) })) : [];
  document.dispatchEvent(new CustomEvent("annotate:place", { detail: items }));
  toggle.setAttribute("aria-pressed", String(shown()));
  toggle.querySelector("[data-suggestions-count]").textContent = shown() ? items.length : open().length;
}

async function load() {
  let response;
  try {
    response = await fetch(page.dataset.suggestions, {
      headers: { "X-Requested-With": "fetch" }, redirect: "manual",
    });
  } catch { return; }
  if (!response.ok) return;
  found = (await response.json()).suggestions;
  place();
  toggle.hidden = false;
  page.dataset.suggested = "";
}

toggle.addEventListener("click", () => {
  page.toggleAttribute("data-suggestions-off", shown());
  document.dispatchEvent(new CustomEvent("annotate:setting",
    { detail: { name: "annotate-suggestions", value: shown() ? "on" : "off" } }));
  place();
});

document.addEventListener("annotate:changed", () => { if (found.length) place(); });

text.addEventListener("click", (event) => {
  const element = event.target.closest("[data-suggestion]");
  if (!element) return;
  const one = found.find(({ start, end }) => `${start}-${end}` === element.dataset.suggestion);
  document.dispatchEvent(new CustomEvent("annotate:find", { detail: { ...one, from: element } }));
});

load();
