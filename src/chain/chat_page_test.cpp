#include "chain/chat_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/loader.hpp"

namespace punctual::chain {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ChatPageTest : public testing::Test {
 protected:
  const Chain& of(const std::string& toml) {
    configuration_ = *config::load(toml, "test.toml", config::Environment{});
    chain_ = chat_page_chain(*configuration_);
    return chain_;
  }
  std::vector<Finding> order_of(const std::string& toml) {
    return chat_order_findings((*config::load(toml, "test.toml", config::Environment{}))->chat);
  }

 private:
  std::shared_ptr<const config::Configuration> configuration_;
  Chain chain_;
};

TEST_F(ChatPageTest, IsTheThreeLayersAroundWhatBoundsACall) {
  const auto& chain = of("[[front]]\nkind = 'nginx'\n");
  std::vector<std::string> ids;
  ids.reserve(chain.layers.size());
  for (const auto& layer : chain.layers)
    ids.push_back(layer.id);
  EXPECT_THAT(ids, testing::ElementsAre("front:0:idle", "total", "browser", "attempt", "call_total", "queue",
                                        "call_attempt", "connect", "first_token", "idle"));
  EXPECT_EQ(chain.layers[1].seconds, 300);
  EXPECT_EQ(chain.layers[2].seconds, 180);
  EXPECT_EQ(chain.layers[3].seconds, 120);
  EXPECT_EQ(chain.silent.layer, "attempt") << "the innermost fails first, and says so";
  EXPECT_EQ(chain.silent.seconds, 120);
  for (const auto& finding : chain.findings)
    EXPECT_EQ(finding.severity, Severity::note) << finding.text;
}

TEST_F(ChatPageTest, ALayerInFrontThatGivesUpBeforeTheChatIsFound) {
  const auto& chain = of("[[front]]\nkind = 'api-gateway'\n");
  EXPECT_EQ(chain.silent.layer, "front:0:total");
  ASSERT_FALSE(chain.findings.empty());
  EXPECT_EQ(chain.findings[0].layer, "front:0:total");
  EXPECT_EQ(chain.findings[0].severity, Severity::broken);
}

TEST_F(ChatPageTest, OfWhatWasObservedTheProbeCounts) {
  of("");
  Observed observed;
  observed.hang_ups = {{.stream = true, .count = 50, .seconds = 20}};
  observed.sent = {{.stream = true, .count = 50, .of = 50, .least_seconds = 20, .usual_seconds = 20}};
  observed.walls = {{.kind = ProbedWall::Kind::total_stream, .seconds = 100}};
  const auto chain = chat_page_chain(*config::load("", "test.toml", config::Environment{}).value(), observed);
  EXPECT_EQ(chain.layers[0].id, "probed:0");
  EXPECT_EQ(chain.layers[1].id, "total");
  EXPECT_EQ(chain.silent.layer, "probed:0");
}

TEST_F(ChatPageTest, EachBrokenOrderInWords) {
  EXPECT_THAT(order_of(""), IsEmpty());
  const auto model = order_of("[chat]\nmodel_call_seconds = 180\n");
  ASSERT_EQ(model.size(), 1U);
  EXPECT_THAT(model[0].text, HasSubstr("gives up after 180 s, and one call of the model may take 180 s"));
  EXPECT_EQ(model[0].suggestion, "Set model_call_seconds below 180, or browser_seconds above 180.");
  const auto browser = order_of("[chat]\nbrowser_seconds = 400\n");
  ASSERT_EQ(browser.size(), 1U);
  EXPECT_EQ(browser[0].layer, "browser");
  EXPECT_EQ(order_of("[chat]\nmodel_call_seconds = 500\nbrowser_seconds = 400\n").size(), 3U);
  EXPECT_EQ(of("[chat]\nmodel_call_seconds = 200\n").findings[0].severity, Severity::broken);
}

}  // namespace
}  // namespace punctual::chain
