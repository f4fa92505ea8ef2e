/* The limit of the terminal itself: rawread WARMUP SECONDS LIMIT COMMAND...
 * Runs COMMAND (flood.c) in a pty, opens its gate, reads the pty with nothing behind it. Prints MB/s as JSON. */
#include "bench.h"
#include <pty.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
  static char buffer[65536];
  int master;
  if (argc < 5) die("usage: rawread WARMUP SECONDS LIMIT COMMAND...");
  uint64_t warmup = (uint64_t)(atof(argv[1]) * 1e9), window = (uint64_t)(atof(argv[2]) * 1e9), bytes = 0;
  alarm((unsigned)atoi(argv[3]));
  pid_t pid = forkpty(&master, NULL, NULL, NULL);
  if (pid < 0) die("rawread: forkpty: %s", strerror(errno));
  if (pid == 0) {
    execv(argv[4], argv + 4);
    _exit(127);
  }
  write_all(master, "\n", 1);
  uint64_t begin = now_ns() + warmup, now;
  while ((now = now_ns()) < begin + window) {
    ssize_t n = read(master, buffer, sizeof buffer);
    if (n <= 0) die("rawread: the child has ended");
    if (now >= begin) bytes += (uint64_t)n;
  }
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  printf("{\"rate\":%.3f}\n", (double)bytes / (double)(now - begin) * 1e3);
  return 0;
}
