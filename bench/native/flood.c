/*
 * The flooding child: flood LINES LENGTH STAMP exit|abort|stay
 * Waits for a line on its terminal, so that the harness can attach all clients first; then writes LINES numbered lines
 * (0: forever) of LENGTH characters and a line feed, in writes of about 4 KiB. Before it ends it leaves the clock of
 * its first and last write (CLOCK_MONOTONIC, ns) in the file STAMP ("-": nowhere).
 */
#include "bench.h"
#include "lines.h"
#include <sys/resource.h>

int main(int argc, char **argv) {
  static char block[2 * LINE_LIMIT];
  char gate;
  if (argc != 5) die("usage: flood LINES LENGTH STAMP exit|abort|stay");
  uint64_t lines = strtoull(argv[1], NULL, 10), next = 0;
  size_t length = strtoul(argv[2], NULL, 10), size = length + 1;
  if (length <= NUMBER_DIGITS + 1 || size > LINE_LIMIT) die("flood: bad LENGTH %s", argv[2]);
  size_t per_block = size < 4096 ? 4096 / size : 1;
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  for (size_t i = 0; i < per_block; i++) {
    fill_line(block + i * size, length);
    block[i * size + length] = '\n';
  }
  do {
    if (read(0, &gate, 1) != 1) return 1;
  } while (gate != '\n');
  uint64_t start = now_ns();
  while (lines == 0 || next < lines) {
    size_t count = 0;
    for (; count < per_block && (lines == 0 || next < lines); count++) number_line(block + count * size, next++);
    write_all(1, block, count * size);
  }
  uint64_t end = now_ns();
  if (strcmp(argv[3], "-") != 0) {
    FILE *stamp = fopen(argv[3], "w");
    if (stamp == NULL) die("flood: %s: %s", argv[3], strerror(errno));
    fprintf(stamp, "%llu %llu\n", (unsigned long long)start, (unsigned long long)end);
    fclose(stamp);
  }
  if (strcmp(argv[4], "abort") == 0) abort();
  /* Until the terminal is taken away: a signal would not do, procServ blocks SIGHUP in its children. */
  if (strcmp(argv[4], "stay") == 0) while (read(0, &gate, 1) > 0) continue;
  return 0;
}
