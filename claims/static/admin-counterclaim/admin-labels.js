// Names what the admin's own scripts leave without a name.
//
// Its search-as-you-type fields get the name, the help and the state of the field that they stand for:
// Select2, which makes them, hides that field, and what is tied to it (label, help text, error) would never
// be read out. The question marks of its lists of many get the role that their name needs.

const fields = "select.admin-autocomplete";

/** The id of the label that is tied to a field; nothing where a field has only a name of its own. */
const labelId = (field) => {
  const label = field.labels?.[0];
  if (label && !label.id) label.id = `${field.id}_label`;
  return label?.id;
};

// An attribute is written only where it changes, so that writing does not call the observer for ever.
const say = (part, attribute, value) => {
  if (!part || part.getAttribute(attribute) === value) return;
  if (value) part.setAttribute(attribute, value);
  else part.removeAttribute(attribute);
};

const named = (part, field) => {
  const id = labelId(field);
  say(part, "aria-labelledby", id);
  if (!id) say(part, "aria-label", field.getAttribute("aria-label"));
};

const dress = (field) => {
  const container = field.nextElementSibling;
  if (!container?.matches(".select2-container")) return;
  // What has the focus: the box where one is chosen, the line to type in where several are.
  const box = container.querySelector(".select2-selection");
  const line = container.querySelector(".select2-search__field");
  named(box, field);
  named(line, field);
  say(box, "aria-haspopup", "listbox");
  for (const attribute of ["aria-describedby", "aria-invalid"]) {
    say(line ?? box, attribute, field.getAttribute(attribute));
  }
  if (!line) {
    // What is chosen is the value of the box, not a text field inside it.
    const chosen = container.querySelector(".select2-selection__rendered");
    say(chosen, "role", null);
    say(chosen, "aria-readonly", null);
    say(box, "aria-required", field.required ? "true" : null);
  }
  // For the mouse; the keyboard has Delete and Backspace. In a list of several it is no item, either.
  for (const cross of container.querySelectorAll(
    ".select2-selection__clear, .select2-selection__choice__remove",
  )) {
    say(cross, "aria-hidden", "true");
  }
  // Open, it hangs elsewhere in the page.
  const results = document.getElementById(`select2-${field.id}-results`);
  say(box, "aria-controls", results?.id ?? null);
  if (results) {
    named(results, field);
    named(results.closest(".select2-dropdown").querySelector(".select2-search__field"), field);
  }
};

const dressAll = () => {
  for (const field of document.querySelectorAll(fields)) dress(field);
  for (const mark of document.querySelectorAll("span.help-tooltip[aria-label]")) say(mark, "role", "img");
};

if (document.querySelector(`${fields}, select.selectfilter`)) {
  // What opens belongs to the content of the page; Select2 would put it behind the page's end. It reads
  // this when it starts, which is later; rows that are added have it from the empty one.
  for (const field of document.querySelectorAll(fields)) field.dataset.dropdownParent = "#content";
  dressAll();
  // They make and make again their parts: at the start, in a new row, after each choice.
  new MutationObserver(dressAll).observe(document.body, { childList: true, subtree: true });
}
