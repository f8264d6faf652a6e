// Words of the page in the language of its user.
import { ar } from '../text/ar';
import { en } from '../text/en';
import { settings } from './settings.svelte';

export type Message = string | (Partial<Record<Intl.LDMLPluralRule, string>> & { other: string });
export type TextKey = keyof typeof en;
type Values = Record<string, string | number>;

const texts: Record<'en' | 'ar', Record<TextKey, Message>> = { en, ar };

// Making one costs as much as a hundred uses of it.
function kept<Made>(make: (key: string) => Made): (key: string) => Made {
  const made = new Map<string, Made>();
  return (key) => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}
const pluralRules = kept((language) => new Intl.PluralRules(language));
const numberFormat = kept((key) => new Intl.NumberFormat(...(JSON.parse(key) as [string, Intl.NumberFormatOptions])));
const formatted = (value: number, options: Intl.NumberFormatOptions) => numberFormat(JSON.stringify([locale(), options])).format(value);

// The text of a key; {name} is replaced by values.name, and values.n chooses the plural.
export function t(key: TextKey, values: Values = {}): string {
  const message = texts[settings.language][key];
  const n = values.n;
  const template =
    typeof message === 'string'
      ? message
      : (message[pluralRules(settings.language).select(typeof n === 'number' ? n : 0)] ?? message.other);
  return template.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    if (value === undefined) return all;
    return typeof value === 'number' ? formatNumber(value) : value;
  });
}

// The text of a key that is made of what the server says; the server's own word where there is none.
export function tOf(prefix: string, word: string): string {
  const key = `${prefix}.${word.replaceAll(' ', '_')}`;
  return key in en ? t(key as TextKey) : word;
}

// Numbers are written in Western digits in both languages: time codes and tracks are copied into other programs.
function locale() {
  return settings.language === 'ar' ? 'ar-u-nu-latn' : 'en-GB';
}

export function formatNumber(value: number, digits = 0): string {
  return formatted(value, { maximumFractionDigits: digits, signDisplay: 'negative' }); // never minus nothing
}

export function formatPercent(share: number): string {
  return formatted(share, { style: 'percent', maximumFractionDigits: 0 });
}

export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return formatted(value, { style: 'unit', unit: units[unit], unitDisplay: 'short', maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 });
}

// A length for reading: 3 h 12 min, 4 min 5 s, 7.2 s.
export function formatLength(ms: number): string {
  const part = (value: number, unit: string, digits = 0) =>
    formatted(value, { style: 'unit', unit, unitDisplay: 'narrow', maximumFractionDigits: digits });
  if (ms < 9_950) return part(ms / 1000, 'second', 1);
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return part(seconds, 'second');
  if (seconds < 3600) return `${part(Math.floor(seconds / 60), 'minute')} ${part(seconds % 60, 'second')}`;
  return `${part(Math.floor(seconds / 3600), 'hour')} ${part(Math.floor((seconds % 3600) / 60), 'minute')}`;
}

// A moment of a source: h:mm:ss.mmm, the same in every language.
export function timeCode(ms: number, withMilliseconds = true): string {
  const whole = Math.max(0, Math.floor(ms));
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${Math.floor(whole / 3_600_000)}:${two(Math.floor(whole / 60_000) % 60)}:${two(Math.floor(whole / 1000) % 60)}`;
  return withMilliseconds ? `${clock}.${String(whole % 1000).padStart(3, '0')}` : clock;
}

// By the clock of a source. The zone is the one that the source names: nothing is turned into the reader's own.
export function formatClock(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/.exec(iso);
  if (!match) return iso;
  return `${match[1]} ${match[2]}${match[3] === 'Z' ? ' UTC' : match[3] ? ` ${match[3]}` : ''}`;
}

// When somebody did something here: in the reader's own zone.
export function formatWhen(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

// When a live stream showed something: the time of day, as the lines of a watch have it.
export function formatMoment(iso: string): string {
  return `${iso.slice(11, 19)} UTC`;
}
