// A TCP client that sends exactly what it is told, and keeps what it gets.

import { once } from "node:events";
import { connect } from "node:net";

import { WAIT_MS_MAX } from "./until.mjs";

/**
 *   write(text), end(), destroy()
 *   read(holds)   resolves to all that came, as soon as holds(text) does or `holds` (text or pattern) is in it
 *   ended         resolves to all that came, when the other side has closed or reset: {text, reset}
 *   text()        what came so far
 */
export async function openRaw(port, host = "127.0.0.1") {
  const socket = connect({ port, host, allowHalfOpen: true });
  socket.setNoDelay(true);
  let text = "";
  let reset = false;
  const watchers = new Set();
  const look = () => watchers.forEach((watch) => watch());
  socket.setEncoding("latin1");
  socket.on("data", (data) => {
    text += data;
    look();
  });
  socket.on("error", () => (reset = true));
  const ended = new Promise((resolve) => {
    const done = () => resolve({ text, reset });
    socket.on("end", done);
    socket.on("close", done);
  });
  await Promise.race([once(socket, "connect"), once(socket, "error").then(([error]) => Promise.reject(error))]);
  const read = (wanted) =>
    new Promise((resolve, reject) => {
      const holds = typeof wanted === "function" ? wanted : wanted instanceof RegExp ? (all) => wanted.test(all) : (all) => all.includes(wanted);
      const leave = () => {
        clearTimeout(timer);
        watchers.delete(watch);
      };
      const fail = (reason) => {
        leave();
        reject(new Error(`${reason} before ${wanted}; came so far: ${JSON.stringify(text.slice(-2000))}`));
      };
      const watch = () => {
        if (!holds(text)) return;
        leave();
        resolve(text);
      };
      const timer = setTimeout(() => fail(`${WAIT_MS_MAX} ms passed`), WAIT_MS_MAX);
      watchers.add(watch);
      ended.then(() => {
        watch();
        if (watchers.has(watch)) fail("the connection ended");
      });
      watch();
    });
  return {
    socket,
    read,
    ended,
    text: () => text,
    write: (data) => socket.write(data, "latin1"),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    reset: () => socket.resetAndDestroy(),
  };
}

/** Sends `request` and resolves to the whole answer, when the connection has ended. */
export async function exchangeRaw(port, request) {
  const client = await openRaw(port);
  client.write(request);
  const { text } = await client.ended;
  client.destroy();
  return parseAnswer(text);
}

/** The first answer in `text`: {status, headers, body}; the body as it is framed by content-length, else all that follows. */
export function parseAnswer(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return { status: 0, headers: {}, body: "", text };
  const [start, ...lines] = text.slice(0, end).split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  const length = headers["content-length"];
  const body = length === undefined ? text.slice(end + 4) : text.slice(end + 4, end + 4 + Number(length));
  return { status: Number(start.split(" ")[1]), start, headers, body, rest: length === undefined ? "" : text.slice(end + 4 + Number(length)), text };
}

/** A request with a JSON body, as text. */
export function jsonRequest(path, body, headers = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const fields = { Host: "gateway", "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${text}`;
}
