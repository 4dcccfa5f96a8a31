#include "http/head.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace punctual::http {

const Header* Headers::find(std::string_view name) const {
  for (const auto& field : fields_) {
    if (base::equals_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::string_view Headers::value(std::string_view name) const {
  const Header* field = find(name);
  return field ? field->value : std::string_view{};
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [name](const Header& field) { return base::equals_ignoring_case(field.name, name); }));
}

void Headers::move_text(const char* from, const char* to) {
  const auto move = [from, to](std::string_view view) {
    return view.empty() ? std::string_view{} : std::string_view(to + (view.data() - from), view.size());
  };
  for (auto& field : fields_)
    field = {move(field.name), move(field.value)};
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr base::NameSet names(std::to_array<std::string_view>(
      {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
       "trailer", "transfer-encoding", "upgrade"}));
  return names.contains(name);
}

bool named_by_connection(const Headers& headers, std::string_view name) {
  for (const auto& field : headers) {
    if (!base::equals_ignoring_case(field.name, "connection")) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      if (base::equals_ignoring_case(base::take_item(list, ','), name)) return true;
    }
  }
  return false;
}

}  // namespace punctual::http
