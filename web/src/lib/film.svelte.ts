// One film as the page plays it: the browser's own player where it can, frame by frame from the server where it cannot. Its time is
// the server's: microseconds from the source's first frame.
import { address, api, ask, type Proxy, type SourceDetail } from '../api/client';
import { live } from './live.svelte';

const SETTLED_MS = 90;
// A browser gives the time of the frame that it shows rounded to its own clock.
const BROWSER_CLOCK_US = 1_000;

interface Still {
  url: string;
  timeUs: number;
  previousUs: number | null;
  nextUs: number | null;
}

export class Film {
  timeUs = $state(0);
  playing = $state(false);
  rate = $state(1);
  still: Still | null = $state.raw(null); // the very frame of timeUs, from the server; only while nothing plays
  stillFailed = $state(false);
  mediaFailed = $state(false);
  video: HTMLVideoElement | null = $state(null);
  // What the browser's clock says at the first frame, which need not be 0; null until that frame was shown.
  #startUs: number | null = null;
  // What the browser shows last; not what is meant while a frame was asked for by its exact time.
  #shownUs = 0;
  #exact = true;
  #playThen = false;
  #proxyAsked: Proxy | null = $state.raw(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #controller: AbortController | null = null;

  constructor(
    readonly caseId: string,
    readonly detail: SourceDetail,
  ) {}

  get id() {
    return this.detail.source.id;
  }
  get isPicture() {
    return this.detail.source.kind === 'picture';
  }
  get durationUs() {
    return this.detail.source.duration_ms * 1000;
  }
  get proxy(): Proxy | null {
    return live.proxy(this.caseId, this.id) ?? this.#proxyAsked;
  }
  get needsProxy() {
    return this.detail.source.playable === 'proxy' || (this.mediaFailed && this.detail.source.playable === 'original');
  }
  // Where the browser gets what it plays; null: it has nothing to play.
  get media(): string | null {
    if (this.isPicture || this.detail.source.playable === 'no' || !this.detail.source.there) return null;
    if (this.needsProxy) return this.proxy?.state === 'ready' ? address.media(this.caseId, this.id, true) : null;
    return address.media(this.caseId, this.id, false);
  }
  get frameUs() {
    return this.detail.fps > 0 ? 1e6 / this.detail.fps : 40_000;
  }

  async askForProxy(make: boolean) {
    const path = { params: { path: { case: this.caseId, source: this.id } } };
    const where = '/cases/{case}/sources/{source}/proxy' as const;
    this.#proxyAsked = await ask(make ? api.POST(where, path) : api.GET(where, path));
  }

  // The browser knows what it is going to play, and shows its first frame next.
  loaded() {
    this.#startUs = null;
  }

  // Called for every frame that the browser shows.
  showed(mediaTime: number) {
    if (this.#startUs === null) {
      this.#startUs = Math.round(mediaTime * 1e6);
      this.seek(this.timeUs);
      if (this.#playThen) void this.play();
      return;
    }
    this.#shownUs = Math.max(0, Math.round(mediaTime * 1e6) - this.#startUs);
    if (this.#exact && !this.playing) return;
    this.#exact = false;
    this.timeUs = this.#shownUs;
    if (!this.playing) this.#fetchStillSoon();
  }

  seek(timeUs: number) {
    this.#exact = true;
    this.timeUs = Math.min(Math.max(0, timeUs), Math.max(0, this.durationUs));
    const still = this.still;
    if (still && still.timeUs !== this.timeUs) this.#dropStill();
    if (this.video && this.media && this.#startUs !== null) {
      // A little after the frame's beginning, so that rounding never shows the one before.
      this.video.currentTime = (this.timeUs + this.#startUs + Math.min(2 * BROWSER_CLOCK_US, this.frameUs / 4)) / 1e6;
    }
    if (!this.playing) this.#fetchStillSoon();
  }

  step(frames: 1 | -1) {
    this.pause();
    const known = frames > 0 ? this.still?.nextUs : this.still?.previousUs;
    this.seek(known ?? this.timeUs + frames * this.frameUs + (frames > 0 ? this.frameUs / 8 : 0));
  }

  async play() {
    this.#playThen = this.#startUs === null;
    if (!this.video || !this.media || this.#playThen) return;
    this.video.playbackRate = this.rate;
    try {
      await this.video.play();
    } catch {
      // Paused again before it began, or the browser wants a click first: the page shows that it stands.
    }
  }

  pause() {
    this.#playThen = false;
    this.video?.pause();
  }

  toggle() {
    if (this.playing) this.pause();
    else void this.play();
  }

  setRate(rate: number) {
    this.rate = rate;
    if (this.video) this.video.playbackRate = rate;
  }

  began() {
    this.playing = true;
    this.#exact = false;
    this.#dropStill();
  }

  stopped() {
    this.playing = false;
    this.#fetchStillSoon();
  }

  failed() {
    this.mediaFailed = true;
    if (this.needsProxy) void this.askForProxy(false).catch(() => undefined);
    this.#fetchStillSoon();
  }

  end() {
    clearTimeout(this.#timer);
    this.#controller?.abort();
    this.#dropStill();
  }

  #dropStill() {
    this.#controller?.abort();
    if (this.still) URL.revokeObjectURL(this.still.url);
    this.still = null;
  }

  #fetchStillSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#fetchStill(), SETTLED_MS);
  }

  async #fetchStill() {
    if (!this.detail.source.there || this.playing) return;
    if (this.#exact && this.still?.timeUs === this.timeUs) return;
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const wantedUs = this.timeUs + (this.#exact ? 0 : BROWSER_CLOCK_US);
    try {
      const where = address.frame(this.caseId, this.id, { timeUs: wantedUs }, Math.min(1920, this.detail.source.width));
      const answer = await fetch(where, { signal: controller.signal });
      if (!answer.ok) throw new Error(answer.statusText);
      const url = URL.createObjectURL(await answer.blob());
      if (controller.signal.aborted || this.playing) {
        URL.revokeObjectURL(url);
        return;
      }
      if (this.still) URL.revokeObjectURL(this.still.url);
      const us = (name: string) => {
        const value = answer.headers.get(`X-Frame-${name}-Us`);
        return value === null || value === '' ? null : Number(value);
      };
      this.stillFailed = false;
      this.timeUs = us('Time') ?? this.timeUs;
      this.#exact = true;
      this.still = { url, timeUs: this.timeUs, previousUs: us('Previous'), nextUs: us('Next') };
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return;
      this.stillFailed = true;
      if (this.media) this.timeUs = this.#shownUs;
    }
  }
}
