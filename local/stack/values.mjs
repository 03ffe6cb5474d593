// How values cross between Postgres and JSON, so that replies look as PostgREST's do.
// Numbers keep every digit (JSON.rawJSON, Node 22 and later); timestamps are ISO 8601.

const isLossy = /[0-9]{16}|\.[0-9]*0(?![0-9])|[0-9][eE]/;

const parseBigint = (text) =>
  Number.isSafeInteger(Number(text)) ? Number(text) : JSON.rawJSON(text);

const parseFloat8 = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

const parseNumeric = (text) => {
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  return String(number) === text ? number : JSON.rawJSON(text);
};

const keepDigits = (key, value, { source }) =>
  typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;

const parseJson = (text) => JSON.parse(text, isLossy.test(text) ? keepDigits : undefined);

const isJson = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

// The API server hands over json arguments of an rpc as text already: a second round of quoting
// would store them as one JSON string.
const writeJson = (value) =>
  typeof value === "string" && isJson(value) ? value : JSON.stringify(value);

const parseTimestamptz = (text) =>
  text.replace(
    /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)(?::?(\d\d))?$/,
    (_, day, time, hours, minutes) => `${day}T${time}${hours}:${minutes ?? "00"}`,
  );

const parseTimestamp = (text) => text.replace(/^(\d{4,}-\d\d-\d\d) (\d\d:)/, "$1T$2");

const same = (value) => value;
const writeBytes = (value) =>
  typeof value === "string" ? value : "\\x" + Buffer.from(value).toString("hex");

// Keys are Postgres type numbers (pg_type.oid), as postgres.js wants them.
const type = (to, from, parse, serialize = String) => ({ to, from, parse, serialize });

export const types = {
  bigint: type(20, [20], parseBigint),
  numeric: type(1700, [1700], parseNumeric),
  float8: type(701, [700, 701], parseFloat8),
  json: type(114, [114], parseJson, writeJson),
  jsonb: type(3802, [3802], parseJson, writeJson),
  timestamp: type(1114, [1114], parseTimestamp, same),
  timestamptz: type(1184, [1184], parseTimestamptz, same),
  bytea: type(17, [17], same, writeBytes),
};
