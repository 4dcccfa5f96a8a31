#include "process/stat.hpp"

#include <fstream>
#include <vector>

#include "base/text.hpp"

namespace punctual::process {

std::string read_small(const std::filesystem::path& path, std::size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes_max, '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes_max));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::optional<Stat> parse_stat(std::string_view text) {
  // The second field is the program's name in parentheses, and may itself contain any of them, and spaces.
  const auto name_end = text.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(name_end + 2);
  std::vector<std::string_view> fields;
  while (!text.empty() && fields.size() < 20)
    fields.push_back(base::take_item(text, ' '));
  if (fields.size() < 20 || fields[0].size() != 1) return std::nullopt;
  const auto parent = base::parse_unsigned(fields[1]);
  const auto group = base::parse_unsigned(fields[2]);
  const auto start = base::parse_unsigned(fields[19]);
  if (!parent || !group || !start) return std::nullopt;
  return Stat{.state = fields[0][0],
              .parent = static_cast<int>(*parent),
              .group = static_cast<int>(*group),
              .start_ticks = *start};
}

std::optional<Stat> stat_of(int pid) {
  return parse_stat(read_small("/proc/" + std::to_string(pid) + "/stat"));
}

}  // namespace punctual::process
