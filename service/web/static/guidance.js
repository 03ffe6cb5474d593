// A person's guidance: saving it, and trying it on their latest questions before.

import { Refusal, call, during, showError } from "./calls.js";

const guidance = document.querySelector("#guidance");
const conflict = document.querySelector("#conflict");

function readGuidance() {
  const data = new FormData(guidance);
  const fields = Object.fromEntries(data);
  const areas = fields.focus_areas.split(",").map((area) => area.trim()).filter(Boolean);
  return { ...fields, focus_areas: areas, shared_with_guests: data.getAll("shared_with_guests") };
}

function showGuidance(context) {
  const { shared_with_guests: shared, ...fields } = context;
  for (const box of guidance.elements.shared_with_guests) box.checked = shared.includes(box.value);
  for (const [name, value] of Object.entries(fields)) {
    const field = guidance.elements[name];
    if (field) field.value = Array.isArray(value) ? value.join(", ") : value;
  }
  showVersion(context, "shown now");
}

function showVersion(context, words) {
  guidance.dataset.version = context.version;
  document.querySelector("#guidance-state").textContent = `Version ${context.version}, ${words}`;
  conflict.hidden = true;
}

let newer;

function save(button) {
  const error = document.querySelector("#guidance-error");
  showError(error, null, "");
  return during(button, async () => {
    const options = { body: readGuidance(), version: guidance.dataset.version };
    showVersion(await call("PUT", "/api/user/context", options), "saved just now");
  }, (refusal) => {
    if (refusal.status !== 412) return showError(error, null, refusal.message);
    newer = refusal.body.current;
    conflict.querySelector("p").textContent = refusal.message;
    conflict.hidden = false;
  });
}

guidance.addEventListener("submit", (event) => {
  event.preventDefault();
  save(event.submitter ?? guidance.querySelector("button:not([type])"));
});

conflict.addEventListener("click", (event) => {
  const action = event.target.dataset.action;
  if (action === "take-theirs") showGuidance(newer);
  if (action === "keep-mine") {
    guidance.dataset.version = newer.version;
    save(event.target);
  }
});

// What would it have said?

const REHEARSALS = "/api/user/rehearsals";
const rehearsal = document.querySelector("#rehearsal");
const rehearsalError = document.querySelector("#rehearsal-error");
const rehearsalState = document.querySelector("#rehearsal-state");
const rehearsed = document.querySelector("#rehearsed");
const PENDING = { waiting: "Waits for its turn …", asking: "Being answered …" };
const FAILED = {
  ceiling_reached: "Not tried: the questions before it cost as much as one trial may.",
  day_spend: "Not tried: what the buddy may spend on models today is reached. Try again tomorrow.",
  worker_lost: "It was interrupted, and is not asked twice. Try again.",
};
const REHEARSAL_MS = 1000;
const SLOWEST_REHEARSAL_MS = 15_000;

/** Micro-dollars in words: rounded up to cents, as nobody decides by less. */
function inDollars(microusd) {
  if (microusd === null) return "cost not known before";
  if (microusd < 10_000) return "less than a cent";
  return `about $${(Math.ceil(microusd / 10_000) / 100).toFixed(2)}`;
}

async function offerRehearsal() {
  const offer = await call("GET", `${REHEARSALS}/offer`);
  const row = document.querySelector("#rehearsal-offer");
  row.hidden = !offer.questions || !offer.left;
  if (!offer.questions) rehearsalState.textContent = "There is no answered question of yours yet to try it on.";
  else if (!offer.left) rehearsalState.textContent = "Tried five times in 24 hours, which is the most. Try again tomorrow.";
  row.querySelector("select").replaceChildren(...offer.choices.map(({ questions, cost_microusd: cost }) => {
    const words = questions === 1 ? "Last question" : `Last ${questions}`;
    return new Option(`${words}: ${inDollars(cost)}`, questions);
  }));
}

const tellRehearsal = (refusal) => showError(rehearsalError, null, refusal.message);

rehearsal.addEventListener("toggle", () => {
  if (rehearsal.open && !rehearsed.children.length) during(rehearsal.querySelector("button"), offerRehearsal, tellRehearsal);
});

rehearsal.querySelector("button").addEventListener("click", (event) => {
  showError(rehearsalError, null, "");
  during(event.currentTarget, async () => {
    const questions = Number(document.querySelector("#rehearsal-questions").value);
    const { id } = await call("POST", REHEARSALS, { body: { guidance: readGuidance(), questions } });
    rehearsed.replaceChildren();
    await followRehearsal(id);
    await offerRehearsal();
  }, tellRehearsal);
});

/** Until it is done: also over moments in which the service cannot be reached. */
async function followRehearsal(id) {
  let wait = REHEARSAL_MS;
  for (;;) {
    try {
      const found = await call("GET", `${REHEARSALS}/${id}`);
      showRehearsal(found);
      if (found.state === "done") return;
      wait = REHEARSAL_MS;
    } catch (refusal) {
      if (!(refusal instanceof Refusal) || (refusal.status && refusal.status < 500)) throw refusal;
      rehearsalState.textContent = "The service cannot be reached at the moment. This page goes on trying.";
      wait = Math.min(2 * wait, SLOWEST_REHEARSAL_MS);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function showRehearsal({ state, answers, cost_microusd: cost, unpriced }) {
  for (const answer of answers) showRehearsed(answer);
  const ended = answers.filter((each) => ["done", "failed"].includes(each.state)).length;
  const dear = `It cost ${unpriced ? "at least " : ""}${inDollars(cost)}.`;
  rehearsalState.textContent = state === "done" ? `All ${answers.length} tried. ${dear}` : `${ended} of ${answers.length} tried …`;
}

function showRehearsed(answer) {
  let row = rehearsed.querySelector(`[data-number="${answer.number}"]`);
  if (!row) {
    row = document.querySelector("#rehearsed-row").content.firstElementChild.cloneNode(true);
    row.dataset.number = answer.number;
    rehearsed.append(row);
  }
  const put = (part, text) => { row.querySelector(part).textContent = text; };
  put(".file", answer.file_name || "A Figma file");
  put(".question", answer.question);
  put(".then", `Said with version ${answer.said_version}`);
  put(".said-then", answer.said || "Its words are no longer kept.");
  put(".now", answer.source === "measured" ? "Would say, by measuring alone" : "Would say");
  put(".would-say", answer.would_say || PENDING[answer.state] || FAILED[answer.code] || "It failed. Try again.");
  const pill = row.querySelector(".pill");
  pill.hidden = answer.state !== "done" || answer.would_say !== answer.said;
  pill.textContent = "The same";
}
