// A real server of object storage with a bucket `footage`, whose objects are files here.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from './checks.mjs';
import { clip } from './served.mjs';
import { freePort } from './watched.mjs';

const KEY = 'AKIDFORTESTSONLY';
const SECRET = 'secret/of+the=test';
const dependencies = process.env.CROSSFACE_DEPS ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'crossface/deps');

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false)).once('close', () => resolve(false));
    setTimeout(() => socket.destroy(), 1000);
  });

export class Bucket {
  // `folder`: where objects are kept.
  static async start(folder) {
    const program = join(dependencies, 'versitygw/versitygw');
    if (!existsSync(program)) throw new Error(`${program}: run tools/setup.sh --tests`);
    const bucket = new Bucket();
    bucket.folder = folder;
    bucket.port = await freePort();
    mkdirSync(join(folder, 'footage'), { recursive: true });
    const words = ['--quiet', '--port', `127.0.0.1:${bucket.port}`, 'posix', folder];
    bucket.process = spawn(program, words, { stdio: 'ignore', env: { ...process.env, ROOT_ACCESS_KEY: KEY, ROOT_SECRET_KEY: SECRET } });
    await until(() => listens(bucket.port), 'the server of object storage begins');
    return bucket;
  }

  // What a program needs to use it.
  get environment() {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${this.port}`,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
      AWS_REGION: 'us-east-1',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    };
  }

  put(key, content) {
    const file = join(this.folder, 'footage', key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  putClip(key, name) {
    this.put(key, '');
    cpSync(clip(name), join(this.folder, 'footage', key));
  }

  end() {
    this.process.kill('SIGKILL');
  }
}
