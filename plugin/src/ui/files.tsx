// Where the buddy answers comments. A public plugin is not told which file it is in, so the person
// pastes the link of it.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Checked, maybe, object, text } from "../shared/checks.ts";
import { Refusal, call, nothing, site, webhooks } from "./api.ts";
import { send } from "./bridge.ts";
import { Button, Link, Notice, Words } from "./parts.tsx";
import { noticeEnd } from "./signing.ts";
import { state, update } from "./store.ts";

const PATH = "/api/webhook/manage";
type Webhook = Checked<typeof webhooks>["webhooks"][number];
const one = object({ id: maybe(text), context: text, context_id: text, label: text, state: text, contact: text, guest_rule: text });
const made = object({ message: text, webhook: one });
const changed = object({ webhook: one, message: maybe(text) });

export function FilesView(): JSX.Element {
  const [rows, setRows] = useState<Webhook[] | null>(null);
  const [link, setLink] = useState(state.file?.link ?? "");
  const [told, setTold] = useState<{ tone: "problem" | "good"; text: string } | null>(null);

  /** What an action says when it is done; a refusal is told in its own words. */
  const during = async (action: () => Promise<string | null>): Promise<void> => {
    try {
      const text = await action();
      setTold(text ? { tone: "good", text } : null);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!noticeEnd(error)) setTold({ tone: "problem", text: error.message });
    }
  };
  const load = (): Promise<void> =>
    during(async () => {
      setRows((await call("GET", PATH, webhooks, { token: state.session?.token })).json.webhooks);
      return null;
    });
  useEffect(() => void load(), []);

  const put = (row: Webhook): void => setRows([...(rows ?? []).filter((each) => each.id !== row.id), row]);
  const switchOn = (): Promise<void> =>
    during(async () => {
      const given = link.trim();
      if (!given) throw new Refusal(400, { message: "Paste the link of this file first: in Figma choose Share, then Copy link." });
      const { json } = await call("POST", PATH, made, { body: JSON.stringify({ link: given }), token: state.session?.token });
      if (json.webhook.id) put(json.webhook);
      if (json.webhook.context === "file") {
        const file = { key: json.webhook.context_id, link: given };
        send({ kind: "keep-file", file });
        update({ file });
      }
      return json.message;
    });
  const turn = (row: Webhook, to: "active" | "paused"): Promise<void> =>
    during(async () => {
      const { json } = await call("PATCH", PATH, changed, { body: JSON.stringify({ id: row.id, state: to }), token: state.session?.token });
      setRows((rows ?? []).map((each) => (each.id === row.id ? json.webhook : each)));
      return json.message ?? (to === "paused" ? `Paused in ${row.label}.` : `The buddy listens again in ${row.label}.`);
    });
  const remove = (row: Webhook): Promise<void> =>
    during(async () => {
      const { json } = await call("DELETE", `${PATH}?id=${encodeURIComponent(row.id ?? "")}`, nothing, { token: state.session?.token });
      setRows((rows ?? []).filter((each) => each.id !== row.id));
      const message = (json as { message?: unknown }).message;
      return typeof message === "string" ? message : `The buddy is no longer on in ${row.label}.`;
    });
  return (
    <>
      <form onSubmit={(event) => { event.preventDefault(); void switchOn(); }}>
        <label for="link">Link of this file</label>
        <input id="link" type="url" value={link} maxLength={2048} autocomplete="off" placeholder="https://www.figma.com/design/…" aria-describedby="link-hint" onInput={(event) => setLink(event.currentTarget.value)} />
        <p class="hint" id="link-hint">In Figma choose Share, then Copy link: plugins are not told which file they are in. The buddy then answers comments with @buddy here, and your ignored findings count there, too.</p>
        <p class="row"><Button kind="main" action={switchOn}>Switch the buddy on</Button></p>
      </form>
      {told && <Notice tone={told.tone} role={told.tone === "problem" ? "alert" : "status"}><p><Words text={told.text} /></p></Notice>}
      <h2>Where the buddy is on</h2>
      {rows === null && <p class="progress" role="status">Reading …</p>}
      {rows?.length === 0 && <p class="hint">Nowhere yet.</p>}
      <ul class="plain">
        {rows?.map((row) => <Row key={row.id} row={row} turn={turn} remove={remove} />)}
      </ul>
      <p class="hint">Who may ask at your cost is chosen on <Link href={`${site}/account`}>your account page</Link>.</p>
    </>
  );
}

function Row({ row, turn, remove }: { row: Webhook; turn: (row: Webhook, to: "active" | "paused") => Promise<void>; remove: (row: Webhook) => Promise<void> }): JSX.Element {
  const [isSure, setSure] = useState(false);
  const isHere = row.context === "file" && row.context_id === state.file?.key;
  const words = row.state === "paused" ? "Paused" : row.state === "creating" || row.contact === "waiting" ? "Waiting for Figma" : row.contact === "none" ? "No word from Figma yet" : "On";
  return (
    <li>
      <p><strong>{row.label}</strong>{isHere && <span class="source">this file</span>} <span class="hint">{`${row.context} · ${words}`}</span></p>
      <p class="row">
        {row.state === "paused" ? <Button label={`Resume in ${row.label}`} action={() => turn(row, "active")}>Resume</Button> : <Button label={`Pause in ${row.label}`} action={() => turn(row, "paused")}>Pause</Button>}
        {isSure
          ? <><Button kind="danger" label={`Yes, switch off in ${row.label}`} action={() => remove(row)}>Yes, switch off</Button><Button kind="quiet" action={() => setSure(false)}>Keep</Button></>
          : <Button kind="quiet" label={`Switch off in ${row.label}`} action={() => setSure(true)}>Switch off …</Button>}
      </p>
    </li>
  );
}
