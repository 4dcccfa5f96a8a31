// The conversation of this tab: what was asked, what came, and the one answer that is on its way.
//
//   conversation.open(user)        whose page it is; what a reload left is there again
//   conversation.send(question)    Stop: conversation.stop(); once more: again(); and longer: again(true)
//
// It goes on while one looks at another page of the application. Nothing of it is stored on the server.

import { untrack } from "svelte";
import { api, good, type Schemas } from "$api/client";
import { toApiError } from "$api/problem";
import { session } from "$api/session.svelte";
import { announce } from "$lib/notices.svelte";
import { apply, ended, newAnswer, type Answer, type State } from "./answer";
import { budgetOf, clocksOf, DEFAULTS } from "./budget";
import { ask, ChatRefused, CutError, type ChatEvent, type Limits } from "./events";
import { store, stored } from "./keep";
import { messagesFor, type Question, type Turn } from "./messages";
import { announcement } from "./words";

const SAVE_MS = 3000;
/** Deltas are drawn together: not each token is a paint. */
const PAINT_MS = 60;
/** After the server's own limit, for its last words to arrive. */
const LAST_WORDS_SECONDS = 10;

/** Why an answer was given up. */
type Reason = Exclude<State, "running" | "done" | "failed">;

const clock = () => performance.now();

class Conversation {
  turns = $state<Turn[]>([]);
  model = $state("");
  /** The id of the data source; empty: none. */
  source = $state("");
  draft = $state("");
  /** As they are set; an answer goes by what came with its start. */
  limits = $state.raw<Limits>(DEFAULTS);
  /** Pictures of older questions that were too much to be sent with the last one. */
  omitted = $state(0);
  #user = "";
  #next = 1;
  #controller: AbortController | undefined;
  #giveUp: ReturnType<typeof setTimeout> | undefined;
  #paint: ReturnType<typeof setTimeout> | undefined;
  #came: ChatEvent[] = [];
  #saved = 0;
  #reason: Reason = "stopped";
  /** The page goes away: what breaks off now breaks off because of that. */
  #leaving = false;

  readonly running: boolean = $derived(this.turns.at(-1)?.answer.state === "running");

  constructor() {
    session.whenLeft(() => this.#forget());
    addEventListener("pagehide", () => {
      this.save();
      this.#leaving = true;
    });
    addEventListener("pageshow", () => (this.#leaving = false));
    addEventListener("offline", () => this.#abort("cut"));
  }

  open(user: string): void {
    if (user === this.#user) return;
    this.#forget();
    this.#user = user;
    const kept = stored(user);
    if (!kept) return;
    this.turns = kept.turns;
    this.model = kept.model;
    this.source = kept.source;
    this.draft = kept.draft;
    this.#next = Math.max(0, ...kept.turns.map((turn) => turn.id)) + 1;
  }

  async loadLimits(): Promise<Schemas["ChatSettings"]> {
    const { data } = await good(api.GET("/api/settings/chat"));
    this.limits = data;
    return data;
  }

  /** Resolves when the answer has ended, however it did. */
  async send(question: Question, longer = false): Promise<void> {
    if (this.running || !this.model) return;
    const { messages, omitted } = messagesFor(this.turns, question);
    this.omitted = omitted;
    this.turns.push({ id: this.#next++, question, answer: newAnswer(this.model, clock(), longer) });
    const answer = this.turns.at(-1)?.answer as Answer;
    const controller = new AbortController();
    this.#controller = controller;
    this.#came = [];
    this.#reason = "stopped";
    this.#arm(answer);
    this.save();
    try {
      const input = { model: this.model, messages, ...(this.source ? { data_source: this.source } : {}) };
      for await (const event of ask(input, controller.signal)) this.#take(answer, event);
      this.#flush(answer);
    } catch (error) {
      this.#flush(answer);
      if (answer.state === "running") this.#failed(answer, error, controller.signal.aborted);
    }
    this.#over(answer, controller);
  }

  stop = (): void => this.#abort("stopped");

  /** The last question once more, in the place of its answer. */
  again = (longer = false): Promise<void> => {
    const last = this.turns.at(-1);
    if (!last || this.running) return Promise.resolve();
    this.turns.pop();
    return this.send(last.question, longer);
  };

  /** This answer may take as long as the server lets it. */
  waitLonger = (): void => {
    const answer = this.turns.at(-1)?.answer;
    if (answer?.state !== "running" || answer.longer) return;
    answer.longer = true;
    this.#arm(answer);
  };

  /** Takes the last question back, to be changed. */
  takeBack(): Question | undefined {
    return this.running ? undefined : this.turns.pop()?.question;
  }

  clear(): void {
    this.#abort("stopped");
    this.turns = [];
    this.omitted = 0;
    this.save();
  }

  save = (): void => {
    if (!this.#user || this.#leaving) return;
    this.#saved = clock();
    const last = this.turns.at(-1)?.answer;
    if (last?.state === "running") last.elapsedMs = clock() - last.askedAt;
    store({
      user: this.#user,
      model: this.model,
      source: this.source,
      draft: this.draft,
      turns: $state.snapshot(this.turns) as Turn[],
    });
  };

  #forget(): void {
    this.#abort("stopped");
    this.#user = "";
    this.turns = [];
    this.draft = "";
    this.omitted = 0;
  }

  #abort(reason: Reason): void {
    if (!this.#controller) return;
    this.#reason = reason;
    this.#controller.abort();
  }

  /** The page's own clock: from the question on, for as long as it waits. */
  #arm(answer: Answer): void {
    clearTimeout(this.#giveUp);
    const { browser_seconds, request_seconds } = answer.limits ?? this.limits;
    const end = answer.longer
      ? answer.beganAt + (request_seconds + LAST_WORDS_SECONDS) * 1000
      : answer.askedAt + browser_seconds * 1000;
    this.#giveUp = setTimeout(() => this.#abort("gave_up"), Math.max(0, end - clock()));
  }

  #take(answer: Answer, event: ChatEvent): void {
    this.#came.push(event);
    if (event.event === "start") {
      this.#flush(answer);
      this.#arm(answer);
    } else if (event.event === "delta" || event.event === "rows")
      this.#paint ??= setTimeout(() => this.#flush(answer), PAINT_MS);
    else this.#flush(answer);
    if (event.event === "query") announce(`The database is asked: ${event.data.reason || event.data.tool}`);
  }

  #flush(answer: Answer): void {
    clearTimeout(this.#paint);
    this.#paint = undefined;
    for (const event of this.#came.splice(0)) apply(answer, event, clock());
    if (clock() - this.#saved > SAVE_MS) this.save();
  }

  #failed(answer: Answer, error: unknown, aborted: boolean): void {
    if (aborted) return ended(answer, this.#reason, clock());
    if (error instanceof CutError) return ended(answer, "cut", clock());
    const known = toApiError(error);
    answer.problem =
      error instanceof ChatRefused
        ? error.document
        : { status: known.status, title: known.title, detail: known.message };
    ended(answer, "failed", clock());
  }

  #over(answer: Answer, controller: AbortController): void {
    if (this.#controller !== controller) return;
    this.#controller = undefined;
    clearTimeout(this.#giveUp);
    this.save();
    untrack(() => announce(announcement(answer, this.limits)));
  }

  /** What is left of the answer that is on its way. */
  budget(now: number) {
    const answer = this.turns.at(-1)?.answer;
    return answer ? budgetOf(clocksOf(answer, this.limits), now) : undefined;
  }
}

export const conversation = new Conversation();
