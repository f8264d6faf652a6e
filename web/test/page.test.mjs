// The page end to end, in Debian's Chromium, at the real server and a case of real footage.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { missing, Served } from './served.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let served;
let id;

before(async () => {
  assert.equal(missing(), '', 'the tests need this');
  served = await Served.start();
  id = (await served.ask('/cases')).body.cases[0].id;
});
after(() => served?.end());

const people = async () => (await served.ask(`/cases/${id}/people?limit=500&ignored=all`)).body;
const correct = async (body) => served.ask(`/cases/${id}/corrections`, { method: 'POST', body: { based_on: (await people()).version, ...body } });
const nameOf = async (number) => (await served.ask(`/cases/${id}/people/${number}`)).body.person.person.name;
const card = (page, index) => page.locator(`[role=gridcell][data-index="${index}"]`);

// Patient: a machine that compiles beside is slow, and no test is about time.
const PATIENCE_MS = 120_000;

async function until(what, told, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(told);
}

// A refusal that a test means to get is noted by the browser as an error too.
async function leave(page, refusals = []) {
  assert.deepEqual(page.complaints.filter((each) => !refusals.some((status) => each.includes(`status of ${status}`))), []);
  assert.deepEqual(page.elsewhere, [], 'no request may leave the server');
  await page.context().close();
}

async function accessible(page, where) {
  // Not by a script element: the content policy would refuse it, as it should.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  const grave = violations.filter((each) => ['serious', 'critical'].includes(each.impact));
  assert.deepEqual(
    grave.map((each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`),
    [],
    where,
  );
}

test('every page, in every look, has no grave finding of axe, no error, and fits its window', async () => {
  const person = (await people()).people[0].person.id;
  const { sources } = (await served.ask(`/cases/${id}/sources`)).body;
  const paths = [
    '', 'new', 'settings', `case/${id}/people`, `case/${id}/unassigned`, `case/${id}/people/${person}`, `case/${id}/people/${person}?tab=faces`,
    `case/${id}/people/${person}?tab=together`, `case/${id}/sources`, `case/${id}/sources?view=map`, `case/${id}/sources/${sources[0].id}`,
    `case/${id}/review`, `case/${id}/search`, `case/${id}/history`, `case/${id}/work`,
    ...['identify', 'cluster', 'formats', 'verify', 'redact', 'forget'].map((name) => `case/${id}/work?new=${name}`),
  ];
  const looks = [{}, { colorScheme: 'dark' }, { width: 390, height: 844 }, { locale: 'ar', width: 390, height: 844, colorScheme: 'dark' }];
  for (const look of looks) {
    const page = await served.open('', look);
    for (const path of paths) {
      await page.goto(`${served.page}/#/${path}`);
      await page.waitForSelector('main h1, header h1');
      await page.waitForTimeout(250);
      const where = `${path} ${JSON.stringify(look)}`;
      await accessible(page, where);
      const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= window, `${where} is ${wide} pixels wide`);
    }
    await leave(page);
  }
});

test('a person is renamed by keys, and another window shows it by itself', async () => {
  const page = await served.open(`case/${id}/people`);
  const other = await served.open(`case/${id}/people`);
  const first = (await people()).people[0].person;
  await card(page, 0).focus();
  await page.keyboard.press('F2');
  await page.keyboard.type("Amal &lt;i&gt; 'o");
  await page.keyboard.press('Enter');
  await until(async () => (await nameOf(first.id)).startsWith('Amal'), 'the name was not taken');
  await until(async () => (await card(other, 0).textContent()).includes("Amal &lt;i&gt; 'o"), 'the other window shows it as it is');
  await correct({ verb: 'undo' });
  await leave(page);
  await leave(other);
});

