#include "probe/hops.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace punctual::probe {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

http::ResponseHead head_of(int status, std::initializer_list<http::Header> fields) {
  http::ResponseHead head;
  head.status = status;
  for (const auto& [name, value] : fields)
    head.headers.add(name, value);
  return head;
}

TEST(Hops, AreSeenByWhatTheyAdd) {
  const struct {
    std::string_view field;
    std::string_view value;
    std::string_view kind;
    std::string_view name;
  } cases[] = {
      {"Server", "nginx/1.22.1", "nginx", "nginx/1.22.1"},
      {"Server", "openresty", "nginx", "openresty"},
      {"Server", "awselb/2.0", "alb", "awselb/2.0"},
      {"Server", "envoy", "envoy", "envoy"},
      {"Via", "1.1 Caddy", "caddy", "Caddy"},
      {"CF-RAY", "8a1-FRA", "cloudflare", "Cloudflare"},
      {"Via", "1.1 abc.cloudfront.net (CloudFront)", "cloudfront", "Amazon CloudFront"},
      {"Via", "1.1 google", "google-load-balancer", "Google Cloud load balancer"},
      {"Via", "1.1 vegur", "heroku", "Heroku"},
  };
  for (const auto& [field, value, kind, name] : cases) {
    const auto hops = hops_in(head_of(200, {{field, value}}));
    ASSERT_EQ(hops.size(), 1u) << value;
    EXPECT_EQ(hops[0].kind->name, kind) << value;
    EXPECT_EQ(hops[0].name, name) << value;
  }
  EXPECT_TRUE(hops_in(head_of(200, {{"Server", "gunicorn"}, {"Content-Type", "text/html"}})).empty());
  EXPECT_EQ(hops_in(head_of(200, {{"Server", "nginx"}, {"CF-RAY", "1"}})).size(), 2u);
}

// As real ones were seen to answer.
TEST(Hops, ErrorPagesTellTheirMaker) {
  const auto haproxy = maker_of(
      head_of(504, {{"content-type", "text/html"}}),
      "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.\n</body></html>\n");
  EXPECT_EQ(haproxy.kind->name, "haproxy");
  const std::string_view page =
      "<center><h1>504 Gateway Time-out</h1></center>\r\n<hr><center>nginx/1.22.1</center>";
  const auto nginx = maker_of(head_of(504, {{"Server", "nginx/1.22.1"}}), page);
  EXPECT_EQ(nginx.kind->name, "nginx");
  EXPECT_EQ(nginx.name, "nginx/1.22.1");
  EXPECT_EQ(maker_of(head_of(504, {{"Server", "cloudflare"}, {"CF-RAY", "1"}}), page).name, "nginx");
  // HAProxy's page came through nginx.
  const auto through =
      maker_of(head_of(504, {{"Server", "nginx/1.22.1"}}),
               "<html><body><h1>504 Gateway Time-out</h1>\nThe server didn't respond in time.");
  EXPECT_EQ(through.kind->name, "haproxy");
  const auto stranger = maker_of(head_of(503, {{"Server", "a\x1b[2Jthing"}}), "busy");
  EXPECT_EQ(stranger.kind, nullptr);
  EXPECT_EQ(stranger.name, "a?[2Jthing") << "nothing that moves a terminal's cursor";
  EXPECT_EQ(maker_of(head_of(500, {}), "").name, "");
}

TEST(Hops, UsualLimitsNameTheLikely) {
  EXPECT_THAT(usual_of(seconds(60)), HasSubstr("nginx"));
  EXPECT_THAT(usual_of(std::chrono::milliseconds(60'700)), HasSubstr("60 s is what nginx"));
  EXPECT_THAT(usual_of(seconds(100)), HasSubstr("Cloudflare"));
  EXPECT_THAT(usual_of(seconds(230)), HasSubstr("Azure App Service"));
  EXPECT_THAT(usual_of(seconds(300)), HasSubstr("300 s"));
  EXPECT_EQ(usual_of(seconds(77)), "");
  EXPECT_EQ(usual_of(seconds(3)), "");
}

}  // namespace
}  // namespace punctual::probe
