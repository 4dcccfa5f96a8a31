#include "bench/measures.hpp"

namespace punctual::bench {

std::size_t time_operations(const Measurement& measurement, std::string_view figure,
                            const std::size_t& count) {
  auto* process = measurement.target.process();
  const std::size_t count_before = count;
  const auto before = process ? process->usage() : Usage{};
  const auto started = measurement.lab.now();
  measurement.lab.run_for(measurement.load.seconds);
  const auto elapsed = measurement.lab.now() - started;
  const std::size_t operations = count - count_before;
  if (!process || operations == 0) return operations;
  const auto after = process->usage();

  const auto used = static_cast<double>(after.cpu_nanoseconds - before.cpu_nanoseconds);
  const auto user = static_cast<double>(after.user_ticks - before.user_ticks);
  const auto system = static_cast<double>(after.system_ticks - before.system_ticks);
  const auto kind = measurement.target.kind();
  const std::string name(figure);
  constexpr double nanoseconds_per_microsecond = 1e3;
  const double each = used / nanoseconds_per_microsecond / static_cast<double>(operations);
  measurement.figures.add(name + ": CPU us each", kind, each);
  if (user + system > 0)
    measurement.figures.add(name + ":   of it user", kind, each * user / (user + system));
  measurement.figures.add(name + ": core busy %", kind, 100 * used / static_cast<double>(elapsed.count()));
  return operations;
}

}  // namespace punctual::bench
