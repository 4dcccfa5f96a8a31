// Markdown as a tree of our own that components draw: never a string of HTML, so there is nothing to sanitise.
// HTML in the text stays text; links lead to http, https and mailto only; pictures from elsewhere are links.

import { Lexer, type Token, type Tokens } from "marked";

export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "break" };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: { done: boolean | undefined; children: Block[] }[] }
  | { kind: "table"; head: Cell[]; rows: Cell[][] }
  | { kind: "rule" };

export interface Cell {
  right: boolean;
  children: Inline[];
}

const TEXT_MAX = 200_000;
const DEPTH_MAX = 24;

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/** "&lt;b&gt; &#39;" -> "<b> '": what is shown is text, so entities are what they stand for. */
export function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
      ? String.fromCodePoint(code)
      : whole;
  });
}

/** The address if it may be followed; "" otherwise. */
export function safeHref(href: string): string {
  try {
    const url = new URL(href);
    return /^(https?|mailto):$/.test(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

const plain = (text: string): Inline => ({ kind: "text", text });

function link(href: string, children: Inline[]): Inline[] {
  const safe = safeHref(href);
  return safe ? [{ kind: "link", href: safe, children }] : children;
}

function inlineOf(token: Token, depth: number): Inline[] {
  if (depth > DEPTH_MAX) return [plain(token.raw)];
  const inside = () => inlines((token as { tokens?: Token[] }).tokens, depth + 1);
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return [{ kind: token.type, children: inside() }];
    case "codespan":
      return [{ kind: "code", text: (token as Tokens.Codespan).text }];
    case "br":
      return [{ kind: "break" }];
    case "link":
      return link((token as Tokens.Link).href, inside());
    case "image": {
      const { href, text } = token as Tokens.Image;
      return link(href, [plain(decoded(text) || href)]);
    }
    case "escape":
      return [plain((token as Tokens.Escape).text)];
    case "text": {
      const text = token as Tokens.Text;
      return text.tokens?.length ? inside() : [plain(decoded(text.text))];
    }
    default:
      return [plain(token.raw)];
  }
}

const inlines = (tokens: readonly Token[] | undefined, depth: number): Inline[] =>
  (tokens ?? []).flatMap((token) => inlineOf(token, depth));

const cells = (row: readonly Tokens.TableCell[], depth: number): Cell[] =>
  row.map((cell) => ({ right: cell.align === "right", children: inlines(cell.tokens, depth + 1) }));

function blockOf(token: Token, depth: number): Block[] {
  if (depth > DEPTH_MAX) return [{ kind: "paragraph", children: [plain(token.raw)] }];
  switch (token.type) {
    case "space":
    case "def":
      return [];
    case "hr":
      return [{ kind: "rule" }];
    case "heading": {
      const heading = token as Tokens.Heading;
      return [{ kind: "heading", level: heading.depth, children: inlines(heading.tokens, depth) }];
    }
    case "code": {
      const code = token as Tokens.Code;
      return [{ kind: "code", language: code.lang?.split(/\s/)[0] ?? "", text: code.text }];
    }
    case "blockquote":
      return [{ kind: "quote", children: blocks((token as Tokens.Blockquote).tokens, depth + 1) }];
    case "list": {
      const list = token as Tokens.List;
      const items = list.items.map((item) => ({
        done: item.task ? Boolean(item.checked) : undefined,
        children: blocks(
          item.tokens.filter((one) => one.type !== "checkbox"),
          depth + 1,
        ),
      }));
      return [{ kind: "list", ordered: list.ordered, start: Number(list.start) || 1, items }];
    }
    case "table": {
      const table = token as Tokens.Table;
      return [
        { kind: "table", head: cells(table.header, depth), rows: table.rows.map((row) => cells(row, depth)) },
      ];
    }
    case "paragraph":
    case "text":
      return [{ kind: "paragraph", children: inlineOf({ ...token, type: "text" } as Token, depth) }];
    default:
      return [{ kind: "paragraph", children: [plain(token.raw)] }];
  }
}

const blocks = (tokens: readonly Token[], depth: number): Block[] =>
  tokens.flatMap((token) => blockOf(token, depth));

/** Whatever cannot be read as markdown is shown as it is. */
export function parseMarkdown(text: string): Block[] {
  const asItIs: Block[] = [{ kind: "paragraph", children: [plain(text)] }];
  if (text.length > TEXT_MAX) return asItIs;
  try {
    return blocks(new Lexer({ gfm: true }).lex(text), 0);
  } catch {
    return asItIs;
  }
}
