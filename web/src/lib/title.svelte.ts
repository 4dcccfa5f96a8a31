// The title of the tab: the page, and before it how many requests have failed while nobody looked.
//
//   title.page = "Requests";     // "Requests · Punctual"
//   title.unseen = 3;            // "(3) Requests · Punctual"

export const titleText = (page: string, unseen: number): string =>
  `${unseen ? `(${unseen > 99 ? "99+" : unseen}) ` : ""}${page ? `${page} · ` : ""}Punctual`;

class Title {
  page = $state("");
  unseen = $state(0);
  readonly text: string = $derived(titleText(this.page, this.unseen));
}

export const title = new Title();
