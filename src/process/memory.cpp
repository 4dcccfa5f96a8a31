#include "process/memory.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "process/stat.hpp"

namespace punctual::process {

namespace {

// The number behind `name` in lines such as "RssAnon:     1234 kB" or "inactive_file 1234".
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    auto line = base::take_item(text, '\n');
    if (!line.starts_with(name)) continue;
    line.remove_prefix(name.size());
    if (line.empty() || (line.front() != ' ' && line.front() != '\t')) continue;
    line = base::trimmed(line);
    return base::parse_unsigned(base::take_item(line, ' '));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
  const auto text = read_small(file);
  std::string_view rest = text;
  return base::parse_unsigned(base::take_item(rest, '\n'));
}

void narrow(MachineMemory& memory, const std::filesystem::path& folder) {
  // "max" is no number: no limit.
  const auto limit = number_in(folder / "memory.max");
  if (!limit) return;
  memory.total_bytes = std::min(memory.total_bytes, *limit);
  const auto used = number_in(folder / "memory.current").value_or(0);
  const auto reclaimable = number_of(read_small(folder / "memory.stat"), "inactive_file").value_or(0);
  const auto taken = used - std::min(used, reclaimable);
  memory.available_bytes = std::min(memory.available_bytes, *limit - std::min(*limit, taken));
}

std::filesystem::path own_cgroup(const KernelFiles& files) {
  const auto text = read_small(files.proc / "self/cgroup");
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto line = base::take_item(rest, '\n');
    if (line.starts_with("0::/")) return std::filesystem::path(line.substr(4)).lexically_normal();
  }
  return {};
}

}  // namespace

std::optional<ProcessMemory> memory_of(int pid) {
  const auto status = read_small("/proc/" + std::to_string(pid) + "/status");
  const auto anonymous = number_of(status, "RssAnon:");
  const auto file = number_of(status, "RssFile:");
  const auto shared = number_of(status, "RssShmem:");
  if (!anonymous || !file) return std::nullopt;
  return ProcessMemory{.anonymous_bytes = (*anonymous + shared.value_or(0)) * 1024,
                       .file_bytes = *file * 1024};
}

std::optional<ProcessMemory> memory_of_group(int group) {
  std::optional<ProcessMemory> all;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto number = base::parse_unsigned(entry->path().filename().string());
    if (!number) continue;
    const int pid = static_cast<int>(*number);
    const auto stat = stat_of(pid);
    if (!stat || stat->group != group) continue;
    const auto one = memory_of(pid);
    if (!one) continue;
    if (!all) all.emplace();
    all->anonymous_bytes += one->anonymous_bytes;
    all->file_bytes = std::max(all->file_bytes, one->file_bytes);
  }
  return all;
}

std::optional<MachineMemory> machine_memory(const KernelFiles& files) {
  const auto text = read_small(files.proc / "meminfo");
  const auto total = number_of(text, "MemTotal:");
  const auto available = number_of(text, "MemAvailable:");
  if (!total || !available) return std::nullopt;
  MachineMemory memory{.total_bytes = *total * 1024, .available_bytes = *available * 1024};
  // In a namespace of its own the path is "/" and the limit stands at the root of what is mounted.
  auto folder = files.cgroup;
  narrow(memory, folder);
  for (const auto& part : own_cgroup(files)) {
    // ".." leads out of what is mounted here.
    if (part == "..") continue;
    folder /= part;
    narrow(memory, folder);
  }
  return memory;
}

}  // namespace punctual::process
