// The places of the application, all one click away. A page is loaded when it is gone to.

import Activity from "@lucide/svelte/icons/activity";
import Database from "@lucide/svelte/icons/database";
import KeyRound from "@lucide/svelte/icons/key-round";
import ListTree from "@lucide/svelte/icons/list-tree";
import Hourglass from "@lucide/svelte/icons/hourglass";
import MessageSquare from "@lucide/svelte/icons/message-square";
import SlidersHorizontal from "@lucide/svelte/icons/sliders-horizontal";
import type { Component } from "svelte";

export interface Place {
  path: string;
  title: string;
  icon: Component<{ size?: number; "aria-hidden"?: "true" }>;
  /** Pressed after g. */
  key: string;
  /** On phones it is behind “More”: the bar has room for five. */
  more?: boolean;
  load: () => Promise<{ default: Component }>;
}

export const places = [
  {
    path: "/",
    title: "Dashboard",
    icon: Activity,
    key: "d",
    load: () => import("../pages/dashboard/Dashboard.svelte"),
  },
  {
    path: "/chat",
    title: "Chat",
    icon: MessageSquare,
    key: "c",
    load: () => import("../pages/chat/Chat.svelte"),
  },
  {
    path: "/requests",
    title: "Requests",
    icon: ListTree,
    key: "r",
    load: () => import("../pages/requests/Requests.svelte"),
  },
  {
    path: "/queries",
    title: "Queries",
    icon: Database,
    key: "q",
    more: true,
    load: () => import("../pages/queries/Queries.svelte"),
  },
  {
    path: "/timeouts",
    title: "Timeouts",
    icon: Hourglass,
    key: "t",
    load: () => import("../pages/timeouts/Timeouts.svelte"),
  },
  {
    path: "/settings",
    title: "Settings",
    icon: SlidersHorizontal,
    key: "s",
    more: true,
    load: () => import("../pages/settings/Settings.svelte"),
  },
  {
    path: "/access",
    title: "Access",
    icon: KeyRound,
    key: "a",
    more: true,
    load: () => import("../pages/access/Access.svelte"),
  },
] as Place[];

/** The place of a path: "/requests/req_1" is in Requests. */
export const placeAt = (path: string): Place | undefined =>
  places.find((place) => path === place.path || (place.path !== "/" && path.startsWith(`${place.path}/`)));
