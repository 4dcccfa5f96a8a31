// A generating request, as far as the gateway reads it: the rest of the body travels through untouched.
#pragma once

#include <array>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

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
class UpstreamBody {
 public:
  // One replacement and one removal, of which each part may leave a piece before and behind it.
  static constexpr std::size_t pieces_max = 8;

  explicit UpstreamBody(std::string_view whole) : pieces_{whole}, count_(1) {}
  explicit UpstreamBody(std::span<const std::string_view> pieces);

  std::span<const std::string_view> pieces() const { return {pieces_.data(), count_}; }
  std::size_t size() const;

 private:
  std::array<std::string_view, pieces_max> pieces_;
  std::size_t count_;
};

UpstreamBody upstream_body(const Request& request, std::string_view upstream_model, std::string& model_text);

}  // namespace punctual::api
