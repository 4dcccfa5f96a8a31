// One call of a model on behalf of a chat: a request to /v1/chat/completions of the gateway itself, through
// its own door, so that routing, retries, breakers, slots, local models, limits and records are those of any
// other request.
//
// Waits only through the chat's watch; what the model says is told to the client as it comes, no faster than
// the client reads. Destroying it closes the connection, which ends the call. One loop only.
#pragma once

#include <expected>
#include <string>

#include "backend/call.hpp"
#include "chat/events.hpp"
#include "chat/inner_network.hpp"
#include "chat/model_answer.hpp"
#include "gateway/core.hpp"
#include "relay/client_writer.hpp"

namespace punctual::chat {

// What the calls of one chat share.
class ModelCalls {
 public:
  ModelCalls(gateway::Core& core, std::string client);
  ModelCalls(const ModelCalls&) = delete;
  ModelCalls& operator=(const ModelCalls&) = delete;

  backend::Services& services() { return services_; }

 private:
  InnerNetwork network_;
  backend::ConnectionPool pool_;
  telemetry::Metrics metrics_;  // of what is inside: nobody is told
  backend::Services services_;
};

struct CallRequest {
  std::string body;
  std::string request_id;
  std::uint32_t round = 0;
  deadline::Duration limit{};  // of the call
};

// Why there is no answer.
struct CallFailure {
  enum class Kind : std::uint8_t {
    interrupted,  // the watch says why
    client_gone,  // it does not take what it is told
    timed_out,    // the limit of the call
    refused,      // `document` says why
  };
  Kind kind = Kind::refused;
  std::string document;  // a problem, as JSON
};

class ModelCall {
 public:
  ModelCall(gateway::Core& core, ModelCalls& calls, deadline::Watch& watch, relay::ClientWriter& client,
            std::string_view type_base)
      : core_(core),
        watch_(watch),
        client_(client),
        type_base_(type_base),
        call_(calls.services(), watch),
        answer_(core.json_reader) {}
  ModelCall(const ModelCall&) = delete;
  ModelCall& operator=(const ModelCall&) = delete;

  // `request` outlives it.
  base::Task<std::expected<void, CallFailure>> run(const CallRequest& request);

  // After a `run` without failure.
  const ModelAnswer& answer() const { return answer_; }

 private:
  base::Task<std::expected<void, CallFailure>> read_stream(const CallRequest& request);
  base::Task<std::expected<void, CallFailure>> read_refusal(const CallRequest& request);
  std::expected<void, CallFailure> judge(const CallRequest& request, bool whole);
  CallFailure refusal(const CallRequest& request, int status, std::string message) const;
  CallFailure failure_of(const CallRequest& request, const std::string& document, int status);

  gateway::Core& core_;
  deadline::Watch& watch_;
  relay::ClientWriter& client_;
  std::string_view type_base_;
  backend::Call call_;
  ModelAnswer answer_;
};

}  // namespace punctual::chat
