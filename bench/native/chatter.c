/* The talking child: chatter LINES_PER_SECOND
 * Writes numbered lines at this rate, which may be a fraction, until its terminal is taken away. Many of them that
 * are started together do not print together: what follows the first line is put off by a part of the pause. */
#include "bench.h"

int main(int argc, char **argv) {
  if (argc != 2 || atof(argv[1]) <= 0) die("usage: chatter LINES_PER_SECOND");
  long pause = (long)(1e9 / atof(argv[1]));
  for (unsigned long n = 1;; n++) {
    char line[128];
    int size = snprintf(line, sizeof line, "%08lu temperature 293.15 K pressure 1.3e-9 mbar, all within limits\n", n);
    write_all(1, line, (size_t)size);
    long wait = n == 1 ? pause / 1000 * (getpid() % 1000) : pause;
    nanosleep(&(struct timespec){wait / 1000000000L, wait % 1000000000L}, NULL);
  }
}
