// A person's appearances put on one axis: by the clock where every film says when it was, else by the time within each source.
import type { Appearance } from '../api/client';
import type { Span } from '../components/Lane.svelte';
import type { LaneOf } from '../components/Timeline.svelte';
import { href, inCase } from './router.svelte';
import { timeCode } from './text';

export type Axis = 'clock' | 'source';

// A clock without a zone is taken as it stands, so that lanes of one camera keep their distances.
function instant(iso: string): number {
  return Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) ? iso : `${iso}Z`);
}

const hasClock = (one: Appearance) => one.start !== '' && !Number.isNaN(instant(one.start));

export function clockKnown(list: Appearance[]): 'all' | 'some' | 'none' {
  const known = list.filter(hasClock).length;
  return known === 0 ? 'none' : known === list.length ? 'all' : 'some';
}

export function spanOf(one: Appearance, axis: Axis): Span | null {
  if (axis === 'source') return { start: one.start_ms, end: Math.max(one.end_ms, one.start_ms), strength: one.confidence, id: one.track_id };
  if (!hasClock(one)) return null;
  const start = instant(one.start);
  return { start, end: start + Math.max(0, one.end_ms - one.start_ms), strength: one.confidence, id: one.track_id };
}

export function lanesOf(caseId: string, person: number, list: Appearance[], names: Map<number, string>, axis: Axis): LaneOf[] {
  const lanes = new Map<number, LaneOf>();
  for (const one of list) {
    const span = spanOf(one, axis);
    if (!span) continue;
    let lane = lanes.get(one.source_id);
    if (!lane) {
      const label = names.get(one.source_id) ?? String(one.source_id);
      lane = { key: String(one.source_id), label, href: href(inCase(caseId, 'sources', one.source_id), { person }), person, spans: [] };
      lanes.set(one.source_id, lane);
    }
    lane.spans.push(span);
  }
  const sorted = [...lanes.values()];
  for (const lane of sorted) {
    lane.spans.sort((a, b) => a.start - b.start);
    lane.hint = String(lane.spans.length);
  }
  if (axis === 'clock') sorted.sort((a, b) => (a.spans[0]?.start ?? 0) - (b.spans[0]?.start ?? 0));
  return sorted;
}

export function extent(lanes: LaneOf[], axis: Axis): [number, number] {
  let from = axis === 'source' ? 0 : Infinity;
  let to = -Infinity;
  for (const lane of lanes) {
    for (const span of lane.spans) {
      from = Math.min(from, span.start);
      to = Math.max(to, span.end);
    }
  }
  return to > from ? [from, to] : [Number.isFinite(from) ? from : 0, (Number.isFinite(from) ? from : 0) + 1000];
}

const DAY_MS = 86_400_000;

export function tickOf(axis: Axis): (time: number, step: number) => string {
  if (axis === 'source') return (time, step) => timeCode(time, step < 1000).replace(/^0:/, '');
  return (time, step) => {
    const iso = new Date(time).toISOString();
    if (step >= DAY_MS) return iso.slice(0, 10);
    return time % DAY_MS === 0 ? iso.slice(5, 10) : iso.slice(11, step < 60_000 ? 19 : 16);
  };
}
