// Signing in, and who is signed in.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ALONG, NEVER, SENT } from "../shared/fields.ts";
import { api, site } from "./api.ts";
import { Button, Link, Notice } from "./parts.tsx";
import { cancelSignIn, readAccount, signIn, signOut } from "./signing.ts";
import { type Me, state } from "./store.ts";
import { many } from "./words.ts";

export function SignInView(): JSX.Element {
  const { signing } = state;
  if (signing) return <Signing />;
  return (
    <section class="welcome">
      <Mark />
      <h1>A second pair of eyes on your design</h1>
      <p>Select a frame. The buddy measures contrast, targets, type and spacing, says what to mend, and mends it when you agree.</p>
      <ul class="notes">
        <li>Each finding has its value, its threshold and its source.</li>
        <li>Fixes come from your own colours and styles, and each can be taken back by itself.</li>
        <li>Measuring is free. Ten answers in words are, too.</li>
      </ul>
      <p class="row"><Button kind="main" action={() => void signIn()}>Sign in with Figma</Button></p>
      <p class="hint">{`It opens ${new URL(site).host} in your browser.`}</p>
    </section>
  );
}

function Signing(): JSX.Element {
  const { code, link, state: at, isOffline } = state.signing!;
  if (at !== "waiting") {
    return (
      <section>
        <Notice tone="problem" role="alert">
          <p>{at === "over" ? "This sign-in is over: it was declined in the browser, or was used already." : "Nobody agreed within ten minutes, so the plugin stopped waiting."}</p>
        </Notice>
        <p class="row"><Button kind="main" action={() => void signIn()}>Start again</Button><Button kind="quiet" action={cancelSignIn}>Back</Button></p>
      </section>
    );
  }
  return (
    <section>
      <h1>Go on in your browser</h1>
      <p>Agree there only if the page shows this code:</p>
      <p class="code-shown" aria-label={`Code ${code}`}>{code}</p>
      <p role="status" class="progress">{isOffline ? `${new URL(api).host} cannot be reached. The plugin goes on trying.` : "Waiting for your browser …"}</p>
      <p>No page opened? <Link href={link}>Open it</Link>, or copy this address:</p>
      <input class="code" readOnly value={link} aria-label="Address of the sign-in page" onFocus={(event) => event.currentTarget.select()} />
      <p class="row"><Button action={cancelSignIn}>Cancel</Button></p>
    </section>
  );
}

function Mark(): JSX.Element {
  return (
    <svg class="mark-logo" viewBox="0 0 32 32" width="40" height="40" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#5b3df5" />
      <path d="M16 5.5c1 6.4 4.1 9.5 10.5 10.5C20.1 17 17 20.1 16 26.5 15 20.1 11.9 17 5.5 16 11.9 15 15 11.900 16 5.500z" fill="#fff" />
    </svg>
  );
}

export function usesWords({ usage }: Me): string {
  return usage.limit === null || usage.limit === undefined ? `${usage.plan_name}: ${usage.used} used` : `${usage.left ?? 0} of ${usage.limit} uses left`;
}

export function AccountView(): JSX.Element {
  const { me, session } = state;
  useEffect(() => void readAccount(), []);
  if (!me) return <p class="progress" role="status">Reading your account …</p>;
  return (
    <>
      <h2>{me.user.handle}</h2>
      {me.user.state === "suspended" && <Notice tone="problem" role="alert"><p>This account is suspended, so the buddy does not answer you.</p></Notice>}
      <p>{usesWords(me)} <span class="hint">{me.usage.plan_name}{me.usage.resets_at ? `, again from ${day(me.usage.resets_at)}` : ""}</span></p>
      <p class="hint">A use is an answer in words. Measuring takes none.</p>
      <p class="row"><Button action={signOut}>Sign out</Button> <Link href={`${site}/account`}>My account</Link></p>
      {session && <p class="hint">{`This sign-in ends on ${day(session.expires_at)}, and earlier when it is not used.`}</p>}
      <h2>What leaves Figma</h2>
      <p>{`When you press Ask or Measure, and after a change to what was reviewed, the selected layers go to ${new URL(site).host}: of each layer`}</p>
      <ul class="notes">{SENT.map((each) => <li key={each.words}>{each.words}</li>)}</ul>
      <p>And along with them</p>
      <ul class="notes">{ALONG.map((each) => <li key={each}>{each}</li>)}</ul>
      <p>Never</p>
      <ul class="notes">{NEVER.map((each) => <li key={each}>{each}</li>)}</ul>
      <p class="hint">{`${many([...SENT.flatMap((each) => each.fields)].length, "field")} in all; “Show what is sent” under a review has every letter.`}</p>
    </>
  );
}

function day(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
