// A list of any length of which only the pages that are looked at are fetched. A cursor of the API is the number of rows before the
// page, so that a scroll bar can be dragged anywhere.
import { untrack } from 'svelte';
import type { ApiError } from '../api/client';

export const PAGE_ROWS = 100;
const AT_ONCE = 2;

interface Page<Row> {
  rows: Row[];
  total: number;
}

export class Paged<Row, Answer extends object = object> {
  total = $state(0);
  loaded = $state(false);
  error: ApiError | null = $state.raw(null);
  first: Answer | null = $state.raw(null); // the answer that came last: version and counts that stand beside the rows
  #pages = new Map<number, Row[]>();
  #old = new Set<number>();
  #shown = $state(0);
  #wanted: number[] = [];
  #running = new Set<number>();
  #controller = new AbortController();
  #fetch: ((cursor: string, limit: number, signal: AbortSignal) => Promise<Answer>) | null = null;
  #rowsOf: (answer: Answer) => Page<Row>;

  // To be made while a component is set up. `prepare` reads what the list depends on and gives how a page is fetched. When only
  // `revision` changes, rows stay on the screen until the new ones are there.
  constructor(
    prepare: () => ((cursor: string, limit: number, signal: AbortSignal) => Promise<Answer>) | null,
    revision: () => unknown,
    rowsOf: (answer: Answer) => Page<Row>,
  ) {
    this.#rowsOf = rowsOf;
    $effect(() => {
      this.#fetch = prepare();
      untrack(() => this.#start(true));
      return () => this.#controller.abort();
    });
    let before: unknown;
    let known = false;
    $effect(() => {
      const now = revision();
      if (known && now !== before) untrack(() => this.#start(false));
      before = now;
      known = true;
    });
  }

  #start(forget: boolean) {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#running.clear();
    if (forget) {
      this.#pages.clear();
      this.#old.clear();
      this.total = 0;
      this.loaded = false;
    } else {
      for (const page of this.#pages.keys()) this.#old.add(page);
    }
    const visible = this.#wanted.filter((page) => !forget || page === 0);
    this.#wanted = visible.length ? visible : [0];
    this.#work();
  }

  at(index: number): Row | undefined {
    void this.#shown;
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  // The rows that are here, in order; only for what needs no more than those.
  get here(): Row[] {
    void this.#shown;
    return [...this.#pages.entries()].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  // Says which rows are on the screen. What comes next is fetched when those are here.
  want(first: number, last: number) {
    const pages: number[] = [];
    let page = Math.floor(first / PAGE_ROWS);
    for (; page <= Math.floor(Math.max(first, last) / PAGE_ROWS); page += 1) pages.push(page);
    if (page * PAGE_ROWS < this.total) pages.push(page);
    this.#wanted = pages;
    this.#work();
  }

  reload() {
    this.#start(false);
  }

  #work() {
    const fetch = this.#fetch;
    if (!fetch) return;
    for (const page of this.#wanted) {
      if (this.#running.size >= AT_ONCE) return;
      const missing = !this.#pages.has(page) || this.#old.has(page);
      if (missing && !this.#running.has(page)) this.#load(page, fetch);
    }
  }

  #load(page: number, fetch: (cursor: string, limit: number, signal: AbortSignal) => Promise<Answer>) {
    const { signal } = this.#controller;
    this.#running.add(page);
    fetch(String(page * PAGE_ROWS), PAGE_ROWS, signal).then(
      (answer) => {
        if (signal.aborted) return;
        const { rows, total } = this.#rowsOf(answer);
        this.#running.delete(page);
        this.#pages.set(page, rows);
        this.#old.delete(page);
        for (const each of this.#pages.keys()) if (each * PAGE_ROWS >= total && each > 0) this.#pages.delete(each);
        this.total = total;
        this.first = answer;
        this.loaded = true;
        this.error = null;
        this.#shown += 1;
        this.#work();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#running.delete(page);
        this.error = error as ApiError;
      },
    );
  }
}

// Every row of a list, page after page; for lists that are short by nature.
export async function all<Answer extends { next_cursor: string | null }, Row>(
  fetch: (cursor: string | undefined) => Promise<Answer>,
  rowsOf: (answer: Answer) => Row[],
  atMost = 20_000,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const answer = await fetch(cursor);
    rows.push(...rowsOf(answer));
    cursor = answer.next_cursor ?? undefined;
  } while (cursor !== undefined && rows.length < atMost);
  return rows;
}
