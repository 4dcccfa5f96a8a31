// Any bytes as a body, and as limit headers: what is read keeps its promises, and what is sent on has the
// rule's model and no timeout, however the keys were written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "api/content.hpp"
#include "api/request.hpp"
#include "api/request_limits.hpp"

namespace {

using namespace punctual;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_problem(const http::Problem& problem) {
  require(problem.status >= 400 && problem.status < 500 && !problem.message.empty());
  std::string document = http::problem_json(problem, "base/", "/", "id");
  json::Reader reader;
  require(reader.read(document).has_value());
}

void check_body(std::string_view bytes) {
  json::Reader reader;
  const auto request = api::read_request(api::Operation::chat_completions, {}, std::string(bytes), reader);
  if (!request) return check_problem(request.error());
  require(!request->model.empty());
  require(!request->body_timeout || *request->body_timeout > deadline::Duration::zero());
  std::string model_text;
  std::string sent;
  for (const auto piece : api::upstream_body(*request, "the rule's", model_text).pieces())
    sent += piece;
  const auto document = reader.read(sent);
  simdjson::dom::object members;
  require(document && !document->get(members));
  std::size_t models = 0;
  for (const auto [key, value] : members) {
    require(key != "timeout");
    if (key != "model") continue;
    ++models;
    std::string_view model;
    require(!value.get(model) && model == "the rule's");
  }
  require(models == 1);
}

void check_limits(std::string_view value) {
  for (const std::string_view name : {"Prefer", "X-Request-Timeout", "cf-aig-request-timeout"}) {
    http::Headers headers;
    headers.add(name, value);
    const auto limits = api::read_request_limits(headers);
    if (!limits) {
      check_problem(limits.error());
      continue;
    }
    for (const auto& kept : {limits->limit, limits->patience, limits->read_patience})
      require(!kept || kept->duration > deadline::Duration::zero());
    require(name == "Prefer" || limits->limit.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_body(bytes);
  check_limits(bytes.substr(0, 256));
  json::Reader reader;
  api::ContentReader content(reader);
  api::Usage usage;
  (void)content.read(bytes, usage);
  (void)content.usage_of(bytes);
  return 0;
}
