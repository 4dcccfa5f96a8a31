// docs/openapi.json and the table of routes say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "control/route.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

bj::value read_document() {
  std::ifstream file(PUNCTUAL_OPENAPI);
  std::ostringstream text;
  text << file.rdbuf();
  boost::system::error_code error;
  bj::parse_options options;
  options.max_depth = 64;
  auto document = bj::parse(text.str(), error, {}, options);
  EXPECT_FALSE(error) << PUNCTUAL_OPENAPI << ": " << error.message();
  return document;
}

const bj::value& document() {
  static const bj::value value = read_document();
  return value;
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return upper;
}

std::string_view name_of(Needs needs) {
  switch (needs) {
    case Needs::nobody:
      return "nobody";
    case Needs::viewer:
      return "viewer";
    case Needs::api_key:
      return "key";
    case Needs::administrator:
      break;
  }
  return "administrator";
}

// "GET /api/session: nobody"
std::set<std::string> described() {
  std::set<std::string> routes;
  for (const auto& path : document().at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      routes.insert(upper_case(method.key()) + " " + std::string(path.key()) + ": " +
                    std::string(method.value().at("x-needs").as_string()));
    }
  }
  return routes;
}

// The routes of the gateway itself, which are in no table.
const std::set<std::string> public_routes = {
    "POST /v1/chat/completions: key",
    "POST /v1/completions: key",
    "POST /v1/embeddings: key",
    "POST /v1/rerank: key",
    "POST /v1/messages: key",
    "POST /v1/messages/count_tokens: key",
    "POST /v1/responses: key",
    "GET /v1/models: key",
    "GET /v1/models/{id}: key",
    "GET /health: nobody",
    "GET /ready: nobody",
    "GET /metrics: nobody",
};

template <class Visit>
void visit_all(const bj::value& value, const Visit& visit) {
  visit(value);
  if (const auto* object = value.if_object()) {
    for (const auto& member : *object)
      visit_all(member.value(), visit);
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array)
      visit_all(item, visit);
  }
}

TEST(OpenApi, HasEveryRouteOfTheTableAndNoOther) {
  std::set<std::string> wanted = public_routes;
  for (const auto& route : all_routes()) {
    wanted.insert(std::string(route.method) + " " + std::string(route.pattern) + ": " +
                  std::string(name_of(route.needs)));
  }
  EXPECT_THAT(described(), testing::ContainerEq(wanted));
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
  std::size_t references = 0;
  visit_all(document(), [&](const bj::value& value) {
    const auto* object = value.if_object();
    const auto* reference = object ? object->if_contains("$ref") : nullptr;
    if (!reference) return;
    ++references;
    const std::string_view text = reference->as_string();
    ASSERT_TRUE(text.starts_with("#/")) << text;
    boost::system::error_code error;
    EXPECT_NE(document().find_pointer(text.substr(1), error), nullptr) << text;
  });
  EXPECT_GT(references, 100u);
}

TEST(OpenApi, EveryPartIsUsed) {
  std::set<std::string> used;
  visit_all(document(), [&](const bj::value& value) {
    const auto* object = value.if_object();
    if (const auto* reference = object ? object->if_contains("$ref") : nullptr)
      used.insert(std::string(reference->as_string()));
  });
  // Of events, whose data no media type describes.
  used.insert("#/components/schemas/ChangeNotice");
  used.insert("#/components/schemas/PoolEvent");
  for (const auto& kind : document().at("components").as_object()) {
    if (kind.key() == "securitySchemes") continue;
    for (const auto& part : kind.value().as_object()) {
      const std::string name = "#/components/" + std::string(kind.key()) + "/" + std::string(part.key());
      EXPECT_TRUE(used.contains(name)) << name;
    }
  }
}

TEST(OpenApi, NamesItsOperationsAndTheirPathParameters) {
  std::set<std::string> names;
  for (const auto& path : document().at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      const bj::object& operation = method.value().as_object();
      EXPECT_TRUE(names.insert(std::string(operation.at("operationId").as_string())).second) << path.key();
      EXPECT_FALSE(operation.at("summary").as_string().empty());
      std::size_t in_path = 0;
      if (const auto* parameters = operation.if_contains("parameters")) {
        for (const auto& parameter : parameters->as_array()) {
          const auto* place = parameter.as_object().if_contains("in");
          if (place && place->as_string() == "path") ++in_path;
        }
      }
      EXPECT_EQ(in_path, std::ranges::count(std::string_view(path.key()), '{')) << path.key();
    }
  }
}

}  // namespace

}  // namespace punctual::control
