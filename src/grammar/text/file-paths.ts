/** Paths of files in configurations. Pure. */

/** `path` as seen from the folder `base`, without `.` and `..`; sockets of the abstract name space (`@name`) stay. */
export function resolvePath(base: string, path: string): string {
  if (path.startsWith('@')) {
    return path;
  }
  const steps: string[] = [];
  for (const step of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (step === '..') {
      steps.pop();
    } else if (step !== '' && step !== '.') {
      steps.push(step);
    }
  }
  return `/${steps.join('/')}`;
}

/** The folder in which the file at an absolute path lies. */
export function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '/';
}

/** Judged by its name: two writers cannot spoil each other's data in a device, and it is not rotated. */
export function isDevice(path: string): boolean {
  return /^\/dev\/(?!shm\/|mqueue\/)/.test(path);
}
