#include "discovery/recognise.hpp"

#include <boost/json.hpp>

namespace punctual::discovery {

namespace {

namespace bj = boost::json;

constexpr std::size_t version_bytes_max = 100;

const bj::object* object_in(const bj::value& value) {
  return value.is_object() ? &value.get_object() : nullptr;
}

std::optional<bj::value> document_of(const Answer& answer, int status) {
  if (answer.status != status) return std::nullopt;
  boost::system::error_code error;
  bj::parse_options options;
  options.max_depth = 32;
  auto value = bj::parse(answer.body, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return value;
}

std::string_view text_in(const bj::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// 503 {"error": {"message": "Loading model", "type": "unavailable_error", ...}}
bool is_loading_llama_server(const Answer& answer) {
  const auto document = document_of(answer, 503);
  const auto* error = document ? document->get_object().if_contains("error") : nullptr;
  const auto* members = error ? object_in(*error) : nullptr;
  return members && text_in(*members, "message") == "Loading model" &&
         text_in(*members, "type") == "unavailable_error";
}

// The items of the list `name`, all of them objects; nothing when it is something else. null is an empty one.
std::optional<std::vector<const bj::object*>> items_in(const bj::object& document, std::string_view name) {
  const auto* value = document.if_contains(name);
  if (!value) return std::nullopt;
  std::vector<const bj::object*> items;
  if (value->is_null()) return items;
  if (!value->is_array()) return std::nullopt;
  items.reserve(value->get_array().size());
  for (const auto& item : value->get_array()) {
    if (!item.is_object()) return std::nullopt;
    items.push_back(&item.get_object());
  }
  return items;
}

std::optional<ServerKind> kind_of_owner(std::string_view owner) {
  if (owner == "llamacpp") return ServerKind::llama_server;
  if (owner == "vllm") return ServerKind::vllm;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::ollama:
      return "ollama";
    case ServerKind::llama_server:
      return "llama-server";
    case ServerKind::vllm:
      return "vllm";
    case ServerKind::lm_studio:
      return "lm-studio";
    case ServerKind::mlx_lm:
      return "mlx-lm";
  }
  return "";
}

std::string_view title_of(ServerKind kind) {
  switch (kind) {
    case ServerKind::ollama:
      return "Ollama";
    case ServerKind::llama_server:
      return "llama-server";
    case ServerKind::vllm:
      return "vLLM";
    case ServerKind::lm_studio:
      return "LM Studio";
    case ServerKind::mlx_lm:
      return "MLX (mlx_lm.server)";
  }
  return "";
}

ModelList read_model_list(const Answer& answer) {
  ModelList list;
  if (is_loading_llama_server(answer)) {
    list.good = true;
    list.kind = ServerKind::llama_server;
    return list;
  }
  const auto document = document_of(answer, 200);
  if (!document || text_in(document->get_object(), "object") != "list") return list;
  const auto items = items_in(document->get_object(), "data");
  if (!items) return list;
  bool same_owner = !items->empty();
  list.unowned = !items->empty();
  for (const auto* item : *items) {
    const auto id = text_in(*item, "id");
    if (id.empty()) return {};
    list.unowned = list.unowned && text_in(*item, "object") == "model" && item->contains("created") &&
                   !item->contains("owned_by");
    same_owner = same_owner && text_in(*item, "owned_by") == text_in(*items->front(), "owned_by");
    if (list.models.size() < models_max) list.models.emplace_back(id);
  }
  list.good = true;
  list.model_count = items->size();
  if (same_owner) list.kind = kind_of_owner(text_in(*items->front(), "owned_by"));
  return list;
}

std::optional<std::string> ollama_version(const Answer& version, const Answer& tags) {
  const auto listed = document_of(tags, 200);
  const auto models = listed ? items_in(listed->get_object(), "models") : std::nullopt;
  if (!models) return std::nullopt;
  for (const auto* model : *models) {
    if (text_in(*model, "name").empty() || text_in(*model, "digest").empty()) return std::nullopt;
  }
  auto said = version_in(version, "version");
  if (said.empty()) return std::nullopt;
  return said;
}

bool is_lm_studio(const Answer& models) {
  const auto document = document_of(models, 200);
  const auto items = document ? items_in(document->get_object(), "data") : std::nullopt;
  if (!items || items->empty()) return false;
  for (const auto* item : *items) {
    const auto type = text_in(*item, "type");
    const auto state = text_in(*item, "state");
    const bool known = (type == "llm" || type == "vlm" || type == "embeddings") &&
                       (state == "loaded" || state == "not-loaded");
    if (!known || text_in(*item, "publisher").empty()) return false;
  }
  return true;
}

bool is_mlx_lm(const Answer& answer, const ModelList& list) {
  return list.unowned && answer.server.starts_with("BaseHTTP/") && answer.server.contains("Python/");
}

std::string version_in(const Answer& answer, std::string_view member) {
  const auto document = document_of(answer, 200);
  if (!document) return {};
  const auto version = text_in(document->get_object(), member);
  return version.size() <= version_bytes_max ? std::string(version) : std::string();
}

}  // namespace punctual::discovery
