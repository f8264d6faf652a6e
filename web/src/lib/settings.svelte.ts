// What this browser remembers of how its user likes the page. Nothing of a case is kept here.
export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'ar';

interface Stored {
  theme: Theme;
  language: Language;
  shortcuts: boolean;
  portrait: number;
}

const KEY = 'crossface';
const browserLanguage: Language = navigator.language.startsWith('ar') ? 'ar' : 'en';
const defaults: Stored = { theme: 'system', language: browserLanguage, shortcuts: true, portrait: 128 };

function read(): Stored {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Stored>) };
  } catch {
    return defaults; // storage is closed or was written by something else
  }
}

export const settings: Stored = $state(read());

const prefersDark = matchMedia('(prefers-color-scheme: dark)');

function apply() {
  const root = document.documentElement;
  root.lang = settings.language;
  root.dir = settings.language === 'ar' ? 'rtl' : 'ltr';
  const dark = settings.theme === 'dark' || (settings.theme === 'system' && prefersDark.matches);
  root.dataset.theme = dark ? 'dark' : 'light';
}

export function followSettings(): () => void {
  prefersDark.addEventListener('change', apply);
  const stop = $effect.root(() => {
    $effect(() => {
      apply();
      try {
        localStorage.setItem(KEY, JSON.stringify(settings));
      } catch {
        // a browser that keeps nothing still works
      }
    });
  });
  return () => {
    prefersDark.removeEventListener('change', apply);
    stop();
  };
}
