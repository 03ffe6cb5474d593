// Keeps the file page fresh, places pins, sends comments, switches faults. No library needed.
"use strict";

const page = JSON.parse(document.getElementById("page-data").textContent);
const byId = (id) => document.getElementById(id);
const me = () => byId("person-picker").value;
let pin = null;
let rootId = null;

async function send(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.err || "The sandbox could not do that.");
  return result;
}

async function refresh() {
  const answer = await fetch(`/sandbox/page/${page.key}?version=${page.version}`);
  if (answer.status !== 200) return;
  const fresh = await answer.json();
  page.version = fresh.version;
  for (const name of ["threads", "pins", "hooks", "deliveries", "faults"]) {
    byId(name).innerHTML = fresh[name];
  }
  showTimes();
  markThread(rootId);
}

async function poll() {
  try {
    await refresh();
  } catch (error) {
    console.warn("The sandbox does not answer; trying again.", error);
  }
  setTimeout(poll, document.hidden ? 4000 : 800);
}

function showTimes() {
  const format = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  for (const time of document.querySelectorAll(".who time")) {
    time.textContent = new Date(time.dateTime).toLocaleString(undefined, format);
  }
}

function markThread(id) {
  for (const each of document.querySelectorAll("[data-thread]")) {
    each.classList.toggle("chosen", each.dataset.thread === id);
  }
}

function aim({ thread = null, place = null, label = "New thread" }) {
  rootId = thread;
  pin = place;
  byId("target").textContent = label;
  byId("clear-target").hidden = !thread && !place;
  byId("new-pin").hidden = !place;
  markThread(thread);
}

function openTab(name) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    byId(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
}

function placePin(event) {
  if (event.target.closest(".pin")) return;
  const svg = byId("sheet").querySelector("svg");
  const point = new DOMPoint(event.clientX, event.clientY);
  const at = point.matrixTransform(svg.getScreenCTM().inverse());
  const node = event.target.closest("[data-node]");
  const round = (value) => Math.round(value * 10) / 10;
  const place = node
    ? {
        node_id: node.dataset.node,
        node_offset: { x: round(at.x - node.dataset.x), y: round(at.y - node.dataset.y) },
      }
    : { x: round(at.x), y: round(at.y) };
  const sheet = byId("sheet").getBoundingClientRect();
  const fresh = byId("new-pin");
  fresh.style.left = `${((event.clientX - sheet.left) / sheet.width) * 100}%`;
  fresh.style.top = `${((event.clientY - sheet.top) / sheet.height) * 100}%`;
  openTab("comments");
  aim({ place, label: `New thread on ${node ? node.dataset.name : "the canvas"}` });
  byId("text").focus({ preventScroll: true });
}

function chooseThread(id, reply) {
  const thread = byId(`thread-${id}`);
  const number = thread.querySelector("header span").textContent.split(" ")[0];
  openTab("comments");
  aim({ thread: id, label: `Reply in thread ${number}` });
  thread.scrollIntoView({ block: "nearest", behavior: "smooth" });
  if (reply) byId("text").focus({ preventScroll: true });
}

async function sendComment(event) {
  event.preventDefault();
  const text = byId("text").value;
  const body = { person_id: me(), text, root_id: rootId, pin: rootId ? null : pin };
  byId("send").disabled = true;
  try {
    const comment = await send("POST", `/sandbox/comments/${page.key}`, body);
    byId("text").value = "";
    byId("problem").textContent = "";
    await refresh();
    const thread = comment.parent_id || comment.id;
    aim({});
    byId(`thread-${thread}`).scrollIntoView({ block: "nearest" });
  } catch (error) {
    byId("problem").textContent = error.message;
  } finally {
    byId("send").disabled = false;
  }
}

function mention(handle) {
  const box = byId("text");
  box.setRangeText(`@${handle} `, box.selectionStart, box.selectionEnd, "end");
  byId("mention").open = false;
  box.focus();
}

async function addFault(event) {
  event.preventDefault();
  const given = new FormData(event.target);
  const fault = { kind: given.get("kind"), after_store: given.has("after_store") };
  if (given.get("times")) fault.times = Number(given.get("times"));
  if (given.get("seconds")) fault.seconds = Number(given.get("seconds"));
  if (given.get("path")) fault.path = given.get("path");
  const { faults } = await (await fetch("/sandbox/faults")).json();
  await send("PUT", "/sandbox/faults", { faults: [...faults, fault] });
  await refresh();
}

async function applyClock(event) {
  event.preventDefault();
  const given = new FormData(event.target);
  const body = { clock: Number(given.get("clock")), rate_limits: given.has("rate_limits") };
  await send("PUT", "/sandbox/faults", body);
}

document.addEventListener("click", (event) => {
  const near = (selector) => event.target.closest(selector);
  const tab = near("[role=tab]");
  if (tab) openTab(tab.id.replace("tab-", ""));
  else if (near("[data-reply]")) chooseThread(near("[data-reply]").dataset.reply, true);
  else if (near("[data-mention]")) mention(near("[data-mention]").dataset.mention);
  else if (near("[data-redeliver]")) {
    send("POST", "/sandbox/redeliver", { delivery_id: near("[data-redeliver]").dataset.redeliver });
  } else if (near("[data-clear-faults]")) send("PUT", "/sandbox/faults", { faults: [] }).then(refresh);
  else if (near(".pin[data-thread]")) chooseThread(near(".pin").dataset.thread, false);
});

byId("sheet").addEventListener("click", placePin);
byId("composer").addEventListener("submit", sendComment);
byId("clear-target").addEventListener("click", () => aim({}));
byId("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) byId("composer").requestSubmit();
});
byId("fault-form").addEventListener("submit", addFault);
byId("clock-form").addEventListener("submit", applyClock);
byId("file-picker").addEventListener("change", (event) => location.assign(event.target.value + location.search));
byId("person-picker").addEventListener("change", (event) => {
  history.replaceState(null, "", `?as=${event.target.value}`);
});
showTimes();
poll();
