// Prints the data-use text of the listing from the list of fields that are sent:
//   node plugin/listing/write.ts > plugin/listing/data-use.md
// A test holds that the file is what this prints.

import { ALONG, NEVER, SENT } from "../src/shared/data_use.ts";
import { GROUPS, type Group } from "../src/shared/fields.ts";

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

const sent = (Object.keys(GROUPS) as Group[]).map((group) => `${SENT[group]} (${GROUPS[group].split(" ").map((name) => `\`${name}\``).join(", ")})`);

console.log(`# What leaves Figma

Figma AI Buddy sends something only when you press *Ask* or *Measure*, and, to measure again, when layers that
you had reviewed change while the plugin is open. It goes over https to the one service that the plugin's
listing names, and to nobody else from the plugin. *Show what is sent* under each review has it word for word.

Of each selected layer and the layers in it:

${bullets(sent)}

Along with them:

${bullets(ALONG)}

Never:

${bullets(NEVER)}

What the service does with it: *Measure* keeps nothing. *Ask* sends a short outline with your question to the
model that the service uses, unless your team lets nothing out to models, and keeps the layers until the words are written; if every attempt failed, for up
to 30 days, so that it can be tried again. The answer is kept for a day, and for 400 days which suggestions you
applied, took back or ignored. The ledger keeps that you asked, when, and what it cost, for the books. If you
switched the buddy on by the file's link, the findings you ignore go to the service with their reasons, until
you stop ignoring them. All of it is bound to your account, which you can delete on your account page.

What stays: your sign-in on this machine, until you sign out or it ends. The reasons why findings are ignored,
and the link that you pasted, stand in the Figma file, where everybody who can edit it can read them.`);
