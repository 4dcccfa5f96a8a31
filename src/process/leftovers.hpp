// Children that outlived a gateway which was killed: noted in a file while they run, ended at the next start.
//
// The file `children` in a private folder has a line for each: pid and start time of the child and of its
// gateway, and the boot in which that was. A process is only ended when pid, start time and boot all match
// what was noted, so never somebody else's, and only when its gateway is gone, so never a running gateway's.
// What such a child had started itself and left behind is known by the gateway's mark in its environment
// (mark.hpp). One thread.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace punctual::process {

class Leftovers {
 public:
  // `folder` exists and is only ours. What is noted there is read; a file that cannot be understood counts as
  // empty.
  explicit Leftovers(const std::filesystem::path& folder);

  // After each start and each end of a child. The error says what could not be written; the child runs all
  // the same.
  std::expected<void, std::string> note(int pid);
  std::expected<void, std::string> forget(int pid);

  // At the start of the gateway, before its first child: SIGKILL to the leftovers and their process groups;
  // waits until they are gone, at most 5 s each. Returns the pids that were ended.
  std::vector<int> end_all();

 private:
  struct Identity {
    int pid = 0;
    std::uint64_t start_ticks = 0;
    bool operator==(const Identity&) const = default;
  };
  struct Entry {
    Identity child;
    Identity gateway;
    std::string boot;
  };

  static bool runs(const Identity& process);
  static bool end(const Identity& process);
  static std::vector<int> end_marked(const Identity& gateway);
  void read();
  std::expected<void, std::string> write() const;

  std::filesystem::path file_;
  std::vector<Entry> entries_;
};

}  // namespace punctual::process
