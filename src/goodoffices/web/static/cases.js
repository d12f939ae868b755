// Fetch the one-line answer of each card when it is shown; without this file a link stands there.

const waiting = [];
let busy = false;

async function next() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const line = waiting.shift();
    try {
      const answer = await fetch(line.dataset.line, { credentials: "same-origin" });
      if (answer.ok) line.textContent = await answer.text();
    } catch {
      break; // the link stays
    }
  }
  busy = false;
}

const seen = new IntersectionObserver((found) => {
  for (const { isIntersecting, target } of found) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    waiting.push(target);
  }
  next();
});

for (const line of document.querySelectorAll("[data-line]")) seen.observe(line);
