#include "sim/script.hpp"

#include "json/splice.hpp"

namespace punctual::sim {

namespace {

std::string_view openai_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

std::string_view anthropic_type(int status) {
  switch (status) {
    case 413:
      return "request_too_large";
    case 504:
      return "timeout_error";
    case 503:
    case 529:
      return "overloaded_error";
    default:
      return status < 500 ? openai_type(status) : "api_error";
  }
}

std::string quoted_or_null(std::string_view text) {
  return text.empty() ? "null" : json::quoted(text);
}

}  // namespace

std::string error_document(Operation operation, int status, std::string_view message, std::string_view code,
                           std::string_view param) {
  const std::string said = json::quoted(message);
  if (operation == Operation::messages) {
    return R"({"type":"error","error":{"type":")" + std::string(anthropic_type(status)) + R"(","message":)" +
           said + "}}";
  }
  return R"({"error":{"message":)" + said + R"(,"type":")" + std::string(openai_type(status)) +
         R"(","param":)" + quoted_or_null(param) + R"(,"code":)" + quoted_or_null(code) + "}}";
}

void pad_document(Document& document, std::size_t end, std::uint64_t bytes) {
  if (bytes > document.text.size()) document.text.insert(end, bytes - document.text.size(), 'x');
}

}  // namespace punctual::sim
