import { render } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import Markdown from "./Markdown.svelte";
import { decoded, parseMarkdown, safeHref } from "./markdown";

const shown = (text: string) => render(Markdown, { props: { text } }).container;

describe("what a model writes is never more than text", () => {
  test.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<iframe src='https://evil.example'></iframe>",
    "text <b onclick=alert(1)>bold</b> text",
    "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<style>*{display:none}</style>",
    "<!-- a comment --> <form action=/api/session>",
  ])("%s", (text) => {
    const container = shown(text);
    expect(container.querySelector("script,img,iframe,b,svg,style,form,[onclick],[onerror]")).toBeNull();
    expect(container.textContent).toContain(text.trim().slice(0, 10));
  });

  test.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "[x](vbscript:x)",
    "[x](/api/session)",
    "[x](//evil.example)",
    "[x](file:///etc/passwd)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x](java&#115;cript:alert(1))",
    "[x](&#106;avascript:alert(1))",
  ])("no link: %s", (text) => expect(shown(text).querySelector("a")).toBeNull());

  test("links that may be followed say nothing of where they are followed from", () => {
    const link = shown("[here](https://example.com/a?b=c)").querySelector("a");
    expect(link?.href).toBe("https://example.com/a?b=c");
    expect(link?.target).toBe("_blank");
    expect(link?.rel).toContain("noreferrer");
  });

  test("pictures from elsewhere are not fetched", () => {
    const container = shown("![a chart](https://example.com/pixel.png?who=me)");
    expect(container.querySelector("img")).toBeNull();
    expect(container.querySelector("a")?.textContent).toBe("a chart");
  });
});

describe("what it looks like", () => {
  test("paragraphs, emphasis, code, lists, tables, quotes", () => {
    const container = shown(
      "# Title\n\nA **b** *c* `d < e` ~~f~~\n\n1. one\n2. two\n   - deep\n\n> said\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```sql\nSELECT 1\n```\n\n---\n",
    );
    const texts = (selector: string) =>
      [...container.querySelectorAll(selector)].map((one) => one.textContent?.trim());
    expect(texts("strong")).toEqual(["b"]);
    expect(texts("em")).toEqual(["c"]);
    expect(texts("code")).toEqual(["d < e"]);
    expect(texts("ol > li")).toHaveLength(2);
    expect(texts("ul > li")).toEqual(["deep"]);
    expect(texts("blockquote")).toEqual(["said"]);
    expect(texts("td")).toEqual(["1", "2"]);
    expect(texts("pre")).toEqual(["SELECT 1"]);
    expect(container.querySelector("h1")).toBeNull();
  });
  test("what is half written is shown as far as it goes", () => {
    expect(shown("```sql\nSELECT").querySelector("pre")?.textContent).toBe("SELECT");
    expect(shown("| a | b |\n|--").textContent).toContain("| a | b |");
    expect(shown("a **b").textContent).toContain("a **b");
  });
  test("entities are what they stand for, once", () => {
    expect(shown("1 &lt; 2 &amp; 3 &amp;lt;").textContent?.trim()).toBe("1 < 2 & 3 &lt;");
    expect(decoded("&#60;&#x3e;&nope;&#xd800;&#0;")).toBe("<>&nope;&#xd800;&#0;");
  });
  test("a task list says what is done", () => {
    expect(shown("- [x] a\n- [ ] b").textContent).toMatch(/done:\s*a[\s\S]*to do:\s*b/);
  });
});

test("nested or long without end is text, not a stack that is full", () => {
  expect(parseMarkdown("> ".repeat(20_000) + "x").length).toBeGreaterThan(0);
  expect(parseMarkdown("*".repeat(5000) + "[".repeat(5000)).length).toBeGreaterThan(0);
  expect(parseMarkdown("a".repeat(300_000))).toHaveLength(1);
});

test("addresses", () =>
  expect(["https://a.b/", "mailto:a@b.c", "ftp://a", "x", ""].map(safeHref)).toEqual([
    "https://a.b/",
    "mailto:a@b.c",
    "",
    "",
    "",
  ]));
