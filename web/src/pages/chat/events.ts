// The events of POST /api/chat, as docs/openapi.json tells them; and reading them, one after the other.

import { guardedFetch, type Schemas } from "$api/client";
import { toApiError, unreachable, ApiError } from "$api/problem";
import { EventParser } from "$api/sse";

export type Limits = Schemas["ChatLimits"];
export type ChatInput = Schemas["ChatInput"];
export type Cell = string | number | boolean | null;
export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
}
/** A problem document, with what the chat adds. */
export type ChatProblem = Partial<Omit<Schemas["RequestProblem"], "limit">> & {
  limit?: string;
  errors?: Schemas["FieldError"][];
};

export type ChatEvent =
  | {
      event: "start";
      data: {
        chat_id: string;
        request_id: string;
        model: string;
        data_source?: string | null;
        limits: Limits;
        elapsed_ms: number;
      };
    }
  | { event: "call"; data: { round: number; request_id: string; limit_seconds: number; elapsed_ms: number } }
  | { event: "delta"; data: { round: number; text?: string; reasoning?: string } }
  | {
      event: "call_end";
      data: { round: number; finish_reason: string; usage?: Usage | null; milliseconds: number };
    }
  | {
      event: "query";
      data: {
        id: string | number;
        round: number;
        tool: string;
        sql: string;
        reason: string;
        limit_seconds: number;
      };
    }
  | { event: "rows"; data: { id: string | number; columns?: string[]; rows: Cell[][] } }
  | {
      event: "query_end";
      data: {
        id: string | number;
        outcome: Schemas["QueryOutcome"];
        rows: number;
        bytes: number;
        truncated: boolean;
        milliseconds: number;
        error?: string | null;
      };
    }
  | {
      event: "end";
      data: { outcome: string; rounds: number; queries: number; usage?: Usage | null; elapsed_ms: number };
    }
  | { event: "error"; data: ChatProblem };

const NAMES = new Set(["start", "call", "delta", "call_end", "query", "rows", "query_end", "end", "error"]);

/** The stream broke off without `end` or `error`. */
export class CutError extends Error {}

/** Thrown for an answer that is none: with the whole document, for what to do next. */
export class ChatRefused extends ApiError {
  readonly document: ChatProblem;
  constructor(status: number, document: ChatProblem) {
    super(status, document as ConstructorParameters<typeof ApiError>[1]);
    this.document = { ...document, status };
  }
}

async function opened(input: ChatInput, signal: AbortSignal): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await guardedFetch(
    new Request(`${location.origin}/api/chat`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify(input),
      signal,
      cache: "no-store",
    }),
  );
  if (!response.ok)
    throw new ChatRefused(
      response.status,
      await response.json().catch(() => ({ detail: `The gateway answered ${response.status}.` })),
    );
  if (!response.body || !/^text\/event-stream/.test(response.headers.get("content-type") ?? ""))
    throw unreachable();
  return response.body;
}

/**
 * Asks, and gives the events as they come, until the last one. Throws ApiError where nothing began, CutError where it
 * broke off, and an AbortError where `signal` was aborted: the gateway then stops model and query.
 */
export async function* ask(input: ChatInput, signal: AbortSignal): AsyncGenerator<ChatEvent> {
  const body = await opened(input, signal);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new CutError(toApiError(error).message);
      });
      if (done) throw new CutError("the stream ended early");
      for (const { event, data } of parser.feed(value)) {
        if (!NAMES.has(event)) continue;
        const read = { event, data: parsed(data) } as ChatEvent;
        yield read;
        if (event === "end" || event === "error") return;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new CutError("what came cannot be read");
  }
}
