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
    return <><h1>Not signed in</h1><NoteWords note={bad(signing.over)}><Row><Button look="main" act={signIn}>Start again</Button><Button look="quiet" act={cancelSignIn}>Back</Button></Row></NoteWords></>;
  }
  if (signing) {
    return (
      <>
        <h1>Go on in your browser</h1>
        <p>Agree there only if the page shows this code:</p>
        <p class="pin">{signing.code}</p>
        <Soft live>{signing.isOffline ? `${host} cannot be reached. The plugin goes on trying.` : "Waiting …"}</Soft>
        <p>No page opened? <Link href={signing.link}>Open it</Link>, or copy this address:</p>
        <input class="code" readOnly value={signing.link} aria-label="Address" onFocus={(event) => event.currentTarget.select()} />
        <Row><Button act={cancelSignIn}>Cancel</Button></Row>
      </>
    );
  }
  return (
    <>
      <h1>A second pair of eyes on your design</h1>
      <p>Select a frame. The buddy measures contrast, targets, type and spacing, says what to mend, and mends it if you agree.</p>
      <Bullets lines={["Each finding has its value, its threshold and its source.", "Fixes come from your own colours and grid. Each can be undone by itself.", "Measuring is free, and so are ten answers in words."]} />
      <Row><Button look="main" act={signIn}>Sign in with Figma</Button><small>in your browser</small></Row>
    </>
  );
}

export function usesWords(): string {
  const { plan_name: plan, limit, left, used } = state.me!.usage;
  return typeof limit === "number" ? `${left ?? 0} of ${limit} uses left` : `${plan}: ${used} used`;
}

export function AccountView(): JSX.Element {
  const { me, session } = state;
  if (!me) return <Soft live>Reading …</Soft>;
  return (
    <>
      <h1>{me.user.handle}</h1>
      <p>{usesWords()} <small>{me.usage.plan_name}</small></p>
      <Soft>An answer in words is a use. Measuring takes none. This sign-in ends on {day(session!.expires_at)}, or when it is not used.</Soft>
      <Row><Button act={signOut}>Sign out</Button><Link href={`${site}/account`}>My account</Link></Row>
      <h2>What leaves Figma</h2>
      <p>On Ask or Measure, and when what was reviewed changes, the selected layers go to {host}: place, looks, texts. No pictures, nothing else of the file. “Show what is sent” has it to the letter.</p>
    </>
  );
}

function day(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
}
