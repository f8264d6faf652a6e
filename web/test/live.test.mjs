// What the page shows of a watch of live streams that runs in another program: a real stream, a real watch.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, leave, until } from './checks.mjs';
import { clip, footage, missing, program, Served } from './served.mjs';
import { Stream, Watch } from './watched.mjs';

let served;
let stream;
let watch;
let id;

function prepare(folder) {
  execFileSync(program, ['identify', clip('asl_book.mkv'), '--case', join(folder, 'cases', 'gate'), '--quiet'], { stdio: 'inherit' });
  return [footage];
}
const caseFolder = () => join(served.folder, 'cases', 'gate');
const watches = async () => (await served.ask(`/cases/${id}/live`)).body.watches;
const begin = (...words) => {
  watch = new Watch(caseFolder(), [`gate=${stream.address}`, ...words]);
};

before(async () => {
  assert.equal(missing(), '', 'the tests need this');
  served = await Served.start(prepare);
  id = (await served.ask('/cases')).body.cases[0].id;
  const { version, people } = (await served.ask(`/cases/${id}/people`)).body;
  const named = await served.ask(`/cases/${id}/corrections`, { method: 'POST', body: { based_on: version, verb: 'rename', person: people[0].person.id, name: 'Zahra' } });
  assert.equal(named.status, 200);
  stream = await Stream.start('asl_book.mkv');
});
after(async () => {
  await watch?.end('SIGKILL');
  await stream?.end();
  await served?.end();
});

test('a watch that begins elsewhere is seen, rings, and is gone when it ends', async () => {
  const page = await served.open(`case/${id}/people`);
  const item = page.getByRole('navigation').getByRole('link', { name: 'Live' });
  await page.getByRole('gridcell').first().waitFor();
  assert.equal(await item.count(), 0, 'there is nothing to show yet');
  begin('--watch', 'Zahra');
  await page.getByRole('alert').filter({ hasText: 'Zahra is on gate' }).waitFor();
  await item.click();
  await page.getByText('watching', { exact: true }).waitFor();
  const seen = page.getByRole('listitem').filter({ hasText: 'Zahra' });
  await seen.first().waitFor();
  await until(async () => (await page.locator('.faces img').first().evaluate((picture) => picture.naturalWidth)) > 40, 'the face has no picture');
  assert.equal(await page.getByText('hushhushhush').count(), 0, 'the passphrase is nowhere');
  assert.ok(!JSON.stringify(await watches()).includes('hush'));
  // Frames are counted while one looks.
  const counted = () => page.locator('.stream dd').nth(2).textContent();
  const first = await counted();
  await until(async () => (await counted()) !== first, 'nothing moves');
  // A face leads to whose it is.
  await seen.first().getByRole('link', { name: 'Zahra' }).click();
  await page.getByRole('heading', { level: 1, name: 'Zahra' }).waitFor();
  await page.goBack();
  await page.getByText('watching', { exact: true }).waitFor();
  await watch.end();
  await page.getByText('No live stream is watched now').waitFor();
  await leave(page);
});

test('a stream that is lost is told and comes back, and a watch that was killed says so', async () => {
  begin();
  const page = await served.open(`case/${id}/live`);
  await page.getByText('watching', { exact: true }).waitFor();
  await stream.end();
  await page.getByText('What went wrong').waitFor();
  await until(async () => (await page.getByText('watching', { exact: true }).count()) === 0, 'it is said to be watched still');
  stream.serve('asl_book.mkv');
  await page.getByText('watching', { exact: true }).waitFor();
  await watch.end('SIGKILL');
  await page.getByText('it was killed, or it stands still').waitFor();
  assert.deepEqual((await watches()).map((each) => each.now), [null]);
  // The next one takes its place.
  begin('--no-record');
  await page.getByText('not recorded').waitFor();
  await until(async () => (await watches()).length === 1, 'the one that was killed is still there');
  await leave(page);
});

test('the page of a watch, in every look, has no grave finding of axe and fits its window', async () => {
  await until(async () => (await watches())[0]?.now?.faces.length > 0, 'nobody was seen');
  const narrow = { width: 390, height: 844 };
  for (const look of [{}, { locale: 'ar', colorScheme: 'dark' }, { ...narrow, colorScheme: 'dark' }, { ...narrow, locale: 'ar' }]) {
    const page = await served.open(`case/${id}/live`, look);
    await page.locator('.faces img').first().waitFor();
    await accessible(page, JSON.stringify(look));
    const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window, `${JSON.stringify(look)} is ${wide} pixels wide`);
    await leave(page);
  }
});
