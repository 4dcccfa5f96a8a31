// An upstream that answers requests: any server that speaks one of the dialects, or the built-in simulation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/overlay.hpp"
#include "config/secret.hpp"
#include "config/url.hpp"
#include "deadline/limits.hpp"

namespace punctual::config {

enum class ProviderKind : std::uint8_t { openai, anthropic, simulated };

std::string_view name_of(ProviderKind kind);

// Where the key goes: "Authorization: Bearer", "x-api-key", "api-key", or nowhere.
enum class Auth : std::uint8_t { bearer, x_api_key, api_key, none };

std::string_view name_of(Auth auth);

// The name of the built-in provider; no other may have it.
inline constexpr std::string_view simulated_provider = "sim";

// A header that is added to every request; the name is a token, the value has no control characters.
struct Header {
  std::string name;
  std::string value;
};

// In what a server differs from others of its kind, where the gateway writes a request itself or judges an
// answer. The defaults hold for a server that nothing is known about; all text is literal.
struct Quirks {
  std::string_view max_tokens_member = "max_tokens";  // of a chat request
  bool stream_options = true;   // knows stream_options.include_usage; else streams tell their usage unasked
  bool developer_role = false;  // knows the role "developer"; else instructions are "system"
  bool refuses_unknown_members = false;  // also in messages: nothing is to be sent that it does not know
  bool speaks_responses = false;         // has POST /responses
  std::string_view messages_path = {};   // of Anthropic's API, below base_url, with the same key; "": none
  bool answers_500_to_bad_requests = false;  // a 500 may be the client's fault
  bool return_progress = false;              // streams tell how far the prompt is, when asked to
};

struct Provider {
  std::string id;  // for the API; see overlay.hpp
  Origin origin = Origin::file;
  bool in_file = false;     // what is stored took the place of one in the file
  std::string name;         // letters, digits, '-', '_', '.'; unique
  std::string preset;       // of presets.hpp; "": none
  std::string local_model;  // whose engine this is; "": not one of the pool's
  ProviderKind kind = ProviderKind::openai;
  Auth auth = Auth::bearer;
  Url base_url;    // empty for the simulated one
  Secret api_key;  // empty: none is sent
  std::string
      key_from;  // "OPENAI_API_KEY", a path, "api_key", "stored", or "": where the key came from, for people
  std::string ca_file;  // PEM; "": the system's
  std::vector<Header> headers;
  deadline::LimitOverrides timeouts;
  std::optional<deadline::Duration> own_limit;  // after which it gives up by itself, as the operator says
  std::uint32_t in_flight_max = 0;              // requests at once for one model; 0: any number
  std::uint32_t waiting_max = 100;              // how many may wait for that
  Quirks quirks;
};

}  // namespace punctual::config
