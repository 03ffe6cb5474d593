// Where the buddy answers comments. A public plugin is not told which file it is in, so the person
// pastes the link of it.

import type { JSX } from "preact";
import { type Checked, list, maybe, object, text } from "../shared/checks.ts";
import { Refusal, call, site } from "./api.ts";
import { send } from "./bridge.ts";
import { type FormEvent, Link, NoteWords, Row, Soft } from "./parts.tsx";
import { noticeEnd } from "./signing.ts";
import { bad, good, type Note, state, update } from "./store.ts";

const PATH = "/api/webhook/manage";
const webhook = object({ id: maybe(text), context: text, context_id: text, label: text, state: text });
const webhooks = object({ webhooks: list(webhook) });
const one = object({ webhook, message: text });
type Webhook = Checked<typeof webhook>;

export interface Files {
  rows: Webhook[] | null;
  note: Note | null;
}

/** Do it and show what came of it: the rows, and what to say. */
async function during(action: () => Promise<Files>): Promise<void> {
  try {
    update({ files: await action() });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (!noticeEnd(error)) update({ files: { rows: state.files?.rows ?? null, note: bad(error.message) } });
  }
}

export const loadFiles = (): Promise<void> => during(async () => ({ rows: (await call("GET", PATH, webhooks)).json.webhooks, note: null }));

const switchOn = (link: string): Promise<void> =>
  during(async () => {
    if (!link) throw new Refusal(400, { message: "Paste the link of this file first: in Figma choose Share, then Copy link." });
    const { webhook: row, message } = (await call("POST", PATH, one, { body: JSON.stringify({ link }) })).json;
    if (row.context === "file") {
      const file = { key: row.context_id, link };
      send({ kind: "keep-file", file });
      update({ file });
    }
    return { rows: [...(state.files?.rows ?? []).filter((each) => each.id !== row.id), row], note: good(message) };
  });

export function FilesView(): JSX.Element {
  const { rows, note } = state.files ?? { rows: null, note: null };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void switchOn((event.currentTarget.elements.namedItem("link") as HTMLInputElement).value.trim());
  };
  return (
    <>
      <form onSubmit={submit} noValidate>
        <label for="link">Link of this file</label>
        <input id="link" type="url" defaultValue={state.file?.link} maxLength={2048} autocomplete="off" placeholder="https://www.figma.com/design/…" aria-describedby="link-hint" />
        <Soft id="link-hint">In Figma choose Share, then Copy link: plugins are not told which file they are in. The buddy then answers @buddy in comments here, and findings ignored here count there, too.</Soft>
        <Row><button class="button main">Switch the buddy on</button></Row>
      </form>
      {note && <NoteWords note={note} />}
      <h2>Where the buddy is on</h2>
      {!rows && <Soft live>Reading …</Soft>}
      {rows?.length === 0 && <Soft>Nowhere yet.</Soft>}
      <ul class="lines">
        {rows?.map((row) => (
          <li><strong>{row.label}</strong> {row.context_id === state.file?.key && <span class="tag">this file</span>} <small>{row.state === "paused" ? "paused" : row.state === "active" ? "on" : "being set up"}</small></li>
        ))}
      </ul>
      <Soft>Pause it, switch it off and choose who may ask at your cost on <Link href={`${site}/account`}>your account page</Link>.</Soft>
    </>
  );
}
