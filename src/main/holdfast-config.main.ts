/** Reads a configuration for a server: `holdfast-config UID [FILE]`, in the environment of the server; answers on standard output, as V8 serializes. */
import { writeFileSync } from 'node:fs';
import { serialize } from 'node:v8';
import { loadHostConfig } from '../config/load-config.ts';

const [, , , uid, file] = process.argv;
/** Standard output. */
const ANSWER = 1;

void loadHostConfig(file, { env: process.env, uid: Number(uid) }).then((loaded) => {
  writeFileSync(ANSWER, serialize(loaded));
  // An unanswered request to a file server would keep the process alive.
  process.exit(0);
});
