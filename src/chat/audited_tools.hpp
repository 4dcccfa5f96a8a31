// Data sources for chats, as they are stored: asked on threads of their own, one audited query at a time
// each.
//
// There are as many threads as are needed, up to a bound; who comes then waits, and the waiting counts. Any
// thread may call. The queries and the clock outlive it.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chat/data_sources.hpp"
#include "queryaudit/audited_query.hpp"

namespace punctual::chat {

class AuditedTools final : public DataSources {
 public:
  static constexpr std::size_t threads_max = 8;

  using FindSource = queryaudit::AuditedQueries::FindSource;

  AuditedTools(queryaudit::AuditedQueries& queries, const deadline::Clock& clock, FindSource find_source)
      : queries_(queries), clock_(clock), find_source_(std::move(find_source)) {}
  ~AuditedTools() { stop(); }
  AuditedTools(const AuditedTools&) = delete;
  AuditedTools& operator=(const AuditedTools&) = delete;

  settings::Result<SourceFacts> find(const std::string& id) override;
  std::shared_ptr<ToolRun> run(ToolRequest request, std::shared_ptr<ToolListener> listener) override;

  // Cancels what runs and waits for its end; what comes later ends at once.
  void stop();

 private:
  class Run;
  void work(std::size_t place);
  void perform(Run& run);

  queryaudit::AuditedQueries& queries_;
  const deadline::Clock& clock_;
  FindSource find_source_;
  std::mutex mutex_;  // over what follows
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Run>> waiting_;
  std::array<std::shared_ptr<Run>, threads_max> running_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace punctual::chat
