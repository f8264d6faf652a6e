// Pages are fragments of one address (#/case/ID/people?sort=name), so that the server serves files only.
const read = () => {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { parts: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
};

let current = $state.raw(read());

export const route = {
  get parts(): string[] {
    return current.parts;
  },
  get query(): URLSearchParams {
    return current.query;
  },
  get caseId(): string | null {
    return current.parts[0] === 'case' ? (current.parts[1] ?? null) : null;
  },
};

export function followAddress(): () => void {
  const changed = () => {
    current = read();
  };
  addEventListener('hashchange', changed);
  return () => removeEventListener('hashchange', changed);
}

type Query = Record<string, string | number | boolean | null | undefined>;

export function href(parts: (string | number)[], query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) search.set(name, String(value));
  }
  const text = search.toString();
  return `#/${parts.map((part) => encodeURIComponent(String(part))).join('/')}${text ? `?${text}` : ''}`;
}

export function go(parts: (string | number)[], query: Query = {}) {
  location.hash = href(parts, query);
}

// Changes what stands behind the ? without a step in the browser's history.
export function setQuery(changes: Query) {
  const merged: Query = Object.fromEntries(current.query);
  Object.assign(merged, changes);
  history.replaceState(null, '', href(current.parts, merged));
  current = read();
}

export const inCase = (caseId: string, ...rest: (string | number)[]) => ['case', caseId, ...rest];
