// Long work on a case: what there is of it, and starting, pausing and ending it.
import { untrack } from 'svelte';
import { api, ask, type Job, type JobRequest } from '../api/client';
import { told } from './corrections.svelte';
import { live } from './live.svelte';
import { note } from './notes.svelte';
import { t, tOf } from './text';

export const isOver = (job: Job) => !['queued', 'running', 'paused'].includes(job.state);
export const canResume = (job: Job) => ['paused', 'cut off', 'cancelled', 'failed'].includes(job.state);

export async function loadJobs(caseId: string, signal?: AbortSignal): Promise<Job[]> {
  // An effect that asks must not be run again by its own answer.
  const before = untrack(() => new Map(live.jobsOf(caseId).map((job) => [job.id, job])));
  const { jobs } = await ask(api.GET('/cases/{case}/jobs', { params: { path: { case: caseId } }, signal }));
  for (const job of jobs) if (live.job(caseId, job.id) === before.get(job.id)) live.tellJob(caseId, job);
  return jobs;
}

// What is told of a job meanwhile is newer than the answer to a call that began before; of a list too.
async function answered(caseId: string, id: number | null, call: Promise<Job>): Promise<Job> {
  const before = id === null ? undefined : live.job(caseId, id);
  const job = await call;
  if (live.job(caseId, job.id) === before) live.tellJob(caseId, job);
  return job;
}

export async function startJob(caseId: string, request: JobRequest): Promise<Job | null> {
  try {
    const job = await answered(caseId, null, ask(api.POST('/cases/{case}/jobs', { params: { path: { case: caseId } }, body: request })));
    note('done', t('work.queued', { what: tOf('job', request.verb) }));
    return job;
  } catch (error) {
    note('failed', told(error));
    return null;
  }
}

export async function changeJob(caseId: string, job: Job, verb: 'cancel' | 'pause' | 'resume') {
  const params = { params: { path: { case: caseId, job: job.id } } };
  try {
    const call =
      verb === 'cancel'
        ? api.POST('/cases/{case}/jobs/{job}/cancel', params)
        : verb === 'pause'
          ? api.POST('/cases/{case}/jobs/{job}/pause', params)
          : api.POST('/cases/{case}/jobs/{job}/resume', params);
    await answered(caseId, job.id, ask(call));
  } catch (error) {
    note('failed', told(error));
  }
}
