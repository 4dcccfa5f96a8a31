// The one stream of live events of the page: requests as they end, changes as they are made, what runs, the local models.
//
//   onMount(() => live.on("request", (entry) => ...));     // returns how to stop
//
// It reconnects by itself, goes on after the last event that was seen, and says how long it waits. A page that
// nobody has looked at for a minute lets go of it.

import { guardedFetch, type Schemas } from "./client";
import { EventParser, type ServerEvent } from "./sse";

export interface LiveEvents {
  request: Schemas["RequestEntry"];
  change: Schemas["ChangeNotice"];
  running: Schemas["RunningRequests"];
  pool: Schemas["PoolEvent"];
}

type State = "off" | "connecting" | "open" | "waiting";
type Listener = (data: never) => void;

const WAIT_MS_MIN = 1000;
const WAIT_MS_MAX = 30_000;
const HIDDEN_MS_MAX = 60_000;
const SILENCE_MS_MAX = 45_000; // the gateway writes a comment every 15 s

/** The n-th wait in a row, with jitter: 1 s, 2 s, 4 s, ... 30 s. */
export const waitBefore = (attempt: number, random = Math.random()): number =>
  Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** (attempt - 1)) * (0.75 + random / 2);

export class LiveStream {
  state = $state<State>("off");
  /** When it tries again; only while it waits. */
  retryAt = $state(0);
  /** When the last event came. */
  lastAt = $state(0);
  #listeners = new Map<string, Set<Listener>>();
  #lastId = "";
  #attempt = 0;
  #controller: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;

  on<Name extends keyof LiveEvents>(name: Name, listener: (data: LiveEvents[Name]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, set);
    set.add(listener as Listener);
    return () => void set.delete(listener as Listener);
  }

  start = (): (() => void) => {
    document.addEventListener("visibilitychange", this.#visibility);
    void this.#connect();
    return () => {
      document.removeEventListener("visibilitychange", this.#visibility);
      clearTimeout(this.#hidden);
      this.#stop();
    };
  };

  retryNow = (): void => {
    if (this.state === "waiting") void this.#connect();
  };

  #stop(): void {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#controller = undefined;
    this.state = "off";
  }

  #visibility = (): void => {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = setTimeout(() => this.#stop(), HIDDEN_MS_MAX);
    else if (this.state === "off" || this.state === "waiting") void this.#connect();
  };

  async #connect(): Promise<void> {
    this.#stop();
    this.state = "connecting";
    const controller = new AbortController();
    this.#controller = controller;
    const abort = () => controller.abort();
    let silence = setTimeout(abort, SILENCE_MS_MAX);
    try {
      const headers = {
        Accept: "text/event-stream",
        ...(this.#lastId ? { "Last-Event-ID": this.#lastId } : {}),
      };
      const response = await guardedFetch(
        new Request(`${location.origin}/api/events`, { headers, signal: controller.signal, cache: "no-store" }),
      );
      if (response.ok && response.body) {
        this.state = "open";
        this.#attempt = 0;
        const parser = new EventParser();
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          clearTimeout(silence);
          silence = setTimeout(abort, SILENCE_MS_MAX);
          for (const event of parser.feed(value)) this.#deliver(event);
        }
      }
    } catch {
      // Said by the state.
    }
    clearTimeout(silence);
    if (this.#controller === controller) this.#wait();
  }

  #deliver({ id, event, data }: ServerEvent): void {
    if (id !== undefined) this.#lastId = id;
    this.lastAt = Date.now();
    const listeners = this.#listeners.get(event);
    if (!listeners?.size) return;
    const parsed = JSON.parse(data) as never;
    for (const listener of listeners) listener(parsed);
  }

  #wait(): void {
    const wait = waitBefore(++this.#attempt);
    this.state = "waiting";
    this.retryAt = Date.now() + wait;
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }
}

export const live = new LiveStream();
