#include "chain/chat_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chain/layout.hpp"

namespace punctual::chain {

namespace {

Layer layer_of(std::string_view id, std::string_view name, const deadline::Limit& limit) {
  return {.id = std::string(id),
          .name = std::string(name),
          .seconds = deadline::seconds(*limit.duration),
          .counts = Counts::once,
          .known = Known::set,
          .source = limit.source.text(),
          .ours = true};
}

}  // namespace

std::vector<Finding> chat_order_findings(const config::Chat& chat) {
  const double model_call = deadline::seconds(*chat.model_call.duration);
  const double browser = deadline::seconds(*chat.browser.duration);
  const double request = deadline::seconds(*chat.request.duration);
  std::vector<Finding> findings;
  if (model_call >= browser) {
    findings.push_back(
        {Severity::broken,
         "attempt",
         fmt::format(
             "The chat page gives up after {:g} s, and one call of the model may take {:g} s: the page "
             "ends the chat before the call can say that its own time is up.",
             browser, model_call),
         fmt::format("Set model_call_seconds below {:g}, or browser_seconds above {:g}.", browser,
                     model_call),
         {}});
  }
  if (browser >= request) {
    findings.push_back(
        {Severity::broken,
         "browser",
         fmt::format("The server ends a chat after {:g} s, and the page waits {:g} s: the page's own limit "
                     "never fires, and waiting longer once does nothing.",
                     request, browser),
         fmt::format("Set browser_seconds below {:g}, or request_seconds above {:g}.", request, browser),
         {}});
  }
  if (model_call >= request) {
    findings.push_back(
        {Severity::broken,
         "attempt",
         fmt::format(
             "One call of the model may take {:g} s, and the whole chat only {:g} s: there is no room "
             "for a second call.",
             model_call, request),
         fmt::format("Set model_call_seconds below {:g}, or request_seconds above {:g}.", request,
                     model_call),
         {}});
  }
  return findings;
}

Chain chat_page_chain(const config::Configuration& configuration, const Observed& observed) {
  const auto& chat = configuration.chat;
  // What stands in front, and what bounds each call of the model from within, are those of any stream.
  Observed of_the_path;
  of_the_path.walls = observed.walls;
  auto [chain, facts] = lay_out(configuration, {.stream = true}, of_the_path);
  auto inner = std::ranges::find(chain.layers, "total", &Layer::id);
  inner->id = "call_total";
  inner->name = "the call's own limit, as of any request";
  const auto attempt = std::ranges::find(chain.layers, "attempt", &Layer::id);
  attempt->id = "call_attempt";
  inner = std::ranges::find(chain.layers, "call_total", &Layer::id);
  const std::array<Layer, 3> own = {layer_of("total", "the whole chat, in the server", chat.request),
                                    layer_of("browser", "the chat page's wait", chat.browser),
                                    layer_of("attempt", "one call of the model", chat.model_call)};
  chain.layers.insert(inner, own.begin(), own.end());
  judge(chain, facts);
  auto order = chat_order_findings(chat);
  chain.findings.insert(chain.findings.begin(), std::make_move_iterator(order.begin()),
                        std::make_move_iterator(order.end()));
  return chain;
}

}  // namespace punctual::chain
