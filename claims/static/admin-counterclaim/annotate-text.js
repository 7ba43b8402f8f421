/* The text of the annotate screen: selections by mouse, touch and keyboard, as code points of the stored text.

   Every element with data-start carries stored text, beginning at that code point; whatever else the page
   shows has no text inside of them. So an offset is the element's own, and the code points between its
   beginning and the place in it.

   Talks to the panel by events on the document: sends annotate:selected {start, end, exact, by, cursor},
   hears annotate:show {start, end, scroll}, annotate:cursor {start, end} and annotate:changed. */

const root = document.querySelector("[data-text]");
// As WHITE_SPACE in claims/annotate/selection.py.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const LEADING = new RegExp(`^[${SPACE}]+`);
const TRAILING = new RegExp(`[${SPACE}]+$`);

/** The elements that carry text, in order; anew after a block was replaced. */
let carriers = [];
let words = new WeakMap();

function collect() {
  carriers = [...root.querySelectorAll("[data-start]")];
  words = new WeakMap();
}

/** How many code points `text` (UTF-16) has. */
export function codePoints(text) {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) { count -= 1; i += 1; }
    }
  }
  return count;
}

/** Where in `text` (UTF-16) its code point number `count` begins. */
function unitOf(text, count) {
  let unit = 0;
  for (let left = count; left > 0 && unit < text.length; left -= 1) {
    unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
  }
  return unit;
}

/** The first carrier that ends after (or, `from` the end, begins before) a point of the document. */
function carrierAt(node, offset, forward) {
  const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
  const within = element.closest("[data-start]");
  if (within) return within;
  const point = document.createRange();
  point.setStart(node, offset);
  // By halves: comparePoint says whether a carrier lies before or after the point.
  let low = 0;
  let high = carriers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const inside = document.createRange();
    inside.selectNodeContents(carriers[middle]);
    if (point.compareBoundaryPoints(Range.START_TO_START, inside) > 0) low = middle + 1;
    else high = middle;
  }
  return carriers[forward ? low : low - 1] ?? null;
}

/** The text of `carrier` from its beginning to a point in it; all or none of it for a point outside. */
function textBefore(carrier, node, offset) {
  const range = document.createRange();
  range.selectNodeContents(carrier);
  if (!carrier.contains(node)) {
    const point = document.createRange();
    point.setStart(node, offset);
    return point.compareBoundaryPoints(Range.START_TO_START, range) <= 0 ? "" : carrier.textContent;
  }
  range.setEnd(node, offset);
  return range.toString();
}

/** The stored text that `range` covers: {start, end, exact} in code points without white space at the ends,
    or null where it covers none. */
function measure(range) {
  const first = carrierAt(range.startContainer, range.startOffset, true);
  const last = carrierAt(range.endContainer, range.endOffset, false);
  if (!first || !last) return null;
  const from = carriers.indexOf(first);
  const to = carriers.indexOf(last);
  if (from < 0 || to < from) return null;
  const before = textBefore(first, range.startContainer, range.startOffset);
  const upTo = textBefore(last, range.endContainer, range.endOffset);
  let exact;
  if (from === to) {
    exact = first.textContent.slice(before.length, upTo.length);
  } else {
    const between = carriers.slice(from + 1, to).map((carrier) => carrier.textContent);
    exact = first.textContent.slice(before.length) + between.join("") + upTo;
  }
  const leading = (exact.match(LEADING) ?? [""])[0].length;
  const trimmed = exact.slice(leading).replace(TRAILING, "");
  if (!trimmed) return null;
  const start = Number(first.dataset.start) + codePoints(before) + codePoints(exact.slice(0, leading));
  return { start, end: start + codePoints(trimmed), exact: trimmed };
}

/** The last carrier that begins at or before the code point `at`. */
function carrierOf(at) {
  let low = 0;
  let high = carriers.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (Number(carriers[middle].dataset.start) <= at) low = middle; else high = middle - 1;
  }
  return carriers[low];
}

/** The text node and place in it of the UTF-16 unit `unit` of `carrier`; of two nodes that meet there the
    former where it `ends` something, else the latter. */
function placeIn(carrier, unit, ends) {
  const walker = document.createTreeWalker(carrier, NodeFilter.SHOW_TEXT);
  let left = unit;
  let node = walker.nextNode();
  let last = node;
  while (node) {
    if (left < node.data.length || (ends && left === node.data.length)) return [node, left];
    left -= node.data.length;
    last = node;
    node = walker.nextNode();
  }
  return last ? [last, last.data.length] : [carrier, 0];
}

