// How fast the page and its API are in a large case, as a table.
//
// usage: node test/load.mjs CASE [VIDEO …]
//   CASE   one of build/release/bench/make_large_case, exported; it is changed (people are renamed and merged): give a copy
//   VIDEO  what is scanned into another case while the API is asked, longer than half a minute; without them that row is left out
// Where it may, it empties the system's disk cache before pages that are to be cold.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Served } from './served.mjs';

const [folder, ...videos] = process.argv.slice(2);
assert.ok(folder, 'usage: node test/load.mjs CASE [VIDEO …]');

const RENAMES = 20;
const MERGES = 10;
const MORE_RENAMES = 20; // before it is measured again
const MORE_MERGES = 10;
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

function emptyDiskCache() {
  execFileSync('sync');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return 'cold disk';
  } catch {
    return 'first time'; // only root may
  }
}

async function measureColdPage(served, id) {
  const what = await corrected(served, id);
  await served.stopServer();
  const when = emptyDiskCache();
  await served.serve();
  served.page = served.url;
  const { page, first } = await openPeople(served, id);
  row(`people page, ${what}, ${when}: first portrait, twelfth`, first.map((each) => `${each.toFixed(0)} ms`).join(', '));
  await page.context().close();
}

async function measurePage(served, id) {
  await measureColdPage(served, id);
  for (const when of ['again', 'scrolled']) {
    const { page, first } = await openPeople(served, id);
    if (when === 'again') row('people page, again: first portrait, twelfth', first.map((each) => `${each.toFixed(0)} ms`).join(', '));
    else {
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

// What a process has used of the processor, in milliseconds.
function processorMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

// Of a case, to say of what state a row is.
const corrected = async (served, id) => `with ${(await served.ask(`/cases/${id}/corrections?limit=1`)).body.total} corrections`;

async function measureCorrections(served, id) {
  const { people, version } = (await served.ask(`/cases/${id}/people?limit=500&sort=name`)).body;
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
  const rename = () => {
    const person = persons.pop();
    return correct({ verb: 'rename', person, name: `Renamed ${mark} ${person}` });
  };
  const merge = () => correct({ verb: 'merge', persons: persons.splice(0, 2) });
  const repeat = async (times, make) => {
    const before = processorMs(served.process.pid);
    const all = [];
    for (let i = 0; i < times; i += 1) all.push(await make());
    return `${inMs(all)}; processor ${((processorMs(served.process.pid) - before) / times).toFixed(0)} ms each, the folder that follows included`;
  };
  const measure = async () => {
    const what = await corrected(served, id);
    row(`rename, ${what}, ${RENAMES}`, await repeat(RENAMES, rename));
    row(`merge, ${what}, ${MERGES}`, await repeat(MERGES, merge));
    const { ms } = await timed(() => served.ask(`/cases/${id}/people?limit=100`));
    row(`list of people, first page, after a correction, ${what}`, `${ms.toFixed(0)} ms`);
  };
  await measure();
  await repeat(MORE_RENAMES, rename);
  await repeat(MORE_MERGES, merge);
  await measure();
}

function tellMemory(served, what) {
  const status = readFileSync(`/proc/${served.process.pid}/status`, 'utf8');
  row(`memory of the server at most, ${what}`, `${Math.round(Number(status.match(/VmHWM:\s+(\d+)/)[1]) / 1024)} MiB`);
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
  tellMemory(served, 'before them');
  await measureCorrections(served, id);
  tellMemory(served, 'after them');
  await measureColdPage(served, id);
} finally {
  await served.end();
}
