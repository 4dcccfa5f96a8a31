// Calls of the management API. Answers as {data, etag}; everything else is thrown as ApiError.
//
// A call that meets an ended session waits until somebody has signed in again and is then repeated, so that
// nothing that was typed is lost.

import createClient from "openapi-fetch";
import { ApiError, errorFrom, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

let signInAgain: (() => Promise<boolean>) | undefined;

/** Who is asked when a session has ended: resolves to true once there is one again. */
export const whenSessionEnds = (ask: () => Promise<boolean>): void => void (signInAgain = ask);

const isAboutSession = (url: string) => /\/api\/(session$|session\/|setup$)/.test(new URL(url).pathname);

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

export async function guardedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(request);
  if (response.status !== 401 || isAboutSession(request.url) || !signInAgain) return response;
  return (await signInAgain()) ? send(again) : response;
}

export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  fetch: guardedFetch,
  querySerializer: { array: { style: "form", explode: true } },
});

export interface Answer<T> {
  data: T;
  etag: string;
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** `const { data, etag } = await good(api.GET("/api/settings/timeouts"))` */
export async function good<T>(call: Promise<Result<T>>): Promise<Answer<T>> {
  const { data, error, response } = await call;
  if (!response.ok) {
    throw error && typeof error === "object"
      ? new ApiError(response.status, error)
      : await errorFrom(response.bodyUsed ? new Response(null, response) : response);
  }
  return { data: data as T, etag: response.headers.get("etag") ?? "" };
}

export const ifMatch = (etag: string): { "If-Match"?: string } => (etag ? { "If-Match": etag } : {});
