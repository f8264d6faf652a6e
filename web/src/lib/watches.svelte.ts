// Watches of live streams that run on a case, and the rings for people somebody waits for.
import { untrack } from 'svelte';
import { api, ask, type LiveSeen, type LiveWatch } from '../api/client';
import { live } from './live.svelte';
import { note } from './notes.svelte';
import { t } from './text';

export async function loadWatches(caseId: string, signal?: AbortSignal): Promise<LiveWatch[]> {
  const before = untrack(() => live.watches(caseId));
  const { watches } = await ask(api.GET('/cases/{case}/live', { params: { path: { case: caseId } }, signal }));
  // What was told meanwhile is newer than the answer.
  if (untrack(() => live.watches(caseId)) === before) live.tellWatches(caseId, watches);
  return watches;
}

// Every line about a track may ring once.
const keyOf = (watch: LiveWatch, ring: LiveSeen) => `${watch.id}/${ring.track}/${ring.time}`;

// To be called while a component is set up: rings for the case that is shown, once each, and not for what rang before it was.
export function ringFor(caseOf: () => string | null) {
  let rung: Set<string> | null = null;
  let of: string | null = null;
  $effect(() => {
    const caseId = caseOf();
    if (caseId !== of) [of, rung] = [caseId, null];
    const watches = caseId ? live.watches(caseId) : undefined;
    if (!watches) return;
    const now = new Set<string>();
    for (const watch of watches) {
      for (const ring of [...(watch.now?.rings ?? [])].reverse()) {
        const key = keyOf(watch, ring);
        now.add(key);
        if (rung && !rung.has(key)) untrack(() => note('ring', t('live.ring', { person: ring.person ?? '?', stream: ring.stream })));
      }
    }
    rung = now;
  });
}
