// An address that takes no connection and refuses none: a listener whose queue is full and whose process sleeps.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const PROGRAM = `const server = require("node:net").createServer();
server.listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  require("node:fs").writeSync(1, server.address().port + "\\n");
  process.kill(process.pid, "SIGSTOP");
});`;
const CONNECTED_MS_MAX = 200;
const QUEUE_MAX = 32;

/** Resolves to {port, stop()}. */
export async function silentAddress() {
  const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  const [line] = await once(child.stdout, "data");
  const port = Number(line);
  const sockets = [];
  let full = false;
  while (!full) {
    if (sockets.length > QUEUE_MAX) throw new Error("the queue does not fill");
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => {});
    sockets.push(socket);
    full = await Promise.race([once(socket, "connect").then(() => false), delay(CONNECTED_MS_MAX).then(() => true)]);
  }
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    process.off("exit", kill);
    kill();
  };
  return { port, stop };
}
