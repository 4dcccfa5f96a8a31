#include "http/problem.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <cmath>

#include "http/head_writer.hpp"
#include "json/utf8.hpp"

namespace punctual::http {

namespace {

namespace bj = boost::json;

// Whole numbers as such: "limit_seconds": 900, not 9E2.
bj::value number(double value) {
  const double rounded = std::round(value * 1000) / 1000;
  if (rounded == std::floor(rounded) && std::abs(rounded) < 1e15) return static_cast<std::int64_t>(rounded);
  return rounded;
}

std::string_view anthropic_type(int status) {
  switch (status) {
    case 400:
    case 405:
    case 415:
    case 422:
    case 431:
      return "invalid_request_error";
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return "api_error";
  }
}

std::string code_of(std::string_view slug) {
  std::string code(slug);
  std::ranges::replace(code, '-', '_');
  return code;
}

void add_members(bj::object& document, const Problem& problem, std::string_view instance,
                 std::string_view request_id) {
  document["title"] = problem.title;
  document["status"] = problem.status;
  document["detail"] = problem.message;
  document["instance"] = instance;
  document["request_id"] = request_id;
  if (!problem.param.empty()) document["param"] = problem.param;
  if (problem.retry_after_seconds) document["retry_after_seconds"] = number(*problem.retry_after_seconds);
  if (problem.fired) {
    document["limit"] = problem.fired->limit;
    document["limit_seconds"] = number(problem.fired->limit_seconds);
    document["limit_source"] = problem.fired->limit_source;
    document["elapsed_seconds"] = number(problem.fired->elapsed_seconds);
    document["upstream_answered"] = problem.fired->upstream_answered;
  }
}

// Boost.JSON writes doubles in scientific form; people read these documents.
class Writer {
 public:
  std::string write(const bj::value& value) {
    append(value);
    return std::move(out_);
  }

 private:
  void append(const bj::value& value) {
    if (value.is_double()) {
      append_double(value.get_double());
    } else if (value.is_object()) {
      out_.push_back('{');
      for (bool first = true; const auto& member : value.get_object()) {
        if (!std::exchange(first, false)) out_.push_back(',');
        out_.append(bj::serialize(bj::value(member.key()))).push_back(':');
        append(member.value());
      }
      out_.push_back('}');
    } else if (value.is_string()) {
      out_.append(bj::serialize(bj::value(json::as_utf8(value.get_string()))));
    } else {
      out_.append(bj::serialize(value));
    }
  }

  void append_double(double value) {
    std::string text = std::to_string(value);
    while (text.ends_with('0'))
      text.pop_back();
    if (text.ends_with('.')) text.push_back('0');
    out_.append(text);
  }

  std::string out_;
};

}  // namespace

std::string problem_json(const Problem& problem, std::string_view type_base, std::string_view instance,
                         std::string_view request_id) {
  const std::string type = std::string(type_base) + problem.slug;
  bj::object document;
  document["type"] = type;
  add_members(document, problem, instance, request_id);
  bj::object error;
  if (!problem.upstream_error.empty()) {
    boost::system::error_code failed;
    const bj::value parsed = bj::parse(problem.upstream_error, failed);
    if (!failed && parsed.is_object()) error = parsed.get_object();
  }
  if (error.empty()) {
    error["message"] = problem.message;
    error["type"] = type;
    error["code"] = code_of(problem.slug);
    error["param"] = problem.param.empty() ? bj::value(nullptr) : bj::value(problem.param);
  }
  document["error"] = std::move(error);
  return Writer().write(document);
}

std::string anthropic_problem_json(const Problem& problem, std::string_view type_base,
                                   std::string_view instance, std::string_view request_id) {
  bj::object error;
  error["type"] = anthropic_type(problem.status);
  error["message"] = problem.message;
  error["problem"] = std::string(type_base) + problem.slug;
  add_members(error, problem, instance, request_id);
  bj::object document;
  document["type"] = "error";
  document["error"] = std::move(error);
  document["request_id"] = request_id;
  return Writer().write(document);
}

Problem make_problem(int status, std::string message, std::string param) {
  Problem problem;
  problem.status = status;
  problem.title = reason_phrase(status);
  problem.message = std::move(message);
  problem.param = std::move(param);
  switch (status) {
    case 502:
      problem.slug = "bad-gateway";
      break;
    case 503:
      problem.slug = "service-unavailable";
      break;
    case 504:
      problem.slug = "timeout";
      problem.title = "Request Timeout";
      break;
    case 408:
      problem.slug = "request-timeout";
      break;
    default:
      for (const char c : reason_phrase(status)) {
        problem.slug.push_back(c == ' ' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
      }
  }
  return problem;
}

}  // namespace punctual::http
