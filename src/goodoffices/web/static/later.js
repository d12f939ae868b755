// Fetch what takes longer than the rest of a page; without this file a link stands there.

async function fill(place) {
  const address = place.dataset.later;
  place.removeAttribute("data-later");
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...found.body.childNodes);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

const all = () => document.querySelectorAll("[data-later]").forEach(fill);
document.addEventListener("placed", all);
all();
