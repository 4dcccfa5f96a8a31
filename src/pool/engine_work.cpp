#include "pool/engine_work.hpp"

#include <array>
#include <cmath>

#include "base/text.hpp"

namespace punctual::pool {

namespace {

using config::Engine;

std::optional<std::uint32_t> in_slots(std::string& answer, json::Reader& reader) {
  const auto document = reader.read(answer);
  simdjson::dom::array slots;
  if (!document || document->get(slots)) return std::nullopt;
  std::uint32_t requests = 0;
  for (const auto slot : slots) {
    bool processing = false;
    if (slot["is_processing"].get(processing)) return std::nullopt;
    requests += processing ? 1 : 0;
  }
  return requests;
}

// A sample is "name{labels} value" or "name value"; one for each engine core.
std::optional<std::uint32_t> in_metrics(std::string_view text) {
  constexpr std::array<std::string_view, 2> names = {"vllm:num_requests_running",
                                                     "vllm:num_requests_waiting"};
  std::optional<double> requests;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    for (const auto name : names) {
      if (!line.starts_with(name)) continue;
      const auto rest = line.substr(name.size());
      if (rest.empty() || (rest.front() != '{' && rest.front() != ' ')) continue;
      const auto value = base::parse_decimal(rest.substr(rest.rfind(' ') + 1));
      if (!value || *value < 0) return std::nullopt;
      requests = requests.value_or(0) + *value;
    }
  }
  if (!requests) return std::nullopt;
  return static_cast<std::uint32_t>(std::lround(*requests));
}

}  // namespace

std::string_view work_path(Engine engine) {
  switch (engine) {
    case Engine::llama_server:
    case Engine::command:
      return "/slots";
    case Engine::vllm:
      return "/metrics";
    case Engine::mlx_lm:
    case Engine::ollama:
      return {};
  }
  return {};
}

std::optional<std::uint32_t> requests_in(Engine engine, std::string& answer, json::Reader& reader) {
  return engine == Engine::vllm ? in_metrics(answer) : in_slots(answer, reader);
}

}  // namespace punctual::pool
