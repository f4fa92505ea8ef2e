/** The kernel interface of a child in a terminal. Tests of other parts use a fake (test/fakes/fake-kernel.ts). */
import { type NativeAddon, native } from '../platform/native.ts';

export interface ChildKernel
  extends Pick<NativeAddon, 'scratch' | 'spawn' | 'openPty' | 'onChildEnd' | 'mapsReturn' | 'setModes'> {
  /** Sends a signal to a process group; false if it has no process. */
  killGroup(pid: number, signal: number): boolean;
}

export const childKernel: ChildKernel = {
  scratch: native.scratch,
  spawn: (request, done) => native.spawn(request, done),
  openPty: (fd, handlers) => native.openPty(fd, handlers),
  onChildEnd: (handler) => native.onChildEnd(handler),
  mapsReturn: (fd) => native.mapsReturn(fd),
  setModes: (fd, modes) => native.setModes(fd, modes),
  killGroup(pid, signal) {
    try {
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  },
};
