// Follow links and send forms marked data-swap without leaving the page: fetch, replace, remember.
// Everything works without this file as well; it only makes it quicker and keeps the focus.

const PARTS = ["head", "page", "foot"];
let latest = 0;

export function place(text, parts = PARTS) {
  const found = new DOMParser().parseFromString(text, "text/html");
  const held = document.activeElement && document.activeElement.id;
  performance.mark("answered");
  for (const id of parts) {
    const [now, next] = [document.getElementById(id), found.getElementById(id)];
    if (now && next) now.replaceChildren(...next.childNodes);
  }
  document.title = found.title;
  document.documentElement.lang = found.documentElement.lang;
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
  for (const script of found.querySelectorAll("script[type=module][src]")) import(script.src);
  document.dispatchEvent(new CustomEvent("placed"));
  requestAnimationFrame(() => setTimeout(() => performance.measure("painted", "answered"), 0));
}

export function say(words) {
  document.getElementById("spoken").textContent = words;
}

export async function go(address, { method = "GET", body, keep = false, parts = PARTS, record = true, signal } = {}) {
  const turn = ++latest;
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { method, body, headers: { "X-Swap": "1" }, credentials: "same-origin", signal });
    const text = await answer.text();
    if (turn !== latest) return;
    place(text, parts);
    // A form that is shown again stays at its own address, which can be loaded anew.
    if (record && (method === "GET" || answer.redirected)) history[keep ? "replaceState" : "pushState"]({}, "", answer.url);
    const note = document.querySelector("#page [data-say]");
    if (note) say(note.textContent.trim());
  } catch (error) {
    if (error.name === "AbortError") return;
    say(String(error));
    if (method === "GET") location.assign(address);
    else document.dispatchEvent(new CustomEvent("unreachable", { detail: { address } }));
  } finally {
    if (turn === latest) document.body.removeAttribute("aria-busy");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href).then(() => {
    if (!link.hasAttribute("data-stay")) scrollTo(0, 0);
    document.getElementById("page").focus({ preventScroll: true });
  });
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  if (form.method === "get") {
    const address = new URL(form.action);
    for (const [name, value] of data) address.searchParams.set(name, value);
    go(address);
    return;
  }
  const files = form.enctype === "multipart/form-data";
  go(event.submitter?.getAttribute("formaction") || form.action, { method: "POST", body: files ? data : new URLSearchParams(data) })
    .then(() => document.querySelector("#page [data-say]")?.scrollIntoView({ block: "center" }));
});

addEventListener("popstate", () => go(location.href, { record: false }));
