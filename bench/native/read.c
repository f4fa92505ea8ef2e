/* The reading clients: read ADDRESS CLIENTS DEAF LENGTH LINES WARMUP SECONDS LIMIT
 * Connects DEAF clients that never read and CLIENTS that read everything, prints `attached` when the server has
 * greeted all of them, and waits for a line on stdin; then it sends the line end that opens the gate of flood.c.
 * Ends when every client has seen LINES lines (if not 0), or after WARMUP + SECONDS (if not 0) from the moment all of
 * them have their first line, or at end of file everywhere; gives up after LIMIT seconds. Prints `dead` when the first
 * client has read both notices of the child's death, and at the end one line of JSON: per client the bytes and seconds
 * measured, lines, lines skipped and lines damaged. ADDRESS file:PATH checks a log the same way.
 * Telnet is taken out of the stream before anything is counted. */
#include "bench.h"
#include "lines.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>

enum telnet { DATA, COMMAND, OPTION, SUB, SUB_IAC };

struct client {
  int fd, attached, closed, notices, done;
  enum telnet telnet;
  unsigned char verb;
  char part[LINE_LIMIT];
  size_t part_size, part_over;
  uint64_t bytes, lines, next, skipped, damaged, first_ns, last_ns;
  uint64_t mark_bytes, mark_ns;
  char want[LINE_LIMIT + 2]; /* the next line as it should arrive, CR LF included */
};

static size_t length;
static uint64_t wanted, read_ns;

static int starts(const char *line, size_t size, const char *text) {
  return size >= strlen(text) && memcmp(line, text, strlen(text)) == 0;
}

static void count_line(struct client *c) {
  c->lines++;
  c->last_ns = read_ns;
  if (c->first_ns == 0) c->first_ns = c->last_ns;
  if (wanted != 0 && c->next >= wanted) c->done = 1;
}

static void take_line(struct client *c, const char *line, size_t size) {
  uint64_t number = 0;
  if (size > 0 && line[size - 1] == '\r') size--;
  if (size == 0) return;
  if (starts(line, size, "@@@")) {
    if (starts(line, size, "@@@ Received a sigChild")) c->notices |= 1;
    if (starts(line, size, "@@@ Child process is shutting down")) c->notices |= 2;
    return;
  }
  int good = size == length && memcmp(line + NUMBER_DIGITS, c->want + NUMBER_DIGITS, length - NUMBER_DIGITS) == 0;
  for (int i = 0; good && i < NUMBER_DIGITS; i++) {
    good = line[i] >= '0' && line[i] <= '9';
    number = number * 10 + (uint64_t)(line[i] - '0');
  }
  if (!good || number < c->next) {
    c->damaged++;
    return;
  }
  c->skipped += number - c->next;
  c->next = number + 1;
  number_line(c->want, c->next);
  count_line(c);
}

/* The usual case, at the cost of one comparison: whole lines, each the one that was due. */
static size_t take_due_lines(struct client *c, const char *text, size_t size) {
  size_t line = length + 2, used = 0;
  while (size - used >= line && memcmp(text + used, c->want, line) == 0) {
    used += line;
    c->next++;
    for (int i = NUMBER_DIGITS - 1; ++c->want[i] > '9'; i--) c->want[i] = '0';
    count_line(c);
  }
  return used;
}

static void take_text(struct client *c, const char *text, size_t size) {
  c->bytes += size;
  while (size > 0) {
    if (c->part_size == 0 && !c->part_over) {
      size_t due = take_due_lines(c, text, size);
      text += due;
      size -= due;
      if (size == 0) return;
    }
    const char *end = memchr(text, '\n', size);
    size_t piece = end ? (size_t)(end - text) : size;
    if (end && c->part_size == 0 && !c->part_over) {
      take_line(c, text, piece);
    } else {
      size_t room = LINE_LIMIT - c->part_size, keep = piece < room ? piece : room;
      memcpy(c->part + c->part_size, text, keep);
      c->part_size += keep;
      c->part_over |= keep < piece;
      if (end) {
        if (c->part_over) c->damaged++;
        else take_line(c, c->part, c->part_size);
        c->part_size = c->part_over = 0;
      }
    }
    size_t used = end ? piece + 1 : piece;
    text += used;
    size -= used;
  }
}

static void take(struct client *c, const unsigned char *at, size_t size) {
  const unsigned char *end = at + size;
  while (at < end) {
    if (c->telnet == DATA) {
      const unsigned char *iac = memchr(at, IAC, (size_t)(end - at));
      take_text(c, (const char *)at, (size_t)((iac ? iac : end) - at));
      if (iac == NULL) return;
      at = iac + 1;
      c->telnet = COMMAND;
      continue;
    }
    unsigned char byte = *at++;
    switch (c->telnet) {
    case COMMAND:
      if (byte == IAC) take_text(c, "\xff", 1);
      c->verb = byte;
      c->telnet = byte == SB ? SUB : byte > SB && byte < IAC ? OPTION : DATA;
      break;
    case OPTION:
      if (c->verb == DO && byte == LINEMODE) c->attached = 1;
      c->telnet = DATA;
      break;
    case SUB:
      if (byte == IAC) c->telnet = SUB_IAC;
      break;
    default:
      c->telnet = byte == SE ? DATA : SUB;
    }
  }
}

