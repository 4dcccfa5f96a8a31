// Who is signed in. One of it in the page.

import { api, good, whenSessionEnds, type Schemas } from "./client";
import { toApiError, type ApiError } from "./problem";

type State = "loading" | "unreachable" | "set-up" | "out" | "in";

class Session {
  state = $state<State>("loading");
  user = $state.raw<Schemas["User"] | null>(null);
  administrator = $state(false);
  version = $state("");
  error = $state.raw<ApiError>();
  /** It has ended while somebody was at work: a dialog asks for the password, over the page. */
  ended = $state(false);
  #waiting: ((again: boolean) => void)[] = [];
  #left: (() => void)[] = [];

  constructor() {
    whenSessionEnds(() => this.#ask());
  }

  async load(): Promise<void> {
    try {
      const { data } = await good(api.GET("/api/session"));
      this.version = data.version;
      this.administrator = data.administrator;
      this.user = data.user ?? null;
      this.state = data.set_up_needed ? "set-up" : data.user ? "in" : "out";
      this.error = undefined;
    } catch (error) {
      this.error = toApiError(error);
      if (this.state === "loading") this.state = "unreachable";
    }
  }

  async signIn(name: string, password: string): Promise<void> {
    const { data } = await good(api.POST("/api/session", { body: { name, password } }));
    this.#enter(data);
  }

  async setUp(token: string, name: string, password: string): Promise<void> {
    const { data } = await good(api.POST("/api/setup", { body: { token, name, password } }));
    this.#enter(data);
  }

  async signOut(): Promise<void> {
    await good(api.DELETE("/api/session"));
    this.leave();
  }

  /** To the sign-in page; what waited for a session fails, and what this tab remembers of it is forgotten. */
  leave(): void {
    this.user = null;
    this.administrator = false;
    this.state = "out";
    for (const forget of this.#left) forget();
    try {
      sessionStorage.clear();
    } catch {
      // Nothing was kept.
    }
    this.#settle(false);
  }

  /** What is to be forgotten when somebody signs out. */
  whenLeft(forget: () => void): void {
    this.#left.push(forget);
  }

  #enter(loggedIn: Schemas["LoggedIn"]): void {
    this.user = loggedIn.user;
    this.administrator = loggedIn.administrator;
    this.state = "in";
    this.#settle(true);
  }

  #ask(): Promise<boolean> {
    if (this.state !== "in") return Promise.resolve(false);
    this.ended = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(again: boolean): void {
    this.ended = false;
    for (const resolve of this.#waiting.splice(0)) resolve(again);
  }
}

export const session = new Session();
