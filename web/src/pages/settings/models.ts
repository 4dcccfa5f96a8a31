// Local models in words. Pure.

import type { Schemas } from "$api/client";
import { formatBytes, formatCount } from "$lib/format";

export type LocalModel = Schemas["LocalModel"];
export type Engine = LocalModel["engine"];
export type Estimate = Schemas["LocalModelEstimate"];

const ENGINES: readonly { value: Engine; label: string }[] = [
  { value: "llama-server", label: "llama-server (GGUF files)" },
  { value: "vllm", label: "vLLM" },
  { value: "mlx-lm", label: "MLX (mlx_lm.server)" },
  { value: "ollama", label: "Ollama, which runs by itself" },
  { value: "command", label: "A command of your own" },
];

/** A command only where it is allowed, or there already. */
export const enginesFor = (commands: boolean, present: Engine | undefined) =>
  ENGINES.filter((one) => one.value !== "command" || commands || present === "command");

/** What its file is called, and looks like. */
export function fileWords(engine: Engine): { label: string; hint: string } {
  switch (engine) {
    case "llama-server":
      return { label: "File", hint: "Whole path of a GGUF file on the gateway's machine" };
    case "vllm":
    case "mlx-lm":
      return {
        label: "Model",
        hint: "A name at Hugging Face, such as Qwen/Qwen3-8B, or the whole path of a folder",
      };
    case "ollama":
      return { label: "Model", hint: "Its name at Ollama, such as llama3.2; empty: as above" };
    case "command":
      return { label: "File", hint: "What stands in the command for {file}" };
  }
}

/** "/models/Qwen3-8B-Q4_K_M.gguf" -> "qwen3-8b-q4_k_m"; "Qwen/Qwen3-8B" -> "qwen3-8b". */
export const nameFor = (file: string): string =>
  (file.split("/").at(-1) ?? "")
    .replace(/\.gguf$/i, "")
    .replace(/-\d{5}-of-\d{5}$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, "-");

/** "Takes about 173 MiB: 32 MiB weights + …. The pool may use 8 GiB." */
export function memoryWords(estimate: Estimate): string {
  if (estimate.problem) return estimate.problem;
  const pool = `The pool may use ${formatBytes(estimate.memory_limit_bytes)}.`;
  if (!estimate.memory_bytes) return `What it takes is not known before it is loaded. ${pool}`;
  const sum = estimate.memory_words.includes("=") ? `: ${estimate.memory_words}` : "";
  return `Takes about ${formatBytes(estimate.memory_bytes)}${sum}. ${pool}`;
}

/** "llama 8B · Q4_K_M · trained for 32,768 tokens"; "" where nothing is known. */
export function fileSays(file: Estimate["file"]): string {
  if (!file) return "";
  const trained = file.context_length ? `trained for ${formatCount(file.context_length)} tokens` : "";
  const kind = file.kind === "text" ? "" : file.kind;
  return [file.title || file.architecture, file.quantisation, kind, trained].filter(Boolean).join(" · ");
}
