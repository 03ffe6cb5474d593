// Once for a process: node prepare.mjs FOLDER. Packages of hundreds of files as one file each, which Node reads in a
// third of the time. The tests of components run with them.
import fs from "node:fs";
import path from "node:path";

import { rolldown } from "rolldown";

const [, , into] = process.argv;
const folder = path.join(into, "happy-dom");
const build = await rolldown({ input: import.meta.resolve("happy-dom").replace("file://", ""), platform: "node", logLevel: "silent" });
// Names are told in errors, and some code asks for them.
await build.write({ file: path.join(folder, "index.js"), format: "esm", codeSplitting: false, keepNames: true });
await build.close();
fs.writeFileSync(path.join(folder, "package.json"), '{"name": "happy-dom", "type": "module", "main": "index.js"}');
