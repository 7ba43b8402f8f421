// On the page of a new claim: asks, as its text is typed, which claims are near it. What comes back is
// a piece of a page, written by the server. Without this module the first save asks the same.

const WAIT = 300; // milliseconds without a key, so that not every letter asks

const panel = document.querySelector("[data-similar]");
const field = document.getElementById("id_text");

if (panel && field) {
  const list = panel.querySelector("[data-similar-list]");
  const status = panel.querySelector("[data-similar-status]");
  let timer;
  let asking;
  let asked = field.value.trim();

  const show = (html) => {
    list.innerHTML = html;
    // Read out is the summary alone: who wants the list walks to it.
    const summary = list.querySelector("[data-similar-summary]");
    status.textContent = summary ? summary.textContent : "";
  };

  const ask = async () => {
    const text = field.value.trim();
    if (text === asked) return;
    asked = text;
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(`${panel.dataset.similar}?${new URLSearchParams({ text })}`, {
        signal: asking.signal,
        redirect: "error", // to the sign-in page, once the session has ended
      });
      if (!response.ok) throw new Error(response.statusText);
      show(await response.text());
    } catch (error) {
      if (error.name === "AbortError") return;
      asked = null; // the next key asks again
      list.textContent = "";
      status.textContent = "Similar claims could not be looked up.";
    }
  };

  // Where the eye is: under the text. (Above it stands what a page without this module shows.)
  field.closest(".form-row")?.after(panel);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}
