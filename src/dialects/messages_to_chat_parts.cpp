#include "dialects/messages_to_chat_parts.hpp"

#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

void append_part(std::string& parts, std::string* text, std::string_view content) {
  if (!text) return append_text_part(parts, content);
  if (!text->empty()) text->push_back('\n');
  text->append(content);
}

void append_data_url(std::string& out, std::string_view media_type, std::string_view data) {
  out.append("\"data:");
  append_escaped(out, media_type);
  out.append(";base64,");
  append_escaped(out, data);
  out.push_back('"');
}

bool write_image(RequestWriting& writing, const Path& path, const object& block, std::string& parts) {
  object source;
  std::string_view type;
  const Path source_path = path.member("source");
  if (!writing.read_member(path, block, "source", source)) return false;
  if (!writing.read_member(source_path, source, "type", type)) return false;
  if (type == "base64") {
    std::string_view media_type;
    std::string_view data;
    if (!writing.read_member(source_path, source, "media_type", media_type)) return false;
    if (!writing.read_member(source_path, source, "data", data)) return false;
    append_comma(parts);
    parts.append(R"({"type":"image_url","image_url":{"url":)");
    append_data_url(parts, media_type, data);
  } else if (type == "url") {
    std::string_view url;
    if (!writing.read_member(source_path, source, "url", url)) return false;
    append_comma(parts);
    parts.append(R"({"type":"image_url","image_url":{"url":)");
    append_string(parts, url);
  } else {
    return writing.wrong(source_path.member("type"), source["type"].value_unsafe(),
                         "the model of this upstream takes images as \"base64\" or \"url\"");
  }
  parts.append("}}");
  return true;
}

// Title and context stand before the text: a chat has no other place for them.
std::string heading(const object& block) {
  std::string text;
  for (const std::string_view key : {"title", "context"}) {
    std::string_view line;
    if (find(block, key, line) && !line.empty()) text.append(line).append("\n");
  }
  return text;
}

bool write_blocks(RequestWriting& writing, const Path& path, const json::Element& content, std::string& parts,
                  std::string* text) {
  std::string_view whole;
  if (!content.get(whole)) {
    append_part(parts, text, whole);
    return true;
  }
  array blocks;
  if (content.get(blocks)) return writing.wrong(path, content, "it must be a string or an array of blocks");
  std::size_t index = 0;
  for (const auto item : blocks) {
    const Path item_path = path.at(index++);
    object block;
    std::string_view type;
    if (!writing.read(item_path, item, block)) return false;
    if (!writing.read_member(item_path, block, "type", type)) return false;
    if (type != "text" && type != "image") {
      return writing.wrong(item_path.member("type"), block["type"].value_unsafe(),
                           "the content of a document must be \"text\" or \"image\" blocks");
    }
    if (!write_chat_part(writing, item_path, block, parts, text)) return false;
  }
  return true;
}

bool write_document(RequestWriting& writing, const Path& path, const object& block, std::string& parts,
                    std::string* text) {
  object source;
  std::string_view type;
  const Path source_path = path.member("source");
  if (!writing.read_member(path, block, "source", source)) return false;
  if (!writing.read_member(source_path, source, "type", type)) return false;
  writing.leave_out_others(block, "document.", {"type", "source", "title", "context"});
  const std::string before = heading(block);
  if (type == "text") {
    std::string_view data;
    if (!writing.read_member(source_path, source, "data", data)) return false;
    append_part(parts, text, before + std::string(data));
    return true;
  }
  if (type == "content") {
    json::Element content;
    if (!find(source, "content", content))
      return writing.missing(source_path.member("content"), "it must be a string or an array of blocks");
    if (!before.empty()) append_part(parts, text, std::string_view(before).substr(0, before.size() - 1));
    return write_blocks(writing, source_path.member("content"), content, parts, text);
  }
  if (type != "base64") {
    return writing.wrong(source_path.member("type"), source["type"].value_unsafe(),
                         "a document for this upstream must be \"base64\", \"text\" or \"content\"");
  }
  std::string_view media_type;
  std::string_view data;
  std::string_view title;
  std::string_view context;
  if (!writing.read_member(source_path, source, "media_type", media_type)) return false;
  if (!writing.read_member(source_path, source, "data", data)) return false;
  if (media_type != "application/pdf") {
    return writing.wrong(source_path.member("media_type"), source["media_type"].value_unsafe(),
                         "it must be \"application/pdf\"");
  }
  if (find(block, "context", context) && !context.empty()) append_part(parts, text, context);
  append_comma(parts);
  parts.append(R"({"type":"file","file":{)");
  append_member(parts, "filename",
                find(block, "title", title) && !title.empty() ? title : std::string_view("document.pdf"));
  append_key(parts, "file_data");
  append_data_url(parts, media_type, data);
  parts.append("}}");
  return true;
}

// What retrieval found: text with its origin.
bool write_search_result(RequestWriting& writing, const Path& path, const object& block, std::string& parts,
                         std::string* text) {
  std::string_view title;
  std::string_view source;
  if (!writing.read_member(path, block, "title", title)) return false;
  if (!writing.read_member(path, block, "source", source)) return false;
  writing.leave_out_others(block, "search_result.", {"type", "source", "title", "content"});
  json::Element content;
  if (!find(block, "content", content))
    return writing.missing(path.member("content"), "it must be an array of blocks");
  append_part(parts, text, std::string(title) + "\n" + std::string(source));
  return write_blocks(writing, path.member("content"), content, parts, text);
}

}  // namespace

void append_text_part(std::string& parts, std::string_view text) {
  append_comma(parts);
  parts.append(R"({"type":"text","text":)");
  append_string(parts, text);
  parts.push_back('}');
}

bool write_chat_part(RequestWriting& writing, const Path& path, const object& block, std::string& parts,
                     std::string* text) {
  std::string_view type;
  if (!writing.read_member(path, block, "type", type)) return false;
  if (type == "text") {
    std::string_view content;
    if (!writing.read_member(path, block, "text", content)) return false;
    writing.leave_out_others(block, "text.", {"type", "text"});
    append_part(parts, text, content);
    return true;
  }
  if (type == "image") {
    writing.leave_out_others(block, "image.", {"type", "source"});
    return write_image(writing, path, block, parts);
  }
  if (type == "document") return write_document(writing, path, block, parts, text);
  if (type == "search_result") return write_search_result(writing, path, block, parts, text);
  return writing.wrong(path.member("type"), block["type"].value_unsafe(),
                       "the model of this upstream takes \"text\", \"image\", \"document\" and "
                       "\"search_result\" here");
}

}  // namespace punctual::dialects
