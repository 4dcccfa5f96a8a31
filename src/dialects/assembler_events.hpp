// What all assemblers do with an event before they look into it: take it apart, parse it, know an error
// event, keep the bound.
#pragma once

#include <string>
#include <string_view>

#include "dialects/assembler.hpp"
#include "json/reader.hpp"

namespace punctual::dialects {

class AssemblerOfEvents : public Assembler {
 public:
  bool event(std::string_view event) final;
  std::expected<std::string, std::string> document() final;

 protected:
  // False with `problem_` set.
  virtual bool take(const simdjson::dom::object& event) = 0;
  virtual bool whole() const = 0;
  virtual std::size_t bytes() const = 0;
  // Only asked for when whole; false with `problem_` set.
  virtual bool write(std::string& out) = 0;

  bool fail(std::string problem);
  // `data: [DONE]` has come.
  bool done() const { return done_; }
  static std::string_view text_at(const simdjson::dom::object& in, std::string_view key);
  json::Reader& reader() { return reader_; }

 private:
  bool take_data(std::string_view name, std::string_view data);
  bool take_error(const json::Element& error);

  json::Reader reader_;
  std::string joined_;
  bool done_ = false;
};

}  // namespace punctual::dialects
