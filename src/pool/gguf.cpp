#include "pool/gguf.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <istream>
#include <map>
#include <optional>
#include <system_error>

#include "base/text.hpp"
#include "pool/gguf_types.hpp"
#include "process/output_tail.hpp"

namespace punctual::pool {

namespace {

using namespace std::string_view_literals;

static_assert(std::endian::native == std::endian::little, "the numbers of the file are taken as they are");

constexpr std::uint64_t key_bytes_max = 4096;
constexpr std::uint64_t text_bytes_max = 1024;  // of what is shown to people
constexpr std::uint64_t dimensions_max = 8;
constexpr std::uint64_t alignment_max = 1 << 20;
constexpr std::size_t notes_max = 512;
constexpr int nesting_max = 4;
constexpr std::uint64_t parts_max = 1000;

enum class Type : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

std::uint64_t bytes_of(Type type) {
  switch (type) {
    case Type::u8:
    case Type::i8:
    case Type::boolean:
      return 1;
    case Type::u16:
    case Type::i16:
      return 2;
    case Type::u32:
    case Type::i32:
    case Type::f32:
      return 4;
    case Type::u64:
    case Type::i64:
    case Type::f64:
      return 8;
    case Type::text:
    case Type::array:
      break;
  }
  return 0;
}

// What a value was, or of an array: its numbers together.
struct Note {
  std::uint64_t count = 1;
  bool is_array = false;
  std::uint64_t sum = 0;
  std::uint64_t largest = 0;
};

// Whether numbers under this key are kept; the architecture, which comes before the dot, may come later in
// the file.
bool is_noted(std::string_view key) {
  constexpr std::array endings = {".block_count"sv,          ".context_length"sv,
                                  ".embedding_length"sv,     ".feed_forward_length"sv,
                                  ".attention.head_count"sv, ".attention.head_count_kv"sv,
                                  ".attention.key_length"sv, ".attention.value_length"sv,
                                  ".attention.causal"sv,     ".pooling_type"sv,
                                  ".vocab_size"sv,           ".has_vision_encoder"sv,
                                  ".has_audio_encoder"sv,    "general.file_type"sv,
                                  "general.alignment"sv,     "tokenizer.ggml.tokens"sv};
  return std::ranges::any_of(endings, [key](std::string_view ending) { return key.ends_with(ending); });
}

// Reads on, never beyond the file nor the bound; after the first failure everything is 0.
class Reader {
 public:
  Reader(std::istream& file, std::uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {}

  std::uint64_t at() const { return at_; }
  const std::string& wrong() const { return wrong_; }
  bool failed() const { return !wrong_.empty(); }
  void fail(std::string why) {
    if (!failed()) wrong_ = std::move(why);
  }

  template <class Number>
  Number number() {
    std::array<char, sizeof(Number)> bytes{};
    read(bytes.data(), bytes.size());
    return std::bit_cast<Number>(bytes);
  }

  // Counts of bytes or elements that fit into what is left.
  bool has(std::uint64_t count, std::uint64_t bytes_each) {
    if (failed()) return false;
    if (bytes_each != 0 && count > (file_bytes_ - at_) / bytes_each) {
      fail("is truncated: its header says more than its " + std::to_string(file_bytes_) + " bytes hold");
    } else if (bytes_each != 0 && count > (header_bytes_max - at_) / bytes_each) {
      fail("has a header of more than " + std::to_string(header_bytes_max / 1024 / 1024) + " MiB");
    }
    return !failed();
  }

  void skip(std::uint64_t count, std::uint64_t bytes_each = 1) {
    if (!has(count, bytes_each)) return;
    const auto bytes = count * bytes_each;
    file_.ignore(static_cast<std::streamsize>(bytes));
    taken(bytes, static_cast<std::uint64_t>(file_.gcount()));
  }

  // At most `bytes_max` of it are kept.
  std::string text(std::uint64_t bytes_max) {
    const auto bytes = number<std::uint64_t>();
    if (!has(bytes, 1)) return {};
    std::string kept(std::min(bytes, bytes_max), '\0');
    read(kept.data(), kept.size());
    skip(bytes - kept.size());
    return kept;
  }

 private:
  void read(char* to, std::uint64_t bytes) {
    if (!has(bytes, 1)) return;
    file_.read(to, static_cast<std::streamsize>(bytes));
    taken(bytes, static_cast<std::uint64_t>(file_.gcount()));
  }
  void taken(std::uint64_t wanted, std::uint64_t got) {
    at_ += got;
    if (got != wanted) fail("cannot be read to the end of its header");
  }

  std::istream& file_;
  std::uint64_t file_bytes_;
  std::uint64_t at_ = 0;
  std::string wrong_;
};

std::uint64_t read_number(Reader& reader, Type type) {
  const auto not_negative = [](std::int64_t number) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(number, 0));
  };
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return reader.number<std::uint8_t>();
    case Type::i8:
      return not_negative(reader.number<std::int8_t>());
    case Type::u16:
      return reader.number<std::uint16_t>();
    case Type::i16:
      return not_negative(reader.number<std::int16_t>());
    case Type::u32:
      return reader.number<std::uint32_t>();
    case Type::i32:
      return not_negative(reader.number<std::int32_t>());
    case Type::u64:
      return reader.number<std::uint64_t>();
    case Type::i64:
      return not_negative(reader.number<std::int64_t>());
    default:
      reader.skip(bytes_of(type));
      return 0;
  }
}

