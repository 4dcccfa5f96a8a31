#include "dialects/errors.hpp"

#include <algorithm>

#include "dialects/json_text.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

namespace {

using simdjson::dom::object;

struct UpstreamError {
  std::string type;
  std::string message;
  std::string others;  // further members of the error, as JSON members
  std::string code;    // JSON; empty for none
  std::string code_text;
  std::string param;  // JSON; empty for none
};

struct Counterpart {
  std::string_view messages_type;
  std::string_view chat_type;
  std::string_view chat_code;
  int status;
};

// The first row of a chat type is its counterpart.
constexpr Counterpart counterparts[] = {
    {"invalid_request_error", "invalid_request_error", "", 400},
    {"authentication_error", "authentication_error", "invalid_api_key", 401},
    {"billing_error", "insufficient_quota", "insufficient_quota", 402},
    {"permission_error", "permission_error", "permission_denied", 403},
    {"not_found_error", "invalid_request_error", "not_found", 404},
    {"request_too_large", "invalid_request_error", "request_too_large", 413},
    {"rate_limit_error", "rate_limit_error", "rate_limit_exceeded", 429},
    {"api_error", "server_error", "internal_error", 500},
    {"timeout_error", "server_error", "timeout", 504},
    {"overloaded_error", "server_error", "overloaded", 529},
};

const Counterpart& of_status(int status) {
  if (status == 503) status = 529;
  if (status == 408) status = 504;
  const auto* const found = std::ranges::find(counterparts, status, &Counterpart::status);
  if (found != std::end(counterparts)) return *found;
  return status >= 400 && status < 500 ? counterparts[0] : counterparts[7];
}

const Counterpart* of_messages_type(std::string_view type) {
  const auto* const found = std::ranges::find(counterparts, type, &Counterpart::messages_type);
  return found == std::end(counterparts) ? nullptr : found;
}

std::string_view messages_type(const UpstreamError& error, int status) {
  if (of_messages_type(error.type))
    return error.type == "invalid_request_error" && status >= 400 ? of_status(status).messages_type
                                                                  : std::string_view(error.type);
  if (error.code_text == "insufficient_quota" || error.type == "insufficient_quota") return "billing_error";
  if (status >= 400) return of_status(status).messages_type;
  for (const auto& row : counterparts) {
    if (!row.chat_code.empty() && row.chat_code == error.code_text) return row.messages_type;
  }
  const auto* const found = std::ranges::find(counterparts, error.type, &Counterpart::chat_type);
  return found == std::end(counterparts) ? "api_error" : found->messages_type;
}

std::string text_of(const json::Element& value) {
  std::string_view text;
  if (!value.get(text)) return bounded_utf8(text, error_message_bytes_max);
  std::string json;
  append_value(json, value);
  return bounded_utf8(json, error_message_bytes_max);
}

UpstreamError read(const json::Element& document, int& status) {
  UpstreamError error;
  object outer;
  if (document.get(outer)) {
    error.message = text_of(document);
    return error;
  }
  json::Element inner;
  object members;
  const bool wrapped = !outer["error"].get(inner) && !inner.is_null();
  if (!wrapped || inner.get(members)) members = outer;
  if (wrapped && !inner.is_object()) error.message = text_of(inner);
  for (const auto [key, value] : members) {
    if (value.is_null() || key == "error" || (key == "type" && !value.is_string())) continue;
    if (key == "type") {
      error.type = text_of(value);
    } else if (key == "message" || (key == "detail" && error.message.empty())) {
      error.message = text_of(value);
    } else if (key == "code" && error.code.empty()) {
      append_value(error.code, value);
      error.code_text = text_of(value);
      std::int64_t number = 0;
      // As vLLM and OpenRouter have it, also in streams, where there is no other status.
      if (status == 0 && !value.get(number) && number >= 400 && number < 600)
        status = static_cast<int>(number);
    } else if (key == "param" && error.param.empty()) {
      append_value(error.param, value);
    } else if (wrapped && key != "code" && key != "param" && error.others.size() < error_message_bytes_max) {
      if (!error.others.empty()) error.others.push_back(',');
      append_string(error.others, key);
      error.others.push_back(':');
      append_value(error.others, value);
    }
  }
  return error;
}

std::string write(Format to, int status, const UpstreamError& error, std::string_view request_id) {
  const std::string_view message =
      error.message.empty() ? std::string_view("The upstream answered with an error and said nothing of it.")
                            : std::string_view(error.message);
  std::string out;
  if (to == Format::messages) {
    out = R"({"type":"error","error":{"type":)";
    append_string(out, messages_type(error, status));
    append_member(out, "message", message);
    if (!error.param.empty()) append_raw_member(out, "param", error.param);
    if (!error.code.empty()) append_raw_member(out, "code", error.code);
    if (!error.others.empty()) out.append(",").append(error.others);
    out.push_back('}');
    append_member(out, "request_id", request_id);
    out.push_back('}');
    return out;
  }
  const Counterpart* const row = of_messages_type(error.type);
  const bool known = row && row->messages_type != row->chat_type;
  std::string_view type = known ? row->chat_type : std::string_view(error.type);
  std::string_view code = known ? row->chat_code : std::string_view();
  if (type.empty() || type == "error") {
    type = of_status(status).chat_type;
    code = of_status(status).chat_code;
  } else if (row && !known) {
    code = row->chat_code;
  }
  out = R"({"error":{"message":)";
  append_string(out, message);
  append_member(out, "type", type);
  append_raw_member(out, "param", error.param.empty() ? "null" : std::string_view(error.param));
  append_key(out, "code");
  if (!error.code.empty()) {
    out.append(error.code);
  } else if (!code.empty()) {
    append_string(out, code);
  } else {
    out.append("null");
  }
  if (!error.others.empty()) out.append(",").append(error.others);
  out.append("}}");
  return out;
}

}  // namespace

std::string error_document(Format to, int status, const json::Element& document,
                           std::string_view request_id) {
  const UpstreamError error = read(document, status);
  return write(to, status, error, request_id);
}

std::string error_document(Format to, int status, std::string_view message, std::string_view request_id) {
  UpstreamError error;
  error.message = bounded_utf8(message, error_message_bytes_max);
  return write(to, status, error, request_id);
}

void append_error_event(std::string& out, Format to, std::string_view document) {
  http::append_sse_event(out, to == Format::messages ? "error" : "", document);
}

std::string translate_error(Format, Format to, int status, std::string_view body,
                            std::string_view request_id) {
  json::Reader reader;
  const auto document = reader.read_copy(body);
  if (document && document->is_object()) return error_document(to, status, *document, request_id);
  return error_document(to, status, body, request_id);
}

}  // namespace punctual::dialects
