#include "dialects/messages_to_chat_answer.hpp"

#include "dialects/answer_events.hpp"
#include "dialects/chat_to_messages_request.hpp"
#include "dialects/errors.hpp"
#include "dialects/json_text.hpp"
#include "dialects/messages_to_chat_document.hpp"

namespace punctual::dialects {

namespace {

class MessagesToChat final : public AnswerTranslator {
 public:
  explicit MessagesToChat(AnswerContext context) : context_(std::move(context)) {}

  void event(std::string_view event, std::string& out) override {
    if (ended_) return;
    const UpstreamEvent read = events_.read(event);
    switch (read.kind) {
      case UpstreamEventKind::silence:
      case UpstreamEventKind::done:
        return;
      case UpstreamEventKind::broken:
        return fail(error_document(Format::chat_completions, 502,
                                   std::string_view("The upstream sent an event that is no JSON object."),
                                   context_.request_id),
                    out);
      case UpstreamEventKind::data:
        break;
    }
    std::string_view type;
    if (!find(read.data, "type", type)) type = read.named_error ? "error" : "";
    if (type == "content_block_delta") {
      read_delta(read.data, out);
    } else if (type == "content_block_start") {
      start_block(read.data, out);
    } else if (type == "content_block_stop") {
      stop_block(out);
    } else if (type == "message_start") {
      start(read.data, out);
    } else if (type == "message_delta") {
      read_message_delta(read.data, out);
    } else if (type == "message_stop") {
      finish(out);
    } else if (type == "error") {
      fail(error_document(Format::chat_completions, 0, read.document, context_.request_id), out);
    }
  }

  bool end(std::string&) override { return ended_ && !failed_; }

  LastWord last_word() const override {
    if (!ended_) return LastWord::none;
    return failed_ ? LastWord::error : LastWord::end;
  }

  std::expected<std::string, std::string> document(std::string_view document) override {
    return chat_document_of_messages(document, context_);
  }

 private:
  enum class Block : std::uint8_t { other, text, thinking, tool, json };

  void open_chunk(std::string& out) {
    if (prefix_.empty()) make_prefix({}, {});
    out.append(prefix_);
    if (!role_sent_) {
      role_sent_ = true;
      out.append(R"("role":"assistant","content":""},"finish_reason":null}]})").append("\n\n");
      out.append(prefix_);
    }
  }

  static void close_chunk(std::string& out) { out.append("},\"finish_reason\":null}]}\n\n"); }

  // What all chunks begin with.
  void make_prefix(std::string_view id, std::string_view model) {
    head_ = "data: {";
    append_member(head_, "id", answer_id("chatcmpl-", "msg_", id, context_.request_id));
    append_raw_member(head_, "object", R"("chat.completion.chunk")");
    append_member(head_, "created", context_.created);
    append_member(head_, "model", model.empty() ? std::string_view(context_.model) : model);
    prefix_ = head_ + R"(,"choices":[{"index":0,"delta":{)";
  }

  void start(const object& event, std::string& out) {
    object message;
    if (!find(event, "message", message) || role_sent_) return;
    std::string_view id;
    std::string_view model;
    object usage;
    (void)find(message, "id", id);
    (void)find(message, "model", model);
    if (find(message, "usage", usage)) tokens_.read_messages(usage);
    make_prefix(id, model);
    role_sent_ = true;
    out.append(prefix_).append(R"("role":"assistant","content":"")");
    close_chunk(out);
  }

  void start_block(const object& event, std::string& out) {
    object block;
    std::string_view type;
    std::string_view text;
    block_ = Block::other;
    if (!find(event, "content_block", block) || !find(block, "type", type)) return;
    if (type == "text") {
      block_ = Block::text;
      if (find(block, "text", text)) append_text(R"("content":)", text, out);
    } else if (type == "thinking") {
      block_ = Block::thinking;
      if (find(block, "thinking", text)) append_text(R"("reasoning_content":)", text, out);
    } else if (type == "tool_use") {
      start_tool(block, out);
    }
  }

