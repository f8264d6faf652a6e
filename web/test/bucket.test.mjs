// Footage that lies in a bucket is chosen on the page as that of a disk.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Bucket } from './bucket.mjs';
import { accessible, leave, until } from './checks.mjs';
import { missing, Served } from './served.mjs';

const MANY = 1_300;
let folder;
let bucket;
let served;

before(async () => {
  assert.equal(missing(), '', 'the tests need this');
  folder = mkdtempSync(join(tmpdir(), 'crossface-bucket-'));
  bucket = await Bucket.start(folder);
  bucket.putClip('in/day 1/é+% film.mkv', 'asl_yes.mkv');
  bucket.putClip('in/asl_no.mkv', 'asl_no.mkv');
  bucket.put('in/notes.txt', 'no footage');
  for (let i = 0; i < MANY; ++i) bucket.put(`in/many/${String(i).padStart(5, '0')}.jpg`, 'x');
  Object.assign(process.env, bucket.environment);
  served = await Served.start((cases) => {
    mkdirSync(join(cases, 'cases'));
    return ['s3://footage/in', 's3://footage/nowhere', cases];
  });
});
after(async () => {
  await served?.end();
  bucket?.end();
  rmSync(folder, { recursive: true, force: true });
});

test('a case is made of footage in a bucket', async () => {
  const page = await served.open('new');
  const list = page.getByRole('region', { name: 'Footage' });
  const open = (name) => list.getByRole('button', { name, exact: true }).click();
  await open('s3://footage/in');
  await list.getByText('asl_no.mkv').waitFor();
  assert.equal(await list.getByText('notes.txt').count(), 0);
  await accessible(page, 'a bucket');
  if (process.env.CROSSFACE_PICTURES) await page.screenshot({ path: join(process.env.CROSSFACE_PICTURES, 'bucket.png') });
  // A long list comes by pages while one goes through it.
  await open('many');
  await list.getByText('00000.jpg').waitFor();
  await list.getByRole('gridcell').first().focus();
  await page.keyboard.press('Control+End');
  await list.getByText(`${String(MANY - 1).padStart(5, '0')}.jpg`).waitFor();
  await list.getByRole('button', { name: 'To the folder above' }).click();
  await open('day 1');
  await list.getByLabel('Choose é+% film.mkv').check();
  await page.getByText('1 video').waitFor();
  await page.getByLabel('Name of the case').fill('bucket case');
  await page.getByRole('button', { name: 'Find everybody in 1 source' }).click();
  const job = async () => {
    const { cases } = (await served.ask('/cases')).body;
    return cases.length ? (await served.ask(`/cases/${cases[0].id}/jobs`)).body.jobs[0] : undefined;
  };
  await until(async () => (await job())?.state === 'done', 'the footage in the bucket is scanned');
  const { cases } = (await served.ask('/cases')).body;
  const { sources } = (await served.ask(`/cases/${cases[0].id}/sources`)).body;
  assert.deepEqual(sources.map((each) => each.name), ['é+% film.mkv']);
  await leave(page);
});

test('what is not there is told, and the way back is open', async () => {
  const page = await served.open('new');
  const list = page.getByRole('region', { name: 'Footage' });
  await list.getByRole('button', { name: 's3://footage/nowhere', exact: true }).click();
  await list.getByRole('alert').waitFor();
  if (process.env.CROSSFACE_PICTURES) await page.screenshot({ path: join(process.env.CROSSFACE_PICTURES, 'nowhere.png') });
  await list.getByRole('button', { name: 'To the folder above' }).click();
  await list.getByRole('button', { name: 's3://footage/in', exact: true }).waitFor();
  await leave(page, [404]);
});
