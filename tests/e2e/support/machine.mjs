// Model servers as they answer on a machine of one's own, each on a free port; and one that is none.

import { once } from "node:events";
import { createServer } from "node:http";

const list = (...data) => ({ object: "list", data });

/** What each says, by its own sources; a function is asked with the path. */
const SAYINGS = {
  ollama: {
    "/v1/models": list({ id: "llama3.2:latest", object: "model", created: 1736951111, owned_by: "library" }),
    "/api/version": { version: "0.12.3" },
    "/api/tags": { models: [{ name: "llama3.2:latest", model: "llama3.2:latest", modified_at: "2026-01-01T00:00:00Z", size: 2019393189, digest: "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72" }] },
  },
  "llama-server": {
    "/v1/models": { models: [{ name: "qwen", model: "qwen" }], ...list({ id: "qwen", object: "model", created: 1736951111, owned_by: "llamacpp", meta: { n_ctx_train: 32768 } }) },
    "/props": { build_info: "b6500-1a2b3c4", default_generation_settings: {} },
  },
  vllm: {
    "/v1/models": list({ id: "Qwen/Qwen3-8B", object: "model", created: 1736951111, owned_by: "vllm", root: "Qwen/Qwen3-8B", max_model_len: 32768 }),
    "/version": { version: "0.11.0" },
  },
  "lm-studio": {
    "/v1/models": list({ id: "gemma-3", object: "model", owned_by: "organization_owner" }),
    "/api/v0/models": list({ id: "gemma-3", object: "model", type: "llm", publisher: "lmstudio-community", arch: "gemma3", state: "not-loaded" }),
  },
  "mlx-lm": { "/v1/models": list({ id: "mlx-community/Qwen3-4B-4bit", object: "model", created: 1736951111 }) },
  // Speaks the API, and is none of those: offered as nothing.
  unknown: { "/v1/models": list({ id: "x", object: "model", created: 1, owned_by: "somebody" }), "/api/version": { version: "1" }, "/api/v0/models": list() },
  website: { "/": "hello", "/v1/models": "<html>hello</html>" },
};

/** {port, asked: paths in order, stop()}. "hanging" takes requests and never answers; "talking" never stops. */
export async function startServer(kind) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (kind === "hanging") return;
    if (kind === "talking") {
      response.writeHead(200, { "Content-Type": "application/json" });
      const talk = () => response.destroyed || response.write(" ".repeat(65536), talk);
      return talk();
    }
    const saying = SAYINGS[kind][request.url];
    const text = typeof saying === "string" ? saying : JSON.stringify(saying ?? { error: "not found" });
    response.writeHead(saying === undefined ? 404 : 200, { "Content-Type": "application/json", ...(kind === "mlx-lm" ? { Server: "BaseHTTP/0.6 Python/3.12.1" } : {}) });
    response.end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return { port: server.address().port, asked, stop };
}
