#include "datasource/result_writer.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "json/splice.hpp"
#include "storage/now.hpp"
#include "storage/value.hpp"

namespace punctual::datasource {

namespace {

constexpr std::size_t piece_bytes_max = 32 * 1024;
constexpr std::size_t piece_rows_max = 200;
// A slow result is seen while it grows.
constexpr auto piece_wait = std::chrono::milliseconds(100);
constexpr std::int64_t exact_max = (std::int64_t{1} << 53) - 1;

// What fits, without half a character at its end.
std::string_view cut(std::string_view text, std::size_t bytes_max) {
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

std::string ellipsis(std::size_t bytes) {
  return fmt::format("\u2026[{} bytes]", bytes);
}

// As RFC 8259 has numbers: no leading zeros or signs, digits on both sides of the point.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto digits = [&text] {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9')
      ++count;
    const auto taken = text.substr(0, count);
    text.remove_prefix(count);
    return taken;
  };
  const auto whole = digits();
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits().empty()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits().empty()) return false;
  }
  return text.empty();
}

// More digits than a double keeps.
bool is_exact(std::string_view number) {
  std::size_t digits = 0;
  for (const char c : number) {
    if (c == 'e' || c == 'E') break;
    if (c >= '0' && c <= '9') ++digits;
  }
  return digits <= 15;
}

}  // namespace

ResultWriter::ResultWriter(const Bounds& bounds, const Sink& sink)
    : bounds_(bounds), sink_(sink), handed_over_(storage::now()) {}

void ResultWriter::columns(const std::vector<std::string>& names) {
  std::string list = "[";
  for (const auto& name : names)
    list.append(list.size() > 1 ? "," : "").append(json::quoted(storage::storable_text(name)));
  piece_.columns = list + "]";
}

void ResultWriter::cell(std::string_view json) {
  row_.append(row_.empty() ? "[" : ",").append(json);
}

void ResultWriter::integer(std::int64_t value) {
  const bool exact = value >= -exact_max && value <= exact_max;
  cell(exact ? std::to_string(value) : "\"" + std::to_string(value) + "\"");
}

void ResultWriter::real(double value) {
  cell(std::isfinite(value) ? fmt::format("{}", value) : fmt::format("\"{}\"", value));
}

void ResultWriter::number(std::string_view value) {
  if (is_json_number(value) && is_exact(value)) return cell(value);
  text(value);
}

void ResultWriter::text(std::string_view beginning, std::size_t bytes) {
  const auto bytes_max = static_cast<std::size_t>(bounds_.cell_bytes_max);
  const auto shown = beginning.size() > bytes_max ? cut(beginning, bytes_max) : beginning;
  if (shown.size() == bytes) return cell(json::quoted(storage::storable_text(shown)));
  truncated_ = true;
  cell(json::quoted(storage::storable_text(shown) + ellipsis(bytes)));
}

void ResultWriter::blob(std::string_view bytes) {
  const auto bytes_max = static_cast<std::size_t>(bounds_.cell_bytes_max) / 2;
  std::string hex = "\"x'";
  for (const char c : bytes.substr(0, bytes_max))
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  hex += "'";
  if (bytes.size() > bytes_max) {
    truncated_ = true;
    hex += ellipsis(bytes.size());
  }
  cell(hex + "\"");
}

ResultWriter::State ResultWriter::end_row() {
  if (stopped_) return State::stopped;
  row_.append(row_.empty() ? "[]" : "]");
  if (rows_taken_ == static_cast<std::uint64_t>(bounds_.rows_max) ||
      bytes_taken_ + row_.size() > static_cast<std::uint64_t>(bounds_.bytes_max)) {
    truncated_ = true;
    return State::full;
  }
  ++rows_taken_;
  bytes_taken_ += row_.size();
  piece_bytes_ += row_.size();
  piece_.rows.push_back(std::move(row_));
  row_.clear();
  const bool due = piece_bytes_ >= piece_bytes_max || piece_.rows.size() >= piece_rows_max ||
                   storage::now() - handed_over_ >= piece_wait;
  return !due || hand_over() ? State::more : State::stopped;
}

bool ResultWriter::hand_over() {
  if (stopped_) return false;
  if (piece_.columns.empty() && piece_.rows.empty()) return true;
  const std::size_t rows = piece_.rows.size();
  const std::size_t bytes = piece_bytes_;
  if (!sink_(piece_)) {
    stopped_ = true;
    return false;
  }
  rows_ += rows;
  bytes_ += bytes;
  piece_ = {};
  piece_bytes_ = 0;
  handed_over_ = storage::now();
  return true;
}

bool ResultWriter::finish() {
  return hand_over();
}

void ResultWriter::count(Ended& ended) const {
  ended.rows = rows_;
  ended.bytes = bytes_;
  ended.truncated = truncated_;
}

}  // namespace punctual::datasource
