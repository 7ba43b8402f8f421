// Share, copy and print: the page says all it has to say without this. Buttons show only where they work.
// The desk's preview of a page has no address of its own yet.
const address = document.querySelector("link[rel=canonical]")?.href ?? location.href;
const able = {
  share: navigator.share && (() => navigator.share({ title: document.title, url: address }).catch(() => {})),
  copy: navigator.clipboard && (() => navigator.clipboard.writeText(address)),
  print: () => window.print(),
};
for (const button of document.querySelectorAll("button[data-do]")) {
  const act = able[button.dataset.do];
  if (!act) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await act();
    if (button.dataset.done) button.textContent = button.dataset.done;
  });
}
