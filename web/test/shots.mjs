// Pictures of every page, light and dark, wide and narrow, to be looked at: node test/shots.mjs FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Served } from './served.mjs';
import { Stream, Watch } from './watched.mjs';

const [folder, only = '', onlyLook = ''] = process.argv.slice(2);
if (!folder) throw new Error('usage: node test/shots.mjs FOLDER [PAGES] [LOOKS]');
mkdirSync(folder, { recursive: true });

const served = await Served.start();
const watching = [];
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
    live: `case/${id}/live`,
  };
  if (!only || only.split(',').includes('live')) {
    const streams = [await Stream.start('asl_book.mkv'), await Stream.start('hamilton_short.mp4')];
    const words = streams.map((stream, i) => `${['gate', 'yard'][i]}=${stream.address}`);
    watching.push(...streams, new Watch(join(served.folder, 'cases', 'harbour'), [...words, 'harbour=rtsp://127.0.0.1:9/none', '--watch', String(person.person.id)]));
    await new Promise((resolve) => setTimeout(resolve, 15_000));
  }
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
  for (const each of watching) await each.end('SIGKILL');
  await served.end();
}