test('two are merged by keys and undone, and everything is as before', async () => {
  const before = (await people()).people.map((each) => each.person);
  const page = await served.open(`case/${id}/people`);
  await card(page, 0).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await page.keyboard.press('m');
  // People of one scene are on the screen together: the page asks before it goes on.
  const sure = page.getByRole('button', { name: 'Do it anyway' });
  const merged = async () => (await people()).total === before.length - 1;
  await until(async () => (await merged()) || (await sure.isVisible()), 'nothing came of the merge');
  if (await sure.isVisible()) await sure.click();
  await until(merged, 'they were not merged');
  // Events may be there before the answer: nothing is selected any more once that has come too.
  await until(async () => (await page.getByText(/\d selected/).count()) === 0, 'the selection stayed');
  await page.keyboard.press('u');
  await until(async () => (await people()).total === before.length, 'it was not undone');
  assert.deepEqual((await people()).people.map((each) => each.person), before);
  await leave(page, [409]);
});

test('who renames on an old state is told what changed, and loses nothing that was typed', async () => {
  const [first, second] = (await people()).people.map((each) => each.person);
  const page = await served.open(`case/${id}/people/${first.id}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('Basma');
  await correct({ verb: 'rename', person: second.id, name: 'Dalia' });
  await page.waitForTimeout(300);
  assert.equal(await page.getByPlaceholder('Name').inputValue(), 'Basma', 'what was typed is there');
  await page.keyboard.press('Enter');
  await page.getByText('The case has changed').waitFor();
  await page.getByRole('dialog').getByText(/Dalia/).waitFor();
  assert.notEqual(await nameOf(first.id), 'Basma', 'nothing was done before the user said so');
  await page.getByRole('button', { name: 'Do it now' }).click();
  await until(async () => (await nameOf(first.id)) === 'Basma', 'the second name was not taken');
  assert.equal(await nameOf(second.id), 'Dalia', 'the first name is kept');
  await correct({ verb: 'undo', count: 2 });
  await leave(page, [409]);
});

test('a suggestion is answered by keys and taken back', async () => {
  const open = async () => (await served.ask(`/cases/${id}/suggestions`)).body.total;
  const before = await open();
  assert.ok(before > 0, 'the case has nothing to review');
  const page = await served.open(`case/${id}/review`);
  await page.getByRole('toolbar').waitFor();
  await page.keyboard.press('n');
  await until(async () => (await open()) < before, 'it was not answered');
  await page.getByText('1 answered').waitFor();
  await page.keyboard.press('u');
  await until(async () => (await open()) === before, 'it was not taken back');
  await leave(page);
});

test('the box on a paused frame is the box of a face of that very frame', async () => {
  const { sources } = (await served.ask(`/cases/${id}/sources`)).body;
  const source = sources.filter((each) => each.kind === 'video').sort((a, b) => b.tracks - a.tracks)[0];
  const { tracks } = (await served.ask(`/cases/${id}/sources/${source.id}/tracks?limit=500`)).body;
  const track = tracks.filter((each) => each.person).sort((a, b) => b.faces.length - a.faces.length)[0];
  const page = await served.open('');
  for (const face of [track.faces[0], track.faces[Math.floor(track.faces.length / 2)], track.faces.at(-1)]) {
    await page.goto(`${served.page}/#/case/${id}/sources/${source.id}?t=${Math.floor(face.time_us / 1000)}`);
    await page.waitForSelector('.picture img');
    await until(async () => (await page.getByRole('list', { name: 'On the screen now' }).textContent()).includes(track.person.name), 'the person is not listed');
    // Drawn without dashes: all along its upper edge there is colour.
    const drawn = await page.evaluate(
      ({ box, width }) => {
        const canvas = document.querySelector('.picture canvas');
        const scale = canvas.width / width;
        const pen = canvas.getContext('2d');
        let solid = 0;
        const y = Math.round((box.y + box.h) * scale);
        const from = Math.round((box.x + box.w * 0.1) * scale);
        const to = Math.round((box.x + box.w * 0.9) * scale);
        for (let x = from; x < to; x += 1) if (pen.getImageData(x, y, 1, 1).data[3] > 200) solid += 1;
        const inside = pen.getImageData(Math.round((box.x + box.w / 2) * scale), Math.round((box.y + box.h / 2) * scale), 1, 1).data[3];
        return { share: solid / Math.max(1, to - from), inside };
      },
      { box: face.box, width: source.width },
    );
    assert.ok(drawn.share > 0.98 && drawn.inside === 0, `the box of face ${face.id} is not drawn whole: ${JSON.stringify(drawn)}`);
  }
  await leave(page);
});

