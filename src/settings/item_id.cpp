#include "settings/item_id.hpp"

#include <random>

namespace punctual::settings {

std::string new_id(std::string_view prefix) {
  constexpr std::string_view letters = "0123456789abcdefghjkmnpqrstvwxyz";
  std::random_device random;
  std::string id(prefix);
  id.push_back('_');
  for (int i = 0; i < 20; ++i)
    id.push_back(letters[random() % letters.size()]);
  return id;
}

}  // namespace punctual::settings
