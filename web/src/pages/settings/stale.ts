// A save that met another one's: what is there now is read, and what was typed stays.

import { ApiError, toApiError } from "$api/problem";

/** `what`: "The providers". */
export async function keepingEdits<T>(
  what: string,
  readAnew: () => Promise<void>,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const error = toApiError(thrown);
    if (!error.stale) throw error;
    await readAnew();
    throw new ApiError(412, {
      detail: `${what} were changed elsewhere meanwhile. Your edits are kept: save again to put them in force.`,
    });
  }
}
