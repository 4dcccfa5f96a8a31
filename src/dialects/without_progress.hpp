// The stream of a chat or of completions, less what tells how far the prompt is.
//
// llama-server says so in chunks of its own (`prompt_progress`, with `return_progress` in the request), which
// the gateway asks for: they are signs of work, and with them a prompt is given up as soon as its client
// leaves. A client that has not asked gets the stream that it would get without: such chunks are left out
// (the role that they name comes again with the first token); one that carries content loses that member
// only. Everything else stays as it came.
#pragma once

#include "dialects/answer_events.hpp"
#include "dialects/translation.hpp"

namespace punctual::dialects {

class WithoutProgress final : public AnswerTranslator {
 public:
  void event(std::string_view event, std::string& out) override;
  bool end(std::string& out) override;
  LastWord last_word() const override { return LastWord::none; }
  std::expected<std::string, std::string> document(std::string_view document) override;

 private:
  EventReader reader_;
};

}  // namespace punctual::dialects
