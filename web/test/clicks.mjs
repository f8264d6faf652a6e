// How many keys and clicks it takes from a case that was just identified to one where everybody is right, but for typing names.
//
// usage: node test/clicks.mjs CASE TRUTH [CASE TRUTH …]
//   CASE   case of films that were made by make_synth.py; it is copied, not changed
//   TRUTH  folder with their truth_boxes.csv
// The operator knows the truth and nothing else, and uses the page as it is: the review's questions first, then the people who are
// still in two folders, then faces of nobody. Scrolling is not counted.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Served } from './served.mjs';

const PATIENCE_MS = 60_000;
const LEAST_OVERLAP = 0.2; // of a face's box and a true one, intersection over union

async function until(what, told) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(told);
}

function readTruth(folder) {
  const [head, ...lines] = readFileSync(join(folder, 'truth_boxes.csv'), 'utf8').trim().split('\n');
  const names = head.split(',');
  const byVideo = new Map();
  for (const line of lines) {
    const row = Object.fromEntries(line.split(',').map((value, i) => [names[i], value]));
    const box = { person: row.person, start: Number(row.start_ms), end: Number(row.end_ms), x: Number(row.x), y: Number(row.y), w: Number(row.w), h: Number(row.h) };
    byVideo.set(row.video, [...(byVideo.get(row.video) ?? []), box]);
  }
  return byVideo;
}

function overlap(a, b) {
  const wide = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
  const high = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
  const common = wide > 0 && high > 0 ? wide * high : 0;
  return common / (a.w * a.h + b.w * b.h - common);
}

