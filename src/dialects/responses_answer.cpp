#include "dialects/responses_answer.hpp"

#include "dialects/json_text.hpp"
#include "dialects/responses_output.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

namespace {

using Status = ResponsesOutput::Status;

class ResponsesAnswer final : public AnswerTranslator {
 public:
  explicit ResponsesAnswer(AnswerContext context) : output_(std::move(context)) {}

  void event(std::string_view event, std::string& out) override;
  bool end(std::string& out) override;
  LastWord last_word() const override {
    if (!told_) return LastWord::none;
    return failed_ ? LastWord::error : LastWord::end;
  }
  std::expected<std::string, std::string> document(std::string_view document) override;

 private:
  void read_data(std::string_view name, std::string_view data, std::string& out);
  void read_heading(const object& chunk);
  void read_chunk(const object& chunk, std::string& out);
  // A delta, or the message of a whole answer.
  void read_delta(const object& delta, std::string& out);
  void read_calls(const array& calls, std::string& out);
  void read_finish(const object& choice);
  void fail(std::string_view message, std::string_view code, std::string& out);
  void fail_as(const json::Element& error, std::string& out);

  json::Reader reader_;
  std::string joined_;
  ResponsesOutput output_;
  bool headed_ = false;
  bool finished_ = false;  // a finish_reason has come
  bool told_ = false;      // the end, good or bad
  bool failed_ = false;
  Status status_ = Status::completed;
};

void ResponsesAnswer::fail(std::string_view message, std::string_view code, std::string& out) {
  if (std::exchange(told_, true)) return;
  failed_ = true;
  output_.fail(message, code, out);
}

// The format knows few codes; only one of them is more than "failed".
void ResponsesAnswer::fail_as(const json::Element& error, std::string& out) {
  object members;
  std::string_view message = "The upstream failed.";
  std::string_view code;
  std::string_view type;
  if (!error.get(members)) {
    (void)find(members, "message", message);
    (void)find(members, "code", code);
    (void)find(members, "type", type);
  } else {
    (void)error.get(message);
  }
  const bool limited =
      code == "rate_limit_exceeded" || type == "rate_limit_error" || type == "rate_limit_exceeded";
  fail(message, limited ? "rate_limit_exceeded" : "server_error", out);
}

void ResponsesAnswer::event(std::string_view event, std::string& out) {
  if (told_) return;
  const auto fields = http::sse_fields(event, joined_);
  if (!fields.has_data || fields.data.empty()) return;
  if (fields.data == "[DONE]") {
    if (!headed_) return fail("The upstream sent a stream without an answer.", "server_error", out);
    told_ = true;
    output_.finish(status_, out);
    return;
  }
  read_data(fields.event, fields.data, out);
  if (output_.bytes() > ResponsesOutput::answer_bytes_max)
    fail("The upstream sent an answer of more than 32 MiB.", "server_error", out);
}

void ResponsesAnswer::read_data(std::string_view name, std::string_view data, std::string& out) {
  const auto parsed = reader_.read_copy(data);
  object chunk;
  json::Element error;
  if (!parsed)
    return fail("The upstream sent an event that is not JSON: " + parsed.error(), "server_error", out);
  const bool readable = !parsed->get(chunk);
  if (readable && find(chunk, "error", error)) return fail_as(error, out);
  if (name == "error") return fail_as(*parsed, out);
  if (!readable) return fail("The upstream sent an event that is no object.", "server_error", out);
  read_chunk(chunk, out);
}

void ResponsesAnswer::read_heading(const object& chunk) {
  std::int64_t created = 0;
  std::string_view model;
  if (!chunk["created"].get(created)) output_.set_created(created);
  if (find(chunk, "model", model)) output_.set_model(model);
}

void ResponsesAnswer::read_chunk(const object& chunk, std::string& out) {
  array choices;
  object usage;
  if (find(chunk, "usage", usage)) output_.set_usage(usage);
  if (chunk["choices"].get(choices)) return;
  if (!std::exchange(headed_, true)) read_heading(chunk);
  output_.begin(out);
  for (const auto value : choices) {
    object choice;
    object delta;
    std::int64_t index = 0;
    if (told_) return;
    if (value.get(choice)) continue;
    if (!choice["index"].get(index) && index != 0) continue;
    if (find(choice, "delta", delta)) read_delta(delta, out);
    read_finish(choice);
  }
}

void ResponsesAnswer::read_delta(const object& delta, std::string& out) {
  std::string_view reasoning;
  std::string_view text;
  std::string_view refusal;
  array calls;
  // One walk; the order of the format is that of the members here, not that of the upstream.
  bool called = false;
  for (const auto [key, value] : delta) {
    if (key == "content") {
      (void)value.get(text);
    } else if (key == "reasoning_content" || key == "reasoning") {
      if (reasoning.empty()) (void)value.get(reasoning);
    } else if (key == "refusal") {
      (void)value.get(refusal);
    } else if (key == "tool_calls") {
      called = !value.get(calls);
    }
  }
  output_.add_reasoning(reasoning, out);
  output_.add_text(text, out);
  output_.add_refusal(refusal, out);
  if (called) read_calls(calls, out);
}

void ResponsesAnswer::read_calls(const array& calls, std::string& out) {
  for (const auto value : calls) {
    object call;
    object function;
    std::string_view id;
    std::string_view name;
    std::string_view arguments;
    if (value.get(call)) continue;
    (void)find(call, "id", id);
    if (find(call, "function", function)) {
      (void)find(function, "name", name);
      (void)find(function, "arguments", arguments);
    }
    std::int64_t index = 0;
    if (call["index"].get(index)) index = output_.index_without(id);
    if (!output_.add_call(index, id, name, arguments, out))
      return fail("The upstream sent a tool call whose `index` is no number from 0 to 1023.", "server_error",
                  out);
  }
}

void ResponsesAnswer::read_finish(const object& choice) {
  std::string_view reason;
  if (!find(choice, "finish_reason", reason) || reason.empty()) return;
  finished_ = true;
  status_ = reason == "length"           ? Status::out_of_tokens
            : reason == "content_filter" ? Status::filtered
                                         : Status::completed;
}

bool ResponsesAnswer::end(std::string& out) {
  if (told_) return !failed_;
  if (!finished_) return false;
  told_ = true;
  output_.finish(status_, out);
  return true;
}

std::expected<std::string, std::string> ResponsesAnswer::document(std::string_view document) {
  const auto parsed = reader_.read_copy(document);
  object completion;
  array choices;
  object usage;
  if (!parsed) return std::unexpected("an answer that is not JSON: " + parsed.error());
  if (parsed->get(completion)) return std::unexpected(std::string("an answer that is no object"));
  if (completion["choices"].get(choices) || choices.size() == 0)
    return std::unexpected(std::string("an answer without `choices`"));
  object choice;
  object message;
  if (choices.at(0).get(choice) || !find(choice, "message", message))
    return std::unexpected(std::string("an answer whose first choice has no `message`"));
  read_heading(completion);
  if (find(completion, "usage", usage)) output_.set_usage(usage);
  std::string events;
  read_delta(message, events);
  if (failed_) return std::unexpected(std::string("more than 1024 tool calls"));
  read_finish(choice);
  output_.finish(status_, events);
  std::string text;
  output_.write_response(status_, text);
  return text;
}

}  // namespace

std::unique_ptr<AnswerTranslator> make_chat_to_responses_answer(AnswerContext context) {
  return std::make_unique<ResponsesAnswer>(std::move(context));
}

}  // namespace punctual::dialects
