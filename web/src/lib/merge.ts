import type { WebPerson } from '../api/client';

// Who stays when several are merged: whoever has a name, else whoever is seen longest. The server keeps the first.
export function mergeOrder(list: WebPerson[]): number[] {
  return [...list]
    .sort((a, b) => Number(b.named) - Number(a.named) || b.person.screen_ms - a.person.screen_ms || a.person.id - b.person.id)
    .map((each) => each.person.id);
}
