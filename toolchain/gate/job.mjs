// What every step does: a job comes in as JSON, its answer goes out as JSON.
import fs from "node:fs";
import path from "node:path";

export const TOOLS = path.resolve(import.meta.dirname, "..");
export const FOLDER = process.cwd();

export const readJob = () => JSON.parse(fs.readFileSync(0, "utf8"));

/** CPU time of a process in ms, with that of its children that have ended. */
export function cpuOf(pid = "self") {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  // utime, stime, cutime, cstime in hundredths of a second: proc(5).
  return fields.slice(11, 15).reduce((sum, each) => sum + each) * 10;
}

/** The same of everything in the sandbox, such as a browser that still runs. */
function cpuOfAll() {
  let sum = 0;
  for (const each of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      sum += cpuOf(each);
    } catch {
      // It has just ended.
    }
  }
  return sum;
}

export function answer(found) {
  const bytes = Buffer.from(JSON.stringify({ ...found, cpu_ms: cpuOfAll() }));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(1, bytes, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

/** Writes files into the job's folder, and links the tools' packages there. */
export function lay(files) {
  for (const [name, text] of Object.entries(files)) {
    const full = path.join(FOLDER, name);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, text);
  }
  const link = path.join(FOLDER, "node_modules");
  if (!fs.existsSync(link)) fs.symlinkSync(path.join(TOOLS, "node_modules"), link);
}
