// Switches the buddy on for comments. A public plugin is not told which file it is in, so the person
// pastes the link of it.

import type { JSX } from "preact";
import { object, text } from "../shared/checks.ts";
import { Refusal, call, site } from "./api.ts";
import { send } from "./bridge.ts";
import { Button, Link, NoteWords, Row, Soft, valueOf } from "./parts.tsx";
import { orEnd } from "./signing.ts";
import { bad, good, state, update } from "./store.ts";

const made = object({ webhook: object({ context: text, context_id: text }), message: text });

async function switchOn(link: string): Promise<void> {
  try {
    if (!link) throw new Refusal(400, { message: "Paste the link of this file first." });
    const { webhook, message } = (await call("POST", "/api/webhook/manage", made, { body: { link } })).json;
    if (webhook.context === "file") {
      const file = { key: webhook.context_id, link };
      send({ kind: "keep-file", file });
      update({ file });
    }
    update({ filesNote: good(message) });
  } catch (error) {
    orEnd(error, ({ message }) => update({ filesNote: bad(message) }));
  }
}

export function FilesView(): JSX.Element {
  const act = (): Promise<void> => switchOn(valueOf("link"));
  return (
    <>
      <h1>Answers in comments</h1>
      <label for="link">Link of this file</label>
      <input id="link" type="url" defaultValue={state.file?.link} maxLength={2048} autocomplete="off" placeholder="https://www.figma.com/design/…" aria-describedby="link-hint" onKeyDown={(event) => event.key === "Enter" && void act()} />
      <Soft id="link-hint">In Figma: Share, Copy link. Plugins are not told which file they are in. The buddy then answers @buddy in comments here, and findings ignored here count there, too.</Soft>
      <Row><Button look="main" act={act}>Switch the buddy on</Button></Row>
      {state.filesNote && <NoteWords note={state.filesNote} />}
      <Soft>Where it is on, and who may ask at your cost: on <Link href={`${site}/account`}>your account page</Link>.</Soft>
    </>
  );
}
