// What is sent: the questions and answers so far, and the new question. Pure.

import { textOf, type Answer } from "./answer";
import type { ChatInput } from "./events";
import type { Picture } from "./images";

export interface Question {
  text: string;
  pictures: Picture[];
  /** Pictures that were there and were not kept over a reload. */
  lost: number;
}
export interface Turn {
  id: number;
  question: Question;
  answer: Answer;
}

type Message = ChatInput["messages"][number];

/** The gateway takes 8 MiB. */
export const BODY_CHARACTERS_MAX = 7_000_000;

const messageOf = ({ text, pictures }: Question, withPictures: boolean): Message => ({
  role: "user",
  content:
    withPictures && pictures.length
      ? [
          ...pictures.map((picture) => ({ type: "image_url" as const, image_url: { url: picture.url } })),
          ...(text ? [{ type: "text" as const, text }] : []),
        ]
      : text || "(a picture)",
});

const weight = (question: Question) => question.pictures.reduce((sum, picture) => sum + picture.url.length, 0);

/**
 * Questions without any answer are left out, and so are the pictures of older questions where all together would be
 * too much; `omitted` says how many of those.
 */
export function messagesFor(
  turns: readonly Turn[],
  question: Question,
): { messages: Message[]; omitted: number } {
  let room = BODY_CHARACTERS_MAX - weight(question) - question.text.length;
  let omitted = 0;
  const earlier: Message[] = [];
  for (const turn of [...turns].reverse()) {
    const text = textOf(turn.answer);
    if (!text) continue;
    room -= text.length + turn.question.text.length;
    const fits = weight(turn.question) <= room;
    if (fits) room -= weight(turn.question);
    else omitted += turn.question.pictures.length;
    earlier.unshift(messageOf(turn.question, fits), { role: "assistant", content: text });
  }
  return { messages: [...earlier, messageOf(question, true)], omitted };
}
