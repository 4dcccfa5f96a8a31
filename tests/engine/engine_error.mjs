/** An error that a client is told, in the form of llama-server. */
export class EngineError extends Error {
  constructor(status, type, message, details = {}) {
    super(message);
    this.status = status;
    this.document = {error: {code: status, message, type, ...details}};
  }
}

export function invalidRequest(message) {
  return new EngineError(400, "invalid_request_error", message);
}

export function serverError(message) {
  return new EngineError(500, "server_error", message);
}
