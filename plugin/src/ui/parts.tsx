// Small pieces that several views share. Texts go in as text, never as markup.

import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { send } from "./bridge.ts";

/** A link that Figma opens in the browser: a plugin's page cannot leave for another address. */
export function Link({ href, children }: { href: string; children: ComponentChildren }): JSX.Element {
  const open = (event: Event): void => {
    event.preventDefault();
    send({ kind: "open", url: href });
  };
  return <a href={href} target="_blank" rel="noreferrer" onClick={open}>{children}</a>;
}

/** A sentence in which the addresses of pages can be opened. */
export function Words({ text }: { text: string }): JSX.Element {
  const parts = text.split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/);
  return <>{parts.map((part, at) => (at % 2 ? <Link key={at} href={part}>{part}</Link> : part))}</>;
}

interface BusyProps {
  action: () => Promise<unknown> | unknown;
  children: ComponentChildren;
  kind?: "main" | "plain" | "quiet" | "danger";
  disabled?: boolean;
  label?: string;
}

/** A button that cannot be pressed again while its action is under way. */
export function Button({ action, children, kind = "plain", disabled = false, label }: BusyProps): JSX.Element {
  const [isBusy, setBusy] = useState(false);
  const press = async (): Promise<void> => {
    if (isBusy || disabled) return;
    setBusy(true);
    try {
      await action();
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" class={`button ${kind}`} aria-disabled={isBusy || disabled} aria-busy={isBusy} aria-label={label} onClick={() => void press()}>
      {children}
    </button>
  );
}

export function Notice({ tone, children, role = "status" }: { tone: "problem" | "good" | "info"; children: ComponentChildren; role?: "status" | "alert" }): JSX.Element {
  return <div class={`notice ${tone}`} role={role}>{children}</div>;
}

export function Choice<T extends string>({ name, legend, words, value, pick }: {
  name: string; legend: string; words: Record<T, string>; value: T; pick: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset class="choice">
      <legend class="unseen">{legend}</legend>
      {(Object.keys(words) as T[]).map((each) => (
        <label key={each}>
          <input type="radio" name={name} checked={each === value} onChange={() => pick(each)} />
          <span>{words[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
