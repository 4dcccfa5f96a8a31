#include "control/server.hpp"

#include "base/text.hpp"
#include "control/answers.hpp"
#include "control/guard.hpp"
#include "settings/json_table.hpp"

namespace punctual::control {

namespace {

constexpr std::size_t usual_body_bytes_max = std::size_t{1} << 20;
// Images come with the text.
constexpr std::string_view chat_path = "/api/chat";
constexpr std::size_t chat_body_bytes_max = std::size_t{8} << 20;

// So that what the database says is told before nobody waits for it any more.
constexpr auto answer_margin = std::chrono::seconds(5);
// A question that the database is slow to answer holds up those behind it for no longer.
constexpr auto read_limit = std::chrono::seconds(12);

// The body as an object; nothing where none is wanted. A problem when it is something else.
std::optional<Answer> read_body(Context& context) {
  const auto& request = context.request;
  if (request.method == "GET" || request.method == "HEAD" || request.body.empty()) return std::nullopt;
  // Forms of other sites cannot send this type without being asked for first.
  if (!request.header("content-type").starts_with("application/json"))
    return problem_answer(context, {415, "The body must be application/json."});
  auto object = settings::parse_object(request.body);
  if (!object) return problem_answer(context, {400, "The body " + object.error() + "."});
  context.body = std::move(*object);
  return std::nullopt;
}

std::optional<Answer> check_rights(const Context& context, Needs needs) {
  if (needs == Needs::nobody || needs == Needs::api_key) return std::nullopt;
  if (context.identity.kind == Identity::Kind::nobody)
    return problem_answer(context, {401, "Sign in first, or send the admin token as a bearer token."});
  if (needs == Needs::administrator && !context.identity.administrator())
    return problem_answer(context, {403, "Only administrators may do this."});
  return std::nullopt;
}

std::string allowed_methods(std::string_view path) {
  std::string allowed;
  std::vector<std::string> arguments;
  for (const auto& route : all_routes()) {
    if (!matches(route.pattern, path, arguments)) continue;
    allowed.append(allowed.empty() ? "" : ", ").append(route.method);
  }
  return allowed;
}

}  // namespace

Server::Server(Services& services) : services_(services) {
  for (auto& worker : workers_)
    worker.thread = std::thread([this, &worker] { work(worker); });
}

Server::~Server() {
  stop();
}

void Server::stop() {
  for (auto& worker : workers_) {
    {
      const std::lock_guard lock(worker.mutex);
      worker.stopping = true;
      worker.jobs.clear();
    }
    worker.changed.notify_all();
    if (worker.thread.joinable()) worker.thread.join();
  }
}

bool Server::owns(std::string_view path) const {
  return path == "/api" || path.starts_with("/api/") || path == "/v1/probes" ||
         path.starts_with("/v1/probes/");
}

std::size_t Server::body_bytes_max(std::string_view path) const {
  return path == chat_path ? chat_body_bytes_max : usual_body_bytes_max;
}

bool Server::hand_over(Lane lane, Job job) {
  Worker& worker = workers_[static_cast<std::size_t>(lane)];
  {
    const std::lock_guard lock(worker.mutex);
    if (worker.stopping || worker.jobs.size() >= queued_max) return false;
    worker.jobs.push_back(std::move(job));
  }
  worker.changed.notify_one();
  return true;
}

void Server::work(Worker& worker) {
  std::unique_ptr<storage::Connection> reader;
  for (;;) {
    Job job;
    {
      std::unique_lock lock(worker.mutex);
      worker.changed.wait(lock, [&worker] { return worker.stopping || !worker.jobs.empty(); });
      if (worker.stopping) return;
      job = std::move(worker.jobs.front());
      worker.jobs.pop_front();
    }
    job(reader);
  }
}

void Server::answer(gateway::ManagementRequest request, std::function<void(gateway::ManagementAnswer)> done) {
  std::vector<std::string> arguments;
  const Route* found = nullptr;
  for (const auto& route : all_routes()) {
    const bool method = route.method == request.method || (route.method == "GET" && request.method == "HEAD");
    if (!method || !matches(route.pattern, request.path, arguments)) continue;
    found = &route;
    break;
  }
  const auto refuse = [&](const ProblemInput& input) {
    done(problem_answer(request, services_.type_base, input));
  };
  if (!found) {
    const std::string allowed = allowed_methods(request.path);
    if (!allowed.empty())
      return refuse({405,
                     request.path + " does not take " + request.method + "; it takes " + allowed + ".",
                     {},
                     {},
                     allowed});
    return refuse({404, "There is nothing at " + request.path + ": docs/openapi.json has all routes."});
  }
  for (auto& argument : arguments)
    argument = base::percent_decoded(argument);
  auto shared = std::make_shared<gateway::ManagementRequest>(std::move(request));
  const bool taken = hand_over(found->lane, [this, found, arguments = std::move(arguments), shared,
                                             done](std::unique_ptr<storage::Connection>& reader) {
    // Nobody waits for it any more. A change is made all the same when its client has gone.
    if (services_.clock.now() >= shared->until) return;
    if (shared->is_given_up() && found->method == "GET") return;
    done(respond(*found, arguments, *shared, reader));
  });
  if (taken) return;
  done(problem_answer(*shared, services_.type_base,
                      {503, "Too many management requests are waiting.", {}, std::chrono::seconds(1), {}}));
}

Answer Server::respond(const Route& route, std::vector<std::string> arguments,
                       const gateway::ManagementRequest& request,
                       std::unique_ptr<storage::Connection>& reader) {
  if (!reader) {
    auto opened = services_.store.reader();
    if (!opened) {
      // Who asks is not known yet, and where the database is, is not everybody's business.
      return problem_answer(
          request, services_.type_base,
          {503, "The database cannot be reached: try again.", {}, std::chrono::seconds(1), {}});
    }
    reader = std::move(*opened);
  }
  reader->set_deadline(std::min(request.until - answer_margin, services_.clock.now() + read_limit));
  Context context{services_, request, *reader, std::move(arguments), {}, {}};
  if (route.needs != Needs::api_key) {
    if (auto refused = identify(context)) return std::move(*refused);
  }
  if (auto refused = check_rights(context, route.needs)) return std::move(*refused);
  if (auto refused = read_body(context)) return std::move(*refused);
  return route.handler(context);
}

void Server::pull(std::shared_ptr<gateway::ManagementStream> stream, deadline::Instant until, Pulled done) {
  const bool taken = hand_over(
      Lane::queries, [stream = std::move(stream), until, done](std::unique_ptr<storage::Connection>&) {
        std::string bytes;
        const auto state = stream->next(bytes, until);
        done(state, std::move(bytes));
      });
  if (!taken) done(gateway::ManagementStream::State::failed, {});
}

}  // namespace punctual::control
