// Long work on a case: what there is of it, and starting, pausing and ending it.
import { api, ask, type Job, type JobRequest } from '../api/client';
import { told } from './corrections.svelte';
import { live } from './live.svelte';
import { note } from './notes.svelte';
import { t, tOf } from './text';

export const isOver = (job: Job) => !['queued', 'running', 'paused'].includes(job.state);
export const canResume = (job: Job) => ['paused', 'cut off', 'cancelled', 'failed'].includes(job.state);

export async function loadJobs(caseId: string, signal?: AbortSignal): Promise<Job[]> {
  const { jobs } = await ask(api.GET('/cases/{case}/jobs', { params: { path: { case: caseId } }, signal }));
  for (const job of jobs) live.tellJob(caseId, job);
  return jobs;
}

export async function startJob(caseId: string, request: JobRequest): Promise<Job | null> {
  try {
    const job = await ask(api.POST('/cases/{case}/jobs', { params: { path: { case: caseId } }, body: request }));
    live.tellJob(caseId, job);
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
    live.tellJob(caseId, await ask(call));
  } catch (error) {
    note('failed', told(error));
  }
}
