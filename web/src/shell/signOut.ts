// The way out; asks first where edits would be lost.

import { toApiError } from "$api/problem";
import { session } from "$api/session.svelte";
import { toast } from "$lib/notices.svelte";
import { router } from "$lib/router.svelte";

export async function signOut(): Promise<void> {
  const leave = async () => {
    try {
      await session.signOut();
      router.go("/");
    } catch (error) {
      toast(`Not signed out: ${toApiError(error).message}`, { tone: "bad" });
    }
  };
  if (router.dirty()) router.wanted = () => void leave();
  else await leave();
}
