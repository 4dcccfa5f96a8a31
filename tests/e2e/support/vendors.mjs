// Answers as the vendors document them, for what the simulation does not say: told apart by the request's path.
//
// OpenAI Chat Completions (platform.openai.com/docs/api-reference/chat) and Anthropic Messages
// (docs.anthropic.com/en/api/messages-streaming), streamed in many small chunks and whole.

import { chunk, chunkedHead, LAST_CHUNK, startScripted, wholeAnswer } from "./scripted.mjs";

const STREAM = "text/event-stream; charset=utf-8";

export const REASONING = "The user asks for two towns. I look both up.";
export const SPOKEN = "I will look that up: Zürich ☀";
export const CALLS = [
  { id: "toolu_01Zurich", name: "weather", input: { town: "Zürich", unit: "°C" } },
  { id: "toolu_02Uster", name: "weather", input: { town: "Uster \"am See\"", days: [1, 2, 3] } },
];
export const USAGE = { input: 31, cached: 8, output: 47, reasoning: 11 };

const event = (type, members) => `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;
const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
// Cut anywhere, as models do.
const cut = (text, length = 7) => text.match(new RegExp(`[^]{1,${length}}`, "gu"));

const messagesUsage = { input_tokens: USAGE.input - USAGE.cached, cache_read_input_tokens: USAGE.cached, cache_creation_input_tokens: 0, output_tokens: USAGE.output };

const message = (content, more = {}) => ({
  id: "msg_01Vendor", type: "message", role: "assistant", model: "claude-vendor", content, stop_reason: "tool_use", stop_sequence: null, usage: messagesUsage, ...more,
});

const messagesContent = [
  { type: "thinking", thinking: REASONING, signature: "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl" },
  { type: "text", text: SPOKEN },
  ...CALLS.map((call) => ({ type: "tool_use", ...call })),
];

function messagesEvents() {
  const events = [event("message_start", { message: message([], { stop_reason: null, usage: { ...messagesUsage, output_tokens: 1 } }) }), event("ping", {})];
  messagesContent.forEach((block, index) => {
    const delta = (value) => event("content_block_delta", { index, delta: value });
    const empty = { thinking: { type: "thinking", thinking: "", signature: "" }, text: { type: "text", text: "" }, tool_use: { ...block, input: {} } }[block.type];
    events.push(event("content_block_start", { index, content_block: empty }));
    if (block.type === "thinking") {
      events.push(...cut(block.thinking).map((thinking) => delta({ type: "thinking_delta", thinking })));
      events.push(delta({ type: "signature_delta", signature: block.signature }));
    } else if (block.type === "text") {
      events.push(...cut(block.text).map((text) => delta({ type: "text_delta", text })));
    } else {
      events.push(delta({ type: "input_json_delta", partial_json: "" }));
      events.push(...cut(JSON.stringify(block.input)).map((partial_json) => delta({ type: "input_json_delta", partial_json })));
    }
    events.push(event("content_block_stop", { index }));
  });
  events.push(event("message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: USAGE.output } }), event("message_stop", {}));
  return events;
}

const chatUsage = {
  prompt_tokens: USAGE.input, completion_tokens: USAGE.output, total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cached }, completion_tokens_details: { reasoning_tokens: USAGE.reasoning },
};
const chatStart = { id: "chatcmpl-vendor", created: 1_760_000_000, model: "gpt-vendor" };
const chatCall = ({ id, name, input }) => ({ id, type: "function", function: { name, arguments: JSON.stringify(input) } });

const chatDocument = () => ({
  ...chatStart, object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: SPOKEN, refusal: null, reasoning_content: REASONING, tool_calls: CALLS.map(chatCall) }, logprobs: null, finish_reason: "tool_calls" }],
  usage: chatUsage,
});

function chatEvents(asked) {
  const wantsUsage = asked.stream_options?.include_usage;
  const one = (delta, finish_reason = null) => data({ ...chatStart, object: "chat.completion.chunk", choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...(wantsUsage ? { usage: null } : {}) });
  const events = [one({ role: "assistant", content: "", refusal: null })];
  events.push(...cut(REASONING).map((reasoning_content) => one({ reasoning_content })));
  events.push(...cut(SPOKEN).map((content) => one({ content })));
  CALLS.forEach((call, index) => {
    const whole = chatCall(call);
    events.push(one({ tool_calls: [{ index, ...whole, function: { name: call.name, arguments: "" } }] }));
    events.push(...cut(whole.function.arguments).map((piece) => one({ tool_calls: [{ index, function: { arguments: piece } }] })));
  });
  events.push(one({}, "tool_calls"));
  if (wantsUsage) events.push(data({ ...chatStart, object: "chat.completion.chunk", choices: [], usage: chatUsage }));
  events.push("data: [DONE]\n\n");
  return events;
}

/** The input that a forced tool gets: what Anthropic models answer with where JSON is wanted. */
export const JSON_ANSWER = { town: "Bern", inhabitants: 134_794 };

function jsonAnswer(asked) {
  const block = { type: "tool_use", id: "toolu_json", name: asked.tool_choice.name, input: JSON_ANSWER };
  if (!asked.stream) return wholeAnswer(200, message([block]));
  const delta = (partial_json) => event("content_block_delta", { index: 0, delta: { type: "input_json_delta", partial_json } });
  return streamOf([
    event("message_start", { message: message([], { stop_reason: null }) }),
    event("content_block_start", { index: 0, content_block: { ...block, input: {} } }),
    ...cut(JSON.stringify(JSON_ANSWER), 5).map(delta),
    event("content_block_stop", { index: 0 }),
    event("message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: 9 } }),
    event("message_stop", {}),
  ]);
}

/** The documented errors of a vendor, by the model's name: {status, body}. */
export const errors = {
  messages: {
    "invalid-400": [400, "invalid_request_error", "max_tokens: 999999 > 64000, which is the maximum allowed"],
    "key-401": [401, "authentication_error", "invalid x-api-key"],
    "denied-403": [403, "permission_error", "Your API key does not have permission to use the specified resource."],
    "none-404": [404, "not_found_error", "model: claude-none"],
    "large-413": [413, "request_too_large", "Request exceeds the maximum size"],
    "rate-429": [429, "rate_limit_error", "This request would exceed your organization's rate limit of 50 requests per minute."],
    "broken-500": [500, "api_error", "Internal server error"],
    "overloaded-529": [529, "overloaded_error", "Overloaded"],
  },
  chat: {
    "invalid-400": [400, "invalid_request_error", "Invalid value for 'temperature': must be at most 2.", "temperature", "integer_above_max_value"],
    "key-401": [401, "invalid_request_error", "Incorrect API key provided: sk-1234.", null, "invalid_api_key"],
    "denied-403": [403, "invalid_request_error", "Project does not have access to model gpt-none.", null, "model_not_found"],
    "none-404": [404, "invalid_request_error", "The model `gpt-none` does not exist.", null, "model_not_found"],
    "large-413": [413, "invalid_request_error", "The request is too large.", null, null],
    "rate-429": [429, "requests", "Rate limit reached for gpt-4o in organization org-1.", null, "rate_limit_exceeded"],
    "broken-500": [500, "server_error", "The server had an error while processing your request.", null, null],
    "overloaded-503": [503, "server_error", "The engine is currently overloaded, please try again later.", null, null],
  },
};

function errorAnswer(isMessages, model) {
  const row = errors[isMessages ? "messages" : "chat"][model];
  if (!row) return null;
  const [status, type, text, param = null, code = null] = row;
  const body = isMessages ? { type: "error", error: { type, message: text }, request_id: "req_vendor" } : { error: { message: text, type, param, code } };
  return wholeAnswer(status, body, { more: status === 429 ? "retry-after: 7\r\n" : "" });
}

const streamOf = (events) => [chunkedHead(STREAM), ...events.map((one) => chunk(Buffer.from(one, "utf8").toString("latin1"))), LAST_CHUNK].join("");

function midStreamError(isMessages, asked) {
  const events = isMessages ? messagesEvents() : chatEvents(asked);
  const overloaded = isMessages
    ? event("error", { error: { type: "overloaded_error", message: "Overloaded" } })
    : data({ error: { message: "The server is overloaded.", type: "server_error", param: null, code: "overloaded" } });
  return streamOf([...events.slice(0, 12), overloaded]);
}

/** startScripted as both vendors; `asked()` is the body of the last request, parsed. */
export async function startVendors() {
  const vendors = await startScripted((line, request) => {
    const isMessages = request.target.endsWith("/messages");
    const asked = JSON.parse(request.body || "{}");
    const refused = errorAnswer(isMessages, asked.model);
    const utf8 = (document) => Buffer.from(wholeAnswer(200, document), "utf8").toString("latin1");
    if (refused) return line.send(refused);
    if (asked.model === "error-in-stream") return line.send(midStreamError(isMessages, asked));
    if (isMessages && asked.tool_choice?.type === "tool" && asked.model === "json") return line.send(jsonAnswer(asked));
    if (asked.stream) return line.send(streamOf(isMessages ? messagesEvents() : chatEvents(asked)));
    return line.send(utf8(isMessages ? message(messagesContent) : chatDocument()));
  });
  return { ...vendors, asked: () => JSON.parse(vendors.requests.at(-1).body), last: () => vendors.requests.at(-1) };
}
