/* The limit that the figures of isis.bench.ts stand beside: receive, find the other client, send. One datagram per
 * system call, no log, no table. Usage: isis-loop PORT. PING is answered, all else goes to the other address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0)}, from, peer[26] = {0};
  int size = 4 << 20, s = socket(AF_INET, SOCK_DGRAM, 0);
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(s, (struct sockaddr *)&own, sizeof own) < 0) {
    perror("bind");
    return 2;
  }
  for (;;) {
    char text[4097];
    socklen_t length = sizeof from;
    ssize_t n = recvfrom(s, text, sizeof text - 1, 0, (struct sockaddr *)&from, &length);
    if (n < 4 || text[0] < 'A' || text[0] > 'Z') continue;
    text[n] = 0;
    peer[text[0] - 'A'] = from;
    if (strncmp(text + 1, ">IS PING", 8) == 0) {
      sendto(s, "IS>A PONG\r", 10, 0, (struct sockaddr *)&from, sizeof from);
    } else if (text[2] >= 'A' && text[2] <= 'Z' && peer[text[2] - 'A'].sin_port) {
      sendto(s, text, n, 0, (struct sockaddr *)&peer[text[2] - 'A'], sizeof from);
    }
  }
}
