#include "dialects/translation.hpp"

#include "dialects/chained_answer.hpp"
#include "dialects/chat_to_messages_answer.hpp"
#include "dialects/chat_to_messages_request.hpp"
#include "dialects/messages_to_chat_answer.hpp"
#include "dialects/messages_to_chat_request.hpp"
#include "dialects/responses_answer.hpp"
#include "dialects/responses_request.hpp"

namespace punctual::dialects {

namespace {

// Of two formats that nobody translates: nothing is ever whole.
class NoAnswer final : public AnswerTranslator {
 public:
  void event(std::string_view, std::string&) override {}
  bool end(std::string&) override { return false; }
  LastWord last_word() const override { return LastWord::none; }
  std::expected<std::string, std::string> document(std::string_view) override {
    return std::unexpected("an answer of a format that cannot be translated");
  }
};

// By way of chat.
RequestTranslation messages_request_of_responses(std::string& body, std::string_view upstream_model,
                                                 json::Reader& reader) {
  auto chat = chat_request_of_responses(body, upstream_model, reader);
  if (!chat) return chat;
  auto messages = messages_request_of_chat(chat->body, upstream_model, reader);
  if (!messages) return messages;
  chat->body = std::move(messages->body);
  for (auto& member : messages->left_out)
    chat->left_out.push_back(std::move(member));
  chat->answer.wants_json = messages->answer.wants_json;
  chat->answer.include_usage = true;
  return chat;
}

}  // namespace

RequestTranslation translate_request(Format from, Format to, std::string& body,
                                     std::string_view upstream_model, json::Reader& reader) {
  if (from == Format::messages && to == Format::chat_completions) {
    return chat_request_of_messages(body, upstream_model, reader);
  }
  if (from == Format::chat_completions && to == Format::messages) {
    return messages_request_of_chat(body, upstream_model, reader);
  }
  if (from == Format::responses) {
    return to == Format::messages ? messages_request_of_responses(body, upstream_model, reader)
                                  : chat_request_of_responses(body, upstream_model, reader);
  }
  return std::unexpected(http::make_problem(
      400, "The upstream of this model speaks another format, to which this one cannot be translated."));
}

std::unique_ptr<AnswerTranslator> make_answer_translator(Format upstream, Format client,
                                                         AnswerContext context) {
  if (upstream == Format::chat_completions && client == Format::messages) {
    return make_chat_to_messages_answer(std::move(context));
  }
  if (upstream == Format::messages && client == Format::chat_completions) {
    return make_messages_to_chat_answer(std::move(context));
  }
  if (upstream == Format::chat_completions && client == Format::responses) {
    return make_chat_to_responses_answer(std::move(context));
  }
  if (upstream == Format::messages && client == Format::responses) {
    return make_chained_answer(make_messages_to_chat_answer(context), make_chat_to_responses_answer(context));
  }
  return std::make_unique<NoAnswer>();
}

}  // namespace punctual::dialects
