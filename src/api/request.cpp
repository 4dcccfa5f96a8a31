#include "api/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/text.hpp"
#include "json/splice.hpp"

namespace punctual::api {

namespace {

using http::make_problem;

std::string type_text(const json::Element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::optional<http::Problem> media_type_problem(const http::RequestHead& head) {
  const auto coding = head.headers.find("content-encoding");
  if (coding && !base::equals_ignoring_case(coding->value, "identity")) {
    return make_problem(
        415, "Content-Encoding is \"" + std::string(coding->value) + "\"; the body must come as it is.",
        "Content-Encoding");
  }
  const auto field = head.headers.find("content-type");
  if (!field) return std::nullopt;
  std::string_view value = field->value;
  const auto type = base::take_item(value, ';');
  if (base::equals_ignoring_case(type, "application/json") || type.ends_with("+json")) return std::nullopt;
  return make_problem(415,
                      "Content-Type is \"" + std::string(type) + "\"; this route takes application/json.",
                      "Content-Type");
}

std::optional<http::Problem> read_member(Request& request, std::string_view key, const json::Element& value) {
  if (key == "model") {
    std::string_view model;
    if (value.get(model) || model.empty()) {
      return make_problem(400,
                          "`model` is " + (value.is_string() ? "empty" : type_text(value)) +
                              "; it must be the name of a model, a string.",
                          "model");
    }
    request.model = model;
  } else if (key == "stream") {
    if (value.is_null()) return std::nullopt;
    if (value.get(request.stream)) {
      return make_problem(400, "`stream` is " + type_text(value) + "; it must be true or false.", "stream");
    }
  } else if (key == "timeout") {
    request.has_timeout_member = true;
    if (value.is_null()) return std::nullopt;
    double seconds = 0;
    if (value.get(seconds) || !std::isfinite(seconds) || seconds <= 0) {
      const bool number = value.is_number();
      return make_problem(400,
                          "`timeout` is " + (number ? fmt::format("{}", seconds) : type_text(value)) +
                              "; it must be a positive number of seconds.",
                          "timeout");
    }
    request.body_timeout = std::max(deadline::from_seconds(seconds), deadline::Duration(1));
  }
  return std::nullopt;
}

}  // namespace

std::expected<Request, http::Problem> read_request(Operation operation, const http::RequestHead& head,
                                                   std::string&& body, json::Reader& reader) {
  if (auto problem = media_type_problem(head)) return std::unexpected(std::move(*problem));
  Request request;
  request.operation = operation;
  request.body = std::move(body);
  if (request.body.empty()) {
    return std::unexpected(make_problem(400, "The request has no body; a JSON object is expected."));
  }
  const auto document = reader.read(request.body);
  if (!document) {
    return std::unexpected(make_problem(400, "The body is not valid JSON: " + document.error()));
  }
  simdjson::dom::object members;
  if (document->get(members)) {
    return std::unexpected(
        make_problem(400, "The body is " + type_text(*document) + "; a JSON object is expected."));
  }
  unsigned seen = 0;
  constexpr std::string_view used[] = {"model", "stream", "timeout"};
  for (const auto [key, value] : members) {
    // None of the three has another length.
    if (key.size() < 5 || key.size() > 7) continue;
    for (unsigned i = 0; i < std::size(used); ++i) {
      if (key != used[i]) continue;
      // Parsers differ in which of two they take, so two are a way around the rules.
      if (seen & (1u << i)) {
        return std::unexpected(
            make_problem(400, "`" + std::string(key) + "` stands twice in the body.", std::string(key)));
      }
      seen |= 1u << i;
      if (auto problem = read_member(request, key, value)) return std::unexpected(std::move(*problem));
    }
  }
  if (!(seen & 1u)) {
    return std::unexpected(make_problem(400, "`model` is missing; it must be the name of a model.", "model"));
  }
  return request;
}

UpstreamBody::UpstreamBody(std::span<const std::string_view> pieces) : count_(pieces.size()) {
  assert(pieces.size() <= pieces_max);
  std::ranges::copy(pieces, pieces_.begin());
}

std::size_t UpstreamBody::size() const {
  std::size_t bytes = 0;
  for (const auto piece : pieces())
    bytes += piece.size();
  return bytes;
}

UpstreamBody upstream_body(const Request& request, std::string_view upstream_model, std::string& model_text) {
  if (upstream_model == request.model && !request.has_timeout_member) return UpstreamBody(request.body);
  json::Splice splice(request.body);
  if (upstream_model != request.model) {
    model_text = json::quoted(upstream_model);
    if (const auto member = json::find_member(request.body, "model"))
      splice.replace_value(*member, model_text);
  }
  if (request.has_timeout_member) {
    if (const auto member = json::find_member(request.body, "timeout")) splice.remove(*member);
  }
  return UpstreamBody(splice.pieces());
}

}  // namespace punctual::api
