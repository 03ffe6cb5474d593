// Small pieces that several views share. Texts go in as text, never as markup.

import type { ComponentChildren, JSX } from "preact";
import { send } from "./bridge.ts";
import type { Note } from "./store.ts";

/** A link that Figma opens in the browser: a plugin's page cannot leave for another address. */
export function Link({ href, children }: { href: string; children: ComponentChildren }): JSX.Element {
  const open = (event: Event): void => {
    event.preventDefault();
    send({ kind: "open", url: href });
  };
  return <a href={href} onClick={open}>{children}</a>;
}

/** A sentence in which the addresses of pages can be opened. */
export function Words({ text }: { text: string }): JSX.Element {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/);
  return <>{parts.map((part, at) => (at % 2 ? <Link href={part}>{part}</Link> : part))}</>;
}

/** What stands in a field. A frame without `allow-forms` sends no form, so buttons read the fields. */
export function valueOf(id: string): string {
  return (document.getElementById(id) as HTMLInputElement).value.trim();
}

interface Pressed {
  act: () => unknown;
  children: ComponentChildren;
  look?: "main" | "plain" | "quiet";
  off?: boolean;
  /** What it is for, where its text alone does not say. */
  what?: string;
}

/** A button that cannot be pressed again while its action is under way. */
export function Button({ act, children, look = "plain", off = false, what }: Pressed): JSX.Element {
  const press = async ({ currentTarget: button }: { currentTarget: HTMLButtonElement }): Promise<void> => {
    if (off || button.ariaBusy === "true") return;
    button.ariaBusy = "true";
    try {
      await act();
    } finally {
      button.ariaBusy = "false";
    }
  };
  return <button type="button" class={`button ${look}`} aria-disabled={off} aria-label={what} onClick={(event) => void press(event)}>{children}</button>;
}

export function NoteWords({ note, children }: { note: Note; children?: ComponentChildren }): JSX.Element {
  return <div class={`note ${note.mood}`} role={note.mood === "problem" ? "alert" : "status"}><p><Words text={note.text} /></p>{children}</div>;
}

export function Row({ children }: { children: ComponentChildren }): JSX.Element {
  return <p class="row">{children}</p>;
}

/** What matters less. */
export function Soft({ children, id, live }: { children: ComponentChildren; id?: string; live?: boolean }): JSX.Element {
  return <p id={id} role={live ? "status" : undefined}><small>{children}</small></p>;
}

export function Bullets({ lines }: { lines: readonly string[] }): JSX.Element {
  return <ul class="bullets">{lines.map((each) => <li>{each}</li>)}</ul>;
}
