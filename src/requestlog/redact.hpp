// Takes out of a text what must not be stored with it. Any thread; linear in the text.
//
// It finds what has a form of its own: keys of APIs, bearer tokens, JWTs, AWS keys, private keys in PEM,
// e-mail addresses, numbers of payment cards (by their check digit). A name, an address or a password in a
// sentence has none, and stays.
#pragma once

#include <string>
#include <string_view>

namespace punctual::requestlog {

// Each one replaced by "[redacted:<kind>]": private_key, jwt, bearer, api_key, aws_key, email, card.
std::string redact(std::string_view text);

}  // namespace punctual::requestlog
