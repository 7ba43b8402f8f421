// The verdict editor: a live preview of the rationale, and citations put where the cursor stands.
// Without it the page has a button for the preview, and shows the Markdown of each citation to copy.

const WAIT = 400; // milliseconds without a key press before the preview is asked for

const rationale = document.querySelector("#id_rationale");
const preview = document.querySelector("#preview[data-preview]");

if (rationale && preview) {
  const section = preview.closest("section");
  const told = section.querySelector("[role=status]");
  const token = rationale.form.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  let asked = null; // the request that is under way

  const markCited = (cited) => {
    for (const mark of document.querySelectorAll("[data-cited]")) {
      const is = cited.includes(Number(mark.dataset.cited));
      mark.textContent = is ? "✓ cited in the rationale" : "✗ not cited";
    }
  };

  const show = async () => {
    asked?.abort();
    asked = new AbortController();
    // A new verdict's claim is chosen in the form itself.
    const chosen = preview.dataset.claim || rationale.form.elements.claim?.value || "";
    try {
      const answer = await fetch(preview.dataset.preview, {
        method: "POST",
        headers: { "X-CSRFToken": token },
        body: new URLSearchParams({ rationale: rationale.value, claim: chosen }),
        signal: asked.signal,
      });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const { html, cited } = await answer.json();
      preview.innerHTML = html; // sanitised by the server, and the policy runs no script in it
      markCited(cited);
      told.textContent = "";
    } catch (error) {
      if (error.name === "AbortError") return;
      told.textContent =
        "The preview could not be made just now. What you wrote stands; it is shown with the next change.";
    }
  };

  rationale.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
  // Text that came back into the form by itself: a draft that the browser kept.
  rationale.addEventListener("change", show);

  // Where one writes, not below the rest of the form.
  rationale.closest(".form-row")?.append(section);
}

if (rationale) {
  const told = document.querySelector(".verdict-told");

  const insert = (markdown) => {
    const before = rationale.value[rationale.selectionStart - 1];
    const words = (before && !/[\s(\[]/.test(before) ? " " : "") + markdown;
    rationale.focus();
    // The command keeps “undo”; where a browser has it no more, the text is put in all the same.
    if (!document.execCommand("insertText", false, words)) {
      rationale.setRangeText(words, rationale.selectionStart, rationale.selectionEnd, "end");
      rationale.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  for (const button of document.querySelectorAll("button[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      insert(button.dataset.insert);
      if (told) told.textContent = `Inserted: ${button.dataset.insert}`;
    });
  }
}
