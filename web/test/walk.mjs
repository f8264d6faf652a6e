// From an empty home to named people, in the browser alone; the pictures of docs/tutorial.md are made on the way.
//
// usage: node test/walk.mjs FOLDER
//   FOLDER  where the pictures go; all faces and films in them are blurred
// Questions of the review are answered by ground_truth_videos.csv, where it says who is meant, and put off where it does not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { footage, Served } from './served.mjs';

const [pictures] = process.argv.slice(2);
assert.ok(pictures, 'usage: node test/walk.mjs FOLDER');
mkdirSync(pictures, { recursive: true });

const SCAN_MS = 1_800_000;
const LOOK = { width: 1120, height: 700, bypassCSP: true };
const COLOURS = 96;
const NAMES = (
  'Amal Basma Chadi Dalia Emre Farida Giorgi Hala Idris Jana Karim Leyla Mazen Nadia Omar Petra Qasim Rania Samir Tala Usman Vera Walid Xenia Yusuf Zeina ' +
  'Adel Bruna Carim Dunya Elias Fadi Ghada Hiba Imad Jalal Kenza Lina Mona Nabil Olga Pavel Rima Sami Tariq Wafa Yara Ziad'
).split(' ');

function readTruth() {
  const [, ...lines] = readFileSync(join(footage, 'ground_truth_videos.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => line.split(',')).map(([video, person, start, end]) => ({ video, person, start: Number(start), end: Number(end) }));
}

// Who is on the screen then; null where nobody or more than one is.
function whoAt(truth, source, seconds) {
  const there = truth.filter((each) => source.endsWith(each.video) && each.start <= seconds && seconds <= each.end);
  return new Set(there.map((each) => each.person)).size === 1 ? there[0].person : null;
}

class Walk {
  constructor(served, page) {
    Object.assign(this, { served, page, steps: 0, truth: readTruth() });
  }
  async ask(path) {
    return (await this.served.ask(`/cases/${this.id}${path}`)).body;
  }

  async goTo(name) {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: new RegExp(`^${name}`) }).click();
  }

  // A picture of the page in which nobody can be recognised.
  async picture(name, { wait = 600 } = {}) {
    await this.page.waitForTimeout(wait);
    await this.page.evaluate(() => {
      for (const each of document.querySelectorAll('video, img:not([src$=".svg"])')) each.style.filter = `blur(${Math.max(12, each.clientWidth / 9)}px)`;
    });
    const path = join(pictures, `${name}.png`);
    await this.page.screenshot({ path: `${path}.png` });
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', `${path}.png`, '-vf', `split[a][b];[a]palettegen=max_colors=${COLOURS}[p];[b][p]paletteuse=dither=none`, path]);
    rmSync(`${path}.png`);
    console.log(name);
  }

  async makeCase() {
    const { page } = this;
    await page.getByText('No case yet').waitFor();
    await page.getByRole('link', { name: 'New case' }).click();
    await page.getByRole('button', { name: /footage$/ }).click();
    await page.getByLabel('Choose videos').check();
    await page.getByText(/\d+ videos/).waitFor();
    await page.getByLabel('Name of the case').fill('river');
    await this.picture('1-new-case');
    await page.getByRole('button', { name: /^Find everybody in/ }).click();
    await page.waitForURL(/work/);
    this.id = (await this.served.ask('/cases')).body.cases[0].id;
  }

  async watchScan() {
    const { page } = this;
    await this.goTo('People');
    await page.getByRole('gridcell').nth(3).waitFor({ timeout: SCAN_MS });
    await this.picture('2-while-it-scans');
    await this.goTo('Work');
    await page.getByText('done', { exact: true }).waitFor({ timeout: SCAN_MS });
  }

  async review() {
    const { page } = this;
    await this.goTo('Review');
    let { suggestions, total } = await this.ask('/suggestions');
    const questions = total;
    if (!total) return 0;
    await page.getByRole('toolbar').waitFor();
    await this.picture('3-review', { wait: 2000 });
    let putOff = 0;
    while (total > putOff) {
      const one = suggestions[putOff];
      const who = await Promise.all([one.side, one.other_side].map(async (side) => whoAt(this.truth, (await this.ask(`/faces/${side.face}`)).source.name, side.time_us / 1e6)));
      const key = who.includes(null) ? 'Space' : who[0] === who[1] ? 'y' : 'n';
      console.log('  question', one.question.person.name, one.question.other?.name ?? '', ...who, key);
      await page.keyboard.press(key);
      if (key === 'Space') putOff += 1;
      else {
        const sure = page.getByRole('button', { name: 'Do it anyway' });
        for (const before = total; total === before; ) {
          if (await sure.isVisible()) await sure.click();
          await page.waitForTimeout(200);
          ({ suggestions, total } = await this.ask('/suggestions'));
        }
      }
      await page.waitForTimeout(500);
    }
    return questions;
  }

  async name() {
    const { page } = this;
    await this.goTo('People');
    const first = page.locator('[role=gridcell][data-index="0"]');
    await first.waitFor();
    await first.focus();
    const { total } = await this.ask('/people');
    for (let i = 0; i < total; i += 1) {
      await page.keyboard.press('F2');
      await page.getByRole('textbox', { name: /^Rename/ }).waitFor();
      await page.keyboard.type(NAMES[i] ?? `Guest ${i}`);
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: /^Rename/ }).waitFor({ state: 'detached' });
      await page.waitForTimeout(150); // the focus comes back to the card
      await page.keyboard.press('ArrowRight');
    }
    const { people } = await this.ask('/people?named=no');
    assert.deepEqual(people, [], 'everybody has a name');
    return total;
  }

  async look() {
    const { page } = this;
    await this.goTo('Sources');
    await this.goTo('People');
    await this.picture('4-people', { wait: 9000 }); // notes of what was done have gone
    const shown = (await this.ask('/people')).people.slice(0, 12).map((each) => each.person);
    const many = shown.sort((a, b) => b.sources - a.sources)[0];
    await page.getByRole('link', { name: `Open ${many.name}`, exact: true }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await this.picture('5-person', { wait: 2500 });
    const { sources } = await this.ask('/sources?limit=500');
    const crowded = sources.find((each) => each.name.includes('friends_table'));
    await page.goto(`${this.served.page}/#/case/${this.id}/sources/${crowded.id}?us=9000000`);
    await page.waitForSelector('.picture img');
    await this.picture('6-source', { wait: 2500 });
    await this.goTo('History');
    await this.picture('7-history', { wait: 1200 });
  }
}

const served = await Served.start((folder) => {
  for (const name of ['cases', 'footage']) mkdirSync(join(folder, name));
  cpSync(join(footage, 'videos'), join(folder, 'footage', 'videos'), { recursive: true });
  return [join(folder, 'footage')];
});
try {
  const page = await served.open('', LOOK);
  const walk = new Walk(served, page);
  await walk.makeCase();
  await walk.watchScan();
  const questions = await walk.review();
  const people = await walk.name();
  await walk.look();
  assert.deepEqual(page.elsewhere, [], 'no request may leave the server');
  console.log(JSON.stringify({ questions, people, complaints: page.complaints }));
} finally {
  await served.end();
}
