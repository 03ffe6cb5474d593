// Switches the buddy on for comments. A public plugin is not told which file it is in, so the person
// pastes the link of it.

import type { JSX } from "preact";
import { object, text } from "../shared/checks.ts";
import { Refusal, call, site } from "./api.ts";
import { send } from "./bridge.ts";
import { type FormEvent, Link, NoteWords, Row, Soft } from "./parts.tsx";
import { orEnd } from "./signing.ts";
import { bad, good, state, update } from "./store.ts";

const made = object({ webhook: object({ context: text, context_id: text }), message: text });

async function switchOn(link: string): Promise<void> {
  try {
    if (!link) throw new Refusal(400, { message: "Paste the link of this file first: in Figma choose Share, then Copy link." });
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
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void switchOn((event.currentTarget.elements.namedItem("link") as HTMLInputElement).value.trim());
  };
  return (
    <form onSubmit={submit} noValidate>
      <label for="link">Link of this file</label>
      <input id="link" type="url" defaultValue={state.file?.link} maxLength={2048} autocomplete="off" placeholder="https://www.figma.com/design/…" aria-describedby="link-hint" />
      <Soft id="link-hint">In Figma choose Share, then Copy link: plugins are not told which file they are in. The buddy then answers @buddy in comments here, and findings ignored here count there, too.</Soft>
      <Row><button class="button main">Switch the buddy on</button></Row>
      {state.filesNote && <NoteWords note={state.filesNote} />}
      <Soft>Where it is on, and who may ask at your cost: on <Link href={`${site}/account`}>your account page</Link>.</Soft>
    </form>
  );
}
