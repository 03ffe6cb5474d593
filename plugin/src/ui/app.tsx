// The half of the plugin that people see. It runs in a frame without an origin: no cookies, no storage.

import { type JSX, render } from "preact";
import { AccountView, SignInView, usesWords } from "./account.tsx";
import { listen, send } from "./bridge.ts";
import { FilesView } from "./files.tsx";
import { GuidanceView } from "./guidance.tsx";
import { Notice, Words } from "./parts.tsx";
import { ReviewView } from "./review.tsx";
import { measureLater } from "./reviewing.ts";
import { readAccount } from "./signing.ts";
import { type Tab, onChange, state, update, updateReview } from "./store.ts";

const TABS: Record<Tab, string> = { review: "Review", guidance: "Guidance", files: "Comments", account: "Account" };
const VIEWS: Record<Tab, () => JSX.Element> = { review: ReviewView, guidance: GuidanceView, files: FilesView, account: AccountView };

function App(): JSX.Element | null {
  if (!state.isReady) return <p class="progress" role="status">Starting …</p>;
  const View = VIEWS[state.tab];
  return (
    <>
      {state.session && (
        <header class="bar">
          <nav aria-label="Views">
            {(Object.keys(TABS) as Tab[]).map((tab) => (
              <button key={tab} type="button" aria-current={tab === state.tab ? "page" : undefined} onClick={() => update({ tab, notice: null })}>{TABS[tab]}</button>
            ))}
          </nav>
          {state.me && <span class="uses">{usesWords(state.me)}</span>}
        </header>
      )}
      <main>
        {state.notice && <Notice tone={state.notice.tone} role={state.notice.tone === "problem" ? "alert" : "status"}><p><Words text={state.notice.text} /></p></Notice>}
        {state.session ? <View /> : <SignInView />}
      </main>
    </>
  );
}

const root = document.getElementById("app")!;
onChange(() => render(<App />, root));

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
      here: `“${name}” is selected: a change there counts in every instance.`,
      library: `“${name}” comes from a library. Ask those who look after it to mend it there, or open the library’s file and review it.`,
      unknown: "Its component cannot be found any more.",
    };
    update({ notice: { tone: where === "here" ? "good" : "problem", text: words[where] } });
  }
});

update({});
send({ kind: "ready" });
