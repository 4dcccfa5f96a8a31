// Every rule, in the order in which their findings are printed.

import { rule as bannedCalls } from "./banned_calls.mjs";
import { rule as coAwait } from "./co_await.mjs";
import { rule as fileLength } from "./file_length.mjs";
import { rule as folderReadme } from "./folder_readme.mjs";
import { rule as headerContract } from "./header_contract.mjs";
import { rule as includeDirection } from "./include_direction.mjs";
import { rule as machinePath } from "./machine_path.mjs";
import { rule as openEnds } from "./open_ends.mjs";
import { rule as shellScripts } from "./shell_scripts.mjs";

export const rules = [includeDirection, fileLength, coAwait, bannedCalls, openEnds, machinePath, headerContract, folderReadme, shellScripts];
