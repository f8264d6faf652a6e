// A real stream of footage and a real watch of it, for what the page shows of one.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { clip, program } from './served.mjs';

const MOST_WATCHERS = 20;

// A UDP port is not tried by listening on TCP, but hardly anybody uses the one and not the other.
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ended = (child) => new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once('exit', resolve) : resolve()));

// An SRT server that sends a clip again and again.
export class Stream {
  static async start(name) {
    const stream = new Stream();
    stream.port = await freePort();
    stream.address = `srt://127.0.0.1:${stream.port}?passphrase=hushhushhush`;
    stream.serve(name);
    return stream;
  }

  // Whoever watches ends the connection, and with it this server: another one takes its place.
  serve(name, attempts = MOST_WATCHERS) {
    this.wanted = true;
    const encoded = ['-vf', 'fps=15', '-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-tune', 'zerolatency', '-f', 'mpegts'];
    const words = ['-nostdin', '-v', 'quiet', '-re', '-stream_loop', '-1', '-i', clip(name), ...encoded, `${this.address}&mode=listener&pkt_size=1316`];
    this.process = spawn('ffmpeg', words, { stdio: 'ignore' });
    this.process.once('exit', () => {
      if (this.wanted && attempts > 0) setTimeout(() => this.wanted && this.serve(name, attempts - 1), 200);
    });
  }

  async end() {
    this.wanted = false;
    this.process.kill('SIGKILL');
    await ended(this.process);
  }
}

// `crossface live` on a case, until it is ended.
export class Watch {
  constructor(caseFolder, words) {
    this.process = spawn(program, ['live', ...words, '--case', caseFolder, '--json', '--no-identify', '--threads', '1'], { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  async end(signal = 'SIGINT') {
    this.process.kill(signal);
    await ended(this.process);
  }
}
