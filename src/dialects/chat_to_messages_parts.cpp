#include "dialects/chat_to_messages_parts.hpp"

#include "base/text.hpp"
#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

void append_base64_source(std::string& blocks, const DataUrl& url) {
  blocks.append(R"("source":{"type":"base64",)");
  blocks.append(R"("media_type":)");
  append_string(blocks, url.media_type);
  append_member(blocks, "data", url.data);
  blocks.append("}}");
}

bool write_image(RequestWriting& writing, const Path& path, const object& part, std::string& blocks) {
  object image;
  std::string_view url;
  const Path image_path = path.member("image_url");
  if (!writing.read_member(path, part, "image_url", image)) return false;
  if (!writing.read_member(image_path, image, "url", url)) return false;
  writing.leave_out_others(image, "image_url.", {"url"});
  DataUrl data;
  append_comma(blocks);
  blocks.append(R"({"type":"image",)");
  if (read_data_url(url, data)) {
    append_base64_source(blocks, data);
    return true;
  }
  if (!base::equals_ignoring_case(url.substr(0, 8), "https://") &&
      !base::equals_ignoring_case(url.substr(0, 7), "http://")) {
    return writing.wrong(image_path.member("url"), image["url"].value_unsafe(),
                         "it must be an http(s) URL or a data URL with a media type and base64");
  }
  blocks.append(R"("source":{"type":"url","url":)");
  append_string(blocks, url);
  blocks.append("}}");
  return true;
}

bool write_file(RequestWriting& writing, const Path& path, const object& part, std::string& blocks) {
  object file;
  std::string_view text;
  const Path file_path = path.member("file");
  if (!writing.read_member(path, part, "file", file)) return false;
  if (json::Element id; find(file, "file_id", id)) {
    return writing.wrong(file_path.member("file_id"), id,
                         "the upstream of this model does not have the file; send it as `file_data`");
  }
  if (!writing.read_member(file_path, file, "file_data", text)) return false;
  DataUrl data;
  if (!read_data_url(text, data) || !base::equals_ignoring_case(data.media_type, "application/pdf")) {
    return writing.wrong(file_path.member("file_data"), file["file_data"].value_unsafe(),
                         "it must be a data URL that begins with \"data:application/pdf;base64,\"");
  }
  append_comma(blocks);
  blocks.append(R"({"type":"document",)");
  if (std::string_view name; find(file, "filename", name) && !name.empty()) {
    blocks.append(R"("title":)");
    append_string(blocks, name);
    blocks.push_back(',');
  }
  append_base64_source(blocks, data);
  return true;
}

bool write_part(RequestWriting& writing, const Path& path, const json::Element& item, bool from_user,
                std::string& blocks) {
  object part;
  std::string_view type;
  std::string_view text;
  if (!writing.read(path, item, part)) return false;
  if (!writing.read_member(path, part, "type", type)) return false;
  if (type == "text" || (type == "refusal" && !from_user)) {
    if (!writing.read_member(path, part, type, text)) return false;
    writing.leave_out_others(part, "text.", {"type", type});
    append_text_block(blocks, text);
    return true;
  }
  if (from_user && (type == "image_url" || type == "file")) {
    writing.leave_out_others(part, "image.", {"type", type});
    return type == "file" ? write_file(writing, path, part, blocks)
                          : write_image(writing, path, part, blocks);
  }
  return writing.wrong(path.member("type"), part["type"].value_unsafe(),
                       from_user
                           ? "the upstream of this model takes \"text\", \"image_url\" and \"file\" here"
                           : "the upstream of this model takes \"text\" here");
}

}  // namespace

void append_text_block(std::string& blocks, std::string_view text) {
  if (text.empty()) return;
  append_comma(blocks);
  blocks.append(R"({"type":"text","text":)");
  append_string(blocks, text);
  blocks.push_back('}');
}

bool write_messages_blocks(RequestWriting& writing, const Path& path, const json::Element& content,
                           bool from_user, std::string& blocks) {
  std::string_view text;
  if (!content.get(text)) {
    append_text_block(blocks, text);
    return true;
  }
  array parts;
  if (content.get(parts)) return writing.wrong(path, content, "it must be a string or an array of parts");
  std::size_t index = 0;
  for (const auto item : parts) {
    const Path item_path = path.at(index++);
    if (!write_part(writing, item_path, item, from_user, blocks)) return false;
  }
  return true;
}

bool read_chat_text(RequestWriting& writing, const Path& path, const json::Element& content,
                    std::string& text) {
  std::string_view whole;
  if (!content.get(whole)) {
    text = whole;
    return true;
  }
  array parts;
  if (content.get(parts)) {
    return writing.wrong(path, content, "it must be a string or an array of text parts");
  }
  std::size_t index = 0;
  for (const auto item : parts) {
    const Path item_path = path.at(index);
    object part;
    std::string_view type;
    std::string_view piece;
    if (!writing.read(item_path, item, part)) return false;
    if (!writing.read_member(item_path, part, "type", type)) return false;
    if (type != "text") {
      return writing.wrong(item_path.member("type"), part["type"].value_unsafe(), "it must be \"text\"");
    }
    if (!writing.read_member(item_path, part, "text", piece)) return false;
    writing.leave_out_others(part, "text.", {"type", "text"});
    if (index++ > 0) text.push_back('\n');
    text.append(piece);
  }
  return true;
}

}  // namespace punctual::dialects