  void start_tool(const object& block, std::string& out) {
    std::string_view id;
    std::string_view name;
    object input;
    (void)find(block, "id", id);
    (void)find(block, "name", name);
    has_arguments_ = false;
    if (context_.wants_json && name == json_answer_tool) {
      block_ = Block::json;
    } else {
      block_ = Block::tool;
      open_chunk(out);
      out.append(R"("tool_calls":[{"index":)").append(std::to_string(++tool_)).append(R"(,"id":)");
      append_string(out, id);
      out.append(R"(,"type":"function","function":{"name":)");
      append_string(out, name);
      out.append(R"(,"arguments":""}}])");
      close_chunk(out);
    }
    // Anthropic sends the input in deltas, others all at once.
    if (find(block, "input", input) && input.size() > 0) {
      scratch_.clear();
      append_value(scratch_, input);
      append_arguments(scratch_, out);
    }
  }

  void stop_block(std::string& out) {
    if ((block_ == Block::tool || block_ == Block::json) && !has_arguments_) append_arguments("{}", out);
    block_ = Block::other;
  }

  void read_delta(const object& event, std::string& out) {
    object delta;
    std::string_view type;
    std::string_view text;
    if (!find(event, "delta", delta) || !find(delta, "type", type)) return;
    if (type == "text_delta") {
      if (find(delta, "text", text)) append_text(R"("content":)", text, out);
    } else if (type == "thinking_delta") {
      if (find(delta, "thinking", text)) append_text(R"("reasoning_content":)", text, out);
    } else if (type == "input_json_delta") {
      if (find(delta, "partial_json", text)) append_arguments(text, out);
    }
  }

  void append_text(std::string_view key, std::string_view text, std::string& out) {
    if (text.empty()) return;
    open_chunk(out);
    out.append(key);
    append_string(out, text);
    close_chunk(out);
  }

  void append_arguments(std::string_view text, std::string& out) {
    if (text.empty()) return;
    has_arguments_ = true;
    if (block_ == Block::json) return append_text(R"("content":)", text, out);
    if (block_ != Block::tool) return;
    open_chunk(out);
    out.append(R"("tool_calls":[{"index":)").append(std::to_string(tool_));
    out.append(R"(,"function":{"arguments":)");
    append_string(out, text);
    out.append("}}]");
    close_chunk(out);
  }

  void read_message_delta(const object& event, std::string& out) {
    object delta;
    object usage;
    std::string_view reason;
    if (find(event, "usage", usage)) tokens_.read_messages(usage);
    if (find(event, "delta", delta) && find(delta, "stop_reason", reason)) append_finish(reason, out);
  }

  void append_finish(std::string_view stop_reason, std::string& out) {
    if (finish_sent_) return;
    finish_sent_ = true;
    // A call of the tool that is ours is no call for the client.
    const bool only_json = context_.wants_json && tool_ < 0 && stop_reason == "tool_use";
    open_chunk(out);
    out.append("},\"finish_reason\":\"").append(only_json ? "stop" : finish_reason_of(stop_reason));
    out.append("\"}]}\n\n");
  }

  void finish(std::string& out) {
    append_finish("end_turn", out);
    if (context_.include_usage) {
      out.append(head_).append(R"(,"choices":[],"usage":)");
      tokens_.append_as_chat(out);
      out.append("}\n\n");
    }
    out.append("data: [DONE]\n\n");
    ended_ = true;
  }

  void fail(std::string_view document, std::string& out) {
    append_error_event(out, Format::chat_completions, document);
    ended_ = true;
    failed_ = true;
  }

  AnswerContext context_;
  EventReader events_;
  TokenCounts tokens_;
  std::string head_;
  std::string prefix_;
  std::string scratch_;
  std::int64_t tool_ = -1;
  Block block_ = Block::other;
  bool has_arguments_ = false;
  bool role_sent_ = false;
  bool finish_sent_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace

std::unique_ptr<AnswerTranslator> make_messages_to_chat_answer(AnswerContext context) {
  return std::make_unique<MessagesToChat>(std::move(context));
}

}  // namespace punctual::dialects
