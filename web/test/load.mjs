// How fast the page and its API are in a large case, as a table.
//
// usage: node test/load.mjs CASE [VIDEO …]
//   CASE   one of build/release/bench/make_large_case, exported; it is changed (people are renamed and merged): give a copy
//   VIDEO  what is scanned into another case while the API is asked; without them that row is left out
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Served } from './served.mjs';

const [folder, ...videos] = process.argv.slice(2);
assert.ok(folder, 'usage: node test/load.mjs CASE [VIDEO …]');

const RENAMES = 20;
const MERGES = 10;
const SCROLLS = 120;
const REQUESTS = 1500;
const A_SECOND = 50;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The smallest value that so large a share of them does not exceed.
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
const row = (what, value) => console.log(`| ${what} | ${value} |`);
const inMs = (values) => `median ${quantile(values, 0.5).toFixed(0)} ms, p99 ${quantile(values, 0.99).toFixed(0)} ms, longest ${Math.max(...values).toFixed(0)} ms`;

async function timed(call) {
  const begin = performance.now();
  const answer = await call();
  return { answer, ms: performance.now() - begin };
}

// Put into the page before its own scripts: when portraits come, and which tasks are long.
function watchPage() {
  window.portraits = [];
  window.longTasks = [];
  document.addEventListener('load', (event) => event.target.closest?.('[role=gridcell]') && window.portraits.push(performance.now()), true);
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((each) => each.duration))).observe({ type: 'longtask', buffered: true });
}

async function openPeople(served, id) {
  const page = await served.open('settings');
  await page.addInitScript(watchPage);
  await page.goto('about:blank');
  await page.goto(`${served.page}/#/case/${id}/people`);
  await page.waitForFunction(() => window.portraits.length >= 12);
  const first = await page.evaluate(() => [window.portraits[0], window.portraits[11]]);
  return { page, first };
}

async function measurePage(served, id) {
  for (const when of ['first time', 'again']) {
    const { page, first } = await openPeople(served, id);
    row(`people page, ${when}: first portrait, twelfth`, first.map((each) => `${each.toFixed(0)} ms`).join(', '));
    if (when === 'again') {
      await page.waitForTimeout(1000);
      await page.evaluate(() => (window.longTasks.length = 0));
      await page.locator('[role=gridcell]').first().hover();
      for (let i = 0; i < SCROLLS; i += 1) {
        await page.mouse.wheel(0, i % 20 === 19 ? 60_000 : 700);
        await page.waitForTimeout(50);
      }
      const long = await page.evaluate(() => window.longTasks);
      row(`scrolling, ${SCROLLS} steps: tasks over 50 ms, longest`, `${long.length}, ${Math.max(0, ...long).toFixed(0)} ms`);
    }
    await page.context().close();
  }
}

async function measureCorrections(served, id) {
  const { people, version } = (await served.ask(`/cases/${id}/people?limit=100&sort=name`)).body;
  const persons = people.map((each) => each.person.id);
  let based = version;
  const correct = async (body) => {
    const { answer, ms } = await timed(() => served.ask(`/cases/${id}/corrections`, { method: 'POST', body: { based_on: based, override: true, ...body } }));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    based = answer.body.version;
    await pause(200);
    return ms;
  };
  const mark = Date.now();
  const renames = [];
  for (let i = 0; i < RENAMES; i += 1) renames.push(await correct({ verb: 'rename', person: persons[2 * MERGES + i], name: `Renamed ${mark} ${i}` }));
  row(`rename, ${RENAMES}`, inMs(renames));
  const merges = [];
  for (let i = 0; i < MERGES; i += 1) merges.push(await correct({ verb: 'merge', persons: [persons[2 * i], persons[2 * i + 1]] }));
  row(`merge, ${MERGES}`, inMs(merges));
  const { ms } = await timed(() => served.ask(`/cases/${id}/people?limit=100`));
  row('list of people, first page, after a correction', `${ms.toFixed(0)} ms`);
}

async function measureBesideScan(served, id) {
  const made = (await served.ask('/cases', { method: 'POST', body: { name: 'scanned beside' } })).body;
  const job = (await served.ask(`/cases/${made.id}/jobs`, { method: 'POST', body: { verb: 'identify', sources: videos.map((each) => resolve(each)) } })).body;
  const state = async () => (await served.ask(`/cases/${made.id}/jobs/${job.id}`)).body;
  while ((await state()).progress?.work !== 'scan') await pause(200);
  const { people } = (await served.ask(`/cases/${id}/people?limit=100`)).body;
  const { sources } = (await served.ask(`/cases/${id}/sources?limit=100`)).body;
  const any = (list, i) => list[(i * 7) % list.length];
  const asked = [
    (i) => `/cases/${id}/people?limit=100&cursor=${(i * 100) % 9000}`,
    (i) => `/cases/${id}/people/${any(people, i).person.id}`,
    (i) => `/cases/${id}/faces/${any(people, i).portrait}/thumbnail?size=128`,
    (i) => `/cases/${id}/faces?person=${any(people, i).person.id}&best=true&limit=40`,
    (i) => `/cases/${id}/sources/${any(sources, i).id}/tracks?limit=100`,
    () => `/cases/${id}`,
  ];
  const headers = { Authorization: `Bearer ${served.token}` };
  const times = [];
  const under = new Map();
  const one = async (i) => {
    const { ms } = await timed(async () => {
      const answer = await fetch(`${served.url}/api/v1${asked[i % asked.length](i)}`, { headers });
      assert.equal(answer.status, 200);
      await answer.arrayBuffer();
    });
    times.push(ms);
    under.set(i % asked.length, [...(under.get(i % asked.length) ?? []), ms]);
  };
  // By the clock, whether or not earlier ones were answered.
  const begin = performance.now();
  const sent = [];
  for (let i = 0; i < REQUESTS; i += 1) {
    await pause(Math.max(0, begin + (i * 1000) / A_SECOND - performance.now()));
    sent.push(one(i));
  }
  await Promise.all(sent);
  assert.equal((await state()).state, 'running', 'the scan ended before the requests: give more videos');
  row(`API at ${A_SECOND} requests a second beside a scan`, inMs(times));
  ['people', 'person', 'thumbnail', 'faces', 'tracks', 'overview'].forEach((name, i) => row(`of these: ${name}`, inMs(under.get(i))));
  await served.ask(`/cases/${made.id}/jobs/${job.id}/cancel`, { method: 'POST', body: {} });
}

const prepare = (made) => {
  mkdirSync(join(made, 'cases'));
  return [made, ...new Set(videos.map((each) => dirname(resolve(each))))];
};
const served = await Served.start(prepare, ['--case', resolve(folder)]);
try {
  const { id } = (await served.ask('/cases')).body.cases.find((each) => each.name === basename(resolve(folder)));
  console.log('| what | measured |\n|---|---|');
  await measurePage(served, id);
  if (videos.length) await measureBesideScan(served, id);
  await measureCorrections(served, id);
  const status = readFileSync(`/proc/${served.process.pid}/status`, 'utf8');
  row('memory of the server at most', `${Math.round(Number(status.match(/VmHWM:\s+(\d+)/)[1]) / 1024)} MiB`);
} finally {
  await served.end();
}
