// How much memory processes take, and how much this machine has for them. Bytes; any thread.
//
// Weights of a model are often mapped from its file: the kernel may drop such pages, and gives them back when
// they are needed again, slowly. So they are counted apart.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace punctual::process {

struct ProcessMemory {
  std::uint64_t anonymous_bytes = 0;  // resident, no file has it: heap, stacks, shared memory
  std::uint64_t file_bytes = 0;       // resident pages of mapped files
};

// From /proc/PID/status, which costs microseconds whatever the size (smaps_rollup walks all pages). Nothing
// when there is no such process.
std::optional<ProcessMemory> memory_of(int pid);

// Of all processes of a group: the sum of what is anonymous (pages shared after a fork count twice) and the
// largest of the files' shares (the processes of an engine map the same weights). Looks at every process of
// the machine: for every second, not for every request. Nothing when the group is empty.
std::optional<ProcessMemory> memory_of_group(int group);

struct MachineMemory {
  std::uint64_t total_bytes = 0;      // of the machine, or of the narrowest cgroup that we are in
  std::uint64_t available_bytes = 0;  // without swapping: free, and what the kernel would give back
};

// Where the kernel's files are; for tests.
struct KernelFiles {
  std::filesystem::path proc = "/proc";
  std::filesystem::path cgroup = "/sys/fs/cgroup";
};

// Limits of cgroup v2 (memory.max, all along our path) are taken into account. Nothing when /proc does not
// say.
std::optional<MachineMemory> machine_memory(const KernelFiles& files = {});

}  // namespace punctual::process