function most(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

// Who a track shows; null for those of whom the truth does not speak.
function whoIs(track, truth) {
  const seen = track.faces.map((face) => {
    const ms = face.time_us / 1000;
    const near = truth.filter((each) => each.start <= ms && ms < each.end);
    const best = near.sort((a, b) => overlap(face.box, b) - overlap(face.box, a))[0];
    return best && overlap(face.box, best) >= LEAST_OVERLAP ? best.person : null;
  });
  return most(seen);
}

class Operator {
  constructor(served, id, truth, page) {
    Object.assign(this, { served, id, truth, page, counts: { review: 0, people: 0, unassigned: 0 }, part: 'review' });
  }

  async press(key) {
    this.counts[this.part] += 1;
    await this.page.keyboard.press(key);
  }
  async click(locator) {
    this.counts[this.part] += 1;
    await locator.click();
  }
  async ask(path) {
    return (await this.served.ask(`/cases/${this.id}${path}`)).body;
  }

  // Every track that the truth speaks of: whom it shows, and whose it is.
  async look() {
    const tracks = [];
    for (const source of (await this.ask('/sources?limit=500')).sources) {
      const truth = this.truth.get(source.name.split('/').at(-1).replace(/\.\w+$/, '')) ?? [];
      const answer = await this.ask(`/sources/${source.id}/tracks?limit=500`);
      for (const track of answer.tracks) tracks.push({ name: `${source.name}:${track.number}`, shows: whoIs(track, truth), person: track.person?.id ?? null });
    }
    return tracks.filter((each) => each.shows !== null);
  }
  async isDone(total) {
    await until(async () => (await this.ask('/corrections?limit=1')).total > total, 'it was not done');
  }
  // Does what `act` does, and goes on where the page asks whether it is meant.
  async correct(act) {
    const { total } = await this.ask('/corrections?limit=1');
    await act();
    const sure = this.page.getByRole('button', { name: 'Do it anyway' });
    await until(async () => (await this.ask('/corrections?limit=1')).total > total || (await sure.isVisible()), 'nothing came of it');
    if (await sure.isVisible()) await this.click(sure);
    await this.isDone(total);
  }

  async review() {
    this.part = 'review';
    await this.press('g');
    await this.press('r');
    let { suggestions, total } = await this.ask('/suggestions');
    const questions = total;
    while (total > 0) {
      const { question } = suggestions[0];
      const tracks = await this.look();
      const showsOf = (person) => most(tracks.filter((each) => each.person === person).map((each) => each.shows));
      const one = showsOf(question.person.id);
      const other = question.kind === 'merge' ? showsOf(question.other.id) : most(tracks.filter((each) => question.tracks.includes(each.name)).map((each) => each.shows));
      await until(() => this.isAsked(question), 'the page does not ask it');
      await this.correct(() => this.press(one !== null && one === other ? 'y' : 'n'));
      const before = total;
      await until(async () => {
        ({ suggestions, total } = await this.ask('/suggestions'));
        return total < before;
      }, 'the question is still there');
    }
    return questions;
  }

  async isAsked(question) {
    const names = await this.page.locator('.sides h2').allInnerTexts();
    const isShown = names[0] === question.person.name && (question.kind !== 'merge' || names[1] === question.other.name);
    return isShown && this.page.locator('button.yes').isEnabled();
  }

  async joinPeople() {
    this.part = 'people';
    const inTwo = async () => {
      const persons = new Map();
      for (const each of await this.look()) if (each.person !== null) persons.set(each.shows, new Set([...(persons.get(each.shows) ?? []), each.person]));
      return [...persons.values()].filter((each) => each.size > 1).map((each) => [...each]);
    };
    const groups = await inTwo();
    if (!groups.length) return 0;
    await this.press('g');
    await this.press('p');
    for (const group of groups) {
      const names = new Map((await this.ask('/people?limit=500&ignored=all')).people.map((each) => [each.person.id, each.person.name]));
      for (const person of group) await this.click(this.page.getByRole('checkbox', { name: `Select ${names.get(person)}`, exact: true }));
      await this.correct(() => this.press('m'));
      await until(async () => (await this.page.getByText(/\d selected/).count()) === 0, 'the selection stayed');
    }
    return groups.length;
  }

  async assignNobodys() {
    this.part = 'unassigned';
    const tracks = await this.look();
    const nobodys = tracks.filter((each) => each.person === null && tracks.some((other) => other.person !== null && other.shows === each.shows));
    if (!nobodys.length) return 0;
    await this.press('g');
    await this.press('p');
    await this.click(this.page.getByRole('link', { name: /^Unassigned/ }));
    for (const shows of new Set(nobodys.map((each) => each.shows))) {
      const { faces } = await this.ask('/faces?unassigned=true&best=true&limit=500');
      for (const track of nobodys.filter((each) => each.shows === shows)) {
        const at = faces.findIndex((face) => face.track === track.name);
        await this.click(this.page.locator(`[role=gridcell][data-index="${at}"]`).getByRole('checkbox'));
      }
      await this.press('a');
      const person = tracks.find((each) => each.person !== null && each.shows === shows).person;
      const { person: found } = await this.ask(`/people/${person}`);
      await this.correct(() => this.click(this.page.getByRole('option', { name: found.person.name })));
      await until(async () => (await this.page.getByText(/\d selected/).count()) === 0, 'the selection stayed');
    }
    return nobodys.length;
  }
}

async function measure(folder, truthFolder) {
  process.env.CROSSFACE_CASE = folder;
  const served = await Served.start();
  try {
    const id = (await served.ask('/cases')).body.cases[0].id;
    const page = await served.open(`case/${id}/people`, { width: 1600, height: 6000 });
    await page.getByRole('gridcell').first().waitFor();
    const operator = new Operator(served, id, readTruth(truthFolder), page);
    const questions = await operator.review();
    const joined = await operator.joinPeople();
    const assigned = await operator.assignNobodys();
    const tracks = await operator.look();
    for (const person of new Set(tracks.map((each) => each.person)))
      assert.ok(person === null || new Set(tracks.filter((each) => each.person === person).map((each) => each.shows)).size === 1, `person ${person} is two people: this operator only joins`);
    const found = tracks.filter((each) => each.person !== null);
    const people = new Set(found.map((each) => each.shows)).size;
    assert.equal(new Set(found.map((each) => each.person)).size, people, 'somebody is still in two folders');
    const total = Object.values(operator.counts).reduce((sum, each) => sum + each, 0);
    return { case: folder, people, tracks: tracks.length, questions, joined, assigned, keys_and_clicks: operator.counts, total, per_person: Math.round((total / people) * 100) / 100 };
  } catch (error) {
    // What the page says of it, for whoever mends this.
    for (const each of served.browser.contexts().flatMap((context) => context.pages())) console.error(await each.locator('body').innerText());
    throw error;
  } finally {
    await served.end();
  }
}

const words = process.argv.slice(2);
assert.ok(words.length >= 2 && words.length % 2 === 0, 'usage: node test/clicks.mjs CASE TRUTH [CASE TRUTH …]');
for (let i = 0; i < words.length; i += 2) console.log(JSON.stringify(await measure(words[i], words[i + 1])));
