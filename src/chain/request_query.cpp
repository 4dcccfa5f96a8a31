#include "chain/request_query.hpp"

#include <fmt/format.h>

namespace punctual::chain {

namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

RequestQuery::RequestQuery(config::Endpoint endpoint)
    : text_(fmt::format("endpoint={}&from={}d", config::name_of(endpoint), learnt_days)) {}

RequestQuery& RequestQuery::with(std::string_view name, std::string_view value) {
  text_.append("&").append(name).append("=");
  for (const char c : value) {
    if (is_unreserved(c))
      text_.push_back(c);
    else
      text_.append(fmt::format("%{:02X}", static_cast<unsigned char>(c)));
  }
  return *this;
}

RequestQuery& RequestQuery::longer_than(double seconds) {
  return with("slower_than", fmt::format("{:.3f}", seconds));
}

RequestQuery& RequestQuery::shorter_than(double seconds) {
  return with("faster_than", fmt::format("{:.3f}", seconds));
}

}  // namespace punctual::chain
