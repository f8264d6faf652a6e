// Saying who is who. Every change names the version that its user looked at; one that is out of date, or contradicts, is never made
// silently: the user is told, and decides.
import { api, ApiError, ask, type Change, type Corrected, type CorrectionBody } from '../api/client';
import { changeJob } from './jobs.svelte';
import { live } from './live.svelte';
import { note } from './notes.svelte';
import { t, tOf } from './text';

type WithoutVersion<T> = T extends unknown ? Omit<T, 'based_on'> : never;
export type Wanted = WithoutVersion<CorrectionBody>;

interface Question {
  kind: 'stale' | 'contradicts';
  message: string;
  changes: Change[];
  answer: (goOn: boolean) => void;
}

export const question = $state<{ open: Question | null }>({ open: null });

function askUser(kind: Question['kind'], message: string, changes: Change[]): Promise<boolean> {
  return new Promise((resolve) => {
    question.open = {
      kind,
      message,
      changes,
      answer: (goOn) => {
        question.open = null;
        resolve(goOn);
      },
    };
  });
}

// From the version before each of this page's own changes to the one after: nobody is told of what he did himself, where a list has
// not yet been fetched again.
const own = new Map<string, string>();

function afterOwn(caseId: string, version: string): string {
  let last = version;
  for (let next = own.get(`${caseId}/${last}`); next !== undefined && next !== version; next = own.get(`${caseId}/${last}`)) last = next;
  return last;
}

async function send(caseId: string, wanted: Wanted, version: string): Promise<Corrected | null> {
  try {
    const based = afterOwn(caseId, version);
    const body = { ...wanted, based_on: based } as CorrectionBody;
    const done = await ask(api.POST('/cases/{case}/corrections', { params: { path: { case: caseId } }, body }));
    if (done.version !== based) own.set(`${caseId}/${based}`, done.version);
    return done;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.stale) {
      const now = error.body.version ?? version;
      live.changed(caseId, now);
      if (await askUser('stale', error.message, error.body.changes ?? [])) return send(caseId, wanted, now);
      return null;
    }
    if (error.canOverride) {
      if (await askUser('contradicts', error.message, [])) return send(caseId, { ...wanted, override: true }, version);
      return null;
    }
    throw error;
  }
}

// What was done, or null where it was not: then the user has been told why, and what was typed is still the caller's.
export async function correct(caseId: string, wanted: Wanted, version: string, quiet = false): Promise<Corrected | null> {
  try {
    const done = await send(caseId, wanted, version);
    if (!done) return null;
    live.changed(caseId, done.version);
    if (!quiet) {
      const undo = { label: t('keys.undo'), run: () => void correct(caseId, { verb: 'undo' }, done.version) };
      const canUndo = wanted.verb !== 'undo' && wanted.verb !== 'redo';
      note('done', done.correction.told, { details: done.notes, action: canUndo ? undo : undefined });
    }
    return done;
  } catch (error) {
    tellRefused(caseId, error);
    return null;
  }
}

// Work that writes goes on where it was when it is resumed: whoever wants to say something now pauses it.
function tellRefused(caseId: string, error: unknown) {
  const writing = error instanceof ApiError && error.status === 409 && error.body.remedy !== 'override';
  const job = writing ? live.jobsOf(caseId).find((each) => each.state === 'running') : undefined;
  if (!job) return note('failed', told(error));
  note('failed', t('correct.busy', { what: tOf('job', job.request.verb) }), { action: { label: t('work.pause'), run: () => void changeJob(caseId, job, 'pause') } });
}

export function told(error: unknown): string {
  if (error instanceof ApiError) return error.status === 0 ? t('error.unreachable') : advised(error.message, error.body.remedy);
  return String(error);
}

// With what can be done about it, where the page has words for that.
export function advised(message: string | undefined, remedy: string | undefined): string {
  const advice = remedy ? tOf('remedy', remedy) : '';
  return !advice || advice === remedy ? (message ?? '') : `${message}. ${advice}`;
}
