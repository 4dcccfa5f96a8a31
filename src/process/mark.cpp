#include "process/mark.hpp"

#include <unistd.h>

#include "process/stat.hpp"

namespace punctual::process {

std::string mark_of(int gateway_pid, std::uint64_t gateway_start_ticks) {
  return "SUPERVISED_BY=punctual-" + std::to_string(gateway_pid) + "-" + std::to_string(gateway_start_ticks);
}

std::string own_mark() {
  const auto stat = stat_of(::getpid());
  return mark_of(::getpid(), stat ? stat->start_ticks : 0);
}

bool is_marked(int pid, const std::string& mark) {
  constexpr std::size_t environment_bytes_max = 256 * 1024;
  auto environment = read_small("/proc/" + std::to_string(pid) + "/environ", environment_bytes_max);
  // Each variable ends in a zero byte.
  environment.insert(environment.begin(), '\0');
  std::string whole(1, '\0');
  whole.append(mark).push_back('\0');
  return environment.find(whole) != std::string::npos;
}

}  // namespace punctual::process