test('a face shows what it rests on, and stands the test', async () => {
  const person = (await people()).people[0].person.id;
  const page = await served.open(`case/${id}/people/${person}?tab=faces`);
  await card(page, 0).focus();
  await page.keyboard.press('Enter');
  const { faces } = (await served.ask(`/cases/${id}/faces?person=${person}&best=true&limit=1`)).body;
  const evidence = (await served.ask(`/cases/${id}/faces/${faces[0].id}`)).body;
  await page.getByText(evidence.source.sha256).waitFor();
  await page.getByRole('button', { name: 'Verify this face now' }).click();
  await page.getByText('Everything is as it was').waitFor();
  await page.keyboard.press('Escape');
  await until(async () => (await page.locator('dialog[open]').count()) === 0, 'Escape does not close it');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-index')), '0', 'the focus comes back');
  await leave(page);
});

test('a photo finds its person', async () => {
  const one = (await people()).people[0];
  const picture = await fetch(`${served.url}/api/v1/cases/${id}/faces/${one.portrait}/picture`, { headers: { Authorization: `Bearer ${served.token}` } });
  const page = await served.open(`case/${id}/search`);
  await page.locator('input[type=file]').setInputFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await picture.arrayBuffer()) });
  const best = page.locator('ol li').first();
  await best.waitFor();
  assert.match(await best.textContent(), new RegExp(one.person.name));
  await page.getByRole('button', { name: 'Watch hit 1', exact: true }).click();
  await page.waitForSelector('.picture');
  await leave(page);
});

test('the keys are told, and can be switched off', async () => {
  const page = await served.open(`case/${id}/people`);
  await card(page, 0).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Merge those who are selected').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForURL(/review$/);
  await page.goto(`${served.page}/#/settings`);
  await page.getByLabel(/Keys of a single letter/).uncheck();
  await page.goto(`${served.page}/#/case/${id}/people`);
  await card(page, 0).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForTimeout(200);
  assert.match(page.url(), /people$/);
  await leave(page);
});

test('a new case is made in the browser alone', async () => {
  const page = await served.open('new');
  const clip = process.env.CROSSFACE_CLIP ?? 'pf_single_face.mp4';
  await page.getByRole('button', { name: /data$/ }).click();
  await page.getByRole('button', { name: 'videos', exact: true }).click();
  const box = page.getByLabel(`Choose ${clip}`);
  await page.getByRole('gridcell').first().focus();
  for (let i = 0; i < 40 && !(await box.isVisible()); i += 1) await page.keyboard.press('PageDown');
  await box.check();
  await page.getByText('1 video').waitFor();
  await page.getByLabel('Name of the case').fill('made here');
  await page.getByRole('button', { name: 'Find everybody in 1 source' }).click();
  await page.waitForURL(/work/);
  await page.getByText('done', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'People' }).click();
  await card(page, 0).waitFor();
  await leave(page);
});

test('when the server is gone the page says so, and goes on when it is back', async () => {
  const page = await served.open(`case/${id}/people`);
  await card(page, 0).waitFor();
  const { port } = served;
  await served.stopServer('SIGKILL');
  await page.getByText('The server cannot be reached').first().waitFor();
  await served.serve(port);
  // Its token is new: whoever has it is where they were.
  await page.getByLabel('Token of the address').fill(served.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await card(page, 0).waitFor();
  assert.match(page.url(), new RegExp(`case/${id}/people`));
  page.complaints = [];
  await leave(page);
});
