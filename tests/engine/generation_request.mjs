// What a body of /v1/chat/completions or /v1/completions asks for, checked.

import {EngineError, invalidRequest, serverError} from "./engine_error.mjs";

/** {prompts: [tokens], ...}: one prompt for a chat, one or more for a completion. */
export function chatRequest(body, model) {
  if (!Array.isArray(body.messages) || body.messages.length === 0) {
    throw invalidRequest("'messages' is required");
  }
  const messages = body.messages.map(({role, content}) => ({
    role: String(role), content: textOf(content),
  }));
  return common(body, model, [model.tokensOfChat(messages)]);
}

export function completionRequest(body, model) {
  const prompts = [body.prompt].flat();
  if (prompts.length === 0 || !prompts.every((prompt) => typeof prompt === "string")) {
    throw invalidRequest("'prompt' must be a string or a list of strings");
  }
  return common(body, model, prompts.map((prompt) => model.tokensOfPrompt(prompt)));
}

function textOf(content) {
  if (content == null) return "";
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw invalidRequest("'content' must be a string or a list");
  return content.map((part) => {
    if (part.type === "text") return part.text;
    throw serverError(`${part.type} input is not supported`);  // 500, as llama-server says it
  }).join("");
}

function common(body, model, prompts) {
  for (const {length} of prompts) {
    if (length < model.contextSize) continue;
    throw new EngineError(400, "exceed_context_size_error",
                          `request (${length} tokens) exceeds the available context size ` +
                          `(${model.contextSize} tokens), try increasing it`,
                          {n_prompt_tokens: length, n_ctx: model.contextSize});
  }
  const maxTokens = body.max_tokens ?? body.max_completion_tokens ?? -1;
  if (!Number.isInteger(maxTokens)) throw invalidRequest("'max_tokens' must be a whole number");
  return {
    prompts,
    maxTokens: maxTokens < 0 ? Infinity : maxTokens,
    stops: body.stop == null ? [] : [body.stop].flat(),
    ignoreEnd: body.ignore_eos === true,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    reportProgress: body.return_progress === true,
  };
}
