// An upstream that sends the bytes it is given, exactly, and remembers what it was sent.

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/**
 * `script(line, request, number)` is run for each request: line.send(bytes), line.pause(ms), line.end(),
 * line.abort() (closes without an end of the body). Requests have Content-Length or no body.
 *   requests   {method, target, headers, body, text} in order
 */
export async function startScripted(script, port = 0) {
  const requests = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    let received = "";
    socket.setEncoding("latin1");
    socket.on("data", (data) => {
      received += data;
      const request = requestIn(received);
      if (!request) return;
      received = received.slice(request.text.length);
      requests.push(request);
      script(lineOf(socket), request, requests.length);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, port: server.address().port, requests, sockets, stop };
}

function lineOf(socket) {
  return {
    socket,
    send: (bytes) => socket.write(bytes, "latin1"),
    pause: (ms) => delay(ms),
    end: () => socket.end(),
    abort: () => socket.destroy(),
  };
}

function requestIn(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [start, ...lines] = text.slice(0, end).split("\r\n");
  const headers = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    const value = line.slice(line.indexOf(":") + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const whole = end + 4 + Number(headers["content-length"] ?? 0);
  if (text.length < whole) return null;
  const [method, target] = start.split(" ");
  return { method, target, headers, body: Buffer.from(text.slice(end + 4, whole), "latin1").toString("utf8"), text: text.slice(0, whole) };
}

export const chunk = (text) => `${Buffer.byteLength(text, "latin1").toString(16)}\r\n${text}\r\n`;
export const LAST_CHUNK = "0\r\n\r\n";

export const head = (status, type, more = "") => `HTTP/1.1 ${status} Something\r\nContent-Type: ${type}\r\n${more}`;
export const chunkedHead = (type, status = 200) => head(status, type, "Transfer-Encoding: chunked\r\n\r\n");

/** A whole answer with Content-Length. */
export function wholeAnswer(status, body, { type = "application/json", more = "" } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return head(status, type, `Content-Length: ${Buffer.byteLength(text)}\r\n${more}\r\n`) + text;
}
