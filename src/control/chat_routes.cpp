// The chat, the models to have it with, and its limits.
#include <array>

#include "chain/chat_page.hpp"
#include "chat/conversation.hpp"
#include "chat/model_list.hpp"
#include "control/answers.hpp"
#include "control/if_match.hpp"
#include "control/route.hpp"
#include "settings/chat.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

Answer live_answer(std::string_view media_type, std::shared_ptr<gateway::LiveAnswer> live) {
  Answer answer;
  answer.headers = {
      {"Content-Type", std::string(media_type)}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  answer.live = std::move(live);
  return answer;
}

Answer no_place(const Context& context, chat::Desk::Full full) {
  const bool own = full == chat::Desk::Full::user;
  const auto most = own ? chat::Desk::chats_of_user_max : chat::Desk::chats_max;
  return problem_answer(context, {own ? 429 : 503,
                                  (own ? "You have as many chats going on as one may have at once ("
                                       : "As many chats as there may be at once are going on (") +
                                      std::to_string(most) + "): try again when one has ended.",
                                  {},
                                  std::chrono::seconds(5)});
}

Answer post_chat(Context& context) {
  auto& services = context.services;
  const auto snapshot = services.settings.current();
  auto input = chat::read_input(context.body, snapshot->configuration->chat);
  if (!input) return problem_of(context, input.error());
  std::optional<chat::SourceFacts> source;
  if (!input->data_source.empty()) {
    auto found = services.data_sources.find(input->data_source);
    if (!found) return problem_of(context, found.error());
    source = std::move(*found);
  }
  const std::string user =
      context.identity.kind == Identity::Kind::user ? context.identity.user.name : "admin token";
  auto place = services.desk.take(user);
  if (!place) return no_place(context, place.error());
  const auto limits = chat::limits_of(snapshot->configuration->chat, input->wishes);
  return live_answer("text/event-stream; charset=utf-8",
                     std::make_shared<chat::Conversation>(
                         chat::ConversationOptions{.place = std::move(*place),
                                                   .input = std::move(*input),
                                                   .limits = limits,
                                                   .configuration = snapshot->configuration,
                                                   .tools = &services.data_sources,
                                                   .source = std::move(source),
                                                   .user = user,
                                                   .client = context.request.client,
                                                   .request_id = context.request.request_id}));
}

Answer get_models(Context&) {
  return live_answer("application/json", std::make_shared<chat::ModelList>());
}

Answer chat_settings_answer(const settings::Snapshot& snapshot) {
  auto document = settings::chat_document(snapshot);
  bj::array findings;
  for (const auto& finding : chain::chat_order_findings(snapshot.configuration->chat))
    findings.emplace_back(finding.text + " " + finding.suggestion);
  document["findings"] = std::move(findings);
  return versioned_answer(200, document, snapshot.stored.version_of(settings::Section::chat));
}

Answer get_chat_settings(Context& context) {
  return chat_settings_answer(*context.services.settings.current());
}

// Whether the body says that a broken order is wanted. An error where it says something else.
settings::Result<bool> accepts_broken_order(bj::object& body) {
  constexpr std::string_view name = "accept_broken_order";
  const auto* value = body.if_contains(name);
  if (value && !value->is_bool())
    return std::unexpected(settings::invalid_field(std::string(name), "is neither true nor false"));
  const bool accepted = value && value->get_bool();
  body.erase(name);
  return accepted;
}

settings::Result<void> check_order(Context& context) {
  const auto rehearsed = settings::rehearse_chat(context.services.settings, context.body);
  if (!rehearsed) return std::unexpected(rehearsed.error());
  const auto findings = chain::chat_order_findings((*rehearsed)->configuration->chat);
  if (findings.empty()) return {};
  settings::Error broken{settings::ErrorKind::invalid, findings.front().text, {}};
  broken.fields.reserve(findings.size());
  for (const auto& finding : findings) {
    const bool page = finding.layer == "browser";
    broken.fields.push_back(
        {page ? "browser_seconds" : "model_call_seconds", finding.text + " " + finding.suggestion});
  }
  return std::unexpected(std::move(broken));
}

Answer put_chat_settings(Context& context) {
  const auto if_match = read_if_match(context);
  if (!if_match) return problem_of(context, if_match.error());
  // What was read may be sent back.
  for (const auto* name : {"version", "values", "findings"})
    context.body.erase(name);
  const auto accepted = accepts_broken_order(context.body);
  if (!accepted) return problem_of(context, accepted.error());
  if (!*accepted) {
    if (const auto order = check_order(context); !order) return problem_of(context, order.error());
  }
  const auto changed =
      settings::change_chat(context.services.settings, context.actor(), *if_match, context.body);
  if (!changed) return problem_of(context, changed.error());
  return chat_settings_answer(**changed);
}

constexpr std::array<Route, 4> routes = {{
    {"POST", "/api/chat", Needs::viewer, Lane::chat, post_chat},
    {"GET", "/api/chat/models", Needs::viewer, Lane::chat, get_models},
    {"GET", "/api/settings/chat", Needs::viewer, Lane::settings, get_chat_settings},
    {"PUT", "/api/settings/chat", Needs::administrator, Lane::settings, put_chat_settings},
}};

}  // namespace

std::span<const Route> chat_routes() {
  return routes;
}

}  // namespace punctual::control
