// One page of Chromium, by its own protocol over a pipe: a library for it takes longer to load than the page.
// https://chromedevtools.github.io/devtools-protocol/
import { spawn } from "node:child_process";

const SWITCHES = [
  "--headless", "--remote-debugging-pipe", "--user-data-dir=/tmp/chromium", "--disable-dev-shm-usage", "--disable-gpu",
  "--js-flags=--max-old-space-size=512", "--no-first-run", "--no-default-browser-check", "--no-service-autorun",
  "--disable-background-networking", "--disable-breakpad", "--disable-component-update", "--disable-default-apps",
  "--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-sync", "--disable-hang-monitor",
  "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
  "--disable-field-trial-config", "--disable-search-engine-choice-screen", "--force-color-profile=srgb", "--hide-scrollbars",
  "--mute-audio", "--password-store=basic", "--metrics-recording-only", "--in-process-gpu",
  "--disable-software-rasterizer", "--enable-features=NetworkServiceInProcess2",
  "--disable-features=SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
];

/** {page, close}. `page.errors`: what the console and the window said of errors. */
export async function startBrowser(program) {
  const child = spawn(program, SWITCHES, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  const [, , told, orders, answers] = child.stdio;
  let said = "";
  told.on("data", (data) => (said = (said + data).slice(-4000)));
  const waiting = new Map();
  let sent = 0;
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++sent, { resolve, reject, method });
      orders.write(`${JSON.stringify({ id: sent, method, params, sessionId })}\0`);
    });
  const end = () => {
    for (const { reject } of waiting.values()) reject(new Error(`Chromium has ended: ${said}`));
    waiting.clear();
  };
  orders.on("error", end);
  child.on("error", (error) => {
    said += error.message;
    end();
  });
  child.on("close", end);
  const errors = [];
  const hear = ({ id, method, params, result, error }) => {
    if (id) {
      const { resolve, reject, method: asked } = waiting.get(id);
      waiting.delete(id);
      return error ? reject(new Error(`${asked}: ${error.message}`)) : resolve(result);
    }
    if (method === "Runtime.consoleAPICalled" && params.type === "error") errors.push(params.args.map(inWords).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
    if (method === "Runtime.exceptionThrown") errors.push(messageOf(params.exceptionDetails));
  };
  let rest = [];
  answers.on("data", (data) => {
    let from = 0;
    for (let at = data.indexOf(0); at >= 0; at = data.indexOf(0, from)) {
      rest.push(data.subarray(from, at));
      hear(JSON.parse(Buffer.concat(rest).toString()));
      rest = [];
      from = at + 1;
    }
    rest.push(data.subarray(from));
  });
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  await Promise.all([ask("Page.enable"), ask("Runtime.enable"), ask("Log.enable")]);
  return { page: new Page(ask, targetId, errors), close: () => child.kill("SIGKILL") };
}

class Page {
  constructor(ask, frameId, errors) {
    Object.assign(this, { ask, frameId, errors });
  }

  content(html) {
    return this.ask("Page.setDocumentContent", { frameId: this.frameId, html });
  }

  /** Runs a script as the page's own. */
  run(script) {
    return this.#evaluate(script, {});
  }

  /** What a function says inside the page; it is sent as text. */
  evaluate(what, ...given) {
    return this.#evaluate(calling(what, given), {});
  }

  /** The same where nothing that the page runs can reach. */
  async evaluateApart(what, ...given) {
    this.apart ??= this.ask("Page.createIsolatedWorld", { frameId: this.frameId });
    const { executionContextId } = await this.apart;
    return this.#evaluate(calling(what, given), { contextId: executionContextId });
  }

  size(width, height) {
    return this.ask("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  /** A PNG in base64 of the page from its top, also of what is below the window. */
  async picture(width, height) {
    const clip = { x: 0, y: 0, width, height, scale: 1 };
    const { data } = await this.ask("Page.captureScreenshot", { format: "png", clip, captureBeyondViewport: true });
    return data;
  }

  async #evaluate(expression, where) {
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", {
      expression, awaitPromise: true, returnByValue: true, ...where,
    });
    if (exceptionDetails) throw new Error(messageOf(exceptionDetails));
    return result.value;
  }
}

const calling = (what, given) => `(${what})(${given.map((each) => JSON.stringify(each)).join(", ")})`;

const inWords = (argument) => String(argument.value ?? argument.description ?? argument.type);

/** The message of what was thrown, without where. */
function messageOf({ exception, text }) {
  const said = exception?.description ?? (exception && "value" in exception ? String(exception.value) : text);
  return said.replace(/\n {4}at [^]*$/, "").replace(/^\w*Error: /, "");
}
