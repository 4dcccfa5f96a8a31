// A gateway that has been in use for a while: providers, rules, users, a key, requests.

import { chat } from "../../e2e/support/management.mjs";
import { PASSWORD } from "./browser.mjs";

export async function fill({ url, api }) {
  const providers = [
    { name: "openai", kind: "openai", base_url: "https://api.openai.com/v1", api_key: "sk-proj-abcdefgh12345678x4Qz" },
    { name: "local", kind: "openai", base_url: "http://127.0.0.1:9/v1", timeouts: { connect_seconds: 1 } },
  ];
  for (const one of providers) await api.post("/api/settings/providers", one);
  const rules = [
    { match: "glob", pattern: "gpt-*", targets: [{ provider: "openai" }, { provider: "local", model: "llama3.2" }], timeouts: { first_token_seconds: 20 } },
    { match: "exact", pattern: "llama3.2", targets: [{ provider: "local" }] },
    { match: "prefix", pattern: "test-", targets: [{ provider: "sim", model: "sim-fast" }], enabled: false },
  ];
  for (const one of rules) await api.post("/api/settings/rules", one);
  await api.post("/api/users", { name: "ada", password: PASSWORD, role: "viewer" });
  await api.put("/api/settings/timeouts", { first_token_seconds: 60 });
  for (const model of ["sim-fast", "sim-fast", "nobody-has-this"]) await chat(url, model);
  await chat(url, "sim:never", { headers: { "X-Request-Timeout": "0.3" } });
  await api.post("/api/keys", { name: "search-team", models: ["gpt-*"], requests_per_minute: 600 });
}
