/* The talking child: chatter LINES_PER_SECOND
 * Writes numbered lines at this rate until its terminal is taken away. */
#include "bench.h"

int main(int argc, char **argv) {
  if (argc != 2 || atoi(argv[1]) < 1) die("usage: chatter LINES_PER_SECOND");
  long pause = 1000000000L / atoi(argv[1]);
  for (unsigned long n = 1;; n++) {
    char line[128];
    int size = snprintf(line, sizeof line, "%08lu temperature 293.15 K pressure 1.3e-9 mbar, all within limits\n", n);
    write_all(1, line, (size_t)size);
    nanosleep(&(struct timespec){pause / 1000000000L, pause % 1000000000L}, NULL);
  }
}
