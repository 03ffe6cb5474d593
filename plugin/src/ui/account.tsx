// Signing in, and who is signed in.

import type { JSX } from "preact";
import { site } from "./api.ts";
import { Bullets, Button, Link, NoteWords, Row, Soft } from "./parts.tsx";
import { cancelSignIn, signIn, signOut } from "./signing.ts";
import { bad, state } from "./store.ts";

const host = new URL(site).host;

export function SignInView(): JSX.Element {
  const { signing } = state;
  if (signing?.over) {
    return <NoteWords note={bad(signing.over)}><Row><Button look="main" act={signIn}>Start again</Button><Button look="quiet" act={cancelSignIn}>Back</Button></Row></NoteWords>;
  }
  if (signing) {
    return (
      <>
        <h1>Go on in your browser</h1>
        <p>Agree there only if the page shows this code:</p>
        <p class="shown-code">{signing.code}</p>
        <Soft live>{signing.isOffline ? `${host} cannot be reached. The plugin goes on trying.` : "Waiting for your browser …"}</Soft>
        <p>No page opened? <Link href={signing.link}>Open it</Link>, or copy this address:</p>
        <input class="code" readOnly value={signing.link} aria-label="Address of the sign-in page" onFocus={(event) => event.currentTarget.select()} />
        <Row><Button act={cancelSignIn}>Cancel</Button></Row>
      </>
    );
  }
  return (
    <>
      <svg viewBox="0 0 32 32" width="40" height="40" aria-hidden="true"><rect width="32" height="32" rx="9" fill="#5b3df5" /><path d="M16 5.500c1 6.400 4.100 9.500 10.500 10.500C20.100 17 17 20.100 16 26.500 15 20.100 11.900 17 5.500 16 11.900 15 15 11.900 16 5.500z" fill="#fff" /></svg>
      <h1>A second pair of eyes on your design</h1>
      <p>Select a frame. The buddy measures contrast, targets, type and spacing, says what to mend, and mends it when you agree.</p>
      <Bullets lines={["Each finding has its value, threshold and source.", "Fixes come from your own colours and grid, and each can be taken back by itself.", "Measuring is free, and so are ten answers in words."]} />
      <Row><Button look="main" act={signIn}>Sign in with Figma</Button></Row>
      <Soft>It opens {host} in your browser.</Soft>
    </>
  );
}

export function usesWords(): string {
  const { plan_name: plan, limit, left, used } = state.me!.usage;
  return typeof limit === "number" ? `${left ?? 0} of ${limit} uses left` : `${plan}: ${used} used`;
}

export function AccountView(): JSX.Element {
  const { me, session } = state;
  if (!me) return <Soft live>Reading your account …</Soft>;
  return (
    <>
      <h2>{me.user.handle}</h2>
      {me.user.state === "suspended" && <NoteWords note={bad("This account is suspended, so the buddy does not answer you.")} />}
      <p>{usesWords()} <small>{me.usage.plan_name}{me.usage.resets_at && `, again from ${day(me.usage.resets_at)}`}</small></p>
      <Soft>A use is an answer in words. Measuring takes none. This sign-in ends on {day(session!.expires_at)}, or when it is not used.</Soft>
      <Row><Button act={signOut}>Sign out</Button><Link href={`${site}/account`}>My account</Link></Row>
      <h2>What leaves Figma</h2>
      <p>When you press Ask or Measure, and when what was reviewed changes, the selected layers go to {host}: what they are, where, how they look, and their texts. No pictures, nothing else of the file. “Show what is sent” under a review has it to the letter.</p>
    </>
  );
}

function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
