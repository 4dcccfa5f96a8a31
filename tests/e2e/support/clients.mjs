// The pinned clients, pointed at a gateway (or at any base address), without retries unless asked for.

import Anthropic from "@anthropic-ai/sdk";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import OpenAI from "openai";

// Never allowed to reach an upstream, a log or a record.
export const CLIENT_KEY = "sk-client-canary-4711";

// A gateway closes the connection after an error event. A client that keeps connections may send its next request
// just then; tests that look at what comes after such an end use a connection for each request.
export const ONE_EACH = { Connection: "close" };

export const HELLO = [{ role: "user", content: "hello" }];

export const openai = (url, options = {}) => new OpenAI({ baseURL: `${url}/v1`, apiKey: CLIENT_KEY, maxRetries: 0, ...options });

export const anthropic = (url, options = {}) => new Anthropic({ baseURL: url, apiKey: CLIENT_KEY, authToken: null, maxRetries: 0, ...options });

export const vercel = (url, options = {}) =>
  createOpenAICompatible({ name: "gateway", baseURL: `${url}/v1`, apiKey: CLIENT_KEY, includeUsage: true, ...options });

/** Everything that an OpenAI chat stream gives until it ends or throws: {text, error, finish, chunks}. */
export async function drainOpenai(open) {
  const seen = { text: "", chunks: [], finish: null, error: undefined };
  try {
    for await (const chunk of await open()) {
      seen.chunks.push(chunk);
      seen.text += chunk.choices?.[0]?.delta?.content ?? chunk.choices?.[0]?.text ?? "";
      seen.finish = chunk.choices?.[0]?.finish_reason ?? seen.finish;
    }
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

/** The same of an Anthropic stream. */
export async function drainAnthropic(open) {
  const seen = { text: "", events: [], stop: null, error: undefined };
  try {
    for await (const event of await open()) {
      seen.events.push(event);
      if (event.type === "content_block_delta") seen.text += event.delta.text ?? "";
      if (event.type === "message_delta") seen.stop = event.delta.stop_reason;
    }
  } catch (error) {
    seen.error = error;
  }
  return seen;
}

/** The same of streamText(): error parts do not throw there. */
export async function drainVercel(result) {
  const seen = { text: "", parts: [], finish: null, error: undefined };
  try {
    for await (const part of result.fullStream) {
      seen.parts.push(part.type);
      if (part.type === "text-delta") seen.text += part.text;
      if (part.type === "error") seen.error ??= part.error;
      if (part.type === "finish") seen.finish = part.finishReason;
    }
  } catch (error) {
    seen.error = error;
    seen.thrown = true;
  }
  return seen;
}

/** The text of the simulation: "tok1 tok2 ...". */
export const tokens = (count) => Array.from({ length: count }, (_, index) => `tok${index + 1}`).join(" ");
