// Fetch what takes longer, once the page stands: the smallest changes of each text.

import { say } from "/static/swap.js";

const CALM = 250; // milliseconds without another change of the page, so that nobody waits for what is gone
let asked = null;
let calm = 0;

async function fetchLater() {
  const waiting = [...document.querySelectorAll("#page [data-later]")];
  if (!waiting.length) return;
  asked = new AbortController();
  const [{ dataset: { later: address } }] = waiting;
  for (const one of waiting) one.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: asked.signal, credentials: "same-origin" });
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const one of waiting) {
      const piece = found.querySelector(`[data-for="${CSS.escape(one.id)}"]`);
      if (piece) one.replaceChildren(...piece.childNodes);
      delete one.dataset.later;
    }
  } catch (error) {
    if (error.name !== "AbortError") say(String(error));
  } finally {
    for (const one of waiting) one.removeAttribute("aria-busy");
  }
}

function later() {
  clearTimeout(calm);
  asked?.abort();
  calm = setTimeout(fetchLater, CALM);
}

document.addEventListener("placed", later);
document.addEventListener("input", (event) => {
  if (event.target.id === "scrub") later();
});
later();
