/*
 * The limit: relay INFO ENDPOINT... -- COMMAND...
 * The minimum that any server of this kind must do: a pty, poll(2), every byte of the terminal to every client and
 * back. No telnet, no log, no messages, blocking writes. ENDPOINT and INFO are those of procServ (unix:PATH or 0).
 */
#include "bench.h"
#include <fcntl.h>
#include <poll.h>
#include <pty.h>

#define SLOTS 512

static int listen_on(const char *endpoint, FILE *info) {
  int fd;
  if (strncmp(endpoint, "unix:", 5) == 0) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, endpoint + 5, sizeof name.sun_path - 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0) die("relay: %s: %s", endpoint, strerror(errno));
    fprintf(info, "%s\n", endpoint);
  } else {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(endpoint))};
    socklen_t size = sizeof name;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&name, size) < 0) die("relay: %s: %s", endpoint, strerror(errno));
    getsockname(fd, (struct sockaddr *)&name, &size);
    fprintf(info, "tcp:127.0.0.1:%d\n", ntohs(name.sin_port));
  }
  if (listen(fd, 128) < 0) die("relay: listen: %s", strerror(errno));
  return fd;
}

int main(int argc, char **argv) {
  static char buffer[65536];
  struct pollfd slots[SLOTS];
  int listeners = 0, used = 1, arg = 2, master;
  FILE *info = argc > 4 ? fopen(argv[1], "w") : NULL;
  if (info == NULL) die("usage: relay INFO ENDPOINT... -- COMMAND...");
  for (; arg < argc && strcmp(argv[arg], "--") != 0; arg++, listeners++) {
    slots[used++] = (struct pollfd){.fd = listen_on(argv[arg], info), .events = POLLIN};
  }
  fclose(info);
  signal(SIGPIPE, SIG_IGN);
  pid_t pid = forkpty(&master, NULL, NULL, NULL);
  if (pid < 0) die("relay: forkpty: %s", strerror(errno));
  if (pid == 0) {
    execv(argv[arg + 1], argv + arg + 1);
    _exit(127);
  }
  fcntl(master, F_SETFL, O_NONBLOCK);
  slots[0] = (struct pollfd){.fd = master, .events = POLLIN};
  for (;;) {
    if (poll(slots, (nfds_t)used, -1) < 0) die("relay: poll: %s", strerror(errno));
    if (slots[0].revents) {
      /* A read returns at most 4 KiB: data gathered meanwhile goes out in one write per client. */
      ssize_t n = 0, m;
      while (n < (ssize_t)sizeof buffer && (m = read(master, buffer + n, sizeof buffer - (size_t)n)) > 0) n += m;
      if (n == 0) return 0;
      for (int i = 1 + listeners; i < used; i++) {
        for (ssize_t sent = 0; sent < n && (m = write(slots[i].fd, buffer + sent, (size_t)(n - sent))) > 0;) sent += m;
      }
    }
    for (int i = 1; i <= listeners; i++) {
      if (slots[i].revents && used < SLOTS) {
        int fd = accept(slots[i].fd, NULL, NULL);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        write_all(fd, (unsigned char[]){IAC, DO, LINEMODE}, 3);
        slots[used++] = (struct pollfd){.fd = fd, .events = POLLIN};
      }
    }
    for (int i = 1 + listeners; i < used; i++) {
      if (!slots[i].revents) continue;
      ssize_t n = read(slots[i].fd, buffer, sizeof buffer);
      if (n > 0) {
        write_all(master, buffer, (size_t)n);
      } else {
        close(slots[i].fd);
        slots[i--] = slots[--used];
      }
    }
  }
}
