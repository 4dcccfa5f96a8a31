// What the rules' tests share: a project of one file or a few, and the findings of a rule as short strings.

import { makeProject } from "../project.mjs";

export function findings(rule, files) {
  const list = Object.entries(files).map(([path, content]) => {
    const file = typeof content === "string" ? { text: content } : content;
    return { path, executable: false, ...file };
  });
  return [...rule.check(makeProject(list))];
}

export const summaries = (rule, files) => findings(rule, files).map((finding) => `${finding.path}:${finding.line} ${finding.wrong}`);
