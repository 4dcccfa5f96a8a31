#include "sim/reading.hpp"

#include <algorithm>

#include "http/response_parser.hpp"
#include "http/sse.hpp"

namespace punctual::simulation {

namespace bj = boost::json;

namespace {

bj::object parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = bj::parse(text, error);
  return !error && value.is_object() ? value.get_object() : bj::object();
}

std::string text_at(const bj::object& from, std::string_view pointer) {
  boost::system::error_code error;
  const bj::value whole(from);
  const auto* value = whole.find_pointer(pointer, error);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool has_at(const bj::object& from, std::string_view pointer) {
  boost::system::error_code error;
  const bj::value whole(from);
  return whole.find_pointer(pointer, error) != nullptr;
}

// Of an answer of Responses: the texts of its messages.
std::string text_of_output(const bj::object& document) {
  std::string text;
  const auto* output = document.if_contains("output");
  if (!output || !output->is_array()) return text;
  for (const auto& item : output->get_array()) {
    const bool message = item.is_object() && text_at(item.get_object(), "/type") == "message";
    for (std::size_t part = 0; message && part < 9; ++part)
      text += text_at(item.get_object(), "/content/" + std::to_string(part) + "/text");
  }
  return text;
}

void take_head(const http::ResponseParser& parser, Received& answer) {
  answer.status = parser.head().status;
  for (const auto& [name, value] : parser.head().headers) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    answer.headers.emplace_back(std::move(lower), value);
  }
}

// Notes the events that are whole by now.
void take_events(Received& answer, std::size_t& taken, deadline::Instant at) {
  http::SseEvents events(std::string_view(answer.body).substr(taken));
  std::string_view event;
  std::string joined;
  while (events.next(event)) {
    const auto fields = http::sse_fields(event, joined);
    answer.events.push_back(
        {std::string(event), std::string(fields.event), std::string(fields.data), fields.has_data, at});
  }
  taken += events.consumed();
  answer.unfinished = answer.body.substr(taken);
}

}  // namespace

bj::object ReceivedEvent::json() const {
  return parsed(data);
}

std::string ReceivedEvent::text() const {
  if (!has_data || data == "[DONE]" || name == "error") return {};
  const auto event = json();
  for (const auto pointer : {"/choices/0/delta/content", "/choices/0/text"}) {
    auto text = text_at(event, pointer);
    if (!text.empty()) return text;
  }
  if (name == "response.output_text.delta") return text_at(event, "/delta");
  return name == "content_block_delta" ? text_at(event, "/delta/text") : std::string();
}

bool ReceivedEvent::carries_content() const {
  if (!text().empty()) return true;
  if (!has_data || data == "[DONE]") return false;
  const auto event = json();
  return name == "content_block_delta" || !text_at(event, "/choices/0/delta/reasoning_content").empty() ||
         has_at(event, "/choices/0/delta/tool_calls/0");
}

std::string Received::header(std::string_view name) const {
  for (const auto& [known, value] : headers) {
    if (known == name) return value;
  }
  return {};
}

bj::object Received::json() const {
  return parsed(body);
}

std::string Received::text() const {
  if (!is_stream()) {
    const auto document = json();
    for (const auto pointer :
         {"/choices/0/message/content", "/choices/0/text", "/content/0/text", "/content/1/text"}) {
      auto text = text_at(document, pointer);
      if (!text.empty()) return text;
    }
    return text_of_output(document);
  }
  std::string text;
  for (const auto& event : events)
    text += event.text();
  return text;
}

std::size_t Received::heartbeats() const {
  return static_cast<std::size_t>(std::ranges::count_if(events, &ReceivedEvent::heartbeat));
}

bool Received::has_done() const {
  return std::ranges::any_of(events, [](const auto& event) {
    return event.data == "[DONE]" || event.name == "message_stop" || event.name == "response.completed" ||
           event.name == "response.incomplete";
  });
}

const ReceivedEvent* Received::error_event() const {
  return !events.empty() && events.back().name == "error" ? &events.back() : nullptr;
}

std::vector<Received> read_answers(const Client& client) {
  std::vector<Received> answers;
  http::ResponseParser parser;
  http::BodyPieces pieces;
  std::size_t taken = 0;
  using State = http::ResponseParser::State;
  for (const auto& arrival : client.arrivals()) {
    std::string_view left = arrival.bytes;
    while (!left.empty()) {
      if (parser.state() == State::complete) parser.reset();
      if (parser.state() == State::failed) break;
      if (parser.state() == State::head) {
        if (!parser.started()) {
          answers.emplace_back();
          taken = 0;
        }
        left.remove_prefix(parser.feed_head(left));
        answers.back().last_at = arrival.at;
        if (parser.state() == State::head) break;
        if (parser.state() == State::failed) continue;
        take_head(parser, answers.back());
        answers.back().head_at = arrival.at;
      }
      auto& answer = answers.back();
      if (parser.state() == State::body && !left.empty()) {
        left.remove_prefix(parser.feed_body(left, pieces));
        answer.last_at = arrival.at;
        for (const auto piece : pieces.content)
          answer.body.append(piece);
        if (answer.is_stream()) take_events(answer, taken, arrival.at);
      }
      answer.complete = parser.state() == State::complete;
      answer.malformed = parser.state() == State::failed;
    }
    if (parser.state() == State::failed && !answers.empty()) answers.back().malformed = true;
  }
  if (parser.state() == State::body && client.end() == Client::End::closed) {
    parser.end_of_stream();
    answers.back().complete = parser.state() == State::complete;
  }
  return answers;
}

Received last_answer(const Client& client) {
  auto answers = read_answers(client);
  return answers.empty() ? Received{} : std::move(answers.back());
}

}  // namespace punctual::simulation
