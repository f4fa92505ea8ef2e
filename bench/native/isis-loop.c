/* The limit of an ISIS server: receive, find the other client, send. No log, no check, no table but one of 26 addresses.
 * Usage: isis-loop [batch]; prints {"port"}. One datagram per system call; with `batch`, up to 64.
 * PING is answered, what goes to AL goes to everybody else, all else to the other address. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, OUT = BATCH * 26, SIZE = 4097 };

static int s, batch = 1, waiting;
static struct sockaddr_in peer[26];
static struct mmsghdr out[OUT];
static struct iovec parts[OUT];

static void put(void *text, size_t length, struct sockaddr_in *to) {
  if (batch == 1) {
    sendto(s, text, length, 0, (struct sockaddr *)to, sizeof *to);
    return;
  }
  parts[waiting] = (struct iovec){text, length};
  out[waiting].msg_hdr = (struct msghdr){.msg_name = to, .msg_namelen = sizeof *to, .msg_iov = &parts[waiting], .msg_iovlen = 1};
  waiting++;
}

static void route(char *text, ssize_t n, struct sockaddr_in *from) {
  if (n < 4 || text[0] < 'A' || text[0] > 'Z') return;
  text[n] = 0;
  peer[text[0] - 'A'] = *from;
  if (strncmp(text + 1, ">IS PING", 8) == 0) {
    put("IS>A PONG\r", 10, &peer[text[0] - 'A']);
  } else if (strncmp(text + 1, ">AL ", 4) == 0) {
    for (int i = 0; i < 26; i++)
      if (peer[i].sin_port && i != text[0] - 'A') put(text, n, &peer[i]);
  } else if (text[2] >= 'A' && text[2] <= 'Z' && peer[text[2] - 'A'].sin_port) {
    put(text, n, &peer[text[2] - 'A']);
  }
}

int main(int argc, char **argv) {
  (void)argv;
  static char texts[BATCH][SIZE + 1];
  struct sockaddr_in own = {.sin_family = AF_INET, }, from[BATCH];
  socklen_t own_size = sizeof own;
  struct mmsghdr in[BATCH];
  struct iovec vectors[BATCH];
  int size = 4 << 20;
  s = socket(AF_INET, SOCK_DGRAM, 0);
  if (argc > 1) batch = BATCH;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(s, (struct sockaddr *)&own, sizeof own) < 0) {
    perror("bind");
    return 2;
  }
  getsockname(s, (struct sockaddr *)&own, &own_size);
  printf("{\"port\": %d}\n", ntohs(own.sin_port));
  fflush(stdout);
  for (;;) {
    if (batch == 1) {
      socklen_t length = sizeof *from;
      route(*texts, recvfrom(s, *texts, SIZE, 0, (struct sockaddr *)from, &length), from);
      continue;
    }
    for (int i = 0; i < BATCH; i++) {
      vectors[i] = (struct iovec){texts[i], SIZE};
      in[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof *from, .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int got = recvmmsg(s, in, BATCH, MSG_WAITFORONE, NULL);
    for (int i = 0; i < got; i++) route(texts[i], in[i].msg_len, &from[i]);
    for (int done = 0, put; done < waiting; done += put > 0 ? put : 1) put = sendmmsg(s, out + done, waiting - done, 0);
    waiting = 0;
  }
}
