// The rows of the table of clients.md, as bytes. A model's name chooses the row that the scripted upstream plays.

import { chunk, chunkedHead, LAST_CHUNK, startScripted } from "./scripted.mjs";

const STREAM = "text/event-stream";
const PAUSE_MS = 20;

export const problem = {
  type: "https://mlx-manager.dev/errors/timeout",
  title: "Request Timeout",
  status: 504,
  detail: "Request timed out after 900 seconds",
};
export const error = { message: "Request timed out after 900 seconds", type: problem.type, code: "timeout", param: null };
export const anthropicError = { type: "error", error: { type: "timeout_error", message: error.message } };

const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
const event = (name, value) => `event: ${name}\n${data(value)}`;

// One answer in the OpenAI dialect, in pieces between which a row puts its bytes.
const openaiChunk = (delta, finish = null) => ({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
const openaiPieces = {
  first: data(openaiChunk({ role: "assistant", content: "one" })),
  numbered: `id: 1\n${data(openaiChunk({ role: "assistant", content: "one" }))}`,
  second: data(openaiChunk({ content: " two" })),
  finish: data(openaiChunk({}, "stop")),
  done: "data: [DONE]\n\n",
  error: error,
  wholeBody: JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model: "m", choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "one two" } }] }),
};

const anthropicStart = event("message_start", {
  type: "message_start",
  message: { id: "m1", type: "message", role: "assistant", model: "m", content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } },
});
const anthropicText = (text) => event("content_block_delta", { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
const anthropicBlock = event("content_block_start", { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const anthropicPieces = {
  first: anthropicStart + anthropicBlock + anthropicText("one"),
  numbered: `id: 1\n${anthropicStart}${anthropicBlock}${anthropicText("one")}`,
  second: anthropicText(" two"),
  finish:
    event("content_block_stop", { type: "content_block_stop", index: 0 }) +
    event("message_delta", { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 2 } }),
  done: event("message_stop", { type: "message_stop" }),
  error: anthropicError.error,
  wholeBody: JSON.stringify({ id: "m1", type: "message", role: "assistant", model: "m", content: [{ type: "text", text: "one two" }], stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 1, output_tokens: 2 } }),
};

/** What is sent, each piece a chunk of its own; null aborts the connection there. */
const streams = (p) => ({
  "comment-before": [": ping\n\n", p.first, p.second, p.finish, p.done],
  "comment-between": [p.first, ": ping\n\n", ": ping\n\n", p.second, p.finish, ": ping\n\n", p.done],
  "comment-after-id": [p.numbered, ": ping\n\n", p.second, p.finish, p.done],
  "retry-alone": ["retry: 1000\n\n", p.first, p.second, p.finish, p.done],
  "event-without-data": [p.first, "event: ping\n\n", p.second, p.finish, p.done],
  "error-as-data": [p.first, p.second, data({ error: p.error })],
  "error-event": [p.first, p.second, event("error", { error: p.error })],
  "problem-without-error": [p.first, p.second, event("error", problem)],
  "problem-with-error": [p.first, p.second, event("error", { ...problem, error: p.error })],
  "anthropic-error": [p.first, p.second, event("error", anthropicError)],
  "data-after-error": [p.first, event("error", { ...problem, error: p.error }), p.second, p.finish, p.done],
  "no-end-mark": [p.first, p.second],
  aborted: [p.first, p.second, null],
});

async function play(line, pieces) {
  line.send(chunkedHead(STREAM));
  for (const piece of pieces) {
    // Each in a packet of its own, as a slow model sends them.
    await line.pause(PAUSE_MS);
    if (piece === null) return line.abort();
    line.send(chunk(piece));
  }
  line.send(LAST_CHUNK);
}

async function playBlanks(line, body) {
  line.send(chunkedHead("application/json"));
  for (let i = 0; i < 9; ++i) {
    await line.pause(100);
    line.send(chunk(" "));
  }
  line.send(chunk(body) + LAST_CHUNK);
}

/** A server that plays the row that the request's model names; in Anthropic's dialect at /v1/messages. */
export function startRows() {
  return startScripted((line, request) => {
    const pieces = request.target.endsWith("/messages") ? anthropicPieces : openaiPieces;
    const row = JSON.parse(request.body).model;
    return row === "blanks" ? playBlanks(line, pieces.wholeBody) : play(line, streams(pieces)[row]);
  });
}
