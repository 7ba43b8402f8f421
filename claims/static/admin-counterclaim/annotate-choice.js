/* Search as you type: a combobox over a list that the server gives (WAI-ARIA, "list autocomplete with manual
   selection"). Without this script the same input takes words that only one row has.

   Sends annotate:chosen (bubbling, from the input) when a row was chosen or its words were changed. */

const page = document.querySelector("[data-annotate]");
const PAUSE = 120; // milliseconds after the last key, before the server is asked

let asked = 0;
let timer = 0;

function partsOf(input) {
  const box = input.closest("[data-choice]");
  return { box, slug: box.querySelector("input[type=hidden]"), list: box.querySelector("[role=listbox]") };
}

function isChoice(target) {
  return target instanceof HTMLInputElement && target.type === "text" && target.closest("[data-choice]");
}

function equip(input) {
  if (input.getAttribute("role") === "combobox") return;
  const { list } = partsOf(input);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
}

function close(input) {
  const { list } = partsOf(input);
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

async function search(input) {
  const { box, list } = partsOf(input);
  const words = input.value.trim();
  asked += 1;
  const mine = asked;
  if (!words) { close(input); return; }
  const kind = box.dataset.choice;
  const address = page.dataset[kind === "claim" ? "choicesClaim" : "choicesSpeaker"];
  let answer;
  try {
    const response = await fetch(`${address}?q=${encodeURIComponent(words)}`, {
      headers: { "X-Requested-With": "fetch" }, redirect: "manual",
    });
    if (!response.ok) throw new Error(String(response.status));
    answer = await response.text();
  } catch {
    if (mine !== asked) return;
    close(input);
    document.dispatchEvent(new CustomEvent("annotate:lost", { detail: "The search got no answer." }));
    return;
  }
  // An answer to what was typed before, or to a field that has been left, is not shown.
  if (mine !== asked || document.activeElement !== input) return;
  list.innerHTML = answer;
  options(list).forEach((option, index) => { option.id = `${list.id}-${index}`; });
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  input.removeAttribute("aria-activedescendant");
}

function options(list) {
  return [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
}

function point(input, option) {
  const { list } = partsOf(input);
  for (const other of options(list)) other.setAttribute("aria-selected", String(other === option));
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(input, option) {
  input.value = option.dataset.words;
  partsOf(input).slug.value = option.dataset.slug;
  close(input);
  input.dispatchEvent(new CustomEvent("annotate:chosen", { bubbles: true }));
  // Whoever keeps drafts listens to input; the words were just now set by us.
  input.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
}

document.addEventListener("focusin", (event) => { if (isChoice(event.target)) equip(event.target); });

document.addEventListener("focusout", (event) => { if (isChoice(event.target)) close(event.target); });

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!isChoice(input) || event.inputType === "insertReplacementText") return;
  equip(input);
  partsOf(input).slug.value = "";
  input.dispatchEvent(new CustomEvent("annotate:chosen", { bubbles: true }));
  clearTimeout(timer);
  if (document.activeElement === input) timer = setTimeout(search, PAUSE, input);
});

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!isChoice(input)) return;
  const { list } = partsOf(input);
  if (list.hidden) {
    if (event.key === "ArrowDown" && input.value.trim()) { event.preventDefault(); search(input); }
    return;
  }
  const all = options(list);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!all.length) return;
    const step = event.key === "ArrowDown" ? 1 : -1;
    point(input, all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length]);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault(); // not yet the form: first the row
    if (at >= 0) choose(input, all[at]);
    else if (all.length === 1) choose(input, all[0]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    close(input);
  }
});

// Before the input loses the focus, and with it the list.
document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("[data-choice] [role=option]:not([aria-disabled])");
  if (!option) return;
  event.preventDefault();
  choose(option.closest("[data-choice]").querySelector("input[type=text]"), option);
});
