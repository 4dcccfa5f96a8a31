// What the kernel says of a process in /proc/PID/stat (proc_pid_stat(5)). Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace punctual::process {

struct Stat {
  char state = '?';  // 'Z': ended, not reaped
  int parent = 0;
  int group = 0;
  std::uint64_t start_ticks = 0;  // since the machine started; with the pid it names one process for ever
};

// Nothing when there is no such process.
std::optional<Stat> stat_of(int pid);
std::optional<Stat> parse_stat(std::string_view text);

// The first `bytes_max` of a file of the kernel's; "" if it cannot be read.
std::string read_small(const std::filesystem::path& path, std::size_t bytes_max = 64 * 1024);

}  // namespace punctual::process
