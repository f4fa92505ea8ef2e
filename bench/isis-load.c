/* Load for isis.bench.ts, one process so that nothing but the server is in between.
 * isis-load PORT route PAIRS WINDOW SECONDS: messages/s over PAIRS pairs of clients, at most WINDOW unread for each.
 * isis-load PORT ping SECONDS: p50 and p99 of PING to PONG, microseconds. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
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

static void expect(int s, char *text) {
  if (recv(s, text, 4096, 0) < 1) {
    fprintf(stderr, "isis-load: a message was lost\n");
    exit(1);
  }
}

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static void join(int s, char name) {
  char text[4096];
  int n = sprintf(text, "%c>IS PING\r", name);
  send(s, text, n, 0);
  expect(s, text);
}

int main(int argc, char **argv) {
  char text[4096];
  int port = atoi(argv[1]);
  if (argc == 4) {
    static double took[10000000];
    size_t n = 0;
    int s = client(port);
    for (double end = now() + atof(argv[3]); now() < end; n++) {
      double start = now();
      join(s, 'A');
      took[n] = (now() - start) * 1e6;
    }
    qsort(took, n, sizeof *took, ascending);
    printf("%.1f %.1f\n", took[n / 2], took[n * 99 / 100]);
    return 0;
  }
  int pairs = atoi(argv[3]), window = atoi(argv[4]), from[13], unread[13] = {0}, length[13];
  struct pollfd to[13];
  char message[13][64];
  for (int i = 0; i < pairs; i++) {
    join(from[i] = client(port), 'A' + 2 * i);
    join(to[i].fd = client(port), 'B' + 2 * i);
    to[i].events = POLLIN;
    length[i] = sprintf(message[i], "%c>%c STATUS: filter moving Filter=3\r", 'A' + 2 * i, 'B' + 2 * i);
  }
  long got = 0;
  double start = now(), end = start + atof(argv[5]);
  while (now() < end) {
    for (int i = 0; i < pairs; i++)
      for (; unread[i] < window; unread[i]++) send(from[i], message[i], length[i], 0);
    if (poll(to, pairs, 2000) == 0) {
      fprintf(stderr, "isis-load: messages were lost\n");
      return 1;
    }
    for (int i = 0; i < pairs; i++)
      while (unread[i] > 0 && recv(to[i].fd, text, sizeof text, MSG_DONTWAIT) > 0) unread[i]--, got++;
  }
  printf("%.0f\n", got / (now() - start));
}
