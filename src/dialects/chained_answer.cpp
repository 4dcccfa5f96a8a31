#include "dialects/chained_answer.hpp"

#include <string>
#include <utility>

#include "http/sse.hpp"

namespace punctual::dialects {

namespace {

class ChainedAnswer final : public AnswerTranslator {
 public:
  ChainedAnswer(std::unique_ptr<AnswerTranslator> inner, std::unique_ptr<AnswerTranslator> outer)
      : inner_(std::move(inner)), outer_(std::move(outer)) {}

  void event(std::string_view event, std::string& out) override {
    middle_.clear();
    inner_->event(event, middle_);
    pass_on(out);
  }

  bool end(std::string& out) override {
    middle_.clear();
    if (!inner_->end(middle_)) return false;
    pass_on(out);
    return outer_->end(out);
  }

  LastWord last_word() const override { return outer_->last_word(); }

  std::expected<std::string, std::string> document(std::string_view document) override {
    const auto middle = inner_->document(document);
    if (!middle) return middle;
    return outer_->document(*middle);
  }

 private:
  void pass_on(std::string& out) {
    http::SseEvents events(middle_);
    std::string_view event;
    while (events.next(event))
      outer_->event(event, out);
  }

  std::unique_ptr<AnswerTranslator> inner_;
  std::unique_ptr<AnswerTranslator> outer_;
  std::string middle_;
};

}  // namespace

std::unique_ptr<AnswerTranslator> make_chained_answer(std::unique_ptr<AnswerTranslator> inner,
                                                      std::unique_ptr<AnswerTranslator> outer) {
  return std::make_unique<ChainedAnswer>(std::move(inner), std::move(outer));
}

}  // namespace punctual::dialects
