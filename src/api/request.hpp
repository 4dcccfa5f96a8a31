// A generating request, as far as the gateway reads it: the rest of the body travels through untouched.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "api/operation.hpp"
#include "deadline/clock.hpp"
#include "http/head.hpp"
#include "http/problem.hpp"
#include "json/reader.hpp"

namespace punctual::api {

struct Request {
  Operation operation = Operation::chat_completions;
  std::string model;
  bool stream = false;
  std::optional<deadline::Duration> body_timeout;  // the member `timeout`, which is not passed on
  bool has_timeout_member = false;
  std::string body;
};

// Reads the body of a request for `operation`. It must be a JSON object with a string `model`; `stream` must
// be a boolean and `timeout` a positive number of seconds, where they stand. The body is moved from.
std::expected<Request, http::Problem> read_request(Operation operation, const http::RequestHead& head,
                                                   std::string&& body, json::Reader& reader);

// The body to send to an upstream that knows the model as `upstream_model`: pieces of `request.body`, with
// `model` replaced where it differs and `timeout` removed. `model_text` keeps the replacement alive.
std::vector<std::string_view> upstream_body(const Request& request, std::string_view upstream_model,
                                            std::string& model_text);

}  // namespace punctual::api
