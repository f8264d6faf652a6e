// Short notes at the edge of the page, read out by screen readers.
export interface Note {
  id: number;
  kind: 'done' | 'failed' | 'ring';
  text: string;
  details: string[];
  action?: { label: string; run: () => void };
}

const DONE_MS = 8_000;
let next = 1;

export const notes = $state<Note[]>([]);

export function note(kind: Note['kind'], text: string, more: { details?: string[]; action?: Note['action'] } = {}) {
  const id = next++;
  // Who comes again and again rings anew, in one place.
  const again = kind === 'ring' ? notes.find((each) => each.kind === kind && each.text === text) : undefined;
  if (again) dismiss(again.id);
  if (notes.length >= 4) notes.shift();
  // Undoing takes back the last change, so only the last note may offer it.
  for (const each of notes) each.action = undefined;
  notes.push({ id, kind, text, details: more.details ?? [], action: more.action });
  // A failure stays until it was read, and so does a ring.
  if (kind === 'done') setTimeout(() => dismiss(id), DONE_MS);
}

export function dismiss(id: number) {
  const at = notes.findIndex((each) => each.id === id);
  if (at >= 0) notes.splice(at, 1);
}
