#include "storage/postgresql_target.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>

namespace punctual::storage {

namespace {

// A server that is gone without a word is noticed after some 25 seconds, also while nothing is asked of it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> wanted = {{
    {"application_name", "punctual"},
    {"client_encoding", "UTF8"},
    {"keepalives", "1"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},
}};

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// What libpq itself marks as not to be shown.
bool is_secret(std::string_view keyword, std::string_view display) {
  return keyword == "password" || keyword == "sslpassword" || display == "*";
}

std::unexpected<Error> not_understood() {
  return std::unexpected(Error{ErrorKind::refused,
                               "the address of the PostgreSQL database cannot be understood: write "
                               "postgresql://user:password@host:port/database, with %40 for @, %3A for :, "
                               "%2F for / and %23 for # in the password",
                               {}});
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

std::expected<PostgresqlTarget, Error> PostgresqlTarget::parse(const std::string& url) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);  // it may repeat a piece of the password
  if (!options) return not_understood();
  PostgresqlTarget target;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (!option->val || option->val[0] == '\0') continue;
    target.parameters_.emplace_back(option->keyword, option->val);
    if (is_secret(option->keyword, option->dispchar)) target.secrets_.emplace_back(option->val);
  }
  // Where an @ or : of the password was not written as %40 or %3A, a piece of it is taken for host and port.
  const std::string host = target.parameter("host");
  const std::string port = target.parameter("port");
  if ((host.find('@') != std::string::npos && !host.starts_with('@')) ||
      port.find_first_not_of("0123456789,") != std::string::npos) {
    return not_understood();
  }
  target.add_wanted();
  return target;
}

PostgresqlTarget PostgresqlTarget::of(std::vector<std::pair<std::string, std::string>> parameters) {
  PostgresqlTarget target;
  target.parameters_ = std::move(parameters);
  std::erase_if(target.parameters_, [](const auto& one) { return one.second.empty(); });
  for (const auto& [name, value] : target.parameters_) {
    if (is_secret(name, {})) target.secrets_.push_back(value);
  }
  target.add_wanted();
  return target;
}

void PostgresqlTarget::add_wanted() {
  for (const auto& [name, value] : wanted) {
    if (parameter(name).empty()) parameters_.emplace_back(name, value);
  }
}

std::string PostgresqlTarget::parameter(std::string_view name) const {
  const auto found = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  return found == parameters_.end() ? std::string() : found->second;
}

std::string PostgresqlTarget::description() const {
  std::string result = "postgresql://" + parameter("user");
  if (!parameter("password").empty()) result += ":***";
  if (!parameter("user").empty()) result += "@";
  result += parameter("host").empty() ? parameter("hostaddr") : parameter("host");
  if (!parameter("port").empty()) result += ":" + parameter("port");
  return result + "/" + parameter("dbname");
}

std::string PostgresqlTarget::masked(std::string_view message) const {
  std::string result(message);
  for (const std::string& secret : secrets_)
    replace_all(result, secret, "***");
  while (!result.empty() && result.back() == '\n')
    result.pop_back();
  replace_all(result, "\n", "; ");
  replace_all(result, "\t", " ");
  return result;
}

}  // namespace punctual::storage
