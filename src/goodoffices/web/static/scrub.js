// Drag the day: while dragging a preview of 200 draws, on release the whole reading.
//
// One request is under way at most, and the latest day wins.  What stands around the page is left
// alone while somebody drags, so that the slider is never taken out of a hand.

import { go, say } from "/static/swap.js";

const PREVIEW = 200;
const REST = 350; // milliseconds without a key after which the whole reading is asked for
const AROUND = ["head", "page", "near", "as", "branch"];
const DURING = ["page", "near"];

let wanted = null; // the next day to show, and whether in full
let under = null; // the request under way: its abort controller, and whether it is a full one
let pointer = false;
let rest = 0;

const scrub = () => document.getElementById("scrub");

function address(day, full) {
  const found = new URL(location.href);
  found.searchParams.set("at", day);
  for (const name of ["moved", "options", "draws"]) found.searchParams.delete(name);
  if (!full) found.searchParams.set("draws", PREVIEW);
  return found;
}

function dayOf(place) {
  const day = new Date(`${scrub().dataset.start}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + Number(place));
  return day.toISOString().slice(0, 10);
}

function placeOf(day) {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${scrub().dataset.start}T00:00:00Z`)) / 864e5);
}

function long(day) {
  const { lang } = document.documentElement;
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

// Move line, slider and date to a day, without asking for anything.
function stand(day) {
  const slider = scrub();
  slider.value = placeOf(day);
  slider.setAttribute("aria-valuetext", long(day));
  document.getElementById("at").value = day;
  const across = `${(Number(slider.value) / Math.max(1, Number(slider.max))) * 100}%`;
  for (const end of ["x1", "x2"]) document.getElementById("now").setAttribute(end, across);
}

async function pump() {
  if (under) {
    if (under.full) under.stop.abort(); // a whole reading that nobody waits for any more
    return;
  }
  while (wanted) {
    const { day, full } = wanted;
    wanted = null;
    under = { stop: new AbortController(), full };
    const { signal } = under.stop;
    await go(address(day, full), { parts: full ? AROUND : DURING, record: full, signal });
    under = null;
    if (full && !wanted) say(long(day));
  }
}

function show(day, full) {
  wanted = { day, full };
  pump();
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "scrub") return;
  clearTimeout(rest);
  const day = dayOf(event.target.value);
  stand(day);
  show(day, false);
});

document.addEventListener("pointerdown", (event) => {
  pointer = event.target.id === "scrub";
});

document.addEventListener("change", (event) => {
  const { id, value } = event.target;
  if (id === "scrub") {
    clearTimeout(rest);
    const day = dayOf(value);
    if (pointer) show(day, true);
    else rest = setTimeout(() => show(day, true), REST);
  } else if (id === "at" && value && event.target.validity.valid) {
    stand(value);
    show(value, true);
  } else if (id === "as" || id === "branch") {
    const found = new URL(location.href);
    for (const name of ["moved", "options", "draws"]) found.searchParams.delete(name);
    if (value) found.searchParams.set(id, value);
    else found.searchParams.delete(id);
    go(found);
  }
});

document.addEventListener("keydown", () => {
  pointer = false;
});

// A click on a mark of the timeline goes to its day.
document.addEventListener("click", (event) => {
  const mark = event.target.closest?.(".time [data-day]");
  if (!mark) return;
  stand(mark.dataset.day);
  show(mark.dataset.day, true);
});
