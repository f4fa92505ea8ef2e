/* Load for an ISIS server, one process so that nothing but the server is in between; datagrams go and come in batches.
 * isis-load PORT route PAIRS WINDOW SECONDS: messages/s over PAIRS pairs of clients, at most WINDOW unread for each.
 * isis-load PORT cast HOSTS WINDOW SECONDS: copies/s of broadcasts to HOSTS hosts, at most WINDOW unread for each.
 * isis-load PORT ping SECONDS: p50 and p99 of PING to PONG, microseconds.
 * Prints {"rate", "cpu"} (cpu: its own processor time per message, microseconds) or {"p50", "p99"}. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST = 26, BATCH = 64 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double busy(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int client(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct timeval patience = {.tv_sec = 2};
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s, (struct sockaddr *)&to, sizeof to) < 0) exit(2);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return s;
}

static void lost(void) {
  fprintf(stderr, "isis-load: a message was lost\n");
  exit(1);
}

static void ping(int s, char name) {
  char text[4096];
  int n = sprintf(text, "%c>IS PING\r", name);
  send(s, text, n, 0);
  if (recv(s, text, sizeof text, 0) < 1) lost();
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

/* Sends the same message `count` times. */
static void burst(int s, char *text, int count) {
  struct iovec part = {text, strlen(text)};
  struct mmsghdr headers[BATCH] = {0};
  for (int i = 0; i < count; i++) headers[i].msg_hdr = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
  if (sendmmsg(s, headers, count, 0) != count) lost();
}

static int take(int s) {
  static char text[BATCH][256];
  struct iovec parts[BATCH];
  struct mmsghdr headers[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){text[i], sizeof *text};
    headers[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int got = recvmmsg(s, headers, BATCH, MSG_DONTWAIT, NULL);
  return got > 0 ? got : 0;
}

static void round_trips(int port, double seconds) {
  static double took[10000000];
  size_t n = 0;
  int s = client(port);
  for (double end = now() + seconds; now() < end; n++) {
    double start = now();
    ping(s, 'A');
    took[n] = (now() - start) * 1e6;
  }
  qsort(took, n, sizeof *took, ascending);
  printf("{\"p50\": %.2f, \"p99\": %.2f}\n", took[n / 2], took[n * 99 / 100]);
}

int main(int argc, char **argv) {
  if (argc == 4) {
    round_trips(atoi(argv[1]), atof(argv[3]));
    return 0;
  }
  if (argc < 6) return 2;
  int port = atoi(argv[1]), cast = argv[2][0] == 'c', count = atoi(argv[3]), window = atoi(argv[4]);
  int senders = cast ? 1 : count, from[MOST], unread[MOST] = {0};
  struct pollfd to[MOST];
  char message[MOST][64];
  for (int i = 0; i < senders; i++) {
    ping(from[i] = client(port), 'A' + i);
    if (cast) sprintf(message[i], "A>AL STATUS: filter moving Filter=3\r");
    else sprintf(message[i], "%c>%c STATUS: filter moving Filter=3\r", 'A' + i, 'A' + senders + i);
  }
  for (int i = 0; i < count; i++) {
    ping(to[i].fd = client(port), 'A' + senders + i);
    to[i].events = POLLIN;
  }
  long got = 0;
  double start = now(), end = start + atof(argv[5]), worked = busy();
  while (now() < end) {
    for (int i = 0; i < senders; i++) {
      int most = unread[i];
      for (int j = 0; cast && j < count; j++) most = unread[j] > most ? unread[j] : most;
      if (most == window) continue;
      burst(from[i], message[i], window - most);
      for (int j = cast ? 0 : i; j < (cast ? count : i + 1); j++) unread[j] += window - most;
    }
    if (poll(to, count, 2000) == 0) lost();
    for (int i = 0; i < count; i++) {
      int n = (to[i].revents & POLLIN) ? take(to[i].fd) : 0;
      unread[i] -= n;
      got += n;
    }
  }
  printf("{\"rate\": %.0f, \"cpu\": %.3f}\n", got / (now() - start), (busy() - worked) * 1e6 / got);
}
