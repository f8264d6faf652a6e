// What the server tells by itself: which cases changed, how jobs, proxies and watches stand, and whether it is there at all.
import { SvelteMap } from 'svelte/reactivity';
import { address, api, ask, type Job, type LiveWatch, type Proxy } from '../api/client';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

class Live {
  state: 'connecting' | 'open' | 'lost' = $state('connecting');
  retryAt = $state(0);
  restarted = $state(false); // the server is another one than the one that this page began with
  cases = $state(0); // counts up when the list of cases changed
  streams = $state(0); // counts up when the server begins to tell: what was asked before may have changed unseen
  #epoch = $state(0); // counts up when anything may have changed unseen
  #revisions = new SvelteMap<string, string>();
  #jobs = new SvelteMap<string, Job>();
  #proxies = new SvelteMap<string, Proxy>();
  #watches = new SvelteMap<string, LiveWatch[]>();
  #source: EventSource | null = null;
  #instance = '';
  #wait = FIRST_WAIT_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  // Read it where something of the case is asked for: it is another one after every change of the case.
  revision(caseId: string): string {
    return `${this.#epoch}/${this.#revisions.get(caseId) ?? ''}`;
  }
  // After a change of this page's own, without waiting to be told.
  changed(caseId: string, version: string) {
    this.#revisions.set(caseId, version);
  }
  get epoch(): number {
    return this.#epoch;
  }
  job(caseId: string, id: number): Job | undefined {
    return this.#jobs.get(`${caseId}/${id}`);
  }
  jobsOf(caseId: string): Job[] {
    return [...this.#jobs].filter(([key]) => key.startsWith(`${caseId}/`)).map(([, job]) => job);
  }
  tellJob(caseId: string, job: Job) {
    this.#jobs.set(`${caseId}/${job.id}`, job);
  }
  proxy(caseId: string, source: number): Proxy | undefined {
    return this.#proxies.get(`${caseId}/${source}`);
  }
  watches(caseId: string): LiveWatch[] | undefined {
    return this.#watches.get(caseId);
  }
  tellWatches(caseId: string, watches: LiveWatch[]) {
    this.#watches.set(caseId, watches);
  }

  start(): () => void {
    this.#connect();
    const soon = () => {
      if (this.state === 'lost') this.retry();
    };
    addEventListener('online', soon);
    return () => {
      removeEventListener('online', soon);
      clearTimeout(this.#timer);
      this.#source?.close();
      this.#source = null;
      this.state = 'connecting';
    };
  }

  retry() {
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    this.#source?.close();
    const source = new EventSource(address.events);
    this.#source = source;
    const on = <T>(name: string, take: (data: T) => void) =>
      source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data) as T));

    on<{ instance: string }>('hello', ({ instance }) => {
      if (this.#instance && this.#instance !== instance) this.restarted = true;
      this.#instance = instance;
      if (this.state === 'lost') this.#epoch += 1;
      this.state = 'open';
      this.streams += 1;
      this.#wait = FIRST_WAIT_MS;
    });
    on<{ case: string; version: string }>('case', (told) => this.#revisions.set(told.case, told.version));
    on<{ case: string; job: Job }>('job', (told) => this.tellJob(told.case, told.job));
    on<{ case: string; job: number; progress: Job['progress'] }>('progress', (told) => {
      const job = this.job(told.case, told.job);
      if (job) this.tellJob(told.case, { ...job, progress: told.progress });
    });
    on<{ case: string; source: number; proxy: Proxy }>('proxy', (told) => this.#proxies.set(`${told.case}/${told.source}`, told.proxy));
    on<{ case: string; watches: LiveWatch[] }>('live', (told) => this.tellWatches(told.case, told.watches));
    on('cases', () => {
      this.cases += 1;
    });
    source.onerror = () => {
      source.close();
      this.state = 'lost';
      // A server that was started anew knows this session no more, which an event stream cannot tell: asked here, a 401 leads to the
      // sign-in.
      void ask(api.GET('/session')).catch(() => undefined);
      // Pages must not all come back in the same moment.
      const wait = this.#wait * (0.75 + Math.random() / 2);
      this.retryAt = Date.now() + wait;
      this.#timer = setTimeout(() => this.#connect(), wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    };
  }
}

export const live = new Live();
