#include "sim/chat_house.hpp"

#include <algorithm>

#include "deadline/wheel.hpp"
#include "json/splice.hpp"

namespace punctual::simulation {

// Ends at its time, at its limit, or when it is cancelled.
class FakeDatabase::Run final : public chat::ToolRun {
 public:
  Run(FakeDatabase& database, std::size_t place, Fate fate, std::shared_ptr<chat::ToolListener> listener)
      : database_(database),
        place_(place),
        fate_(std::move(fate)),
        listener_(std::move(listener)),
        timer_([](void* self) { static_cast<Run*>(self)->due(); }, this) {}

  void begin() {
    const auto now = database_.world_.now();
    const auto& request = seen().request;
    const auto limit = std::min(database_.query_limit, request.until - now);
    if (fate_.unrecorded) return end({.outcome = "failed", .error = "The disk is full.", .unrecorded = true});
    listener_->started("query_" + std::to_string(place_ + 1),
                       request.tool == chat::Tool::query ? request.sql : request.table, limit);
    if (fate_.never_ends) return;
    in_time_ = !fate_.hangs && fate_.takes <= limit;
    if (in_time_ && fate_.takes == deadline::Duration::zero()) return due();
    database_.world_.runtime().wheel().arm(timer_, now + (in_time_ ? fate_.takes : limit));
  }

  void cancel() override {
    if (!listener_) return;
    seen().cancelled_at = database_.world_.now();
    if (!fate_.never_ends) end({.outcome = "cancelled"});
  }
  void drop() {
    database_.world_.runtime().wheel().cancel(timer_);
    listener_.reset();
  }

 private:
  Seen& seen() { return database_.seen[place_]; }

  void due() {
    if (!in_time_) return end({.outcome = "timeout", .error = "The query was ended: its time was up."});
    if (!fate_.columns.empty()) listener_->piece(fate_.columns, fate_.rows);
    end(fate_.end);
  }

  void end(const chat::ToolEnd& ended) {
    seen().outcome = ended.outcome;
    const auto listener = std::exchange(listener_, nullptr);
    database_.world_.runtime().wheel().cancel(timer_);
    if (listener) listener->ended(ended);
  }

  FakeDatabase& database_;
  std::size_t place_;
  Fate fate_;
  std::shared_ptr<chat::ToolListener> listener_;
  deadline::Timer timer_;
  bool in_time_ = false;
};

FakeDatabase::~FakeDatabase() {
  for (const auto& run : runs_)
    run->drop();
}

std::shared_ptr<chat::ToolRun> FakeDatabase::run(chat::ToolRequest request,
                                                 std::shared_ptr<chat::ToolListener> listener) {
  const std::size_t place = seen.size();
  seen.push_back({.request = std::move(request)});
  runs_.push_back(
      std::make_shared<Run>(*this, place, fates[std::min(place, fates.size() - 1)], std::move(listener)));
  runs_.back()->begin();
  return runs_.back();
}

ChatHouse::ChatHouse(const ChatOptions& options)
    : world(World::Options{.settings = options.settings}), options_(options) {
  world.core().management = this;
  world.core().post = [](std::move_only_function<void()> work) { work(); };
  client_ = std::make_unique<Client>(world);
}

ChatHouse::~ChatHouse() {
  client_.reset();
  world.run();
}

void ChatHouse::ask(const std::string& model, const std::string& message, const std::string& more) {
  const std::string body = R"({"model":)" + json::quoted(model) +
                           R"(,"messages":[{"role":"user","content":)" + json::quoted(message) + "}]" + more +
                           "}";
  client_->send("POST /api/chat HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
  world.run();
}

void ChatHouse::answer(gateway::ManagementRequest request,
                       std::function<void(gateway::ManagementAnswer)> done) {
  const auto configuration = world.core().settings->configuration;
  auto input = chat::read_input(boost::json::parse(request.body).as_object(), configuration->chat);
  gateway::ManagementAnswer answer;
  auto place = desk.take("ada");
  if (!input || !place) {
    answer.status = input ? 503 : 422;
    answer.body = input ? "" : input.error().message;
    return done(std::move(answer));
  }
  const auto limits = chat::limits_of(configuration->chat, input->wishes);
  std::optional<chat::SourceFacts> source;
  if (options_.with_source)
    source = chat::SourceFacts{.id = "data_1",
                               .name = "shop",
                               .dialect = "SQLite",
                               .rows_max = 1000,
                               .bytes_max = 1048576,
                               .cell_bytes_max = 4096,
                               .query_limit = database.query_limit};
  answer.headers = {{"Content-Type", "text/event-stream"}};
  answer.live =
      std::make_shared<chat::Conversation>(chat::ConversationOptions{.place = std::move(*place),
                                                                     .input = std::move(*input),
                                                                     .limits = limits,
                                                                     .configuration = configuration,
                                                                     .tools = &database,
                                                                     .source = std::move(source),
                                                                     .user = "ada",
                                                                     .client = request.client,
                                                                     .request_id = request.request_id});
  done(std::move(answer));
}

std::vector<std::string> ChatHouse::names() const {
  std::vector<std::string> names;
  for (const auto& event : answer().events) {
    if (event.has_data && event.name != "delta") names.push_back(event.name);
  }
  return names;
}

boost::json::object ChatHouse::event(std::string_view name, std::size_t place) const {
  for (const auto& event : answer().events) {
    if (event.name == name && place-- == 0) return event.json();
  }
  return {};
}

std::string ChatHouse::text(std::uint32_t round) const {
  std::string text;
  for (const auto& event : answer().events) {
    if (event.name != "delta") continue;
    const auto data = event.json();
    if (data.at("round") == round && data.contains("text")) text += data.at("text").as_string();
  }
  return text;
}

}  // namespace punctual::simulation
