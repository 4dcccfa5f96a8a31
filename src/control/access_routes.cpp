// Sign-in, the first set-up, users, sessions, API keys.
#include <array>

#include "control/answers.hpp"
#include "control/body.hpp"
#include "control/guard.hpp"
#include "control/route.hpp"

namespace punctual::control {

namespace {

namespace bj = boost::json;

bj::object user_document(const access::User& user) {
  return {{"id", user.id},
          {"name", user.name},
          {"role", access::name_of(user.role)},
          {"disabled", user.disabled},
          {"created", time_text(user.created)},
          {"updated", time_text(user.updated)}};
}

bj::object session_document(const access::Session& session, const Context& context) {
  return {{"id", session.id},
          {"user_id", session.user_id},
          {"user", session.user_name},
          {"created", time_text(session.created)},
          {"last_used", time_text(session.last_used)},
          {"expires", time_text(session.expires)},
          {"peer", session.peer},
          {"user_agent", session.user_agent},
          {"current", session.id == context.identity.session_id}};
}

Answer get_session(Context& context) {
  const auto needed = access::SetUp::is_needed(context.reader);
  if (!needed) return problem_of(context, needed.error());
  bj::object document = {{"set_up_needed", *needed},
                         {"version", context.services.version},
                         {"user", nullptr},
                         {"administrator", context.identity.administrator()}};
  if (context.identity.kind == Identity::Kind::user) document["user"] = user_document(context.identity.user);
  return json_answer(200, document);
}

Answer log_in(Context& context, std::string_view name, std::string_view password) {
  const access::Origin origin{context.peer(), context.request.header("user-agent")};
  auto in = context.services.log_in.log_in({"", context.request.request_id, context.request.until},
                                           context.reader, {name, password}, origin);
  if (!in) return problem_of(context, in.error());
  auto answer = json_answer(200, {{"user", user_document(in->user)},
                                  {"administrator", in->user.role == access::Role::administrator}});
  answer.headers.emplace_back("Set-Cookie", set_cookie(context.request.secure, in->session.token.reveal()));
  return answer;
}

Answer post_session(Context& context) {
  Body body(context.body);
  const std::string name = body.required_text("name");
  const std::string password = body.required_text("password");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  return log_in(context, name, password);
}

Answer delete_session(Context& context) {
  if (context.identity.kind == Identity::Kind::user) {
    const auto revoked = context.services.sessions.revoke(context.call(), context.identity.session_id);
    if (!revoked && revoked.error().kind != access::ErrorKind::not_found)
      return problem_of(context, revoked.error());
  }
  auto answer = no_content();
  answer.headers.emplace_back("Set-Cookie", set_cookie(context.request.secure, ""));
  return answer;
}

Answer put_own_password(Context& context) {
  Body body(context.body);
  const std::string present = body.required_text("present_password");
  const std::string wanted = body.required_text("password");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  if (context.identity.kind != Identity::Kind::user)
    return problem_answer(context, {409, "The admin token has no password: sign in as a user."});
  const auto& user = context.identity.user;
  const auto wait = context.services.throttle.begin(user.name, context.peer(), context.services.clock.now());
  if (wait > deadline::Duration::zero())
    return problem_answer(context, {429, "Too many attempts with a wrong password.", {}, wait, {}});
  const auto changed =
      context.services.users.change_own_password(context.call(), context.reader, user.id, present, wanted);
  if (!changed) return problem_of(context, changed.error());
  context.services.throttle.succeeded(user.name, context.peer());
  return log_in(context, user.name, wanted);
}

Answer post_set_up(Context& context) {
  Body body(context.body);
  const std::string token = body.required_text("token");
  const std::string name = body.required_text("name");
  const std::string password = body.required_text("password");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto user = context.services.set_up.use({"setup", context.request.request_id, context.request.until},
                                                context.reader, token, name, password);
  if (!user) return problem_of(context, user.error());
  return log_in(context, user->name, password);
}

Answer get_sessions(Context& context) {
  const bool all = context.identity.administrator();
  const auto sessions =
      context.services.sessions.list(context.reader, all ? std::string() : context.identity.user.id);
  if (!sessions) return problem_of(context, sessions.error());
  bj::array list;
  for (const auto& session : *sessions)
    list.push_back(session_document(session, context));
  return json_answer(200, {{"sessions", std::move(list)}});
}

Answer delete_one_session(Context& context) {
  const auto& id = context.arguments[0];
  if (!context.identity.administrator()) {
    const auto own = context.services.sessions.list(context.reader, context.identity.user.id);
    if (!own) return problem_of(context, own.error());
    if (std::ranges::find(*own, id, &access::Session::id) == own->end())
      return problem_answer(context, {404, "You have no session of this id."});
  }
  const auto revoked = context.services.sessions.revoke(context.call(), id);
  return revoked ? no_content() : problem_of(context, revoked.error());
}

Answer get_users(Context& context) {
  const auto users = access::Users::list(context.reader);
  if (!users) return problem_of(context, users.error());
  bj::array list;
  for (const auto& user : *users)
    list.push_back(user_document(user));
  return json_answer(200, {{"users", std::move(list)}});
}

std::optional<access::Role> role_in(Body& body) {
  const auto name = body.text("role");
  if (!name) return std::nullopt;
  const auto role = access::parse_role(*name);
  if (!role) body.report("role", "is \"" + *name + "\": write administrator or viewer");
  return role;
}

Answer post_user(Context& context) {
  Body body(context.body);
  const std::string name = body.required_text("name");
  const std::string password = body.required_text("password");
  const auto role = role_in(body);
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto user =
      context.services.users.create(context.call(), {name, password, role.value_or(access::Role::viewer)});
  if (!user) return problem_of(context, user.error());
  return json_answer(201, user_document(*user));
}

Answer put_user(Context& context) {
  Body body(context.body);
  access::UserChange change;
  const auto password = body.text("password");
  if (password) change.password = *password;
  change.role = role_in(body);
  change.disabled = body.flag("disabled");
  body.finish();
  if (!body.good()) return problem_of(context, body.error());
  const auto user = context.services.users.change(context.call(), context.arguments[0], change);
  if (!user) return problem_of(context, user.error());
  return json_answer(200, user_document(*user));
}

Answer delete_user(Context& context) {
  const auto removed = context.services.users.remove(context.call(), context.arguments[0]);
  return removed ? no_content() : problem_of(context, removed.error());
}

constexpr std::array<Route, 11> routes = {{
    {"GET", "/api/session", Needs::nobody, Lane::access, get_session},
    {"POST", "/api/session", Needs::nobody, Lane::access, post_session},
    {"DELETE", "/api/session", Needs::nobody, Lane::access, delete_session},
    {"PUT", "/api/session/password", Needs::viewer, Lane::access, put_own_password},
    {"POST", "/api/setup", Needs::nobody, Lane::access, post_set_up},
    {"GET", "/api/sessions", Needs::viewer, Lane::access, get_sessions},
    {"DELETE", "/api/sessions/{id}", Needs::viewer, Lane::access, delete_one_session},
    {"GET", "/api/users", Needs::administrator, Lane::access, get_users},
    {"POST", "/api/users", Needs::administrator, Lane::access, post_user},
    {"PUT", "/api/users/{id}", Needs::administrator, Lane::access, put_user},
    {"DELETE", "/api/users/{id}", Needs::administrator, Lane::access, delete_user},
}};

}  // namespace

std::span<const Route> access_routes() {
  return routes;
}

}  // namespace punctual::control
