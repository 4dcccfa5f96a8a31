#include "dialects/request_writing.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

std::string Path::text() const {
  std::string text = parent_ ? parent_->text() : std::string();
  if (parent_ && name_.empty()) return text + "[" + std::to_string(index_) + "]";
  if (!text.empty()) text.push_back('.');
  return text.append(name_);
}

std::string described(const json::Element& value) {
  constexpr std::size_t shown_bytes_max = 60;
  using simdjson::dom::element_type;
  switch (value.type()) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING: {
      const std::string_view text(value);
      std::string shown;
      append_string(shown, bounded_utf8(text, shown_bytes_max));
      return text.size() > shown_bytes_max ? "a string that begins with " + shown : shown;
    }
    default: {
      std::string shown;
      append_value(shown, value);
      return shown;
    }
  }
}

void RequestWriting::leave_out(std::string_view name) {
  constexpr std::size_t name_bytes_max = 64;
  if (left_out.size() >= left_out_max) return;
  std::string safe(name.substr(0, name_bytes_max));
  for (char& c : safe) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_-.[]").find(c) != std::string_view::npos;
    if (!plain) c = '_';
  }
  if (std::ranges::find(left_out, safe) == left_out.end()) left_out.push_back(std::move(safe));
}

void RequestWriting::leave_out(std::string_view before, std::string_view name) {
  leave_out(std::string(before).append(name));
}

bool RequestWriting::refuse(const Path& path, std::string message) {
  problem = http::make_problem(400, std::move(message), path.text());
  return false;
}

bool RequestWriting::wrong(const Path& path, const json::Element& value, std::string_view right) {
  return refuse(path, "`" + path.text() + "` is " + described(value) + "; " + std::string(right) + ".");
}

bool RequestWriting::missing(const Path& path, std::string_view right) {
  return refuse(path, "`" + path.text() + "` is missing; " + std::string(right) + ".");
}

void RequestWriting::leave_out_others(const object& in, std::string_view before,
                                      std::initializer_list<std::string_view> known) {
  for (const auto [key, value] : in) {
    if (value.is_null() || std::ranges::find(known, key) != known.end()) continue;
    if (key == "cache_control") {
      leave_out(key);
    } else {
      leave_out(before, key);
    }
  }
}

bool RequestWriting::read(const Path& path, const json::Element& value, std::string_view& text) {
  return !value.get(text) || wrong(path, value, "it must be a string");
}
bool RequestWriting::read(const Path& path, const json::Element& value, bool& flag) {
  return !value.get(flag) || wrong(path, value, "it must be true or false");
}
bool RequestWriting::read(const Path& path, const json::Element& value, object& members) {
  return !value.get(members) || wrong(path, value, "it must be an object");
}
bool RequestWriting::read(const Path& path, const json::Element& value, array& items) {
  return !value.get(items) || wrong(path, value, "it must be an array");
}
bool RequestWriting::read_number(const Path& path, const json::Element& value, double& number) {
  return !value.get(number) || wrong(path, value, "it must be a number");
}
bool RequestWriting::read_count(const Path& path, const json::Element& value, std::uint64_t& count) {
  return !value.get(count) || wrong(path, value, "it must be a whole number of 0 or more");
}

bool RequestWriting::read_member(const Path& path, const object& in, std::string_view key,
                                 std::string_view& text) {
  json::Element value;
  if (in[key].get(value)) return missing(path.member(key), "it must be a string");
  return read(path.member(key), value, text);
}

bool RequestWriting::read_member(const Path& path, const object& in, std::string_view key, object& members) {
  json::Element value;
  if (in[key].get(value)) return missing(path.member(key), "it must be an object");
  return read(path.member(key), value, members);
}

bool find(const object& in, std::string_view key, json::Element& value) {
  return !in[key].get(value) && !value.is_null();
}
bool find(const object& in, std::string_view key, std::string_view& text) {
  return !in[key].get(text);
}
bool find(const object& in, std::string_view key, object& members) {
  return !in[key].get(members);
}
bool find(const object& in, std::string_view key, array& items) {
  return !in[key].get(items);
}

bool find_members(const object& request, std::span<Member> members, RequestWriting& writing) {
  std::vector<bool> seen(members.size());
  for (const auto [key, value] : request) {
    // The gateway's own, which no upstream gets.
    if (key == "model" || key == "timeout") continue;
    const auto found = std::ranges::find(members, key, &Member::name);
    if (found == members.end()) {
      if (!value.is_null()) writing.leave_out(key);
      continue;
    }
    const auto at = static_cast<std::size_t>(found - members.begin());
    if (seen[at])
      return writing.refuse(Path(found->name), "`" + std::string(key) + "` stands twice in the body.");
    seen[at] = true;
    found->present = !value.is_null();
    found->value = value;
  }
  return true;
}

RequestTranslation translate_body(std::string& body, json::Reader& reader,
                                  const std::function<bool(RequestWriting&, const object&)>& write) {
  const auto document = reader.read(body);
  if (!document) {
    return std::unexpected(http::make_problem(400, "The body is not valid JSON: " + document.error()));
  }
  object request;
  if (document->get(request)) {
    return std::unexpected(
        http::make_problem(400, "The body is " + described(*document) + "; a JSON object is expected."));
  }
  RequestWriting writing;
  writing.body.reserve(body.size() + body.size() / 8 + 256);
  std::string_view model;
  if (find(request, "model", model)) writing.answer.model = model;
  if (!write(writing, request)) return std::unexpected(std::move(writing.problem));
  return TranslatedRequest{.body = std::move(writing.body),
                           .left_out = std::move(writing.left_out),
                           .answer = std::move(writing.answer)};
}

bool read_data_url(std::string_view url, DataUrl& parts) {
  if (url.size() < 5 || !base::equals_ignoring_case(url.substr(0, 5), "data:")) return false;
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return false;
  const std::string_view head = url.substr(5, comma - 5);
  parts.data = url.substr(comma + 1);
  parts.media_type = head.substr(0, head.find(';'));
  return !parts.media_type.empty() && !parts.data.empty() && head.size() > 7 &&
         base::equals_ignoring_case(head.substr(head.size() - 7), ";base64");
}

}  // namespace punctual::dialects
