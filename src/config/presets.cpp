#include "config/presets.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "config/suggestion.hpp"

namespace punctual::config {

namespace {

constexpr std::string_view newer_member = "max_completion_tokens";

// Each row follows the page that it names, and what else its comment says.
constexpr std::array<Preset, 14> rows = {{
    // Instructions of the newer models: platform.openai.com/docs/guides/text, message roles. `max_tokens` is
    // deprecated there and refused by reasoning models.
    {.name = "openai",
     .title = "OpenAI",
     .base_url = "https://api.openai.com/v1",
     .note = "The key goes into Authorization: Bearer.",
     .documentation = "https://platform.openai.com/docs/api-reference/chat",
     .quirks = {.max_tokens_member = newer_member, .developer_role = true, .speaks_responses = true}},
    // Its own dialect; authentication and versions: docs.anthropic.com/en/api/overview.
    {.name = "anthropic",
     .title = "Anthropic",
     .kind = ProviderKind::anthropic,
     .base_url = "https://api.anthropic.com/v1",
     .auth = Auth::x_api_key,
     .note = "The key goes into x-api-key; anthropic-version is added where the client does not send it.",
     .documentation = "https://docs.anthropic.com/en/api/messages",
     .quirks = {.messages_path = "/messages"}},
    // `model` is the name of a deployment. The v1 API has no api-version.
    {.name = "azure-openai",
     .title = "Azure OpenAI",
     .base_url_form = "https://RESOURCE.openai.azure.com/openai/v1",
     .auth = Auth::api_key,
     .note = "Models are called by the names of your deployments; the key goes into api-key.",
     .documentation = "https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle",
     .quirks = {.max_tokens_member = newer_member, .developer_role = true, .speaks_responses = true}},
    // Also ai.google.dev/api/compatibility, which has stream_options.
    {.name = "gemini",
     .title = "Google Gemini",
     .base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
     .note = "The OpenAI-compatible side of the Gemini API; its key goes into Authorization: Bearer.",
     .documentation = "https://ai.google.dev/gemini-api/docs/openai",
     .quirks = {}},
    // `max_tokens` is deprecated there. Responses are a beta: console.groq.com/docs/responses-api.
    {.name = "groq",
     .title = "Groq",
     .base_url = "https://api.groq.com/openai/v1",
     .note =
         "Refuses logprobs, logit_bias and more than one choice; the key goes into Authorization: Bearer.",
     .documentation = "https://console.groq.com/docs/openai",
     .quirks = {.max_tokens_member = newer_member, .speaks_responses = true}},
    // Has max_tokens and neither max_completion_tokens nor include_usage, and forbids what it does not have
    // (422, extra_forbidden); the last chunk of a stream has the usage.
    {.name = "mistral",
     .title = "Mistral",
     .base_url = "https://api.mistral.ai/v1",
     .note = "Refuses members that it does not know (422); the key goes into Authorization: Bearer.",
     .documentation = "https://docs.mistral.ai/api/",
     .quirks = {.stream_options = false, .refuses_unknown_members = true}},
    // Messages: api-docs.deepseek.com/guides/anthropic_api, at the host's /anthropic.
    {.name = "deepseek",
     .title = "DeepSeek",
     .base_url = "https://api.deepseek.com",
     .note = "Sends empty lines or comments while a request waits; the key goes into Authorization: Bearer.",
     .documentation = "https://api-docs.deepseek.com/",
     .quirks = {.messages_path = "/anthropic/v1/messages"}},
    {.name = "together",
     .title = "Together AI",
     .base_url = "https://api.together.ai/v1",
     .note = "Models are called PUBLISHER/NAME; the key goes into Authorization: Bearer.",
     .documentation = "https://docs.together.ai/docs/inference/openai-compatibility",
     .quirks = {}},
    // Messages: docs.fireworks.ai/tools-sdks/anthropic-compatibility. Responses: .../guides/response-api.
    {.name = "fireworks",
     .title = "Fireworks AI",
     .base_url = "https://api.fireworks.ai/inference/v1",
     .note = "Models are called accounts/ACCOUNT/models/NAME; the key goes into Authorization: Bearer.",
     .documentation = "https://docs.fireworks.ai/tools-sdks/openai-compatibility",
     .quirks = {.speaks_responses = true, .messages_path = "/messages"}},
    // Responses (a beta) and Messages: openrouter.ai/docs/api/reference/streaming names all three.
    {.name = "openrouter",
     .title = "OpenRouter",
     .base_url = "https://openrouter.ai/api/v1",
     .note = "Sends comments while a model is being reached; the key goes into Authorization: Bearer.",
     .documentation = "https://openrouter.ai/docs/api/reference/overview",
     .quirks = {.speaks_responses = true, .messages_path = "/messages"}},
    // Messages: docs.ollama.com/api/anthropic-compatibility. Responses since 0.13.3, without state.
    {.name = "ollama",
     .title = "Ollama",
     .base_url = "http://localhost:11434/v1",
     .local = true,
     .needs_key = false,
     .note = "Listens on port 11434 and ignores keys.",
     .documentation = "https://docs.ollama.com/api/openai-compatibility",
     .quirks = {.speaks_responses = true, .messages_path = "/messages"}},
    {.name = "vllm",
     .title = "vLLM",
     .base_url = "http://localhost:8000/v1",
     .local = true,
     .needs_key = false,
     .note = "Listens on port 8000; wants a key only when it was started with --api-key.",
     .documentation = "https://docs.vllm.ai/en/stable/serving/online_serving/",
     .quirks = {.speaks_responses = true, .messages_path = "/messages"}},
    // What a chat template refuses is a 500 there: github.com/ggml-org/llama.cpp/pull/17572.
    {.name = "llama-server",
     .title = "llama.cpp llama-server",
     .base_url = "http://localhost:8080/v1",
     .local = true,
     .needs_key = false,
     .note = "Listens on port 8080, as the gateway does unless told otherwise: one of the two needs another.",
     .documentation = "https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
     .quirks = {.speaks_responses = true, .messages_path = "/messages", .answers_500_to_bad_requests = true}},
    // Messages: lmstudio.ai/docs/developer/anthropic-compat.
    {.name = "lm-studio",
     .title = "LM Studio",
     .base_url = "http://localhost:1234/v1",
     .local = true,
     .needs_key = false,
     .note = "Listens on port 1234; wants a key only where its authentication is switched on.",
     .documentation = "https://lmstudio.ai/docs/developer/openai-compat",
     .quirks = {.speaks_responses = true, .messages_path = "/messages"}},
}};

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  all.reserve(rows.size());
  for (const Preset& preset : rows)
    all.push_back(preset.name);
  return all;
}

}  // namespace

std::span<const Preset> presets() {
  return rows;
}

const Preset* preset_named(std::string_view name) {
  const auto* found = std::ranges::find(rows, name, &Preset::name);
  return found == rows.end() ? nullptr : found;
}

std::string unknown_preset(std::string_view name) {
  const auto all = names();
  const auto near = nearest(name, all);
  std::string text = "is \"" + std::string(name) + "\": ";
  if (!near.empty()) text += "did you mean " + std::string(near) + "? There ";
  return text + (near.empty() ? "write one of " : "are ") + joined(all, near.empty() ? " or " : " and ");
}

}  // namespace punctual::config
