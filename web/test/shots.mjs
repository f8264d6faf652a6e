// Pictures of every page, light and dark, wide and narrow, to be looked at: node test/shots.mjs FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Served } from './served.mjs';

const [folder, only = '', onlyLook = ''] = process.argv.slice(2);
if (!folder) throw new Error('usage: node test/shots.mjs FOLDER [PAGES] [LOOKS]');
mkdirSync(folder, { recursive: true });

const served = await Served.start();
try {
  const { cases } = (await served.ask('/cases')).body;
  const id = cases[0].id;
  const { people } = (await served.ask(`/cases/${id}/people`)).body;
  const person = people[0];
  const { sources } = (await served.ask(`/cases/${id}/sources?limit=500`)).body;
  const source = [...sources].filter((each) => each.kind === 'video').sort((a, b) => b.tracks - a.tracks)[0];
  const pages = {
    home: '',
    new: 'new',
    people: `case/${id}/people`,
    unassigned: `case/${id}/unassigned`,
    person: `case/${id}/people/${person.person.id}`,
    faces: `case/${id}/people/${person.person.id}?tab=faces`,
    together: `case/${id}/people/${person.person.id}?tab=together`,
    sources: `case/${id}/sources`,
    map: `case/${id}/sources?view=map`,
    source: `case/${id}/sources/${source.id}?us=${Math.round((source.duration_ms * 1000) / 3)}`,
    review: `case/${id}/review`,
    search: `case/${id}/search`,
    history: `case/${id}/history`,
    work: `case/${id}/work`,
    redact: `case/${id}/work?new=redact`,
    settings: 'settings',
  };
  const looks = {
    light: { width: 1360, height: 860 },
    dark: { width: 1360, height: 860, colorScheme: 'dark' },
    narrow: { width: 390, height: 844 },
    arabic: { width: 1360, height: 860, locale: 'ar' },
  };
  for (const [look, options] of Object.entries(looks)) {
    if (onlyLook && !onlyLook.split(',').includes(look)) continue;
    const page = await served.open('', options);
    for (const [name, path] of Object.entries(pages)) {
      if (only && !only.split(',').includes(name)) continue;
      await page.goto(`${served.page}/#/${path}`);
      await page.waitForTimeout(name === 'source' || name === 'person' ? 1600 : 700);
      await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
    }
    if (page.complaints.length) console.log(look, page.complaints);
    await page.context().close();
  }
} finally {
  await served.end();
}
