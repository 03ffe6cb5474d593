// Where Postgres goes away while the API server starts, it says so and then neither listens nor ends.
// Ended, it is started again by its supervisor.
import { connect } from "node:net";

const START_MS = Number(process.env.LITE_START_MS ?? 15_000);

setTimeout(() => {
  connect(Number(process.env.LITE_PORT), "127.0.0.1")
    .on("connect", function () {
      this.destroy();
    })
    .on("error", () => {
      console.error("It does not listen yet: it ends, to be started again.");
      // The server has its own process.exit, which may wait.
      process.kill(process.pid, "SIGKILL");
    });
}, START_MS).unref();
