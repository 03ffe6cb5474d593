// Step 4: the component in Chromium. In: files, component, chromium, variants [{props, width, wanted}], widths,
// design {width, height, picture}, mutants. Out: per variant what the page says and computes, errors, overflow,
// axe, shares, pictures, likeness, and per mutant where it differs.
import fs from "node:fs";
import path from "node:path";

import { chromium } from "playwright-core";

import { bundled, fontRule, stylist } from "./bundling.mjs";
import { compare, fingerprint, read, shares } from "./in_page.mjs";
import { answer, lay, readJob, TOOLS } from "./job.mjs";
import { mutated } from "./operators.mjs";

const TALLEST = 8_000;
const VIEW = 900;
// Rules for whole pages: a component is a part of one.
const OF_PAGES = ["page-has-heading-one", "region", "landmark-one-main"];
const PAGE =
  "<!doctype html><html lang=en><head><title>Component</title><style id=css></style><style id=font></style></head>" +
  "<body><div id=root></div></body></html>";

const job = readJob();
lay(job.files);
const isTheme = (each) => each.path.endsWith(".css");
const ofCode = job.mutants.filter((each) => !isTheme(each));
const ofTheme = job.mutants.filter(isTheme);
const texts = Object.entries(job.files).filter(([name]) => /\.tsx?$/.test(name) && !/\.stories\.tsx$/.test(name)).map(([, text]) => text);
const theme = Object.entries(job.files).filter(([name]) => name.endsWith(".css")).map(([, text]) => text).join("\n");

const script = await bundled(job.files, ofCode, job.component);
const build = await stylist(theme);
const css = build(texts);
const cssOfMutants = ofCode.length ? build(ofCode.map((each) => mutated(job.files, each))) : css;

const browser = await chromium.launch({
  executablePath: job.chromium, chromiumSandbox: true,
  args: ["--disable-dev-shm-usage", "--disable-gpu", "--js-flags=--max-old-space-size=512"],
});
const context = await browser.newContext({ offline: true, deviceScaleFactor: 1 });
context.setDefaultTimeout(120_000);
const page = await context.newPage();
const errors = [];
page.on("console", (said) => said.type() === "error" && errors.push(said.text()));
page.on("pageerror", (error) => errors.push(String(error?.message ?? error)));
await page.setContent(PAGE);
const dress = (text) => page.evaluate((each) => void (document.getElementById("css").textContent = each), text);
await page.evaluate((rule) => void (document.getElementById("font").textContent = rule), fontRule());
await page.evaluate(() => Promise.all([...document.fonts].map((each) => each.load())).then(() => true));
await dress(css);
await page.addScriptTag({ content: script });

let width = 0;
const show = async (key, props, wide) => {
  if (wide !== width) await page.setViewportSize({ width: wide, height: VIEW });
  width = wide;
  await page.evaluate(([name, given]) => window.show(name, given), [key, props]);
};
const picture = async (wide, atLeast) => {
  const high = await page.evaluate(() => Math.ceil(document.documentElement.scrollHeight));
  const content = await page.evaluate(() => Math.ceil(document.getElementById("root").getBoundingClientRect().height));
  const height = Math.min(TALLEST, Math.max(1, atLeast, high > VIEW ? high : content));
  return page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width: wide, height } });
};

const found = { variants: [], overflow: {}, pictures: {} };
for (const each of job.variants) {
  await show("", each.props, each.width);
  const seen = await page.evaluate(read, each.wanted);
  found.variants.push({ ...seen, fingerprint: job.mutants.length ? await page.evaluate(fingerprint) : 0 });
}
await show("", {}, job.design.width);
found.shares = await page.evaluate(shares);
const shown = await picture(job.design.width, 1);
await page.addScriptTag({ content: fs.readFileSync(path.join(TOOLS, "node_modules", "axe-core", "axe.min.js"), "utf8") });
found.axe = await page.evaluate((rules) =>
  window.axe
    .run(document, { rules: Object.fromEntries(rules.map((each) => [each, { enabled: false }])) })
    .then(({ violations }) =>
      violations.map((each) => ({
        rule: each.id,
        help: each.help,
        node: each.nodes.map((one) => document.querySelector(one.target[0])?.closest("[data-node]")?.dataset.node ?? "")[0] ?? "",
        html: each.nodes[0]?.html.slice(0, 200) ?? "",
      })),
    ),
  OF_PAGES,
);
for (const each of job.widths) {
  await show("", {}, each);
  found.overflow[each] = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  found.pictures[each] = (await picture(each, 1)).toString("base64");
}
found.pictures[job.design.width] ??= shown.toString("base64");
found.errors = [...errors];
if (job.design.picture) {
  const other = await context.newPage();
  const size = { width: job.design.width, height: Math.min(TALLEST, Math.max(1, job.design.height)) };
  found.likeness = await other.evaluate(compare, { design: job.design.picture, shown: shown.toString("base64"), ...size });
  await other.close();
}

found.mutants = {};
const judge = async (mutant, key) => {
  const differs = [];
  let isSame = true;
  for (const [at, each] of job.variants.entries()) {
    await show(key, each.props, each.width);
    const { computed } = await page.evaluate(read, each.wanted);
    computed.forEach((value, index) => {
      if (value !== found.variants[at].computed[index]) differs.push([at, index, value]);
    });
    if (differs.length) break;
    isSame &&= (await page.evaluate(fingerprint)) === found.variants[at].fingerprint;
  }
  found.mutants[mutant.id] = { differs: differs.slice(0, 20), isSame: isSame && !differs.length };
};
if (ofCode.length) await dress(cssOfMutants);
for (const each of ofCode) await judge(each, String(each.id));
for (const each of ofTheme) {
  const other = await stylist(mutated(job.files, each));
  await dress(other(texts));
  await judge(each, "");
}
await browser.close();
answer(found);
process.exit(0);
