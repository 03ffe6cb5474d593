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

What the service does with it: it measures the layers and keeps what it found, without the layers
themselves. If you press *Ask*, a short outline with your question goes to the model that the service uses.
Findings and words are kept with your account until you delete it on your account page.

What stays: your sign-in on this machine, until you sign out or it ends. The reasons why findings are ignored,
and the link that you pasted, stand in the Figma file, where everybody who can edit it can read them.`);
