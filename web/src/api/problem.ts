// What went wrong with a call, from a problem document or from the network.

import type { components } from "./schema";

export type ProblemDocument = components["schemas"]["Problem"];

export class ApiError extends Error {
  /** 0: no answer came. */
  readonly status: number;
  readonly title: string;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Field name to what is wrong with it, to be read after the name. */
  readonly fields: ReadonlyMap<string, string>;

  constructor(status: number, problem: Partial<ProblemDocument>) {
    super(problem.detail || problem.title || `The gateway answered ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.title = problem.title ?? "Error";
    this.requestId = problem.request_id;
    this.retryAfterSeconds = problem.retry_after_seconds;
    this.fields = new Map((problem.errors ?? []).map((error) => [error.field, sentence(error.message)]));
  }

  get unreachable(): boolean {
    return this.status === 0;
  }
  /** Another change came in between: read anew, compare, try again. */
  get stale(): boolean {
    return this.status === 412;
  }
  get forbidden(): boolean {
    return this.status === 403;
  }
}

/** "is 5: give 60 to 7200 seconds" -> "Is 5: give 60 to 7200 seconds." */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export const unreachable = (): ApiError =>
  new ApiError(0, {
    title: "No answer",
    detail: "The gateway cannot be reached. Is it running, is the network up?",
  });

export async function errorFrom(response: Response): Promise<ApiError> {
  const problem = (await response
    .json()
    .catch(() => ({ title: response.statusText }))) as Partial<ProblemDocument>;
  return new ApiError(response.status, problem);
}

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0, { title: "Error", detail: String(error) });
