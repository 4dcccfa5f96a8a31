#include "control/answers.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include "http/problem.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

int status_of(settings::ErrorKind kind) {
  switch (kind) {
    case settings::ErrorKind::invalid:
      return 422;
    case settings::ErrorKind::pinned:
    case settings::ErrorKind::conflict:
      return 409;
    case settings::ErrorKind::forbidden:
      return 403;
    case settings::ErrorKind::not_found:
      return 404;
    case settings::ErrorKind::stale:
      return 412;
    case settings::ErrorKind::unavailable:
      break;
  }
  return 503;
}

int status_of(access::ErrorKind kind) {
  switch (kind) {
    case access::ErrorKind::invalid:
      return 422;
    case access::ErrorKind::conflict:
      return 409;
    case access::ErrorKind::not_found:
      return 404;
    case access::ErrorKind::forbidden:
      return 403;
    case access::ErrorKind::too_many:
      return 429;
    case access::ErrorKind::unauthenticated:
      return 401;
    case access::ErrorKind::unavailable:
      break;
  }
  return 503;
}

// What a database says of itself (its address, its user) is for administrators.
std::string told(const Context& context, const std::string& detail) {
  return context.identity.administrator() ? detail : "The database does not answer: try again.";
}

}  // namespace

Answer json_answer(int status, const bj::value& document) {
  Answer answer;
  answer.status = status;
  answer.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  answer.body = bj::serialize(document);
  return answer;
}

Answer versioned_answer(int status, const bj::value& document, std::int64_t version) {
  Answer answer = json_answer(status, document);
  answer.headers.emplace_back("ETag", "\"" + std::to_string(version) + "\"");
  return answer;
}

Answer no_content() {
  Answer answer;
  answer.status = 204;
  answer.headers = {{"Cache-Control", "no-store"}};
  return answer;
}

Answer problem_answer(const gateway::ManagementRequest& request, std::string_view type_base,
                      const ProblemInput& input) {
  auto problem = http::make_problem(input.status, input.message,
                                    input.fields.empty() ? std::string() : input.fields.front().field);
  Answer answer;
  answer.status = input.status;
  answer.headers = {{"Content-Type", "application/problem+json"}, {"Cache-Control", "no-store"}};
  if (input.retry_after) {
    const double seconds = std::chrono::duration<double>(*input.retry_after).count();
    answer.headers.emplace_back("Retry-After", fmt::format("{}", std::max(1.0, std::ceil(seconds))));
  }
  if (!input.allow.empty()) answer.headers.emplace_back("Allow", input.allow);
  if (input.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  answer.body = http::problem_json(problem, type_base, request.path, request.request_id);
  if (!input.fields.empty()) {
    auto document = bj::parse(answer.body).as_object();
    bj::array errors;
    for (const auto& [field, message] : input.fields)
      errors.push_back(bj::object{{"field", field}, {"message", message}});
    document["errors"] = std::move(errors);
    answer.body = bj::serialize(document);
  }
  return answer;
}

Answer problem_answer(const Context& context, const ProblemInput& input) {
  return problem_answer(context.request, context.services.type_base, input);
}

Answer problem_of(const Context& context, const settings::Error& error) {
  ProblemInput input{status_of(error.kind), error.message, error.fields, {}, {}};
  if (input.status == 503) input.retry_after = std::chrono::seconds(1);
  return problem_answer(context, input);
}

Answer problem_of(const Context& context, const access::Error& error) {
  ProblemInput input{status_of(error.kind), error.message, {}, {}, {}};
  if (!error.field.empty()) input.fields.push_back({error.field, error.message});
  if (input.status == 429) input.retry_after = error.retry_after;
  if (input.status == 503) {
    input.message = told(context, error.message);
    input.retry_after = std::chrono::seconds(1);
  }
  return problem_answer(context, input);
}

Answer problem_of(const Context& context, const storage::Error& error) {
  const std::string message = told(context, "The database does not answer: " + error.message);
  return problem_answer(context, {503, message, {}, std::chrono::seconds(1), {}});
}

Answer problem_of(const Context& context, const requestlog::ParameterError& error) {
  return problem_answer(context, {400, error.message, {{error.parameter, error.message}}, {}, {}});
}

std::string time_text(std::int64_t microseconds) {
  const std::int64_t seconds = microseconds / 1'000'000;
  return fmt::format("{:%FT%T}.{:06}Z", fmt::gmtime(static_cast<std::time_t>(seconds)),
                     microseconds % 1'000'000);
}

boost::json::value milliseconds(const std::optional<deadline::Duration>& duration) {
  if (!duration) return nullptr;
  return std::chrono::duration<double, std::milli>(*duration).count();
}

}  // namespace punctual::control
