#include "dialects/responses_content.hpp"

#include "dialects/json_text.hpp"

namespace punctual::dialects {

namespace {

class ContentReading {
 public:
  ContentReading(ContentOf whose, RequestWriting& writing) : whose_(whose), writing_(writing) {}

  bool read_part(const Path& path, const json::Element& value);
  void finish(ItemContent& content);

 private:
  bool read_text(const Path& path, const object& part);
  bool read_refusal(const Path& path, const object& part);
  bool read_image(const Path& path, const object& part);
  bool read_file(const Path& path, const object& part);
  bool refuse_reference(const Path& path, const object& part, std::string_view key, std::string_view instead);
  std::string_view types() const;

  ContentOf whose_;
  RequestWriting& writing_;
  std::string parts_ = "[";
  std::string only_text_;
  std::string refusal_;
  std::size_t count_ = 0;
};

std::string_view ContentReading::types() const {
  return whose_ == ContentOf::assistant ? "the content of an assistant is of \"output_text\" and \"refusal\""
                                        : "it must be \"input_text\", \"input_image\" or \"input_file\", "
                                          "which is what this model can be "
                                          "sent";
}

bool ContentReading::read_part(const Path& path, const json::Element& value) {
  object part;
  std::string_view type;
  if (!writing_.read(path, value, part) || !writing_.read_member(path, part, "type", type)) return false;
  if (type == "input_text" || type == "output_text") return read_text(path, part);
  if (whose_ == ContentOf::assistant && type == "refusal") return read_refusal(path, part);
  if (whose_ != ContentOf::assistant && type == "input_image") return read_image(path, part);
  if (whose_ != ContentOf::assistant && type == "input_file") return read_file(path, part);
  return writing_.wrong(path.member("type"), part["type"].value_unsafe(), types());
}

bool ContentReading::read_text(const Path& path, const object& part) {
  std::string_view text;
  if (!writing_.read_member(path, part, "text", text)) return false;
  ++count_;
  only_text_.clear();
  append_string(only_text_, text);
  append_comma(parts_);
  parts_.append(R"({"type":"text","text":)").append(only_text_).push_back('}');
  for (const std::string_view key : {"annotations", "logprobs"}) {
    array items;
    if (find(part, key, items) && items.size() > 0) writing_.leave_out("input.content.", key);
  }
  writing_.leave_out_others(part, "input.content.", {"type", "text", "annotations", "logprobs"});
  return true;
}

bool ContentReading::read_refusal(const Path& path, const object& part) {
  std::string_view text;
  if (!writing_.read_member(path, part, "refusal", text)) return false;
  if (refusal_.empty()) refusal_ = "\"";
  append_escaped(refusal_, text);
  return true;
}

bool ContentReading::refuse_reference(const Path& path, const object& part, std::string_view key,
                                      std::string_view instead) {
  json::Element value;
  if (!find(part, key, value)) return true;
  return writing_.refuse(path.member(key), "`" + path.member(key).text() +
                                               "` is set; this model has no files of its own: send `" +
                                               std::string(instead) + "`.");
}

bool ContentReading::read_image(const Path& path, const object& part) {
  if (!refuse_reference(path, part, "file_id", "image_url")) return false;
  std::string_view url;
  if (!writing_.read_member(path, part, "image_url", url)) return false;
  if (!url.starts_with("data:") && !url.starts_with("http://") && !url.starts_with("https://")) {
    return writing_.wrong(path.member("image_url"), part["image_url"].value_unsafe(),
                          "it must be an http, https or data URL");
  }
  append_comma(parts_);
  append_member(parts_.append(R"({"type":"image_url","image_url":{)"), "url", url);
  json::Element detail;
  if (find(part, "detail", detail)) {
    std::string_view how;
    if (!writing_.read(path.member("detail"), detail, how)) return false;
    if (how == "original") {
      writing_.leave_out("input.content.detail");
    } else {
      append_member(parts_, "detail", how);
    }
  }
  parts_.append("}}");
  count_ += 2;
  writing_.leave_out_others(part, "input.content.", {"type", "image_url", "detail"});
  return true;
}

bool ContentReading::read_file(const Path& path, const object& part) {
  if (!refuse_reference(path, part, "file_id", "file_data")) return false;
  if (!refuse_reference(path, part, "file_url", "file_data")) return false;
  std::string_view data;
  if (!writing_.read_member(path, part, "file_data", data)) return false;
  append_comma(parts_);
  append_member(parts_.append(R"({"type":"file","file":{)"), "file_data", data);
  json::Element name;
  if (find(part, "filename", name)) {
    std::string_view text;
    if (!writing_.read(path.member("filename"), name, text)) return false;
    append_member(parts_, "filename", text);
  }
  parts_.append("}}");
  count_ += 2;
  writing_.leave_out_others(part, "input.content.", {"type", "file_data", "filename"});
  return true;
}

void ContentReading::finish(ItemContent& content) {
  if (count_ == 1) {
    content.json = std::move(only_text_);
  } else if (count_ > 1) {
    content.json = std::move(parts_);
    content.json.push_back(']');
  }
  if (!refusal_.empty()) content.refusal = refusal_ + "\"";
}

}  // namespace

bool read_content(const Path& path, const json::Element& value, ContentOf whose, RequestWriting& writing,
                  ItemContent& content) {
  std::string_view text;
  if (!value.get(text)) {
    append_string(content.json, text);
    return true;
  }
  array parts;
  if (value.get(parts)) return writing.wrong(path, value, "it must be a string or an array of parts");
  ContentReading reading(whose, writing);
  std::size_t index = 0;
  for (const auto part : parts)
    if (!reading.read_part(path.at(index++), part)) return false;
  reading.finish(content);
  return true;
}

}  // namespace punctual::dialects
