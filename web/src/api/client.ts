// The server's API, typed by its description. Every call either gives what the description promises or throws an ApiError.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type About = Schemas['About'];
export type Appearance = Schemas['WebAppearance'];
export type Box = Schemas['Box'];
export type CaseEntry = Schemas['CaseEntry'];
export type CaseOverview = Schemas['CaseOverview'];
export type Change = Schemas['Change'];
export type Corrected = Schemas['Corrected'];
export type EnrolAnswer = Schemas['EnrolAnswer'];
export type ErrorBody = Schemas['Error'];
export type Face = Schemas['Face'];
export type FaceEvidence = Schemas['FaceEvidence'];
export type FaceVerified = Schemas['FaceVerified'];
export type Folder = Schemas['Folder'];
export type Footage = Schemas['Footage'];
export type Job = Schemas['Job'];
export type LiveSeen = Schemas['LiveSeen'];
export type LiveStream = Schemas['LiveStreamNow'];
export type LiveWatch = Schemas['LiveWatch'];
export type PersonDetail = Schemas['PersonDetail'];
export type Proxy = Schemas['Proxy'];
export type SearchAnswer = Schemas['SearchAnswer'];
export type SearchHit = Schemas['SearchHit'];
export type Session = Schemas['Session'];
export type Source = Schemas['Source'];
export type SourceDetail = Schemas['SourceDetail'];
export type SourceMarks = Schemas['SourceMarks'];
export type Suggestion = Schemas['Suggestion'];
export type Track = Schemas['Track'];
export type WebPerson = Schemas['WebPerson'];
export type Who = Schemas['Who'];
export type JobRequest = Schemas['JobRequest'];
export type CorrectionBody = paths['/cases/{case}/corrections']['post']['requestBody']['content']['application/json'];

export const BASE = '/api/v1';

export class ApiError extends Error {
  // status 0: the server was not reached.
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message);
  }
  get stale() {
    return this.status === 409 && this.body.code === 'stale';
  }
  get canOverride() {
    return this.body.remedy === 'override';
  }
}

type Listener = (error: ApiError) => void;
const listeners = new Set<Listener>();
// Told of every failure; gives what ends it.
export function onApiError(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const api = createClient<paths>({ baseUrl: BASE });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === 'object' && value !== null && 'message' in value;
}

// What the call gives; a failure is thrown as an ApiError, an aborted call as the browser's AbortError.
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw told(new ApiError(0, { code: 'unreachable', message: '' }));
  }
  if (answer.response.ok) return answer.data as T;
  const body = isErrorBody(answer.error)
    ? answer.error
    : { code: 'internal error', message: `${answer.response.status} ${answer.response.statusText}` };
  throw told(new ApiError(answer.response.status, body));
}

function told(error: ApiError): ApiError {
  for (const listener of listeners) listener(error);
  return error;
}

// A photo that a browser may not show itself.
export const jpegOf = (photo: File, kind: string): Promise<Blob> =>
  ask(
    api.POST('/photo', {
      body: photo as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
      headers: { 'Content-Type': kind },
      parseAs: 'blob',
    }),
  );

export type PictureSize = 64 | 96 | 128 | 192 | 256 | 384;

// Pictures are asked for at the size that the screen shows, in device pixels.
export function pictureSize(cssPixels: number): PictureSize {
  const wanted = cssPixels * Math.min(2, globalThis.devicePixelRatio || 1);
  return ([64, 96, 128, 192, 256, 384] as const).find((size) => size >= wanted) ?? 384;
}

export const address = {
  face: (caseId: string, face: number, size: PictureSize) => `${BASE}/cases/${caseId}/faces/${face}/thumbnail?size=${size}`,
  facePicture: (caseId: string, face: number) => `${BASE}/cases/${caseId}/faces/${face}/picture`,
  media: (caseId: string, source: number, proxy: boolean) =>
    `${BASE}/cases/${caseId}/sources/${source}/media${proxy ? '?proxy=true' : ''}`,
  frame: (caseId: string, source: number, at: { pts: number } | { timeUs: number }, width?: number) =>
    `${BASE}/cases/${caseId}/sources/${source}/frame?${'pts' in at ? `pts=${at.pts}` : `time_us=${Math.max(0, Math.round(at.timeUs))}`}` +
    (width ? `&width=${Math.round(width)}` : ''),
  liveFace: (caseId: string, watch: number, face: number) => `${BASE}/cases/${caseId}/live/${watch}/faces/${face}`,
  events: `${BASE}/events`,
};
