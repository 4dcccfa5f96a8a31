// A world with a chat in it: POST /api/chat is answered as the management plane does, but for who asks; the
// database is one that does what the test says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "chat/conversation.hpp"
#include "chat/tools.hpp"
#include "sim/client.hpp"
#include "sim/reading.hpp"
#include "sim/world.hpp"

namespace punctual::simulation {

// What becomes of each look into the database, in turn; the last one stays.
struct Fate {
  std::string columns = R"(["n"])";
  std::string rows = "[[1]]";
  chat::ToolEnd end = {.outcome = "success", .rows = 1, .bytes = 5};
  deadline::Duration takes{};
  bool hangs = false;       // until its limit or a cancel
  bool never_ends = false;  // not even then
  bool unrecorded = false;
};

class FakeDatabase final : public chat::Tools {
 public:
  explicit FakeDatabase(World& world) : world_(world) {}
  ~FakeDatabase();

  std::shared_ptr<chat::ToolRun> run(chat::ToolRequest request,
                                     std::shared_ptr<chat::ToolListener> listener) override;

  struct Seen {
    chat::ToolRequest request;
    std::string outcome = {};  // empty: it has not ended
    deadline::Instant cancelled_at = deadline::Instant::max();
  };
  std::vector<Seen> seen;
  std::vector<Fate> fates = {{}};
  deadline::Duration query_limit = std::chrono::seconds(30);

 private:
  class Run;
  World& world_;
  std::vector<std::shared_ptr<Run>> runs_;
};

struct ChatOptions {
  std::string settings = {};  // TOML
  bool with_source = true;
};

class ChatHouse final : private gateway::Management {
 public:
  explicit ChatHouse(const ChatOptions& options = {});
  ~ChatHouse();

  // Sends a chat with one message of the user. `more`: members of the body, ", " first.
  void ask(const std::string& model, const std::string& message, const std::string& more = {});
  Client& client() { return *client_; }

  Received answer() const { return last_answer(*client_); }
  // The names in order, `delta` and `: keep-alive` left out.
  std::vector<std::string> names() const;
  // The data of the first event of this name; empty when there is none.
  boost::json::object event(std::string_view name) const { return event(name, 0); }
  boost::json::object event(std::string_view name, std::size_t place) const;
  // What the model has said in this round.
  std::string text(std::uint32_t round) const;
  boost::json::object error() const { return event("error"); }

  World world;
  FakeDatabase database{world};
  chat::Desk desk;

 private:
  bool owns(std::string_view path) const override { return path == "/api/chat"; }
  std::size_t body_bytes_max(std::string_view) const override { return 8 << 20; }
  void answer(gateway::ManagementRequest request,
              std::function<void(gateway::ManagementAnswer)> done) override;
  void pull(std::shared_ptr<gateway::ManagementStream>, deadline::Instant, Pulled) override {}

  ChatOptions options_;
  std::unique_ptr<Client> client_;
};

}  // namespace punctual::simulation
