// The page end to end, in Debian's Chromium, at the real server and a case of real footage.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, leave, until } from './checks.mjs';
import { footage, framesOf, HARD_FILMS, missing, Served } from './served.mjs';

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

test('every page, in every look, has no grave finding of axe, no error, and fits its window', async () => {
  const person = (await people()).people[0].person.id;
  const { sources } = (await served.ask(`/cases/${id}/sources`)).body;
  const paths = [
    '', 'new', 'settings', `case/${id}/people`, `case/${id}/unassigned`, `case/${id}/people/${person}`, `case/${id}/people/${person}?tab=faces`,
    `case/${id}/people/${person}?tab=together`, `case/${id}/sources`, `case/${id}/sources?view=map`, `case/${id}/sources/${sources[0].id}`,
    `case/${id}/review`, `case/${id}/search`, `case/${id}/history`, `case/${id}/work`,
    ...['identify', 'cluster', 'formats', 'verify', 'redact', 'forget'].map((name) => `case/${id}/work?new=${name}`),
  ];
  // Each two of light, width and language meet.
  const narrow = { width: 390, height: 844 };
  const looks = [{}, { locale: 'ar', colorScheme: 'dark' }, { ...narrow, colorScheme: 'dark' }, { ...narrow, locale: 'ar' }];
  const through = async (look) => {
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
  };
  for (const each of looks) await through(each);
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

test('a name that is being written stays where people change places', async () => {
  const page = await served.open(`case/${id}/people?sort=name`);
  await card(page, 0).waitFor();
  const [first, second] = [...(await people()).people.map((each) => each.person)].sort((a, b) => (a.name < b.name ? -1 : 1));
  await card(page, 0).focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Bas');
  await correct({ verb: 'rename', person: second.id, name: 'Aaliya' });
  await card(page, 0).getByText('Aaliya').waitFor();
  await page.keyboard.type('ma');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Do it now' }).click();
  await until(async () => (await nameOf(first.id)) === 'Basma', 'what was typed was lost');
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

// The same numbers on every run.
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const ALIKE = 0.5; // grey levels: neighbours where people hold still differ by less than two ways of making a picture small
const difference = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

// What the page shows of a film that stands: its picture in grey, and how the box is drawn on it.
async function look({ wide, high, box, frameWidth }) {
  const shown = document.querySelector('.picture img');
  await shown.decode();
  const small = document.createElement('canvas');
  [small.width, small.height] = [wide, high];
  const pen = small.getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(shown, 0, 0, wide, high);
  const { data } = pen.getImageData(0, 0, wide, high);
  const grey = Array.from({ length: wide * high }, (_, i) => 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]);
  const boxes = document.querySelector('.picture canvas');
  const scale = boxes.width / frameWidth;
  const alpha = (x, y) => boxes.getContext('2d').getImageData(Math.round(x * scale), Math.round(y * scale), 1, 1).data[3];
  // Without dashes, all along the lower edge as far as it is in the picture.
  const edge = Math.min(box.y + box.h, (boxes.height - 2) / scale);
  const [from, to] = [Math.max(box.x + box.w * 0.1, 2 / scale), Math.min(box.x + box.w * 0.9, frameWidth - 2 / scale)];
  let [solid, all] = [0, 0];
  for (let x = from; x < to; x += 1 / scale, all += 1) if (alpha(x, edge) > 200) solid += 1;
  return { grey, solid: solid / Math.max(1, all) };
}

test('the box on a paused frame is the box of that frame: 50 faces of uneven, turned, reordered and proxied films', async () => {
  const { sources } = (await served.ask(`/cases/${id}/sources?limit=500`)).body;
  const films = sources.filter((each) => HARD_FILMS.includes(each.name.split('/').at(-1)));
  assert.equal(films.length, HARD_FILMS.length, 'the case has not all films that this is about');
  const faces = [];
  let turned = 0;
  for (const film of films) {
    if (film.playable === 'proxy') {
      await served.ask(`/cases/${id}/sources/${film.id}/proxy`, { method: 'POST', body: {} });
      await until(async () => (await served.ask(`/cases/${id}/sources/${film.id}/proxy`)).body.state === 'ready', 'the proxy was not made');
    }
    const [wide, high] = film.width > film.height ? [160, 120] : [120, 160];
    const detail = (await served.ask(`/cases/${id}/sources/${film.id}`)).body;
    turned += detail.rotation !== 0;
    const frames = framesOf(detail.path, wide, high);
    assert.equal(frames.length, detail.frames.decoded, `${film.name}: both readers count the same frames`);
    const { tracks } = (await served.ask(`/cases/${id}/sources/${film.id}/tracks?limit=500`)).body;
    faces.push(...tracks.flatMap((track) => track.faces).map((face) => ({ film, face, frames, wide, high })));
  }
  assert.ok(films.some((each) => each.playable === 'proxy') && turned === 1, 'one is proxied, one turned');
  const random = dice(1);
  const chosen = Array.from({ length: 50 }, () => faces[Math.floor(random() * faces.length)]);
  assert.equal(new Set(chosen.map((each) => each.film.id)).size, films.length, 'faces of all of them were drawn');
  const page = await served.open('');
  let told = 0;
  for (const { film, face, frames, wide, high } of chosen) {
    await page.goto(`${served.page}/#/case/${id}/sources/${film.id}?us=${face.time_us}`);
    await page.waitForSelector(`.picture img[data-time-us="${face.time_us}"]`);
    const { frame } = (await served.ask(`/cases/${id}/faces/${face.id}`)).body;
    const shown = await page.evaluate(look, { wide, high, box: face.box, frameWidth: film.width });
    const apart = frames.map((each) => difference(shown.grey, each));
    const where = `${film.name}, face ${face.id} of frame ${frame}`;
    const nearest = Math.min(...apart);
    assert.ok(apart[frame] < 4 && apart[frame] <= nearest + ALIKE, `${where}: frame ${apart.indexOf(nearest)} is shown (${nearest} apart, not ${apart[frame]})`);
    told += apart.every((each, i) => i === frame || each > apart[frame]);
    assert.ok(shown.solid > 0.98, `${where}: its box is not drawn whole (${shown.solid})`);
  }
  assert.ok(told >= 30, `only ${told} of 50 frames are nearer to their own than to all others`);
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

// A telephone's photo: no system tells browsers its kind, and Chromium does not show it.
test('a HEIC photo finds its person', async () => {
  const one = (await people()).people[0];
  const picture = await fetch(`${served.url}/api/v1/cases/${id}/faces/${one.portrait}/picture`, { headers: { Authorization: `Bearer ${served.token}` } });
  const folder = mkdtempSync(join(tmpdir(), 'crossface-heic-'));
  writeFileSync(join(folder, 'photo.jpg'), Buffer.from(await picture.arrayBuffer()));
  execFileSync('heif-enc', ['-q', '95', join(folder, 'photo.jpg'), '-o', join(folder, 'photo.heic')]);
  const page = await served.open(`case/${id}/search`);
  await page.locator('input[type=file]').setInputFiles({ name: 'IMG_0001.HEIC', mimeType: '', buffer: readFileSync(join(folder, 'photo.heic')) });
  rmSync(folder, { recursive: true });
  const best = page.locator('ol li').first();
  await best.waitFor();
  assert.match(await best.textContent(), new RegExp(one.person.name));
  const shown = () => page.locator('.photo img').evaluate((image) => image.naturalWidth);
  await until(async () => (await shown()) > 0, 'the photo is not shown');
  await leave(page);
});

test('a photo enrols a known person, whose name waits to be confirmed', async () => {
  const one = (await people()).people.find((each) => !each.named && each.portrait);
  const bearer = { Authorization: `Bearer ${served.token}` };
  const picture = await fetch(`${served.url}/api/v1/cases/${id}/faces/${one.portrait}/picture`, { headers: bearer });
  const page = await served.open(`case/${id}/search`);
  await page.locator('input[type=file]').setInputFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await picture.arrayBuffer()) });
  await page.locator('ol li').first().waitFor();
  await page.getByLabel('Name of this person').fill('Known by photo');
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  // A small face says little of who somebody is: who insists has it enrolled all the same.
  const named = page.locator('.left').getByRole('link', { name: 'Known by photo (by reference)' });
  const insist = page.getByRole('button', { name: 'Do it anyway' });
  await named.or(insist).waitFor();
  if (await insist.isVisible()) await insist.click();
  await named.waitFor();
  assert.match(await named.getAttribute('href'), new RegExp(`/people/${one.person.id}$`));
  // What was found before says so, too.
  await page.locator('.hits').getByRole('link', { name: 'Known by photo (by reference)' }).first().waitFor();
  // Until the grouping has ended somebody else writes.
  const unenrol = () => served.ask(`/cases/${id}/references?name=Known%20by%20photo`, { method: 'DELETE' });
  await until(async () => (await unenrol()).status === 200, 'the photo cannot be taken back');
  // Names go with the grouping that follows.
  await until(async () => (await people()).people.every((each) => each.person.name !== 'Known by photo (by reference)'), 'the name stays');
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
  // A page that takes another one's place has its own keys.
  await page.getByRole('toolbar').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Films', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
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

test('a question shows what speaks for and against, and a source where its shots begin', async () => {
  const page = await served.open(`case/${id}/review`);
  const { suggestions } = (await served.ask(`/cases/${id}/suggestions?limit=1`)).body;
  const [one] = suggestions;
  assert.ok(one.scores.models.length > 1 && one.scores.log_odds !== null, 'there are no scores');
  await page.getByText('what speaks for and against').click();
  for (const score of one.scores.models) {
    const row = page.getByRole('row').filter({ hasText: score.model });
    assert.ok((await row.textContent()).includes(score.cosine.toFixed(3).replace(/0+$/, '')), `${score.model} is not told`);
  }
  await page.getByText(one.shared_sources ? /in common/ : 'no source in common').waitFor();
  await page.getByText(one.together ? /two people/ : 'never on the screen together').waitFor();
  const { sources } = (await served.ask(`/cases/${id}/sources?limit=500`)).body;
  const marked = sources.find((each) => each.name.includes('hamilton'));
  const marks = (await served.ask(`/cases/${id}/sources/${marked.id}/marks`)).body;
  assert.ok(marks.exact && marks.still_known, 'the film with cuts has no marks');
  // As its ground truth has them, to a frame and a half.
  assert.deepEqual(marks.shots.map((shot) => [670, 2740, 7040].findIndex((cut) => Math.abs(cut - shot.start_ms) <= 60)), [0, 1, 2]);
  await page.goto(`${served.page}/#/case/${id}/sources/${marked.id}`);
  await page.getByText(/\d new shot/).waitFor();
  await leave(page);
});

test('a source that was moved is asked for, and taken only where its content is the same', async () => {
  const films = join(served.folder, 'films');
  const source = (await served.ask(`/cases/${id}/sources?limit=500`)).body.sources.find((each) => each.name.endsWith('turned.mp4'));
  for (const name of ['wrong', 'right']) mkdirSync(join(served.folder, name));
  renameSync(join(films, 'turned.mp4'), join(served.folder, 'right', 'turned.mp4'));
  const bytes = readFileSync(join(served.folder, 'right', 'turned.mp4'));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(join(served.folder, 'wrong', 'turned.mp4'), bytes);
  const page = await served.open(`case/${id}/sources/${source.id}`);
  await page.getByText('The file is not where it was').first().waitFor();
  await page.getByRole('button', { name: 'Where is it now?' }).click();
  await page.getByRole('button', { name: new RegExp(`${basename(served.folder)}$`) }).click();
  await page.getByLabel('Choose wrong').check();
  await page.getByRole('button', { name: 'Look there' }).click();
  await page.getByText('What lies there is another file').waitFor();
  assert.equal((await served.ask(`/cases/${id}/sources/${source.id}`)).body.source.there, false);
  await page.getByLabel('Choose right').check();
  await page.getByRole('button', { name: 'Look there' }).click();
  await page.waitForSelector('.picture img');
  const now = (await served.ask(`/cases/${id}/sources/${source.id}`)).body;
  assert.equal(now.path, join(served.folder, 'right', 'turned.mp4'));
  assert.equal(await page.getByText('The file is not where it was').count(), 0);
  // While it was not there its film could not be had.
  await leave(page, [404]);
});

test('what is said while a scan writes is kept, and the scan goes on by itself', async () => {
  const first = (await people()).people[0].person;
  const page = await served.open('settings');
  await page.getByLabel(/Keys of a single letter/).waitFor();
  // The list of jobs is asked for before the scan begins and comes when it is at work: what was told meanwhile is newer.
  let lists = 0;
  let queued;
  let begun;
  const atWork = new Promise((resolve) => (begun = resolve));
  await page.route('**/cases/*/jobs', async (route) => {
    lists += 1;
    const answer = await route.fetch();
    const body = await answer.json();
    await atWork;
    await route.fulfill({ response: answer, json: { ...body, jobs: body.jobs.concat(queued ?? []) } });
  });
  await page.goto(`${served.page}/#/case/${id}/people`);
  await card(page, 0).waitFor();
  const job = (await served.ask(`/cases/${id}/jobs`, { method: 'POST', body: { verb: 'identify', sources: [join(footage, 'videos', 'avobjects_debate.mp4')] } })).body;
  const state = async () => (await served.ask(`/cases/${id}/jobs/${job.id}`)).body;
  await until(async () => (await state()).progress?.work === 'scan', 'the scan did not begin');
  await page.getByText('preliminary').waitFor();
  queued = { ...(await state()), state: 'queued', progress: null };
  begun();
  const rename = async () => {
    await card(page, 0).focus();
    await page.keyboard.press('F2');
    await page.keyboard.type('Huda');
    await page.keyboard.press('Enter');
  };
  await rename();
  assert.ok(lists < 5, `the list of jobs was asked for ${lists} times`);
  // A scan that was at work for long has grouped its people meanwhile: then the page asks whether the name is still meant.
  const meant = page.getByRole('button', { name: 'Do it now' });
  await until(async () => (await nameOf(first.id)) === 'Huda' || (await meant.isVisible()), 'nothing came of it');
  if (await meant.isVisible()) await meant.click();
  await until(async () => (await nameOf(first.id)) === 'Huda', 'the name was not taken');
  assert.equal((await state()).state, 'queued', 'the scan rests for a while');
  await until(async () => (await state()).progress?.work === 'scan', 'the scan did not go on');
  assert.equal(await nameOf(first.id), 'Huda');
  await served.ask(`/cases/${id}/jobs/${job.id}/cancel`, { method: 'POST', body: {} });
  await until(async () => (await state()).state === 'cancelled', 'it was not cancelled');
  await correct({ verb: 'undo' });
  await leave(page, [409]);
});

test('when the server is gone the page says so, and goes on when it is back', async () => {
  const page = await served.open(`case/${id}/people`);
  await card(page, 0).waitFor();
  const { port } = served;
  await served.stopServer('SIGKILL');
  await page.getByText('The server cannot be reached').first().waitFor();
  await served.serve(port);
  await page.getByLabel('Token of the address').waitFor();
  assert.equal(await page.evaluate(async () => (await fetch('/api/v1/session')).status), 401, 'the session ended with its server');
  // Its token is new: whoever has it is where they were.
  await page.getByLabel('Token of the address').fill(served.token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await card(page, 0).waitFor();
  assert.match(page.url(), new RegExp(`case/${id}/people`));
  page.complaints = [];
  await leave(page);
});
