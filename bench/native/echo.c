/* The typist: echo ADDRESS SAMPLES LIMIT
 * Sends one character at a time to a terminal that echoes and takes the time until it comes back; a line end after 32
 * of them, not timed, keeps the terminal's line buffer short. Prints quantiles in microseconds as one line of JSON. */
#include "bench.h"
#include <poll.h>

#define LINE 32
#define WARMUP 200

static int fd;

static unsigned char buffer[65536];
static ssize_t size, at;

static unsigned char next_byte(void) {
  if (at == size) {
    at = 0;
    if ((size = read(fd, buffer, sizeof buffer)) <= 0) die("echo: connection ended");
  }
  return buffer[at++];
}

static void await_byte(unsigned char wanted) {
  while (next_byte() != wanted) continue;
}

/* A server may replay what was typed before: until it has been silent for a while, no echo is the one just caused. */
static void drain(void) {
  size = at = 0;
  while (poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 50) > 0) {
    if (read(fd, buffer, sizeof buffer) <= 0) die("echo: connection ended");
  }
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 4 || atoi(argv[2]) < 1) die("usage: echo ADDRESS SAMPLES LIMIT");
  int samples = atoi(argv[2]);
  uint32_t *times = calloc((size_t)samples, sizeof *times);
  alarm((unsigned)atoi(argv[3]));
  if ((fd = connect_to(argv[1])) < 0) die("echo: %s: %s", argv[1], strerror(errno));
  if (speaks_telnet(argv[1])) {
    await_byte(IAC);
    for (unsigned char last = 0, byte; (byte = next_byte()) != LINEMODE || last != DO;) last = byte;
  }
  drain();
  for (int i = -WARMUP; i < samples; i++) {
    unsigned char key = (unsigned char)('a' + (i + WARMUP) % LINE % 26);
    uint64_t start = now_ns();
    write_all(fd, &key, 1);
    await_byte(key);
    if (i >= 0) times[i] = (uint32_t)(now_ns() - start);
    if ((i + WARMUP) % LINE == LINE - 1) {
      write_all(fd, "\n", 1);
      await_byte('\n');
      await_byte('\n');
    }
  }
  qsort(times, (size_t)samples, sizeof *times, ascending);
  printf("{\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n", times[samples / 2] / 1e3,
         times[samples * 9 / 10] / 1e3, times[samples * 99 / 100] / 1e3, times[samples - 1] / 1e3);
  return 0;
}