/** The Range of the code points `start` to `end`. */
function rangeOf(start, end) {
  const first = carrierOf(start);
  const last = carrierOf(end - 1);
  const range = document.createRange();
  range.setStart(...placeIn(first, unitOf(first.textContent, start - Number(first.dataset.start)), false));
  range.setEnd(...placeIn(last, unitOf(last.textContent, end - Number(last.dataset.start)), true));
  return range;
}

/* What is shown as the passage of the panel, also while a field has the focus (and the browser's own
   selection is gone). */
function show(range) {
  if (!("highlights" in CSS)) return;
  if (range) CSS.highlights.set("annotate-passage", new Highlight(range));
  else CSS.highlights.delete("annotate-passage");
}

function tell(range, by, more = {}) {
  const found = measure(range);
  if (!found) return;
  show(rangeOf(found.start, found.end));
  const block = carrierOf(found.start).closest("[data-block]").id;
  document.dispatchEvent(new CustomEvent("annotate:selected", { detail: { ...found, by, block, ...more } }));
}

/* --- Mouse and touch ------------------------------------------------------------------------------ */

let pressed = false;
let waiting = 0;
let told = "";

function inText(selection) {
  return selection.rangeCount > 0 && !selection.isCollapsed
    && root.contains(selection.getRangeAt(0).commonAncestorContainer);
}

function look() {
  const selection = document.getSelection();
  if (!inText(selection)) { told = ""; return; }
  const range = selection.getRangeAt(0);
  const found = measure(range);
  const key = found ? `${found.start}-${found.end}` : "";
  if (!found || key === told) return;
  told = key;
  tell(range, "pointer");
}

root.addEventListener("pointerdown", () => { pressed = true; cursor = null; showCursor(); });
document.addEventListener("pointercancel", () => { pressed = false; });
document.addEventListener("pointerup", () => {
  if (!pressed) return;
  pressed = false;
  // The browser has not yet undone an old selection that was clicked away.
  setTimeout(look, 0);
});
document.addEventListener("selectionchange", () => {
  // Handles of a touch screen, a double click, caret browsing: when the selection rests.
  clearTimeout(waiting);
  if (!cursor) waiting = setTimeout(() => { if (!pressed && !cursor) look(); }, 350);
});

/* --- Keyboard: a cursor of words ------------------------------------------------------------------ */

/** {anchor, head}: each a word {carrier, from, to, sentence} (UTF-16 units of its carrier). */
let cursor = null;

// A full stop after these ends no sentence: initials (“U.S.”), titles before a name.
const ABBREVIATED = /(?<![\p{L}\p{N}])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Capt|Adm|Sen|Rep|Gov|Amb|Hon|St|No|vs)\.\s*$/u;

function sentencesOf(text, lang) {
  const found = [];
  for (const part of new Intl.Segmenter(lang, { granularity: "sentence" }).segment(text)) {
    const last = found.at(-1);
    if (last && ABBREVIATED.test(last.segment)) last.segment += part.segment;
    else found.push({ index: part.index, segment: part.segment });
  }
  return found;
}

/** The words of a carrier, each with the number of its sentence. */
function wordsOf(carrier) {
  if (words.has(carrier)) return words.get(carrier);
  const text = carrier.textContent;
  const lang = root.lang || undefined;
  let found = [];
  if (Intl.Segmenter) {
    const sentences = sentencesOf(text, lang);
    let sentence = 0;
    for (const part of new Intl.Segmenter(lang, { granularity: "word" }).segment(text)) {
      while (sentence + 1 < sentences.length && sentences[sentence + 1].index <= part.index) sentence += 1;
      if (part.isWordLike) {
        found.push({ carrier, from: part.index, to: part.index + part.segment.length, sentence });
      }
    }
  } else {
    found = [...text.matchAll(/\S+/g)].map((match) => (
      { carrier, from: match.index, to: match.index + match[0].length, sentence: 0 }));
  }
  words.set(carrier, found);
  return found;
}

function isSpoken(carrier) { return carrier.closest("[data-words]") !== null; }

/** The word before or after `word`, in the next carrier if need be. */
function neighbour(word, step) {
  const here = wordsOf(word.carrier);
  const index = here.findIndex((other) => other.from === word.from) + step;
  if (index >= 0 && index < here.length) return here[index];
  for (let at = carriers.indexOf(word.carrier) + step; at >= 0 && at < carriers.length; at += step) {
    if (!isSpoken(carriers[at])) continue;
    const there = wordsOf(carriers[at]);
    if (there.length) return step > 0 ? there[0] : there.at(-1);
  }
  return null;
}

