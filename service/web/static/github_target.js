// The form of where components are pushed to. What the token can do is said by the service, which tries it.

const PATH = "/api/push-target";
const card = document.querySelector("#github-target");
const form = document.querySelector("#github-target-form");
const said = document.querySelector("#github-target-said");
const error = document.querySelector("#github-target-error");
const UNREACHABLE = "The service cannot be reached. Check your connection and try again.";

async function call(method, body) {
  const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
  try {
    const answer = await fetch(PATH, { method, headers, body: body && JSON.stringify(body) });
    const json = await answer.json();
    return answer.ok ? json : { problem: json.message || UNREACHABLE };
  } catch {
    return { problem: UNREACHABLE };
  }
}

function say(element, text, isProblem = false) {
  element.textContent = text;
  element.hidden = !text;
  element.classList.toggle("problem", isProblem);
}

function show(target) {
  card.querySelector("#github-target-none").hidden = Boolean(target);
  card.querySelector("#github-target-set").hidden = !target;
  card.querySelector("[data-shows=summary]").textContent = target ? "Change it" : "Set it up";
  if (!target) return;
  const words = {
    ...target,
    folder: target.folder || "/",
    whose: target.is_team ? "for your team" : "for you",
    way: target.signs_in_with === "app" ? "the GitHub App" : "a token",
  };
  for (const element of card.querySelectorAll("#github-target-set [data-shows]")) {
    element.textContent = words[element.dataset.shows];
  }
  card.querySelector("#github-target-gone").hidden = !target.is_setter_gone;
}

/** Run an action with its button switched off meanwhile. */
async function during(button, action) {
  say(said, "");
  say(error, "");
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    await action();
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  during(form.querySelector("button"), async () => {
    const given = Object.fromEntries(new FormData(form));
    const installation = (given.installation_id ?? "").trim();
    delete given.installation_id;
    if (installation) given.installation_id = Number(installation);
    const { target, message, problem } = await call("PUT", given);
    if (problem) {
      say(error, problem);
      return;
    }
    show(target);
    form.elements.token.value = "";
    form.elements.base_branch.value = target.base_branch;
    form.elements.folder.value = target.folder;
    document.querySelector("#github-target-details").open = false;
    say(said, message);
  });
});

card.querySelector("[data-action=remove-target]").addEventListener("click", (event) => {
  during(event.currentTarget, async () => {
    const { message, problem } = await call("DELETE");
    if (!problem) show(null);
    say(said, problem ?? message, Boolean(problem));
  });
});
