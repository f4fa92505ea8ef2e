/* What the load programs share: the clock, addresses, an end with a reason. Header only: each program is one file. */
#ifndef BENCH_H
#define BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define IAC 0xff
#define DO 0xfd
#define SB 0xfa
#define SE 0xf0
#define LINEMODE 0x22

__attribute__((noreturn, format(printf, 1, 2))) static inline void die(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vfprintf(stderr, format, list);
  va_end(list);
  fputc('\n', stderr);
  exit(1);
}

/* CLOCK_MONOTONIC in nanoseconds: the same clock in every process, so stamps of child and client can be compared. */
static inline uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline void write_all(int fd, const void *data, size_t size) {
  for (const char *at = data; size > 0;) {
    ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) die("write: %s", strerror(errno));
    at += n;
    size -= (size_t)n;
  }
}

/* Whether what comes from there begins with telnet negotiation; a session of conserver has its own beginning. */
static inline int speaks_telnet(const char *address) { return strncmp(address, "conserver:", 10) != 0; }

/* Reads one line of a server that waits for us before it says more. */
static inline void conserver_line(int fd, const char *wanted) {
  char line[256];
  size_t size = 0;
  do {
    if (size == sizeof line - 1 || read(fd, line + size, 1) != 1) die("conserver: no answer, but wanted %s", wanted);
  } while (line[size++] != '\n');
  line[size] = '\0';
  if (strncmp(line, wanted, strlen(wanted)) != 0) die("conserver: wanted %s, got %s", wanted, line);
}

/* Login and call on a group port, up to where output begins. */
static inline void conserver_join(int fd, const char *name) {
  char call[256];
  conserver_line(fd, "ok");
  write_all(fd, "login bench\r\n", 13);
  conserver_line(fd, "ok");
  write_all(fd, call, (size_t)snprintf(call, sizeof call, "call %s\r\n", name));
  conserver_line(fd, "[");
  write_all(fd, "\005c;", 3);
  conserver_line(fd, "[connected]");
}

/* Connects to `unix:PATH`, `tcp:PORT` or `conserver:PORT:CONSOLE` (loopback); -1 with errno when nobody listens there. */
static inline int connect_to(const char *address) {
  int fd, result;
  if (strncmp(address, "unix:", 5) == 0) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(address + 5) >= sizeof name.sun_path) die("%s: path too long for a unix socket", address);
    strcpy(name.sun_path, address + 5);
    if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) die("socket: %s", strerror(errno));
    result = connect(fd, (struct sockaddr *)&name, sizeof name);
  } else if (strncmp(address, "tcp:", 4) == 0 || !speaks_telnet(address)) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(strchr(address, ':') + 1))};
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) die("socket: %s", strerror(errno));
    result = connect(fd, (struct sockaddr *)&name, sizeof name);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  } else {
    die("%s: expected unix:PATH, tcp:PORT or conserver:PORT:CONSOLE", address);
  }
  if (result < 0) {
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
  }
  if (!speaks_telnet(address)) conserver_join(fd, strrchr(address, ':') + 1);
  return fd;
}

#endif