std::optional<Type> read_type(Reader& reader) {
  const auto number = reader.number<std::uint32_t>();
  if (number > static_cast<std::uint32_t>(Type::f64))
    reader.fail("has a value of the unknown type " + std::to_string(number));
  if (reader.failed()) return std::nullopt;
  return static_cast<Type>(number);
}

Note read_array(Reader& reader, int nesting) {
  Note note{.count = 0, .is_array = true};
  const auto type = read_type(reader);
  note.count = reader.number<std::uint64_t>();
  if (!type) return note;
  // Layers have a number each, tokens millions: those are not looked at.
  constexpr std::uint64_t looked_at_max = 4096;
  if (*type == Type::text) {
    for (std::uint64_t i = 0; i < note.count && !reader.failed(); ++i)
      reader.text(0);
  } else if (*type == Type::array) {
    if (nesting >= nesting_max) reader.fail("has arrays in arrays in arrays");
    for (std::uint64_t i = 0; i < note.count && !reader.failed(); ++i)
      read_array(reader, nesting + 1);
  } else if (note.count > looked_at_max) {
    reader.skip(note.count, bytes_of(*type));
  } else {
    for (std::uint64_t i = 0; i < note.count && !reader.failed(); ++i) {
      // More is no count of anything, and a sum of such numbers might not fit.
      const auto number = std::min<std::uint64_t>(read_number(reader, *type), 1U << 31U);
      note.sum += number;
      note.largest = std::max(note.largest, number);
    }
  }
  return note;
}

struct Header {
  std::map<std::string, Note, std::less<>> notes;

  const Note* note(const std::string& key) const {
    const auto found = notes.find(key);
    return found == notes.end() ? nullptr : &found->second;
  }
  std::uint64_t number(const std::string& key, std::uint64_t otherwise = 0) const {
    const auto* found = note(key);
    return found ? found->largest : otherwise;
  }
};

void read_value(Reader& reader, Gguf& gguf, Header& header) {
  const auto key = reader.text(key_bytes_max);
  const auto type = read_type(reader);
  if (!type) return;
  if (*type == Type::text) {
    auto text = reader.text(text_bytes_max);
    if (key == "general.architecture") gguf.architecture = process::printable(text, text_bytes_max);
    if (key == "general.name") gguf.name = process::printable(text, text_bytes_max);
    if (key == "tokenizer.chat_template") gguf.has_chat_template = true;
    return;
  }
  Note note;
  if (*type == Type::array) {
    note = read_array(reader, 0);
  } else {
    note.sum = note.largest = read_number(reader, *type);
  }
  if (is_noted(key) && header.notes.size() < notes_max) header.notes.insert_or_assign(key, note);
}

