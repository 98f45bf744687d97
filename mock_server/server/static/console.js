"use strict";
// What plain HTML cannot do: copy to the clipboard, send a form when a choice changes, watch requests arrive.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

let stream = null;
let waiting = null;
function refresh() {
  waiting = null;
  const live = document.querySelector("[data-live]");
  if (live) htmx.ajax("GET", live.dataset.live, { target: "#live", select: "#live", swap: "outerHTML", selectOOB: "#mistake" });
}
function refreshSoon() { waiting = waiting || setTimeout(refresh, 250); }
function watch() {
  const live = document.querySelector("[data-live]");
  if (!live && stream) { stream.close(); stream = null; }
  if (live && !stream) {
    stream = new EventSource("/__admin/events");
    // Where edited files were taken up the stream has ended: the browser opens it again, and shows what plays now.
    for (const name of ["request", "notice", "open"]) stream.addEventListener(name, refreshSoon);
  }
}
document.addEventListener("DOMContentLoaded", watch);
document.addEventListener("htmx:afterSettle", watch);
addEventListener("pagehide", () => { if (stream) stream.close(); });
