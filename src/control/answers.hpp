// The answers of the management API: documents, and problems in the one shape that every error of ours has.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "access/error.hpp"
#include "control/context.hpp"
#include "requestlog/filter.hpp"
#include "settings/error.hpp"
#include "storage/error.hpp"

namespace punctual::control {

Answer json_answer(int status, const boost::json::value& document);
// With the ETag of a section's version.
Answer versioned_answer(int status, const boost::json::value& document, std::int64_t version);
Answer no_content();

struct ProblemInput {
  int status = 500;
  std::string message;
  std::vector<settings::FieldError> fields = {};
  std::optional<deadline::Duration> retry_after = {};
  std::string allow = {};
};
// RFC 9457 with the `error` object, and `errors` with one {field, message} for each field that is wrong.
Answer problem_answer(const Context& context, const ProblemInput& input);
Answer problem_answer(const gateway::ManagementRequest& request, std::string_view type_base,
                      const ProblemInput& input);

Answer problem_of(const Context& context, const settings::Error& error);
Answer problem_of(const Context& context, const access::Error& error);
Answer problem_of(const Context& context, const storage::Error& error);
Answer problem_of(const Context& context, const requestlog::ParameterError& error);

// null where there is none.
boost::json::value milliseconds(const std::optional<deadline::Duration>& duration);
// RFC 3339 in UTC, microseconds.
std::string time_text(std::int64_t microseconds);

}  // namespace punctual::control