// The end of the last tensor, from the beginning of the data; those of types that we don't know count as
// nothing.
std::uint64_t read_tensors(Reader& reader, std::uint64_t count) {
  std::uint64_t data_end = 0;
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    reader.text(0);
    const auto dimensions = reader.number<std::uint32_t>();
    if (dimensions > dimensions_max)
      reader.fail("has a tensor of " + std::to_string(dimensions) + " dimensions");
    std::uint64_t elements = 1;
    for (std::uint32_t k = 0; k < dimensions && !reader.failed(); ++k) {
      const auto length = reader.number<std::uint64_t>();
      if (__builtin_mul_overflow(elements, length, &elements)) reader.fail("has a tensor of impossible size");
    }
    const auto type = tensor_type(reader.number<std::uint32_t>());
    const auto offset = reader.number<std::uint64_t>();
    if (type.block_elements == 0) continue;
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    if (__builtin_mul_overflow(elements / type.block_elements, type.block_bytes, &bytes) ||
        __builtin_add_overflow(offset, bytes, &end))
      reader.fail("has a tensor of impossible size");
    data_end = std::max(data_end, end);
  }
  return reader.failed() ? 0 : data_end;
}

std::optional<std::string> wrong_beginning(Reader& reader, std::uint64_t file_bytes, std::uint32_t& version) {
  if (file_bytes == 0) return "is empty";
  if (file_bytes < 8) return "is not a GGUF file: it has " + std::to_string(file_bytes) + " bytes only";
  const auto magic = reader.number<std::array<char, 4>>();
  const std::string_view beginning(magic.data(), magic.size());
  if (beginning != "GGUF")
    return "is not a GGUF file: it begins with \"" + process::printable(beginning, 16) +
           "\", not with \"GGUF\"";
  version = reader.number<std::uint32_t>();
  if ((version & 0xffffU) == 0) return "is a GGUF file for big-endian machines";
  if (version != 2 && version != 3)
    return "is a GGUF file of version " + std::to_string(version) + "; versions 2 and 3 can be read";
  return std::nullopt;
}

void interpret(Gguf& gguf, const Header& header) {
  const auto of_model = [&gguf](std::string_view key) { return gguf.architecture + "." + std::string(key); };
  gguf.block_count = header.number(of_model("block_count"));
  gguf.context_length = header.number(of_model("context_length"));
  gguf.embedding_length = header.number(of_model("embedding_length"));
  gguf.feed_forward_length = header.number(of_model("feed_forward_length"));
  gguf.head_count = header.number(of_model("attention.head_count"));
  const auto* tokens = header.note("tokenizer.ggml.tokens");
  gguf.vocabulary_size = tokens && tokens->is_array ? tokens->count : header.number(of_model("vocab_size"));
  gguf.is_causal = header.number(of_model("attention.causal"), 1) != 0;

  const auto* heads = header.note(of_model("attention.head_count_kv"));
  if (!heads) heads = header.note(of_model("attention.head_count"));
  if (heads)
    gguf.kv_heads =
        heads->is_array ? heads->sum : heads->largest * std::min(gguf.block_count, std::uint64_t{1} << 20U);
  const auto usual_length = gguf.head_count == 0 ? 0 : gguf.embedding_length / gguf.head_count;
  gguf.key_length = header.number(of_model("attention.key_length"), usual_length);
  gguf.value_length = header.number(of_model("attention.value_length"), usual_length);
  if (const auto* type = header.note("general.file_type"))
    gguf.quantisation = quantisation_name(type->largest);

  constexpr std::uint64_t pooling_rank = 4;
  const auto pooling = header.number(of_model("pooling_type"));
  if (gguf.architecture == "clip") {
    gguf.kind = ModelKind::projector;
    gguf.has_vision = header.number("clip.has_vision_encoder") != 0;
    gguf.has_audio = header.number("clip.has_audio_encoder") != 0;
  } else if (pooling == pooling_rank) {
    gguf.kind = ModelKind::rerank;
  } else if (pooling != 0 || !gguf.is_causal || gguf.architecture.find("bert") != std::string::npos) {
    gguf.kind = ModelKind::embedding;
  }
}

