// Watch a run while it is under way, and show what it came to when it is over.

import { go, say } from "/static/swap.js";

let source = null;
let spoken = "";

function show(told) {
  const line = document.querySelector("#run [data-says]");
  if (line) line.textContent = told.says;
  if (told.state !== spoken) say(told.says); // each plan would be too much to listen to
  spoken = told.state;
}

function watch() {
  const run = document.querySelector("#run[data-events]");
  const address = run && new URL(run.dataset.events, location.href).href;
  if (source && source.url === address) return;
  source?.close();
  source = null;
  if (!run) return;
  const mine = (source = new EventSource(address));
  mine.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data);
    show(told);
    if (!told.over) return;
    mine.close();
    go(location.href, { record: false });
  });
  mine.addEventListener("error", () => {
    if (mine.readyState === EventSource.CLOSED && source === mine) go(location.href, { record: false });
  });
}

// Tick or clear all moves at once.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#question [data-tick]");
  if (!button) return;
  for (const box of document.querySelectorAll("#question input[name=move]")) box.checked = button.dataset.tick === "1";
});

function ready() {
  for (const hidden of document.querySelectorAll("#question [data-tick]")) hidden.hidden = false;
  watch();
}

document.addEventListener("placed", ready);
ready();
