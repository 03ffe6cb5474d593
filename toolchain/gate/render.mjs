// Step 4: the component in Chromium. In: files, component, chromium, variants [{props, width, wanted}], widths,
// design {width, height, picture}, mutants, floor {files, variants} or null. Out: per variant what the page says and
// computes, errors, overflow, axe, shares, pictures, likeness, per mutant where it differs, and of the floor (other
// files for the same design) variants, shares and likeness.
import fs from "node:fs";
import path from "node:path";

import { startBrowser } from "./browser.mjs";
import { bundled, fontRule, stylist } from "./bundling.mjs";
import { compare, fingerprint, read, shares, values } from "./in_page.mjs";
import { answer, FOLDER, lay, readJob, TOOLS } from "./job.mjs";
import { mutated } from "./operators.mjs";
import { clipped } from "./clipped.mjs";

const TALLEST = 8_000;
const VIEW = 900;
// Rules for whole pages: a component is a part of one.
const OF_PAGES = ["page-has-heading-one", "region", "landmark-one-main"];
const PAGE =
  "<!doctype html><html lang=en><head><title>Component</title><style id=css></style><style id=font></style></head>" +
  "<body><div id=root></div></body></html>";
// Where the floor's files lie: no candidate may have such a path.
const FLOOR = "gate_floor";

const job = readJob();
const browser = startBrowser(job.chromium);
browser.catch(() => {});
lay(job.files);
if (job.floor) lay(Object.fromEntries(Object.entries(job.floor.files).map(([name, text]) => [`${FLOOR}/${name}`, text])));
const isTheme = (each) => each.path.endsWith(".css");
const ofCode = job.mutants.filter((each) => !isTheme(each));
const ofTheme = job.mutants.filter(isTheme);
const textsOf = (files) =>
  Object.entries(files).filter(([name]) => /\.tsx?$/.test(name) && !/\.stories\.tsx$/.test(name)).map(([, text]) => text);
const themeOf = (files) => Object.entries(files).filter(([name]) => name.endsWith(".css")).map(([, text]) => text).join("\n");
const texts = textsOf(job.files);

const build = await stylist(themeOf(job.files));
const css = build(texts);
const cssOfMutants = ofCode.length ? build(ofCode.map((each) => mutated(job.files, each))) : css;
const script = await bundled(job.files, ofCode, job.component, job.floor ? FLOOR : "");

const { page, close } = await browser;
await page.content(PAGE);
const dress = (text) => page.evaluate((each) => void (document.getElementById("css").textContent = each), text);
await page.evaluate(
  (rule) => {
    document.getElementById("font").textContent = rule;
    return Promise.all([...document.fonts].map((each) => each.load())).then(() => true);
  },
  fontRule(),
);
await dress(css);
await page.run(script);

let width = 0;
const show = async (key, props, wide) => {
  if (wide !== width) await page.size(wide, VIEW);
  width = wide;
  await page.evaluate((name, given) => window.show(name, given), key, props);
};
const picture = async (wide) => {
  const [high, content] = await page.evaluate(() => [
    Math.ceil(document.documentElement.scrollHeight),
    Math.ceil(document.getElementById("root").getBoundingClientRect().height),
  ]);
  return page.picture(wide, Math.min(TALLEST, Math.max(1, high > VIEW ? high : content)));
};
const variantsOf = async (key, variants, isPrinted) => {
  const seen = [];
  for (const each of variants) {
    await show(key, each.props, each.width);
    const [layers, computed] = [await page.evaluate(read), await page.evaluate(values, each.wanted)];
    seen.push({ layers, computed, fingerprint: isPrinted ? await page.evaluate(fingerprint) : 0 });
  }
  return seen;
};
const likenessOf = (shown) => {
  if (!job.design.picture) return undefined;
  const size = { width: job.design.width, height: Math.min(TALLEST, Math.max(1, job.design.height)) };
  return page.evaluateApart(compare, { design: job.design.picture, shown, ...size });
};

const found = { overflow: {}, clipped: {}, pictures: {} };
found.variants = await variantsOf("", job.variants, job.mutants.length > 0);
await show("", {}, job.design.width);
found.shares = await page.evaluate(shares);
const shown = await picture(job.design.width);
await page.run(fs.readFileSync(path.join(TOOLS, "node_modules", "axe-core", "axe.min.js"), "utf8"));
found.axe = await page.evaluate(
  (rules) =>
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
  found.clipped[each] = await page.evaluate(clipped);
  found.pictures[each] = await picture(each);
}
found.pictures[job.design.width] ??= shown;
found.errors = [...page.errors];
found.likeness = await likenessOf(shown);

found.mutants = {};
const judge = async (mutant, key) => {
  const differs = [];
  let isSame = true;
  for (const [at, each] of job.variants.entries()) {
    await show(key, each.props, each.width);
    const computed = await page.evaluate(values, each.wanted);
    computed.forEach((value, index) => {
      if (value !== found.variants[at].computed[index]) differs.push([at, index, value]);
    });
    if (differs.length) break;
    isSame &&= (await page.evaluate(fingerprint)) === found.variants[at].fingerprint;
  }
  found.mutants[mutant.id] = { differs: differs.slice(0, 20), isSame: isSame && !differs.length };
};
/** The variable of a mutant in the theme where the page takes its value from there alone; else "". Of others, such as
 * shadows, Tailwind writes the value into its classes. */
const variableOf = (mutant) => {
  const before = job.files[mutant.path].slice(0, mutant.start);
  const [, name] = before.match(/(--(?:color|text|radius|tracking|spacing)-[\w-]+)\s*:\s*$/) ?? [];
  return name && /^\s*@theme \{[^{}@/]*$/.test(before) ? name : "";
};
if (ofCode.length) await dress(cssOfMutants);
for (const each of ofCode) await judge(each, String(each.id));
if (ofTheme.length && ofCode.length) await dress(css);
for (const each of ofTheme) {
  const name = variableOf(each);
  if (name) {
    await page.evaluate((token, value) => document.documentElement.style.setProperty(token, value), name, each.put);
    await judge(each, "");
    await page.evaluate((token) => document.documentElement.style.removeProperty(token), name);
    continue;
  }
  const other = await stylist(themeOf({ ...job.files, [each.path]: mutated(job.files, each) }));
  await dress(other(texts));
  await judge(each, "");
  await dress(css);
}

// Last, so that nothing of it stands in the candidate's page.
if (job.floor) {
  const { files, variants } = job.floor;
  const other = await stylist(themeOf(files));
  await dress(other(textsOf(files)));
  const seen = { variants: await variantsOf(FLOOR, variants, false) };
  await show(FLOOR, {}, job.design.width);
  seen.shares = await page.evaluate(shares);
  const drawn = await picture(job.design.width);
  seen.likeness = drawn === shown ? found.likeness : await likenessOf(drawn);
  found.floor = seen;
}
answer(found);
close();
process.exit(0);
