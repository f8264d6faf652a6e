// A person has the same colour everywhere: hues a golden angle apart, so that neighbours differ.
export function hueOf(person: number): number {
  return Math.round((person * 137.508 + 200) % 360);
}

export function colourOf(person: number | null, lightness: string | number): string {
  return person === null ? `oklch(${lightness} 0.01 250)` : `oklch(${lightness} 0.14 ${hueOf(person)})`;
}
