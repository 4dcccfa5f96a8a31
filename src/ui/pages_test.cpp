#include "ui/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "ui/coding.hpp"

namespace punctual::ui {
namespace {

constexpr auto assets = std::to_array<Asset>({
    {"/ui/assets/app-1a2b.js", "aa", true, "script", "sc", "scr"},
    {"/ui/assets/font-3c.woff2", "bb", true, "font", {}, {}},
    {"/ui/index.html", "cc", false, "<html>", "br", "gz"},
    {"/ui/theme.js", "dd", false, "theme", {}, {}},
});

PageAnswer get(std::string_view path, std::string_view accept_encoding = {},
               std::string_view if_none_match = {}) {
  return answer_page(assets, {path, accept_encoding, if_none_match});
}

TEST(Pages, RootLeadsToThePages) {
  for (const auto path : {"/", "/ui"}) {
    EXPECT_EQ(get(path).status, 302);
    EXPECT_EQ(get(path).location, "/ui/");
  }
}

TEST(Pages, EveryPageIsTheIndex) {
  for (const auto path : {"/ui/", "/ui/settings", "/ui/requests/req_1"}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "<html>");
    EXPECT_EQ(answer.media_type, "text/html; charset=utf-8");
    EXPECT_EQ(answer.caching, "no-cache");
  }
}

TEST(Pages, HashedNamesAreKeptForEver) {
  const auto answer = get("/ui/assets/app-1a2b.js");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.media_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(answer.caching, "public, max-age=31536000, immutable");
}

TEST(Pages, MissingFileIsNeverAPage) {
  EXPECT_EQ(get("/ui/assets/app-old.js").status, 404);
  EXPECT_EQ(get("/ui/assets/old").status, 404);
  EXPECT_EQ(get("/ui/robots.txt").status, 404);
}

TEST(Pages, EachCodingHasItsTag) {
  const auto plain = get("/ui/");
  const auto brotli = get("/ui/", "gzip, deflate, br");
  const auto gzip = get("/ui/", "gzip");
  EXPECT_EQ(plain.etag, "\"cc\"");
  EXPECT_EQ(brotli.etag, "\"cc-br\"");
  EXPECT_EQ(gzip.etag, "\"cc-gz\"");
  EXPECT_EQ(brotli.body, "br");
  EXPECT_EQ(gzip.body, "gz");
  EXPECT_TRUE(plain.varies);
  EXPECT_FALSE(get("/ui/theme.js").varies);
}

TEST(Pages, WhatTheClientHasIsNotSentAgain) {
  EXPECT_EQ(get("/ui/", "br", "\"cc-br\"").status, 304);
  EXPECT_TRUE(get("/ui/", "br", "\"cc-br\"").body.empty());
  EXPECT_EQ(get("/ui/", "br", "\"other\", W/\"cc-br\"").status, 304);
  EXPECT_EQ(get("/ui/", "br", "*").status, 304);
  EXPECT_EQ(get("/ui/", "gzip", "\"cc-br\"").status, 200);
}

TEST(Pages, OwnsItsPathsOnly) {
  EXPECT_TRUE(owns("/"));
  EXPECT_TRUE(owns("/ui"));
  EXPECT_TRUE(owns("/ui/x"));
  EXPECT_FALSE(owns("/uix"));
  EXPECT_FALSE(owns("/v1/models"));
}

TEST(Pages, EmbeddedFilesAreSortedAndHaveAnIndex) {
  EXPECT_TRUE(std::ranges::is_sorted(embedded_assets(), {}, &Asset::path));
  const auto* index = find_asset(embedded_assets(), "/ui/index.html");
  ASSERT_NE(index, nullptr);
  EXPECT_TRUE(index->identity.starts_with("<!doctype html>"));
  EXPECT_TRUE(index->identity.ends_with("</html>\n"));
}

struct Negotiation {
  std::string_view field;
  Coding coding;
};

class CodingTest : public testing::TestWithParam<Negotiation> {};

TEST_P(CodingTest, IsTheBestOfTheField) {
  EXPECT_EQ(choose_coding(GetParam().field, {true, true}), GetParam().coding);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, CodingTest,
    testing::Values(Negotiation{"", Coding::identity}, Negotiation{"br", Coding::brotli},
                    Negotiation{"gzip, deflate, br, zstd", Coding::brotli},
                    Negotiation{"GZIP;q=1.0", Coding::gzip}, Negotiation{"br;q=0, gzip", Coding::gzip},
                    Negotiation{"br;q=0.5, gzip;q=0.8", Coding::gzip}, Negotiation{"*", Coding::brotli},
                    Negotiation{"*;q=0", Coding::identity},
                    Negotiation{"br;q=0.2, identity;q=0.9", Coding::identity},
                    Negotiation{"identity", Coding::identity}, Negotiation{"br;q=high", Coding::identity},
                    Negotiation{"br;q=1.5, gzip ; q=0.001", Coding::gzip},
                    Negotiation{",,;,br", Coding::brotli}));

TEST(Coding, OnlyWhatThereIs) {
  EXPECT_EQ(choose_coding("br, gzip", {false, true}), Coding::gzip);
  EXPECT_EQ(choose_coding("br, gzip", {false, false}), Coding::identity);
}

}  // namespace
}  // namespace punctual::ui
