/** A TCP port of 127.0.0.1 that no other program gets, and that does not answer until the test says so. */
import type { TestContext } from 'node:test';
import { Program } from './procserv.ts';

/** Bound, so that the kernel gives it to no other program; Node can bind only by listening. */
const RESERVE = `use Socket; $| = 1;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die; bind($s, sockaddr_in(0, INADDR_LOOPBACK)) or die;
  my ($port) = sockaddr_in(getsockname($s)); print "port $port\\n";
  $SIG{USR1} = sub { listen($s, 100) or die; print "listens\\n" }; sleep 1000 while 1`;

export class ReservedPort {
  readonly port: number;
  readonly #program: Program;

  private constructor(port: number, program: Program) {
    this.port = port;
    this.#program = program;
  }

  static async take(t: TestContext): Promise<ReservedPort> {
    const program = new Program(t, '/usr/bin/perl', ['-e', RESERVE]);
    const [, port] = await program.stdout.expect(/port (\d+)\n/);
    return new ReservedPort(Number(port), program);
  }

  /** From now on connections are accepted. */
  async listen(): Promise<void> {
    this.#program.process.kill('SIGUSR1');
    await this.#program.stdout.expect(/listens\n/);
  }
}
