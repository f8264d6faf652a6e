// A case of real footage, the real server, and a browser at its page.
import { execFileSync, spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { cpSync, createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = process.env.CROSSFACE ?? join(root, 'build/release/crossface');
export const footage = process.env.CROSSFACE_DATA ?? join(root, '../shared/data');
const browserProgram = process.env.CHROMIUM ?? '/usr/bin/chromium';

// What the tests cannot do without; the name of what is missing, or ''.
export function missing() {
  return [program, join(footage, 'videos'), browserProgram].find((each) => !existsSync(each)) ?? '';
}

export const clip = (name) => join(footage, 'videos', name);
const CLIPS = ['grid_bbaf2n.mpg', 'grid_lbax4n.mpg', 'grid_app_test.mp4', 'asl_book.mkv', 'pf_single_face.mp4', 'hamilton_short.mp4'];

const ffmpeg = (...words) => execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...words], { maxBuffer: 1 << 28 });

// Films whose frames are hard to find: of uneven distances, turned, reordered; and one that browsers do not play.
export const HARD_FILMS = ['uneven.mkv', 'turned.mp4', 'reordered.mp4', 'grid_bbaf2n.mpg'];
function makeFilms(folder) {
  mkdirSync(folder);
  const film = (name) => join(folder, name);
  const x264 = ['-an', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'];
  ffmpeg('-i', clip('asl_no.mkv'), '-vf', "select='gt(mod(n,7),2)+eq(mod(n,7),0)'", '-vsync', 'vfr', ...x264, '-bf', '2', film('uneven.mkv'));
  ffmpeg('-i', clip('asl_help.mkv'), '-vf', 'transpose=1', ...x264, film('lying.mp4'));
  ffmpeg('-i', film('lying.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90', film('turned.mp4'));
  ffmpeg('-i', clip('asl_no.mkv'), '-vf', 'hflip', ...x264, '-bf', '3', '-g', '40', film('reordered.mp4'));
  rmSync(film('lying.mp4'));
  return ['uneven.mkv', 'turned.mp4', 'reordered.mp4'].map(film);
}

// Every frame of a film by a reader that is not the program's: grey, so many pixels wide, without its sound.
export function framesOf(path, width, height) {
  const bytes = ffmpeg('-i', path, '-vsync', '0', '-vf', `scale=${width}:${height}:flags=area,format=gray`, '-f', 'rawvideo', '-');
  const size = width * height;
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

// A case that was made before (CROSSFACE_CASE) is copied instead: it is changed by the tests.
function prepareCase(folder) {
  const made = join(folder, 'cases', 'harbour');
  if (process.env.CROSSFACE_CASE) cpSync(process.env.CROSSFACE_CASE, made, { recursive: true });
  else execFileSync(program, ['identify', ...CLIPS.map(clip), ...makeFilms(join(folder, 'films')), '--case', made, '--quiet'], { stdio: 'inherit' });
  return [footage, folder];
}

async function firstLine(stream) {
  let text = '';
  for await (const chunk of stream) {
    text += chunk;
    if (text.includes('\n')) return text.slice(0, text.indexOf('\n'));
  }
  throw new Error('the server ended before it said where it is');
}

export class Served {
  // `prepare` puts into the folder what the server is to find there, cases in its `cases`, and gives the roots of footage.
  // `words` are more of the command line.
  static async start(prepare = prepareCase, words = []) {
    const served = new Served();
    served.words = words;
    served.folder = mkdtempSync(join(tmpdir(), 'crossface-web-'));
    served.roots = prepare(served.folder);
    await served.serve();
    served.page = process.env.CROSSFACE_DIST ? await serveInstead(served, process.env.CROSSFACE_DIST) : served.url;
    served.browser = await chromium.launch({ executablePath: browserProgram, args: ['--no-sandbox', '--disable-gpu'] });
    return served;
  }

  async serve(port = 0) {
    const words = ['serve', '--cases', join(this.folder, 'cases'), ...this.roots.flatMap((each) => ['--root', each]), ...this.words, '--port', String(port), '--json', '--quiet'];
    this.process = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const { url, token, port: bound } = JSON.parse(await firstLine(this.process.stdout));
    Object.assign(this, { token, port: bound, url: new URL(url).origin });
  }

  async stopServer(signal = 'SIGTERM') {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await ended;
  }

  async ask(path, options = {}) {
    const headers = { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.url}/api/v1${path}`, { ...options, headers, body: options.body && JSON.stringify(options.body) });
    return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
  }

  // A signed-in page whose complaints are gathered in `complaints`.
  async open(path = '', look = {}) {
    const { width = 1280, height = 800, ...more } = look;
    const context = await this.browser.newContext({ viewport: { width, height }, colorScheme: 'light', locale: 'en-GB', ...more });
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    page.complaints = [];
    page.elsewhere = [];
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') page.complaints.push(message.text());
    });
    page.on('request', (asked) => {
      const url = new URL(asked.url());
      if (url.protocol !== 'blob:' && url.origin !== this.page) page.elsewhere.push(asked.url());
    });
    await page.goto(`${this.page}/?token=${this.token}#/${path}`);
    return page;
  }

  async end() {
    await this.browser?.close();
    this.proxy?.closeAllConnections();
    this.proxy?.close();
    if (this.process?.exitCode === null && this.process.signalCode === null) await this.stopServer();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// For work on the page: files of a folder in place of those in the program, and everything else from the server.
async function serveInstead(served, dist) {
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
  const policy = (await fetch(served.url)).headers.get('content-security-policy') ?? '';
  const proxy = createServer((asked, answer) => {
    const path = normalize(new URL(asked.url, 'http://x').pathname);
    if (!path.startsWith('/api/')) {
      const file = join(dist, path === '/' ? 'index.html' : path);
      answer.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/plain', 'Content-Security-Policy': policy });
      createReadStream(file).pipe(answer);
      return;
    }
    const headers = { ...asked.headers, host: `127.0.0.1:${served.port}` };
    if (headers.origin) headers.origin = served.url;
    delete headers.referer;
    const passed = request({ host: '127.0.0.1', port: served.port, path: asked.url, method: asked.method, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    answer.on('close', () => passed.destroy());
    asked.pipe(passed);
  });
  served.proxy = proxy;
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${proxy.address().port}`;
}
