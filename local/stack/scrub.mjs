// Takes the stack's own keys out of whatever the API server writes: its greeting shows them, and logs are
// read over shoulders and sent to others.

const SHORTEST = 8;
const own = ["LITE_ANON_KEY", "LITE_SERVICE_ROLE_KEY", "LITE_JWT_SECRET"].map((name) => process.env[name]);
const password = URL.canParse(process.env.LITE_DB_URL) ? new URL(process.env.LITE_DB_URL).password : "";
const secrets = [...own, password, decodeURIComponent(password)].filter((each) => each?.length >= SHORTEST);
// JSON web tokens and keys of other projects.
const shapes = /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]+|\bsb_(?:secret|publishable)_[\w-]{8,}/g;

const scrub = (text) =>
  secrets.reduce((left, secret) => left.replaceAll(secret, "[removed]"), text).replace(shapes, "[removed]");

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...more) => write(scrub(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString()), ...more);
}
