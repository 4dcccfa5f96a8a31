// A hop that ends connections as no HTTP proxy here can be made to: a network balancer whose idle time is up, a NAT
// that forgets, a proxy that ends a stream in order.

import { connect, createServer } from "node:net";
import { once } from "node:events";

const CHUNKED_END = "0\r\n\r\n";

/**
 * Cuts connections that were silent for `silenceMs`; how is
 *   "reset"      both sides are reset, as by an AWS Network Load Balancer
 *   "forgets"    nothing is passed on any more, and nobody is told, as by a NAT
 *   "clean end"  the client gets the end of a chunked body, as if the answer were whole
 */
export async function startRudeHop(upstreamPort, { how, silenceMs }) {
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    let cut = false;
    const end = {
      reset: () => [client, upstream].forEach((socket) => socket.resetAndDestroy()),
      forgets: () => {},
      "clean end": () => {
        client.end(CHUNKED_END);
        upstream.destroy();
      },
    }[how];
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        cut = true;
        end();
      }, silenceMs);
    };
    heard();
    for (const [from, to] of [[client, upstream], [upstream, client]]) {
      sockets.add(from);
      from.on("error", () => {});
      from.on("data", (bytes) => {
        if (cut) return;
        heard();
        to.write(bytes);
      });
      from.on("close", () => {
        sockets.delete(from);
        clearTimeout(timer);
        if (!cut) to.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, "close");
    },
  };
}
