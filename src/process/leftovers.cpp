#include "process/leftovers.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/text.hpp"
#include "process/launch.hpp"
#include "process/mark.hpp"
#include "process/stat.hpp"

namespace punctual::process {

namespace {

constexpr std::size_t entries_max = 1000;
constexpr int gone_milliseconds_max = 5000;

std::string this_boot() {
  const auto text = read_small("/proc/sys/kernel/random/boot_id");
  std::string_view rest = text;
  return std::string(base::take_item(rest, '\n'));
}

}  // namespace

Leftovers::Leftovers(const std::filesystem::path& folder) : file_(folder / "children") {
  read();
}

bool Leftovers::runs(const Identity& process) {
  const auto stat = stat_of(process.pid);
  return stat && stat->start_ticks == process.start_ticks && stat->state != 'Z' && stat->state != 'X';
}

void Leftovers::read() {
  const auto text = read_small(file_, 256 * entries_max);
  std::string_view rest = text;
  while (!rest.empty() && entries_.size() < entries_max) {
    auto line = base::take_item(rest, '\n');
    Entry entry;
    bool is_whole = true;
    for (Identity* identity : {&entry.child, &entry.gateway}) {
      const auto pid = base::parse_unsigned(base::take_item(line, ' '));
      const auto start = base::parse_unsigned(base::take_item(line, ' '));
      // A kill of 0, 1 or a negative number would be for many.
      is_whole = is_whole && pid && start && *pid > 1 && *pid <= 1U << 22U;
      if (is_whole) *identity = {.pid = static_cast<int>(*pid), .start_ticks = *start};
    }
    entry.boot = line;
    if (is_whole && !entry.boot.empty()) entries_.push_back(std::move(entry));
  }
}

std::expected<void, std::string> Leftovers::write() const {
  const auto beside = file_.string() + ".new";
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    for (const auto& [child, gateway, boot] : entries_)
      file << child.pid << ' ' << child.start_ticks << ' ' << gateway.pid << ' ' << gateway.start_ticks << ' '
           << boot << '\n';
    file.close();
    if (!file) return std::unexpected(beside + " cannot be written");
  }
  std::error_code error;
  std::filesystem::permissions(
      beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  std::filesystem::rename(beside, file_, error);
  if (error) return std::unexpected(file_.string() + " cannot be written: " + error.message());
  return {};
}

std::expected<void, std::string> Leftovers::note(int pid) {
  const auto child = stat_of(pid);
  const auto gateway = stat_of(::getpid());
  if (!child || !gateway) return std::unexpected("process " + std::to_string(pid) + " is not to be found");
  std::erase_if(entries_, [pid](const Entry& entry) { return entry.child.pid == pid; });
  entries_.push_back({.child = {.pid = pid, .start_ticks = child->start_ticks},
                      .gateway = {.pid = ::getpid(), .start_ticks = gateway->start_ticks},
                      .boot = this_boot()});
  return write();
}

std::expected<void, std::string> Leftovers::forget(int pid) {
  const auto forgotten =
      std::erase_if(entries_, [pid](const Entry& entry) { return entry.child.pid == pid; });
  if (forgotten == 0) return {};
  return write();
}

bool Leftovers::end(const Identity& process) {
  // Held while its identity is looked at, it cannot become another process before it is killed.
  const Descriptor held(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!held || !runs(process)) return false;
  const auto stat = stat_of(process.pid);
  if (stat && stat->group == process.pid) ::kill(-process.pid, SIGKILL);
  if (::syscall(SYS_pidfd_send_signal, held.number(), SIGKILL, nullptr, 0) != 0 && errno != ESRCH)
    return false;
  pollfd gone{.fd = held.number(), .events = POLLIN, .revents = 0};
  while (::poll(&gone, 1, gone_milliseconds_max) < 0 && errno == EINTR) {
  }
  return true;
}

std::vector<int> Leftovers::end_marked(const Identity& gateway) {
  std::vector<int> ended;
  const auto mark = mark_of(gateway.pid, gateway.start_ticks);
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), last; !error && entry != last;
       entry.increment(error)) {
    const auto pid = base::parse_unsigned(entry->path().filename().string());
    if (!pid || !is_marked(static_cast<int>(*pid), mark)) continue;
    const auto stat = stat_of(static_cast<int>(*pid));
    const Identity process{.pid = static_cast<int>(*pid), .start_ticks = stat ? stat->start_ticks : 0};
    // Once more, now that we know which process it was that was marked.
    if (stat && is_marked(process.pid, mark) && end(process)) ended.push_back(process.pid);
  }
  return ended;
}

std::vector<int> Leftovers::end_all() {
  std::vector<int> ended;
  const auto boot = this_boot();
  const auto is_kept = [&boot](const Entry& entry) { return entry.boot == boot && runs(entry.gateway); };
  const auto gone = std::ranges::partition(entries_, is_kept);
  std::vector<Identity> gateways;
  for (const auto& entry : gone) {
    if (entry.boot != boot) continue;
    if (end(entry.child)) ended.push_back(entry.child.pid);
    if (std::ranges::find(gateways, entry.gateway) == gateways.end()) gateways.push_back(entry.gateway);
  }
  for (const auto& gateway : gateways)
    std::ranges::copy(end_marked(gateway), std::back_inserter(ended));
  entries_.erase(gone.begin(), gone.end());
  [[maybe_unused]] const auto written = write();
  return ended;
}

}  // namespace punctual::process
