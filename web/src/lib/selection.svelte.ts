// Which rows of a list are selected, by key; Shift selects up to the last one that was touched.
import { SvelteSet } from 'svelte/reactivity';

export class Selection<Key> {
  readonly keys = new SvelteSet<Key>();
  #anchor: number | null = null;

  // keyAt: of a row that is here; a row that is not loaded cannot be selected.
  constructor(private readonly keyAt: (index: number) => Key | undefined) {}

  get count() {
    return this.keys.size;
  }
  has(key: Key) {
    return this.keys.has(key);
  }
  toggle(index: number, upTo = false) {
    const key = this.keyAt(index);
    if (key === undefined) return;
    if (upTo && this.#anchor !== null) {
      const [first, last] = [Math.min(this.#anchor, index), Math.max(this.#anchor, index)];
      for (let at = first; at <= last; at += 1) {
        const each = this.keyAt(at);
        if (each !== undefined) this.keys.add(each);
      }
      return;
    }
    if (this.keys.has(key)) this.keys.delete(key);
    else this.keys.add(key);
    this.#anchor = index;
  }
  clear() {
    this.keys.clear();
    this.#anchor = null;
  }
}
