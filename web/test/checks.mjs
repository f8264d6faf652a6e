// What tests of the page ask of every page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Patient: a machine that compiles beside is slow, and no test is about time.
const PATIENCE_MS = 120_000;

export async function until(what, told, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(told);
}

// A refusal that a test means to get is noted by the browser as an error too.
export async function leave(page, refusals = []) {
  assert.deepEqual(page.complaints.filter((each) => !refusals.some((status) => each.includes(`status of ${status}`))), []);
  assert.deepEqual(page.elsewhere, [], 'no request may leave the server');
  await page.context().close();
}

export async function accessible(page, where) {
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
