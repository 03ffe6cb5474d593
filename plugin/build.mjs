// Builds what Figma loads: manifest.json, main.js and ui.html, for one service. All of it is in three
// files, as a plugin can bring no others.
//
//   node plugin/build.mjs --site https://buddy.example.com --out FOLDER [--id 123] [--stand-in]
//
// `--stand-in` adds stand_in.js, the drawing with a `figma` of our own for the try-out page.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import path from "node:path";
import esbuild from "esbuild";
import { minify } from "terser";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const SHARED = {
  bundle: true, minify: true, write: false, legalComments: "none", charset: "utf8", logLevel: "warning",
  // Plain assignments for the fields of classes, which are shorter.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
};

/** Names that only the page's or only the main code's own lines read: they are shortened. */
const INNER = [
  "about", "act", "again", "base", "excusing", "filesNote", "guidance", "hidden", "isGone", "isNew", "isOffline", "isReady",
  "isSentShown", "lines", "look", "mood", "newer", "note", "off", "over", "phase", "retryAfter", "review", "signing", "since", "tab",
  "waitUntil", "what",
];
const INNER_OF_MAIN = ["extras", "isDue", "needsFonts", "putBack", "wrote"];
const only = (names) => new RegExp(`^(?:${names.join("|")})$`);

/** Where the plugin calls the service. Figma takes no numeric address in a manifest. */
export function apiOf(site) {
  const url = new URL(site);
  if (LOOPBACK.has(url.hostname)) url.hostname = "localhost";
  else if (url.protocol !== "https:") throw new Error(`Figma lets a plugin call https addresses alone, and not ${site}.`);
  return url.origin;
}

/** What esbuild leaves long, some two parts in a hundred. */
async function shorten(code) {
  const shorter = await minify(code, { ecma: 2020, compress: { passes: 3 }, format: { comments: false } });
  return shorter.code ?? code;
}

export async function buildMain() {
  const built = await esbuild.build({
    ...SHARED, entryPoints: [path.join(HERE, "src/main/main.ts")], format: "iife", target: "es2020", platform: "neutral",
    mangleProps: only(INNER_OF_MAIN),
  });
  return shorten(built.outputFiles[0].text);
}

export async function buildPage(site) {
  const built = await esbuild.build({
    ...SHARED, entryPoints: [path.join(HERE, "src/ui/app.tsx")], format: "iife", target: "es2020",
    jsx: "transform", jsxFactory: "h", jsxFragment: "Fragment", inject: [path.join(HERE, "src/ui/jsx.ts")],
    mangleProps: only(INNER),
    define: { SITE: JSON.stringify(new URL(site).origin), API: JSON.stringify(apiOf(site)) },
  });
  const style = await esbuild.build({ ...SHARED, entryPoints: [path.join(HERE, "src/ui/style.css")] });
  const code = await shorten(built.outputFiles[0].text);
  const script = code.trim().replaceAll("</script", "<\\/script");
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figma AI Buddy</title>',
    `<style>${style.outputFiles[0].text.trim()}</style></head>`,
    `<body><div id="app"></div><script>${script}</script></body></html>`,
  ].join("");
}

export async function buildManifest(site, id = "") {
  const manifest = JSON.parse(await readFile(path.join(HERE, "manifest.json"), "utf8"));
  const api = apiOf(site);
  const isLocal = new URL(api).hostname === "localhost";
  return {
    ...manifest,
    ...(id ? { id } : {}),
    networkAccess: {
      ...manifest.networkAccess,
      allowedDomains: isLocal ? ["none"] : [api],
      ...(isLocal ? { devAllowedDomains: [api] } : {}),
    },
  };
}

export async function buildStandIn() {
  const built = await esbuild.build({
    ...SHARED, entryPoints: [path.join(HERE, "stand_in/page.ts")], format: "iife", target: "es2022",
  });
  return built.outputFiles[0].text;
}

export async function buildAll({ site, out, id = "", standIn = false }) {
  const [manifest, main, page] = await Promise.all([buildManifest(site, id), buildMain(), buildPage(site)]);
  await mkdir(out, { recursive: true });
  await Promise.all([
    writeFile(path.join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`),
    writeFile(path.join(out, manifest.main), main),
    writeFile(path.join(out, manifest.ui), page),
    ...(standIn ? [writeFile(path.join(out, "stand_in.js"), await buildStandIn())] : []),
  ]);
  return { manifest, sizes: { [manifest.main]: Buffer.byteLength(main), [manifest.ui]: Buffer.byteLength(page) } };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { site: { type: "string" }, out: { type: "string" }, id: { type: "string" }, "stand-in": { type: "boolean" } },
  });
  const { sizes } = await buildAll({ site: values.site, out: values.out, id: values.id, standIn: values["stand-in"] });
  for (const [name, bytes] of Object.entries(sizes)) console.log(`${name} ${(bytes / 1000).toFixed(1)} kB`);
}
