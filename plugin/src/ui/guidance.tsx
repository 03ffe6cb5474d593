// The person's guidance, with the same way out of a conflict as on the account page.

import type { JSX } from "preact";
import { type Checked, list, number, object, text } from "../shared/checks.ts";
import { call, site } from "./api.ts";
import { Button, Link, NoteWords, Row, Soft, valueOf } from "./parts.tsx";
import { orEnd } from "./signing.ts";
import { bad, good, type Note, state, update } from "./store.ts";

const PATH = "/api/user/context";
const context = object({
  version: number, instructions: text, tone: text, brand: text, design_system_rules: text, language: text, model: text,
  focus_areas: list(text), shared_with_guests: list(text),
});
type Context = Checked<typeof context>;

export interface Guidance {
  /** What the form began with. */
  base: Context | null;
  /** What somebody saved meanwhile. */
  newer: Context | null;
  note: Note | null;
}

type Name = "instructions" | "tone" | "brand" | "design_system_rules" | "focus_areas" | "language";
/** Name, label, longest text, rows. */
const FIELDS: [Name, string, number, number][] = [
  ["instructions", "Instructions", 4000, 3], ["tone", "Tone", 500, 1], ["brand", "Brand", 4000, 3],
  ["design_system_rules", "Design-system rules", 8000, 4], ["focus_areas", "Focus areas, separated by commas", 1300, 1],
  ["language", "Language of the answers", 35, 1],
];

function show(base: Context, said = ""): void {
  update({ guidance: { base, newer: null, note: said ? good(said) : null } });
}

function tell(error: unknown): void {
  orEnd(error, ({ body: { current }, message }) => {
    update({ guidance: { base: state.guidance?.base ?? null, newer: context(current) ? current : null, note: bad(message) } });
  });
}

export async function loadGuidance(): Promise<void> {
  await call("GET", PATH, context).then(({ json }) => show(json), tell);
}

async function save(version: number): Promise<void> {
  const base = state.guidance!.base!;
  const draft: Record<string, unknown> = { model: base.model, shared_with_guests: base.shared_with_guests };
  for (const [name] of FIELDS) draft[name] = name === "focus_areas" ? valueOf(name).split(",").map((each) => each.trim()).filter(Boolean) : valueOf(name);
  await call("PUT", PATH, context, { body: draft, version: `"v${version}"` })
    .then(({ json }) => show(json, `Saved as version ${json.version}. The next answer goes by it.`), tell);
}

export function GuidanceView(): JSX.Element {
  const { base, newer, note } = state.guidance ?? { base: null, newer: null, note: null };
  if (!base) return note ? <NoteWords note={note}><Button act={loadGuidance}>Try again</Button></NoteWords> : <Soft live>Reading …</Soft>;
  return (
    <div key={base.version}>
      <h1>Your guidance</h1>
      <Soft>The buddy keeps to this in every answer to you.</Soft>
      {FIELDS.map(([name, label, most, rows]) => {
        const given = { id: name, maxLength: most, defaultValue: [base[name]].flat().join(", ") };
        return <div><label for={name}>{label}</label>{rows > 1 ? <textarea rows={rows} {...given} /> : <input {...given} />}</div>;
      })}
      <Soft>Model and sharing: on <Link href={`${site}/account`}>your account page</Link>.</Soft>
      {note && (
        <NoteWords note={note}>
          {newer && <Row><Button look="main" act={() => save(newer.version)}>Save mine over it</Button><Button act={() => show(newer, "This is the newer version.")}>Show the newer one</Button></Row>}
        </NoteWords>
      )}
      {!newer && <Row><Button look="main" act={() => save(base.version)}>Save guidance</Button><small>Version {base.version}</small></Row>}
    </div>
  );
}
