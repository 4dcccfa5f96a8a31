// The types of the management API, made of its description. Not kept in git: docs/openapi.json is the source.

import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.d.ts", import.meta.url);
const tree = await openapiTS(source, { alphabetize: true });
writeFileSync(target, `// Made of docs/openapi.json by "npm run types".\n\n${astToString(tree)}`);