struct Part {
  std::string beginning;  // of the name: all before "-00001-of-00003.gguf"
  std::uint64_t number = 1;
  std::uint64_t count = 1;
};

// Nothing when the name is not that of a part.
std::optional<Part> part_of(const std::string& name) {
  constexpr std::size_t ending = "-00001-of-00003.gguf"sv.size();
  if (name.size() <= ending) return std::nullopt;
  const auto at = name.size() - ending;
  const auto number = base::parse_unsigned(std::string_view(name).substr(at + 1, 5));
  const auto count = base::parse_unsigned(std::string_view(name).substr(at + 10, 5));
  if (name[at] != '-' || name.compare(at + 6, 4, "-of-") != 0 || !name.ends_with(".gguf") || !number ||
      !count)
    return std::nullopt;
  return Part{.beginning = name.substr(0, at), .number = *number, .count = *count};
}

std::string part_name(const Part& part, std::uint64_t number) {
  const auto five = [](std::uint64_t value) {
    auto digits = std::to_string(value);
    return std::string(5 - std::min<std::size_t>(digits.size(), 5), '0') + digits;
  };
  return part.beginning + "-" + five(number) + "-of-" + five(part.count) + ".gguf";
}

std::expected<Gguf, std::string> read_part(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return std::unexpected(path.string() + " is a folder, not a file");
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) return std::unexpected(path.string() + " cannot be read: " + error.message());
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(path.string() + " cannot be opened");
  return parse_gguf(file, bytes, path.string());
}

}  // namespace

std::string_view name_of(ModelKind kind) {
  switch (kind) {
    case ModelKind::text:
      return "text";
    case ModelKind::embedding:
      return "embedding";
    case ModelKind::rerank:
      return "rerank";
    case ModelKind::projector:
      return "projector";
  }
  return "";
}

std::expected<Gguf, std::string> parse_gguf(std::istream& file, std::uint64_t file_bytes,
                                            const std::string& name) {
  const auto wrong = [&name](const std::string& what) { return std::unexpected(name + " " + what); };
  Reader reader(file, file_bytes);
  Gguf gguf;
  if (const auto what = wrong_beginning(reader, file_bytes, gguf.version)) return wrong(*what);
  gguf.file_bytes = file_bytes;
  Header header;
  const auto tensors = reader.number<std::uint64_t>();
  const auto values = reader.number<std::uint64_t>();
  for (std::uint64_t i = 0; i < values && !reader.failed(); ++i)
    read_value(reader, gguf, header);
  const auto data_end = read_tensors(reader, tensors);
  if (reader.failed()) return wrong(reader.wrong());
  interpret(gguf, header);

  const auto alignment = std::clamp<std::uint64_t>(header.number("general.alignment", 32), 1, alignment_max);
  const auto data_begin = (reader.at() + alignment - 1) / alignment * alignment;
  gguf.tensor_bytes = file_bytes - std::min(file_bytes, data_begin);
  if (data_end > gguf.tensor_bytes)
    return wrong("is truncated: its tensors take " + std::to_string(data_end) + " bytes, and " +
                 std::to_string(gguf.tensor_bytes) + " are there");
  return gguf;
}

std::expected<Gguf, std::string> read_gguf(const std::filesystem::path& path) {
  const auto part = part_of(path.filename().string());
  if (part && part->number != 1)
    return std::unexpected(path.string() + " is part " + std::to_string(part->number) + " of " +
                           std::to_string(part->count) + "; name the first, " + part_name(*part, 1));
  if (part && (part->count == 0 || part->count > parts_max))
    return std::unexpected(path.string() + " says that it has " + std::to_string(part->count) + " parts");
  auto gguf = read_part(path);
  if (!gguf || !part) return gguf;
  gguf->parts = part->count;
  for (std::uint64_t number = 2; number <= part->count; ++number) {
    auto next = read_part(path.parent_path() / part_name(*part, number));
    if (!next) return next;
    gguf->file_bytes += next->file_bytes;
    gguf->tensor_bytes += next->tensor_bytes;
  }
  return gguf;
}

}  // namespace punctual::pool
