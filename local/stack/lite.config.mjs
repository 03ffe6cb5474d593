// Makes @supabase/lite answer as hosted Supabase (PostgREST and GoTrue) does.
// Besides documented options it sets four undocumented members of the connection, so the package is
// pinned exactly; tests/local/test_stack.py proves each point below on every change of version.
import { createPostgresConnection } from "@supabase/lite/postgres";
import { types } from "./values.mjs";

const env = process.env;
// Hosted's time limits per role: https://supabase.com/docs/guides/database/postgres/timeouts
const timeouts = { anon: "3s", authenticated: "8s", service_role: "8s" };

const connection = createPostgresConnection({
  url: env.LITE_DB_URL,
  postgresOptions: {
    max: Number(env.LITE_POOL ?? 10),
    onnotice: () => {},
    connection: { application_name: "supabase-lite" },
    types,
  },
});

// Roles are always switched, and our own revokes stay: left alone, the first request would run
// `grant all on all tables … to anon`.
connection.rlsState = "active";

// PostgREST's HTTP status for an SQLSTATE: https://docs.postgrest.org/en/v14/references/errors.html
const serverFaults = /^(40|57|58|XX|P0|25|2D|38|39|3B|54|F0|HV|09)/;
const statusOf = (code) => {
  if (code === "P0001") return 400;
  if (code === "23505") return 409;
  if (/^08/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  return serverFaults.test(code) ? 500 : 400;
};
const isRightAlready = (code) =>
  code === "PGRST" ||
  /^(42|22|21|55|53|PT)/.test(code) ||
  ["23502", "23503", "25006"].includes(code);

// Codes that would come out as a bare 500 are passed on as PostgREST's own `raise sqlstate 'PGRST'`.
connection.normalizeDbError = (error) => {
  const code = error?.code;
  // Storage looks for these codes itself: a file that is there already is a 409.
  if (error?.schema_name === "storage") return error;
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code) || isRightAlready(code)) return error;
  const { message, detail: details = null, hint = null } = error;
  return {
    code: "PGRST",
    message: JSON.stringify({ code, message, details, hint }),
    detail: JSON.stringify({ status: statusOf(code), headers: {} }),
  };
};

const quote = (value) => `'${String(value ?? "").replace(/'/g, "''")}'`;
const run = (db, sql) =>
  db.executeQuery({ sql, parameters: [], query: { kind: "RawNode" }, queryId: {} });
const setLocal = (db, pairs) =>
  run(
    db,
    "select " +
      pairs.map(([name, value]) => `set_config(${quote(name)}, ${quote(value)}, true)`).join(", "),
  );

// The server's own tokens lack the two metadata claims that hosted's carry.
const addMetadata = async (db, claims) => {
  if (!claims?.sub || !claims.session_id || claims.app_metadata) return claims;
  const found = await run(
    db,
    `select raw_app_meta_data as app, raw_user_meta_data as person
     from auth.users where id = ${quote(claims.sub)}::uuid`,
  );
  const user = found.rows[0];
  return user
    ? { ...claims, app_metadata: user.app ?? {}, user_metadata: user.person ?? {} }
    : claims;
};

// One statement in place of about ten round trips; it also sets what hosted sets per request.
connection.applyJwtSessionContext = async (db, context) => {
  const auth = context.auth ?? {};
  const role = auth.role || "anon";
  const isObject = auth.jwt && typeof auth.jwt === "object";
  const claims = await addMetadata(db, isObject ? auth.jwt : null);
  await setLocal(db, [
    ["search_path", "public, extensions"],
    ["statement_timeout", timeouts[role] ?? "8s"],
    ["request.jwt.claim.sub", auth.uid],
    ["request.jwt.claim.role", role],
    ["storage.operation", context.storage?.operation],
    ...(claims ? [["request.jwt.claims", JSON.stringify(claims)]] : []),
    ["role", role],
  ]);
};

// The two headers that carry keys stay out of the session, and so out of Postgres's log.
connection.applyRpcRequestGucs = (db, request) => {
  const { apikey, authorization, ...headers } = request.requestHeaders ?? {};
  return setLocal(db, [
    ["response.status", ""],
    ["response.headers", ""],
    ["request.method", request.method],
    ["request.path", request.path],
    ["request.headers", JSON.stringify(headers)],
  ]);
};

// Where Postgres is still starting, the server would stay without listening: see started.mjs.
await connection.driver.listen("pgrst", () => connection.clearSchemaCache()).catch((error) => {
  console.error(error);
  process.exit(1);
});

export default {
  connection,
  api: { port: Number(env.LITE_PORT), max_rows: 1000, pg_safe_update: true },
  studio: { enabled: false },
  storage: { enabled: true, file_size_limit: "50MiB" },
  auth: {
    enabled: true,
    jwt_secret: env.LITE_JWT_SECRET,
    jwt_expiry: 3600,
    enable_signup: true,
    publishable_key: env.LITE_ANON_KEY,
    secret_key: env.LITE_SERVICE_ROLE_KEY,
    email: { enable_confirmations: false },
  },
};
