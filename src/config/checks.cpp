#include "config/checks.hpp"

#include "config/bounds.hpp"

namespace punctual::config {

namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

bool in_range(LoadContext& context, const Found<std::int64_t>& found, std::int64_t least, std::int64_t most) {
  if (found.value >= least && found.value <= most) return true;
  context.report(found.place, "is " + std::to_string(found.value) + ": write a whole number from " +
                                  std::to_string(least) + " to " + std::to_string(most));
  return false;
}

bool is_text(LoadContext& context, const Found<std::string>& found, std::size_t bytes_max) {
  const std::string right = ": write 1 to " + std::to_string(bytes_max) + " bytes of text";
  if (found.value.empty()) {
    context.report(found.place, "is empty" + right);
  } else if (found.value.size() > bytes_max) {
    context.report(found.place, "is " + std::to_string(found.value.size()) + " bytes long" + right);
  } else if (std::ranges::any_of(found.value, is_control)) {
    context.report(found.place, "has a control character" + right);
  } else {
    return true;
  }
  return false;
}

bool is_name(LoadContext& context, const Found<std::string>& found) {
  if (!is_text(context, found, name_bytes_max)) return false;
  if (std::ranges::all_of(found.value, is_name_byte)) return true;
  context.report(found.place,
                 "is \"" + found.value + "\": write a name of letters, digits, '-', '_' and '.'");
  return false;
}

}  // namespace punctual::config
