// `punctual keys`: the API keys of /v1 and the vault of the providers' keys, on the database itself, whether
// a gateway runs on it or not; one that runs takes over what is changed within a second or two.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace punctual::app {

struct KeysOptions {
  std::string config_file;
  std::string data;
  std::string name;  // of a new key
  std::string id;    // of the key to revoke
  std::vector<std::string> models;
  std::string master_key_file;  // rotate: the key that wraps from now on; empty: the present one
};

// Adds `keys` with create, list, revoke and rotate; `result` becomes the exit code of what was asked for.
void add_keys_command(CLI::App& program, KeysOptions& options, int& result);

int create_key(const KeysOptions& options);
int list_keys(const KeysOptions& options);
int revoke_key(const KeysOptions& options);
int rotate_vault(const KeysOptions& options);

}  // namespace punctual::app
