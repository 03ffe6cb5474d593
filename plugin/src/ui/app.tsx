// The half of the plugin that people see. It runs in a frame without an origin: no cookies, no storage.

import { type JSX, render } from "preact";
import { AccountView, SignInView, usesWords } from "./account.tsx";
import { listen, send } from "./bridge.ts";
import { FilesView } from "./files.tsx";
import { GuidanceView, loadGuidance } from "./guidance.tsx";
import { NoteWords } from "./parts.tsx";
import { ReviewView } from "./review.tsx";
import { measureLater } from "./reviewing.ts";
import { readAccount } from "./signing.ts";
import { type Tab, onChange, state, update, updateReview } from "./store.ts";

/** Each view: its name, what it shows, what it reads first. In quotes, as the build shortens other names. */
const TABS: Record<Tab, [string, () => JSX.Element, () => unknown]> = {
  "review": ["Review", ReviewView, () => undefined],
  "guidance": ["Guidance", GuidanceView, loadGuidance],
  "files": ["Comments", FilesView, () => undefined],
  "account": ["Account", AccountView, readAccount],
};

function open(tab: Tab): void {
  update({ tab, note: null, guidance: null, filesNote: null });
  TABS[tab][2]();
}

function App(): JSX.Element {
  const View = state.session ? TABS[state.tab][1] : SignInView;
  return (
    <>
      {state.session && (
        <header class="bar">
          <nav aria-label="Views">
            {(Object.keys(TABS) as Tab[]).map((tab) => <button type="button" aria-current={tab === state.tab ? "page" : undefined} onClick={() => open(tab)}>{TABS[tab][0]}</button>)}
          </nav>
          {state.me && <p>{usesWords()}</p>}
        </header>
      )}
      <main>
        {state.note && <NoteWords note={state.note} />}
        {state.isReady && <View />}
      </main>
    </>
  );
}

const root = document.getElementById("app")!;
onChange(() => render(<App />, root));
// What counts seconds: the wait for words, and until the next review.
setInterval(() => {
  if (state.review?.phase === "asking" || state.waitUntil > Date.now() - 1000) update({});
}, 1000);

listen((message) => {
  if (message.kind === "start") {
    update({ isReady: true, session: message.session, file: message.file });
    if (message.session) void readAccount();
  }
  if (message.kind === "selection") update({ selection: message.selection });
  if (message.kind === "progress") updateReview({ layers: message.layers });
  if (message.kind === "changed" && state.review?.answer) measureLater();
  if (message.kind === "component") {
    const { where, name } = message;
    const words = {
      here: `“${name}” is selected. A change there counts in every instance.`,
      library: `“${name}” comes from a library. Ask those who look after it to mend it there.`,
      unknown: "Its component cannot be found any more.",
    };
    update({ note: { mood: where === "here" ? "good" : "info", text: words[where] } });
  }
});
send({ kind: "ready" });
