// Forms of the page "Facts": the codebook gets shorter while one types, and nothing typed is lost.
//
// What is typed is kept in memory only, so that moving the day or losing the server for a moment does
// not undo it, and nothing of a case is written where a browser keeps things.

const typed = new Map(); // what a form is of -> its fields as they were typed
let leaving = null; // the form that was sent last

const forms = () => document.querySelectorAll("form[data-keep]");
const fold = (text) => text.toLocaleLowerCase();

function shorten(input) {
  const words = fold(input.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const kind of input.closest("details").querySelectorAll(".kind")) {
    const found = words.every((word) => fold(kind.textContent).includes(word));
    kind.hidden = !found && !kind.querySelector(":checked");
    if (!kind.hidden) shown += 1;
  }
  const count = input.closest("details").querySelector("[data-count]");
  count.textContent = words.length ? String(shown) : "";
}

function fields(form) {
  return [...new FormData(form)].filter(([, value]) => typeof value === "string");
}

function fill(form, kept) {
  for (const one of form.elements) {
    if (!one.name || one.type === "hidden" || one.type === "submit") continue;
    const values = kept.filter(([name]) => name === one.name).map(([, value]) => value);
    if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
    else if (values.length) [one.value] = values;
    if (one.checked && one.name === "kind") choose(one);
  }
}

function choose(radio) {
  const told = radio.closest("details").querySelector("[data-chosen]");
  const [name, works] = radio.closest("label").querySelectorAll("strong, strong + span");
  told.textContent = name.textContent;
  told.parentElement.querySelector("[data-works]")?.remove();
  const shown = works.cloneNode(true);
  shown.dataset.works = "";
  told.after(" ", shown);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-look]")) shorten(target);
  if (target.matches(".kind input")) choose(target);
  const form = target.closest("form[data-keep]");
  if (form) typed.set(form.dataset.keep, fields(form));
});

// Enter in the field that looks for a kind shortens the list, and does not send the form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-look]")) event.preventDefault();
});

document.addEventListener("submit", ({ target }) => {
  leaving = target.closest("form[data-keep]")?.dataset.keep ?? null;
}, true);

// The day was moved while somebody was typing: put back what was typed.  After a form was sent, the
// server has it, or has shown it again.
document.addEventListener("placed", () => {
  if (leaving !== null) typed.delete(leaving);
  leaving = null;
  for (const form of forms()) {
    const kept = typed.get(form.dataset.keep);
    if (kept) fill(form, kept);
  }
  for (const look of document.querySelectorAll("[data-look]")) if (look.value) shorten(look);
});

document.addEventListener("unreachable", () => {
  leaving = null;
});

addEventListener("beforeunload", (event) => {
  const unsaved = [...forms()].some((form) => typed.has(form.dataset.keep));
  if (unsaved && leaving === null) event.preventDefault();
});
