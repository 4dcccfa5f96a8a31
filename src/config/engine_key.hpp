// The key that this process gives to the engines that it starts where others on the machine could reach them.
#pragma once

#include <string>

namespace punctual::config {

// 64 hexadecimal digits, drawn once for the life of the process. Any thread.
const std::string& engine_key();

}  // namespace punctual::config
