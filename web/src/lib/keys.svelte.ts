// Keys of the page. Components say which they understand while they are shown; the help (?) lists exactly those.
import { onDestroy } from 'svelte';
import { settings } from './settings.svelte';
import type { TextKey } from './text';

export interface Shortcut {
  // As KeyboardEvent.key has it; 'shift+…' and 'ctrl+…' before it; two with a space between: one after the other.
  keys: string[];
  label: TextKey;
  group: TextKey;
  run: (event: KeyboardEvent) => void;
  when?: () => boolean;
}

// Not a state itself: what is being destroyed would read it as it was before the page that takes its place was set up.
const registered = new Set<Shortcut[]>();
let changed = $state.raw({});
const all = () => [...registered].flat();
export const shortcuts = {
  get all() {
    void changed;
    return all();
  },
};

// For the life of the component that calls it.
export function useShortcuts(mine: Shortcut[]) {
  registered.add(mine);
  changed = {};
  onDestroy(() => {
    registered.delete(mine);
    changed = {};
  });
}

let begun = '';
let begunAt = 0;
const SEQUENCE_MS = 1200;

function nameOf(event: KeyboardEvent): string {
  const key = event.key === ' ' ? 'space' : event.key.toLowerCase();
  if (event.getModifierState('AltGraph')) return key; // how many keyboards write [ and ]
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key)) ? 'shift+' : '';
  return `${event.ctrlKey || event.metaKey ? 'ctrl+' : ''}${event.altKey ? 'alt+' : ''}${shift}${key}`;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(target.type)))
  );
}

// Space and Enter belong to what has the focus.
function pressesWhatIsFocused(name: string, target: EventTarget | null): boolean {
  return (
    (name === 'space' || name === 'enter') &&
    target instanceof HTMLElement &&
    target.matches('button, a[href], summary, input, [role="gridcell"], [role="option"]')
  );
}

export function handleKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
  const name = nameOf(event);
  const single = !name.startsWith('ctrl+') && !name.startsWith('alt+');
  if (single && !settings.shortcuts && event.key.length === 1 && event.key !== '?') return;
  if (pressesWhatIsFocused(name, event.target)) return;
  const inDialog = document.querySelector('dialog[open]') !== null;
  const sequence = Date.now() - begunAt < SEQUENCE_MS ? `${begun} ${name}` : '';
  // A second key ends what the first began; then what was shown last is asked first: a panel over a page takes its keys.
  const usable = all().reverse().filter((each) => (!inDialog || each.group === 'keys.dialog') && (each.when?.() ?? true));
  const meant = (sequence && usable.find((each) => each.keys.includes(sequence))) || usable.find((each) => each.keys.includes(name));
  if (meant) {
    event.preventDefault();
    begun = '';
    meant.run(event);
    return;
  }
  begun = name;
  begunAt = Date.now();
}