/* One read; false when there is nothing to read now. */
static int take_some(struct client *c) {
  static unsigned char buffer[256 * 1024];
  ssize_t n = read(c->fd, buffer, sizeof buffer);
  read_ns = now_ns();
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n <= 0) c->closed = c->done = 1;
  else take(c, buffer, (size_t)n);
  return n > 0;
}

static void attach(struct client *c, const char *address) {
  if ((c->fd = connect_to(address)) < 0) die("read: %s: %s", address, strerror(errno));
  c->attached = !speaks_telnet(address);
  while (!c->attached && !c->closed) take_some(c);
  if (c->closed) die("read: %s: closed before the greeting was complete", address);
}

static void report(struct client *clients, int count, uint64_t go_ns, double cpu) {
  printf("{\"cpu\":%.3f,\"clients\":[", cpu);
  for (int i = 0; i < count; i++) {
    struct client *c = &clients[i];
    printf("%s{\"bytes\":%llu,\"seconds\":%.6f,\"lines\":%llu,\"skipped\":%llu,\"damaged\":%llu,\"lastMs\":%.3f}",
           i ? "," : "", (unsigned long long)(c->bytes - c->mark_bytes), (double)(now_ns() - c->mark_ns) / 1e9,
           (unsigned long long)c->lines, (unsigned long long)c->skipped, (unsigned long long)c->damaged,
           c->last_ns > go_ns ? (double)(c->last_ns - go_ns) / 1e6 : 0.0);
  }
  printf("]}\n");
  fflush(stdout);
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  if (argc != 9) die("usage: read ADDRESS CLIENTS DEAF LENGTH LINES WARMUP SECONDS LIMIT");
  const char *address = argv[1];
  int count = atoi(argv[2]), deaf = atoi(argv[3]);
  length = strtoul(argv[4], NULL, 10);
  wanted = strtoull(argv[5], NULL, 10);
  uint64_t warmup = (uint64_t)(atof(argv[6]) * 1e9), window = (uint64_t)(atof(argv[7]) * 1e9);
  alarm((unsigned)atoi(argv[8]));
  signal(SIGPIPE, SIG_IGN);
  if (count < 1 || length <= NUMBER_DIGITS + 1 || length > LINE_LIMIT) die("read: bad CLIENTS or LENGTH");
  struct client *clients = calloc((size_t)(count + deaf), sizeof *clients);
  for (int i = 0; i < count + deaf; i++) {
    fill_line(clients[i].want, length);
    number_line(clients[i].want, 0);
    memcpy(clients[i].want + length, "\r\n", 2);
  }

  if (strncmp(address, "file:", 5) == 0) {
    if ((clients->fd = open(address + 5, O_RDONLY | O_CLOEXEC)) < 0) die("read: %s: %s", address, strerror(errno));
    while (!clients->closed) take_some(clients);
    report(clients, 1, 0, cpu_seconds());
    return 0;
  }

  /* The deaf ones come last in the array but first in time: the server must already have them when it matters. */
  for (int i = count; i < count + deaf; i++) attach(&clients[i], address);
  int poller = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < count; i++) {
    attach(&clients[i], address);
    fcntl(clients[i].fd, F_SETFL, O_NONBLOCK);
    epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = &clients[i]});
  }
  puts("attached");
  fflush(stdout);
  char gate;
  do {
    if (read(0, &gate, 1) != 1) die("read: stdin closed before the go");
  } while (gate != '\n');
  uint64_t go_ns = now_ns(), begin_ns = 0, end_ns = 0;
  double cpu_begin = cpu_seconds();
  write_all(clients[0].fd, "\n", 1);

  for (int left = count, dead = 0; left > 0;) {
    struct epoll_event events[128];
    int n = epoll_wait(poller, events, 128, end_ns || begin_ns ? 5 : 100);
    for (int i = 0; i < n; i++) {
      struct client *c = events[i].data.ptr;
      take_some(c);
      if (c->closed) epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
    }
    if (!dead && clients[0].notices == 3) {
      dead = 1;
      puts("dead");
      fflush(stdout);
    }
    left = 0;
    for (int i = 0; i < count; i++) left += !clients[i].done;
    uint64_t now = now_ns();
    if (window == 0 || left == 0) continue;
    if (begin_ns == 0) {
      int silent = 0;
      for (int i = 0; i < count; i++) silent += clients[i].first_ns == 0;
      if (silent == 0) begin_ns = now + warmup;
    } else if (end_ns == 0 && now >= begin_ns) {
      for (int i = 0; i < count; i++) clients[i].mark_bytes = clients[i].bytes, clients[i].mark_ns = now;
      cpu_begin = cpu_seconds();
      end_ns = now + window;
    } else if (end_ns != 0 && now >= end_ns) {
      break;
    }
  }
  report(clients, count, go_ns, cpu_seconds() - cpu_begin);
  return 0;
}
