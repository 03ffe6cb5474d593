// Whether the packages can be read from inside the sandbox, and Chromium starts there: node hello.mjs CHROMIUM.
import "oxc-parser";

import { startBrowser } from "./browser.mjs";

const [, , chromium] = process.argv;
const browser = await startBrowser(chromium);
browser.close();
console.log("hello");
