// The tracks of one source: lanes for the axis, boxes for the picture.
import { api, ask, type Box, type Track } from '../api/client';
import { live } from './live.svelte';
import { all } from './paged.svelte';
import { Resource } from './resource.svelte';

const BUCKET_US = 1_000_000;
// A browser gives the time of the frame that is shown rounded to its own clock.
const CLOCK_US = 1_000;

export interface ShownBox {
  track: Track;
  face: number; // id of the face that the box is of, or is nearest to
  box: Box;
  exact: boolean; // a face of this very frame; otherwise between two
}

export class SourceTracks {
  #loaded: Resource<Track[]>;
  #buckets = $derived.by(() => bucketsOf(this.tracks));

  // To be made while a component is set up.
  constructor(
    private readonly caseId: () => string,
    private readonly source: () => number | null,
  ) {
    this.#loaded = new Resource((signal) => {
      const caseId = this.caseId();
      const source = this.source();
      live.revision(caseId);
      if (source === null) return null;
      return all(
        (cursor) =>
          ask(
            api.GET('/cases/{case}/sources/{source}/tracks', {
              params: { path: { case: caseId, source }, query: { limit: 500, cursor } },
              signal,
            }),
          ),
        (answer) => answer.tracks,
      );
    });
  }

  get tracks(): Track[] {
    return this.#loaded.data ?? [];
  }
  get loading(): boolean {
    return this.#loaded.loading && this.#loaded.data === null;
  }

  at(timeUs: number): ShownBox[] {
    const shown: ShownBox[] = [];
    for (const track of this.#buckets.get(Math.floor(timeUs / BUCKET_US)) ?? []) {
      const box = boxAt(track, timeUs + CLOCK_US);
      if (box) shown.push(box);
    }
    return shown;
  }
}

function bucketsOf(tracks: Track[]): Map<number, Track[]> {
  const buckets = new Map<number, Track[]>();
  for (const track of tracks) {
    const first = track.faces[0];
    const last = track.faces.at(-1);
    if (!first || !last) continue;
    const until = Math.floor((last.time_us + last.duration_us) / BUCKET_US);
    for (let at = Math.floor((first.time_us - CLOCK_US) / BUCKET_US); at <= until; at += 1) {
      const bucket = buckets.get(at);
      if (bucket) bucket.push(track);
      else buckets.set(at, [track]);
    }
  }
  return buckets;
}

function boxAt(track: Track, timeUs: number): ShownBox | null {
  const faces = track.faces;
  let low = 0;
  let high = faces.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((faces[middle]?.time_us ?? 0) <= timeUs) low = middle + 1;
    else high = middle - 1;
  }
  const before = faces[high];
  if (!before) return null;
  if (timeUs < before.time_us + before.duration_us) return { track, face: before.id, box: before.box, exact: true };
  const after = faces[high + 1];
  if (!after) return null;
  const share = (timeUs - before.time_us) / (after.time_us - before.time_us);
  const mix = (a: number, b: number) => a + (b - a) * share;
  const box = {
    x: mix(before.box.x, after.box.x),
    y: mix(before.box.y, after.box.y),
    w: mix(before.box.w, after.box.w),
    h: mix(before.box.h, after.box.h),
  };
  return { track, face: share < 0.5 ? before.id : after.id, box, exact: false };
}
