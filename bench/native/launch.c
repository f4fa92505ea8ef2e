/* The stopwatch: launch ADDRESS foreground|daemon LIMIT COMMAND...
 * Executes COMMAND and takes the time until a connection to ADDRESS succeeds and until the first byte of the greeting,
 * in daemon mode also until the command returns. Ends the server by the pid in its greeting (foreground: its own child).
 * Prints milliseconds as one line of JSON. */
#include "bench.h"
#include <fcntl.h>
#include <sys/wait.h>

static double since(uint64_t start) { return (double)(now_ns() - start) / 1e6; }

static void nap(long ns) { nanosleep(&(struct timespec){0, ns}, NULL); }

int main(int argc, char **argv) {
  static char greeting[16384];
  if (argc < 5) die("usage: launch ADDRESS foreground|daemon LIMIT COMMAND...");
  int daemon = strcmp(argv[2], "daemon") == 0, fd, status;
  alarm((unsigned)atoi(argv[3]));
  uint64_t start = now_ns();
  pid_t pid = fork();
  if (pid < 0) die("fork: %s", strerror(errno));
  if (pid == 0) {
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++) dup2(null, i);
    execv(argv[4], argv + 4);
    _exit(127);
  }
  double returned = 0, connected = 0;
  if (daemon) {
    waitpid(pid, &status, 0);
    returned = since(start);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) die("launch: %s ended with status %#x", argv[4], status);
  }
  while ((fd = connect_to(argv[1])) < 0) {
    if (!daemon && waitpid(pid, &status, WNOHANG) == pid) die("launch: %s ended with status %#x", argv[4], status);
    nap(100000);
  }
  connected = since(start);
  ssize_t size = read(fd, greeting, 1);
  double greeted = since(start);
  for (ssize_t n = size; n > 0 && memchr(greeting, LINEMODE, (size_t)size) == NULL; size += n) {
    n = read(fd, greeting + size, sizeof greeting - 1 - (size_t)size);
  }
  const char *words = strstr(greeting, "server PID: ");
  pid_t server = daemon ? (words ? atoi(words + strlen("server PID: ")) : 0) : pid;
  if (server <= 0) die("launch: no server PID in the greeting of %s", argv[4]);
  kill(server, SIGTERM);
  if (!daemon) waitpid(pid, &status, 0);
  while (kill(server, 0) == 0) nap(1000000);
  printf("{\"connected\":%.3f,\"greeted\":%.3f,\"returned\":%.3f}\n", connected, greeted, returned);
  return 0;
}
