// Where records go: lines are gathered per core and written by one thread, so that no request waits for a
// disk.
//
// A core collects lines in its JournalBuffer and hands them over when they are many or a little old. The
// queue between is bounded: when the disk cannot follow, lines are dropped and counted, never waited for.
// `write` and `enabled` can be taken over by a test that wants to see the lines.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace punctual::audit {

class Journal {
 public:
  static constexpr std::size_t queued_bytes_max = 64 * 1024 * 1024;

  // `path`: a file that is appended to, "-" for standard output, "off" for nothing. The error names the path.
  static std::expected<std::unique_ptr<Journal>, std::string> open(const std::string& path);
  // Writes what is queued.
  virtual ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Any thread. False when the queue is full and the lines are lost.
  virtual bool write(std::string lines);
  // What was asked and answered, for a journal that keeps it; before the lines of the same request. Any
  // thread. False when it is lost, or nobody keeps it.
  virtual bool write_texts(std::string_view request_id, std::string prompt, std::string answer);
  virtual bool enabled() const { return descriptor_ >= 0; }

 protected:
  explicit Journal(int descriptor);  // a negative one: nothing is written

 private:
  void work(const std::stop_token& stop);
  void write_out(const std::string& lines);

  int descriptor_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::string> queued_;
  std::size_t queued_bytes_ = 0;
  bool write_failed_ = false;
  std::jthread thread_;
};

}  // namespace punctual::audit
