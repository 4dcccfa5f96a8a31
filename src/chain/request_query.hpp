// Which recorded requests a layer or a finding is about: the query of GET /api/requests, and of the page
// Requests. Inside this folder.
#pragma once

#include <string>
#include <string_view>

#include "chain/chain.hpp"

namespace punctual::chain {

// Of the days that the chain learns from; "endpoint=chat&from=7d" and what is added.
class RequestQuery {
 public:
  explicit RequestQuery(config::Endpoint endpoint);
  RequestQuery& with(std::string_view name, std::string_view value);  // percent-encoded here
  RequestQuery& longer_than(double seconds);
  RequestQuery& shorter_than(double seconds);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace punctual::chain
