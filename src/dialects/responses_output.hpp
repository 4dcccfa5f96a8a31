// A Responses answer in the making: what the model gives, piece by piece, as events and as the response
// object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/request_writing.hpp"
#include "dialects/translation.hpp"

namespace punctual::dialects {

class ResponsesOutput {
 public:
  static constexpr std::size_t answer_bytes_max = std::size_t{32} << 20;

  enum class Status : std::uint8_t { in_progress, completed, out_of_tokens, filtered, failed };

  explicit ResponsesOutput(AnswerContext context) : context_(std::move(context)) {}

  // response.created and response.in_progress, once.
  void begin(std::string& out);
  void set_model(std::string_view model);
  void set_created(std::int64_t created) { context_.created = created; }
  // Of Chat Completions.
  void set_usage(const object& usage);

  void add_reasoning(std::string_view text, std::string& out);
  void add_text(std::string_view text, std::string& out);
  void add_refusal(std::string_view text, std::string& out);
  // A piece of a call; `index` tells the calls apart. False for more calls than there can be.
  bool add_call(std::int64_t index, std::string_view id, std::string_view name, std::string_view arguments,
                std::string& out);
  // The index for a call that has none: that of the last one, unless `id` is another.
  std::int64_t index_without(std::string_view id) const;

  // Ends all items and tells response.completed or response.incomplete.
  void finish(Status status, std::string& out);
  // response.failed, then the error event.
  void fail(std::string_view message, std::string_view code, std::string& out);

  // The response object as it is now.
  void write_response(Status status, std::string& out) const;

  std::size_t bytes() const { return bytes_; }

 private:
  enum class Kind : std::uint8_t { reasoning, message, call };
  struct Part {
    bool refusal = false;
    std::string text;  // escaped
  };
  struct Item {
    Kind kind{};
    bool announced = false;
    bool done = false;
    bool cut = false;  // was open when the answer was cut off
    std::size_t output_index = 0;
    std::string id;  // all escaped
    std::vector<Part> parts;
    std::int64_t index = 0;  // of a call
    std::string call_id;
    std::string name;
    std::string arguments;
  };
  static constexpr std::size_t calls_max = 1024;

  void open_event(std::string_view name, std::string& out);
  void open_item_event(std::string_view name, const Item& item, std::string& out);
  void open_part_event(std::string_view name, const Item& item, std::string& out);
  void close_event(std::string& out);

  Item& add_item(Kind kind, std::string_view prefix);
  Item& call_at(std::int64_t index);
  void open_part(Item& item, bool refusal, std::string& out);
  void add_to_part(Kind kind, bool refusal, std::string_view text, std::string& out);
  void announce(Item& item, std::string& out);
  void announce_call(Item& call, std::string& out);
  void add_arguments(Item& call, std::string_view escaped, std::string& out);
  void end_part(const Item& item, std::string& out);
  void end_item(Item& item, std::string& out);
  void end_text(std::string& out);
  void respond(std::string_view name, Status status, std::string& out);
  void write_item(const Item& item, std::string& out) const;
  static void write_part(const Item& item, const Part& part, std::string& out);

  AnswerContext context_;
  static constexpr std::size_t none = SIZE_MAX;
  std::vector<Item> items_;
  std::vector<std::size_t> outputs_;  // of items_, as announced
  std::vector<std::size_t> calls_;    // of items_, by their index
  std::size_t text_ = none;           // of items_: reasoning or a message that is not done
  std::size_t last_call_ = none;      // of items_
  std::uint64_t sequence_ = 0;
  bool begun_ = false;
  std::string usage_ = "null";
  std::string error_ = "null";
  std::size_t bytes_ = 0;
};

}  // namespace punctual::dialects
