// The person's guidance, with the same way out of a conflict as on the account page.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Checked, list, number, object, text } from "../shared/checks.ts";
import { Refusal, call } from "./api.ts";
import { Button, Notice } from "./parts.tsx";
import { noticeEnd } from "./signing.ts";
import { state } from "./store.ts";

const PATH = "/api/user/context";
const fields = {
  instructions: text, tone: text, brand: text, design_system_rules: text, language: text, model: text,
  focus_areas: list(text), shared_with_guests: list(text),
};
const context = object({ ...fields, version: number });
type Context = Checked<typeof context>;
type Guidance = Omit<Context, "version">;
type Name = keyof Guidance;

const FIELDS: { name: Exclude<Name, "model" | "shared_with_guests">; label: string; most: number; rows: number; hint?: string }[] = [
  { name: "instructions", label: "Instructions", most: 4000, rows: 3 },
  { name: "tone", label: "Tone", most: 500, rows: 1, hint: "short and friendly" },
  { name: "brand", label: "Brand", most: 4000, rows: 3 },
  { name: "design_system_rules", label: "Design-system rules", most: 8000, rows: 4, hint: "Spacing in steps of 8. Body text 16 px." },
  { name: "focus_areas", label: "Focus areas, separated by commas", most: 1300, rows: 1, hint: "accessibility, spacing" },
  { name: "language", label: "Language of the answers", most: 35, rows: 1, hint: "as in the question" },
];

function only(from: Context): Guidance {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, from[name as Name]])) as Guidance;
}

function shown(value: string | string[]): string {
  return Array.isArray(value) ? value.join(", ") : value;
}

export function GuidanceView(): JSX.Element {
  const [version, setVersion] = useState("");
  const [draft, setDraft] = useState<Guidance | null>(null);
  const [saved, setSaved] = useState<Guidance | null>(null);
  const [newer, setNewer] = useState<Context | null>(null);
  const [problem, setProblem] = useState("");
  const [done, setDone] = useState("");

  const take = (from: Context): void => {
    setDraft(only(from));
    setSaved(only(from));
    setVersion(`"v${from.version}"`);
    setNewer(null);
    setProblem("");
  };
  const tell = (error: unknown): void => {
    if (!(error instanceof Refusal)) throw error;
    if (noticeEnd(error)) return;
    if (error.status === 412 && context(error.current)) {
      setNewer(error.current);
      setProblem(error.message);
    } else setProblem(error.message);
  };
  const load = async (): Promise<void> => {
    setProblem("");
    try {
      take((await call("GET", PATH, context, { token: state.session?.token })).json);
    } catch (error) {
      tell(error);
    }
  };
  const save = async (over: string): Promise<void> => {
    if (!draft) return;
    setDone("");
    setProblem("");
    try {
      const { json } = await call("PUT", PATH, context, { body: JSON.stringify(draft), version: over, token: state.session?.token });
      take(json);
      setDone(`Saved as version ${json.version}. The next review goes by it.`);
    } catch (error) {
      tell(error);
    }
  };
  useEffect(() => void load(), []);

  if (!draft || !saved) {
    return problem ? <Notice tone="problem" role="alert"><p>{problem}</p><Button action={load}>Try again</Button></Notice> : <p class="progress" role="status">Reading your guidance …</p>;
  }
  const change = (name: Name, value: string): void => {
    setDone("");
    setDraft({ ...draft, [name]: name === "focus_areas" ? value.split(",").map((each) => each.trimStart()) : value });
  };
  const tidy = (): void => setDraft({ ...draft, focus_areas: draft.focus_areas.map((each) => each.trim()).filter(Boolean) });
  const share = (name: string, isShared: boolean): void => {
    const others = draft.shared_with_guests.filter((each) => each !== name);
    setDraft({ ...draft, shared_with_guests: isShared ? [...others, name].sort() : others });
  };
  const changed = newer ? FIELDS.filter(({ name }) => shown(newer[name]) !== shown(draft[name])) : [];
  return (
    <form onSubmit={(event) => { event.preventDefault(); void save(version); }}>
      <p class="hint">The buddy keeps to this in every answer to you, here and in comments.</p>
      {FIELDS.map(({ name, label, most, rows, hint }) => (
        <div key={name}>
          <label for={name}>{label}</label>
          {rows > 1 ? (
            <textarea id={name} rows={rows} maxLength={most} placeholder={hint} value={shown(draft[name])} onInput={(event) => change(name, event.currentTarget.value)} />
          ) : (
            <input id={name} maxLength={most} placeholder={hint} value={shown(draft[name])} onInput={(event) => change(name, event.currentTarget.value)} onBlur={name === "focus_areas" ? tidy : undefined} />
          )}
        </div>
      ))}
      {draft.model && <p class="hint">{`Model: ${draft.model}. It is chosen on your account page.`}</p>}
      <details class="fold">
        <summary>{`Shared with guests (${draft.shared_with_guests.length})`}</summary>
        <p class="hint">Guests are people without an account whose questions you pay for. Whoever can comment there can find out what is shared, word for word.</p>
        {FIELDS.map(({ name, label }) => (
          <label key={name} class="tick"><input type="checkbox" checked={draft.shared_with_guests.includes(name)} onChange={(event) => share(name, event.currentTarget.checked)} />{label.split(",")[0]}</label>
        ))}
      </details>
      {newer ? (
        <Notice tone="problem" role="alert">
          <p>{problem}</p>
          {changed.length > 0 ? (
            <dl class="differences">
              {changed.map(({ name, label }) => (
                <div key={name}><dt>{label.split(",")[0]}</dt><dd><span class="hint">Newer: </span>{shown(newer[name]) || "empty"}</dd><dd><span class="hint">Yours: </span>{shown(draft[name]) || "empty"}</dd></div>
              ))}
            </dl>
          ) : <p>In the fields above both are the same.</p>}
          <p class="row"><Button kind="main" action={() => save(`"v${newer.version}"`)}>Save mine over it</Button><Button action={() => take(newer)}>Show the newer one</Button></p>
        </Notice>
      ) : problem && <p class="error" role="alert">{problem}</p>}
      {!newer && <p class="row"><Button kind="main" action={() => save(version)}>Save guidance</Button><span class="hint" role="status">{done || `Version ${version.replace(/\D/g, "")}`}</span></p>}
    </form>
  );
}
