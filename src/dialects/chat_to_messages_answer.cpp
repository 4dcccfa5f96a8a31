#include "dialects/chat_to_messages_answer.hpp"

#include "dialects/answer_events.hpp"
#include "dialects/chat_to_messages_blocks.hpp"
#include "dialects/chat_to_messages_document.hpp"
#include "dialects/errors.hpp"
#include "dialects/json_text.hpp"
#include "http/sse.hpp"

namespace punctual::dialects {

namespace {

class ChatToMessages final : public AnswerTranslator {
 public:
  explicit ChatToMessages(AnswerContext context) : context_(std::move(context)) {}

  void event(std::string_view event, std::string& out) override {
    if (ended_) return;
    const UpstreamEvent read = events_.read(event);
    switch (read.kind) {
      case UpstreamEventKind::silence:
        return;
      case UpstreamEventKind::done:
        return finish(out);
      case UpstreamEventKind::broken:
        return fail("an event that is no JSON object", out);
      case UpstreamEventKind::data:
        return read_chunk(read, out);
    }
  }

  bool end(std::string& out) override {
    if (failed_ || (!ended_ && !has_finish_reason_)) return false;
    const std::size_t size = out.size();
    if (!ended_) finish(out);
    // Of an answer that cannot be finished nothing more is told than that.
    if (failed_) out.resize(size);
    return !failed_;
  }

  LastWord last_word() const override {
    if (!ended_) return LastWord::none;
    return failed_ ? LastWord::error : LastWord::end;
  }

  std::expected<std::string, std::string> document(std::string_view document) override {
    return messages_document_of_chat(document, context_);
  }

 private:
  using Kind = MessagesBlocks::Kind;

  void read_chunk(const UpstreamEvent& chunk, std::string& out) {
    array choices;
    std::string_view id;
    std::string_view model;
    bool has_choices = false;
    bool counted = false;
    for (const auto [key, value] : chunk.data) {
      if (key == "id") {
        (void)!value.get(id);
      } else if (key == "model") {
        (void)!value.get(model);
      } else if (key == "choices") {
        has_choices = !value.get(choices);
      } else if (key == "usage") {
        object usage;
        counted = !value.get(usage);
        if (counted) tokens_.read_chat(usage);
      } else if (key == "error" && !value.is_null()) {
        return fail_with(chunk.document, out);
      }
    }
    if (chunk.named_error) return fail_with(chunk.document, out);
    if (!has_choices && !counted) return;
    start(id, model, out);
    if (has_choices) {
      for (const auto item : choices) {
        object choice;
        if (item.get(choice)) continue;
        if (!read_choice(choice, out)) return fail(blocks_.problem(), out);
      }
    }
    if (has_finish_reason_ && counted) finish(out);
  }

  bool read_choice(const object& choice, std::string& out) {
    std::int64_t index = 0;
    if (!choice["index"].get(index) && index != 0) return true;
    object delta;
    if (find(choice, "delta", delta) && !has_finish_reason_ && !read_delta(delta, out)) return false;
    const ChatEnd end = read_chat_end(choice);
    if (end.finish_reason.empty() || has_finish_reason_) return true;
    has_finish_reason_ = true;
    finish_reason_ = end.finish_reason;
    stop_sequence_ = end.stop_sequence;
    return true;
  }

  bool read_delta(const object& delta, std::string& out) {
    const ChatMessage message = read_chat_message(delta, scratch_);
    if (!blocks_.add(Kind::thinking, message.reasoning, out)) return false;
    if (!blocks_.add(Kind::text, message.text, out)) return false;
    if (!message.refusal.empty()) refused_ = true;
    if (!blocks_.add(Kind::text, message.refusal, out)) return false;
    if (message.has_tool_calls) {
      for (const auto item : message.tool_calls) {
        object call;
        if (!item.get(call) && !read_call(call, out)) return false;
      }
    }
    return !message.has_function_call || read_function(0, {}, message.function_call, out);
  }

  bool read_call(const object& call, std::string& out) {
    std::int64_t index = -1;
    std::string_view id;
    object function;
    (void)!call["index"].get(index);
    (void)find(call, "id", id);
    if (!find(call, "function", function)) return blocks_.add_call(index, id, {}, {}, out);
    return read_function(index, id, function, out);
  }

  bool read_function(std::int64_t index, std::string_view id, const object& function, std::string& out) {
    std::string_view name;
    std::string_view arguments;
    object members;
    (void)find(function, "name", name);
    // An object in place of its text, as some servers have it.
    if (find(function, "arguments", members)) {
      arguments_.clear();
      append_value(arguments_, members);
      arguments = arguments_;
    } else {
      (void)find(function, "arguments", arguments);
    }
    return blocks_.add_call(index, id, name, arguments, out);
  }

  void start(std::string_view id, std::string_view model, std::string& out) {
    if (started_) return;
    started_ = true;
    blocks_.set_answer_id(context_.request_id);
    out.append("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{");
    append_member(out, "id", answer_id("msg_", "chatcmpl-", id, context_.request_id));
    append_raw_member(out, "type", R"("message","role":"assistant")");
    append_member(out, "model", model.empty() ? std::string_view(context_.model) : model);
    append_raw_member(out, "content", R"([],"stop_reason":null,"stop_sequence":null)");
    append_key(out, "usage");
    tokens_.append_as_messages(out);
    out.append("}}\n\n");
  }

  void finish(std::string& out) {
    start({}, {}, out);
    if (!blocks_.finish(out)) return fail(blocks_.problem(), out);
    out.append("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{");
    append_stop(out, {.finish_reason = finish_reason_, .stop_sequence = stop_sequence_}, blocks_.has_calls(),
                refused_);
    out.append("},\"usage\":");
    tokens_.append_as_messages(out);
    out.append("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    ended_ = true;
  }

  void fail(std::string_view problem, std::string& out) {
    failed_ = true;
    const std::string message = "The upstream sent " + std::string(problem) + ".";
    append_error_event(out, Format::messages,
                       error_document(Format::messages, 502, std::string_view(message), context_.request_id));
    ended_ = true;
  }

  void fail_with(const json::Element& document, std::string& out) {
    failed_ = true;
    append_error_event(out, Format::messages,
                       error_document(Format::messages, 0, document, context_.request_id));
    ended_ = true;
  }

  AnswerContext context_;
  EventReader events_;
  MessagesBlocks blocks_;
  TokenCounts tokens_;
  ChatScratch scratch_;
  std::string arguments_;
  std::string finish_reason_;
  std::string stop_sequence_;
  bool has_finish_reason_ = false;
  bool refused_ = false;
  bool started_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<AnswerTranslator> make_chat_to_messages_answer(AnswerContext context) {
  return std::make_unique<ChatToMessages>(std::move(context));
}

}  // namespace punctual::dialects