/** The first word of the next (or this, or the last) sentence in the direction `step`. */
function sentenceFrom(word, step) {
  const same = (other) => other && other.carrier === word.carrier && other.sentence === word.sentence;
  if (step > 0) {
    let next = neighbour(word, 1);
    while (same(next)) next = neighbour(next, 1);
    return next;
  }
  let first = startOf(word);
  if (first.from === word.from && first.carrier === word.carrier) {
    const before = neighbour(word, -1);
    first = before ? startOf(before) : null;
  }
  return first;
}

function startOf(word) {
  return wordsOf(word.carrier).find((other) => other.sentence === word.sentence);
}

function endOf(word) {
  return wordsOf(word.carrier).findLast((other) => other.sentence === word.sentence);
}

function before(one, other) {
  const [a, b] = [carriers.indexOf(one.carrier), carriers.indexOf(other.carrier)];
  return a < b || (a === b && one.from < other.from);
}

/** The words selected; of a whole sentence also the marks that it begins and ends with. */
function cursorRange() {
  const [first, last] = before(cursor.head, cursor.anchor)
    ? [cursor.head, cursor.anchor] : [cursor.anchor, cursor.head];
  let start = first.from;
  let end = last.to;
  if (endOf(last).from === last.from && !before(startOf(last), first)) {
    const rest = last.carrier.textContent.slice(end).match(/^[^\s\p{L}\p{N}]+/u);
    if (rest) end += rest[0].length;
    const opening = first.carrier.textContent.slice(0, start).match(/["'\p{Ps}\p{Pi}]+$/u);
    if (opening && startOf(first).from === start) start -= opening[0].length;
  }
  const range = document.createRange();
  range.setStart(...placeIn(first.carrier, start, false));
  range.setEnd(...placeIn(last.carrier, end, true));
  return range;
}

function showCursor() {
  if (!("highlights" in CSS)) return;
  if (cursor) CSS.highlights.set("annotate-cursor", new Highlight(cursorRange()));
  else CSS.highlights.delete("annotate-cursor");
}

function bring(carrier, range) {
  const box = range.getBoundingClientRect();
  if (box.top < 60 || box.bottom > window.innerHeight - 60) {
    window.scrollBy({ top: box.top - window.innerHeight / 3, behavior: "instant" });
  }
}

function moveTo(head, extend) {
  if (!head) return;
  clearTimeout(waiting);
  cursor = { anchor: extend && cursor ? cursor.anchor : head, head };
  const group = head.carrier.closest("[data-words]");
  if (!extend && group && document.activeElement !== group) group.focus({ preventScroll: true });
  document.getSelection().removeAllRanges();
  const range = cursorRange();
  showCursor();
  bring(head.carrier, range);
  if (extend) tell(range, "keyboard");
  else document.dispatchEvent(new CustomEvent("annotate:word", { detail: range.toString() }));
}

/** Where the cursor stands in the turn that has the focus; at its first word, to begin with. */
function current(group) {
  if (cursor && group.contains(cursor.head.carrier)) return cursor.head;
  for (const carrier of group.querySelectorAll("[data-start]")) {
    const here = wordsOf(carrier);
    if (here.length) return here[0];
  }
  return null;
}

root.addEventListener("keydown", (event) => {
  const group = event.target.closest("[data-words]");
  if (!group || event.altKey || event.metaKey) return;
  const onMark = event.target !== group;
  const word = current(group);
  if (!word) return;
  const fresh = !cursor || !group.contains(cursor.head.carrier);
  const rightToLeft = getComputedStyle(word.carrier).direction === "rtl";
  const forward = rightToLeft ? "ArrowLeft" : "ArrowRight";
  const back = rightToLeft ? "ArrowRight" : "ArrowLeft";
  let head = null;
  if (event.key === forward || event.key === back) {
    const step = event.key === forward ? 1 : -1;
    if (event.ctrlKey && event.shiftKey) {
      const edge = step > 0 ? endOf(word) : startOf(word);
      head = edge.from === word.from && !fresh ? sentenceEdge(word, step) : edge;
    } else if (event.ctrlKey) {
      head = sentenceFrom(word, step);
    } else {
      head = fresh && !event.shiftKey && !onMark ? word : neighbour(word, step);
    }
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    if (event.shiftKey) head = step > 0 ? sentenceEdge(word, 1) : sentenceFrom(word, -1);
    else head = fresh ? word : sentenceFrom(word, step);
  } else if (event.key === "Home" || event.key === "End") {
    const here = wordsOf(word.carrier);
    head = event.key === "Home" ? here[0] : here.at(-1);
  } else if (event.key === "Enter" && !onMark && cursor) {
    event.preventDefault();
    tell(cursorRange(), "enter");
    return;
  } else {
    return;
  }
  event.preventDefault();
  if (event.shiftKey && fresh) cursor = { anchor: word, head: word };
  moveTo(head, event.shiftKey);
});

/** The far edge of this sentence, or of the next where the word stands on it already. */
function sentenceEdge(word, step) {
  const edge = step > 0 ? endOf(word) : startOf(word);
  if (edge.from !== word.from) return edge;
  const next = neighbour(word, step);
  if (!next) return word;
  return step > 0 ? endOf(next) : startOf(next);
}

/* One turn at a time can be tabbed to: the one that was last in use. */
let stop = null;
function makeStop(group) {
  if (stop?.isConnected) stop.tabIndex = -1;
  stop = group;
  if (stop) stop.tabIndex = 0;
}

root.addEventListener("focusin", (event) => {
  const group = event.target.closest("[data-words]");
  if (!group) return;
  makeStop(group);
  if (pressed) return; // a word marked as well would look like a second selection
  const carrier = event.target.closest("[data-start]");
  if (carrier && event.target !== group) {
    // From a mark on, the words go on with the one after it.
    const unit = textBefore(carrier, event.target, 0).length;
    const word = wordsOf(carrier).findLast((other) => other.from < unit);
    cursor = word ? { anchor: word, head: word } : null;
    showCursor();
    return;
  }
  if (event.target === group && (!cursor || !group.contains(cursor.head.carrier))) {
    const first = current(group);
    cursor = first ? { anchor: first, head: first } : null;
    showCursor();
  }
});

/* --- What the panel asks -------------------------------------------------------------------------- */

document.addEventListener("annotate:show", (event) => {
  const { start, end, scroll } = event.detail ?? {};
  if (start === undefined) { show(null); told = ""; return; }
  const range = rangeOf(start, end);
  show(range);
  if (scroll) bring(carrierOf(start), range);
});

/** Select a place by its code points: the panel knows no more of the words that were quoted. */
document.addEventListener("annotate:find", (event) => {
  const { start, end, ...more } = event.detail;
  cursor = null;
  showCursor();
  tell(rangeOf(start, end), more.rendered ? "address" : "enter", more);
});

/** Put elements without text behind places of the text, and underline these; in place of those before. */
document.addEventListener("annotate:place", (event) => {
  for (const old of root.querySelectorAll("[data-suggestion]")) {
    const parent = old.parentNode;
    old.remove();
    parent.normalize();
  }
  for (const { start, end, element } of event.detail) {
    const range = rangeOf(start, end);
    range.collapse(false);
    range.insertNode(element);
  }
  if (!("highlights" in CSS)) return;
  const ranges = event.detail.map(({ start, end }) => rangeOf(start, end));
  if (ranges.length) CSS.highlights.set("annotate-suggestions", new Highlight(...ranges));
  else CSS.highlights.delete("annotate-suggestions");
});

/** The words that the cursor holds, for an action key that was pressed before anything was selected. */
document.addEventListener("annotate:take", () => { if (cursor) tell(cursorRange(), "enter"); });

document.addEventListener("annotate:changed", () => {
  const kept = cursor && { head: pointOf(cursor.head), anchor: pointOf(cursor.anchor) };
  collect();
  if (kept) {
    cursor = { head: wordAt(kept.head), anchor: wordAt(kept.anchor) };
    if (!cursor.head || !cursor.anchor) cursor = null;
    showCursor();
  }
  if (!stop?.isConnected) makeStop(root.querySelector("[data-words]"));
});

function pointOf(word) {
  return Number(word.carrier.dataset.start) + codePoints(word.carrier.textContent.slice(0, word.from));
}

function wordAt(at) {
  const carrier = carrierOf(at);
  const unit = unitOf(carrier.textContent, at - Number(carrier.dataset.start));
  return wordsOf(carrier).find((word) => word.to > unit);
}

collect();
makeStop(root.querySelector("[data-words]"));
root.dataset.ready = "";
