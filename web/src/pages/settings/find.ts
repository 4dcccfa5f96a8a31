// The settings by name, for whoever looks for one: where it stands, and the words by which it is known.

import { ENDPOINTS, PHASES } from "./names";

export interface Findable {
  label: string;
  words: string;
  /** The id of its element in the page. */
  target: string;
}

export const SECTIONS: readonly Findable[] = [
  {
    label: "Cloud Providers",
    words: "api keys openai anthropic azure ollama vllm base url preset at once slots queue",
    target: "providers",
  },
  {
    label: "Model Pool",
    words: "memory cache local models gguf llama-server llama.cpp vllm mlx pin load found discover",
    target: "pool",
  },
  {
    label: "Model Routing Rules",
    words: "pattern priority fallback backend target balance weight retries stream",
    target: "rules",
  },
  { label: "Request Timeouts", words: "limits deadline seconds", target: "timeouts" },
  { label: "Request Logs", words: "export retention", target: "logs" },
];

export const SETTINGS: readonly Findable[] = [
  { label: "Memory limit", words: "model pool", target: "memory_limit" },
  { label: "Unload after", words: "model pool idle cache", target: "idle_unload_seconds" },
  ...ENDPOINTS.map((one) => ({ label: one.label, words: `request timeout ${one.path}`, target: one.name })),
  ...PHASES.map((one) => ({ label: one.label, words: `timeout advanced ${one.what}`, target: one.name })),
  { label: "Keep requests for", words: "retention logs days", target: "retention_days" },
  { label: "Keep at most", words: "retention logs size bytes", target: "retention_bytes" },
  { label: "Keep prompts and answers", words: "contents logs privacy", target: "contents" },
];
