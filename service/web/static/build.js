// The page of a run: asks every two seconds how it goes, and shows the picture of one width at a time.
// Without this script the page is whole: it lists all pictures, and is read again by reloading it.

const EVERY_MS = 2000;
const SLOWEST_MS = 30_000;
const AWAY = "The service cannot be reached at the moment. This page goes on trying; the run goes on without it.";
const GONE = "You are signed out, or this run is no longer kept. Reload the page to see which.";

const run = document.querySelector("#run");
const status = document.querySelector("#status");
const away = document.querySelector("#away");
let etag = run.dataset.etag;
let wait = EVERY_MS;
let width = "";
let timer;

const isEnded = () => Boolean(run.querySelector("[data-ended]"));

function later() {
  clearTimeout(timer);
  if (!isEnded() && !document.hidden) timer = setTimeout(look, wait);
}

function tell(text) {
  away.textContent = text;
  away.hidden = !text;
}

async function look() {
  let answer;
  try {
    answer = await fetch(run.dataset.part, { headers: { "If-None-Match": etag }, cache: "no-store" });
  } catch {
    answer = null;
  }
  if (answer && [401, 403, 404].includes(answer.status)) return tell(GONE);
  if (answer?.ok) {
    etag = answer.headers.get("ETag") ?? "";
    show(await answer.text());
  }
  const isThere = Boolean(answer) && (answer.ok || answer.status === 304);
  tell(isThere ? "" : AWAY);
  wait = isThere ? EVERY_MS : Math.min(2 * wait, SLOWEST_MS);
  later();
}

/** Show a newer part, with what was open, chosen and focused kept as it was. */
function show(html) {
  const open = [...run.querySelectorAll("details[open][id]")].map((each) => each.id);
  const focused = run.contains(document.activeElement) ? document.activeElement.id : "";
  const said = run.querySelector("[data-said]").dataset.said;
  run.innerHTML = html;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus();
  const now = run.querySelector("[data-said]").dataset.said;
  if (now !== said) status.textContent = now;
  chooseWidth();
}

/** One picture beside the design; at first that of the design's own width. */
function chooseWidth() {
  const chooser = run.querySelector(".widths");
  if (!chooser) return;
  const choices = [...chooser.querySelectorAll("input")];
  const wanted = choices.find((each) => each.value === width) ?? own(chooser, choices) ?? nearest(choices);
  wanted.checked = true;
  chooser.hidden = false;
  for (const figure of run.querySelectorAll("figure[data-width]")) figure.hidden = figure.dataset.width !== wanted.value;
}

/** The width in which it was designed. Where that is a usual one, the design's picture tells: it has two pixels for one. */
function own(chooser, choices) {
  const design = run.querySelector("#design");
  if (design && !design.complete) design.addEventListener("load", chooseWidth, { once: true });
  const wanted = Number(chooser.dataset.own) || (design?.naturalWidth ?? 0) / 2;
  return choices.find((each) => Number(each.value) === wanted);
}

/** Else that which is nearest to the window's. */
function nearest(choices) {
  const distance = (each) => Math.abs(Number(each.value) - window.innerWidth);
  return choices.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

run.addEventListener("change", (event) => {
  if (event.target.name !== "width") return;
  width = event.target.value;
  chooseWidth();
});

document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  if (!document.hidden && !isEnded()) look();
});

chooseWidth();
later();
