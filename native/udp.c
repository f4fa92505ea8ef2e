/* A UDP socket (IPv4) whose datagrams come and go in batches: one system call, and one call into JavaScript, for many. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

/* Datagrams per system call; numbers per datagram in the tables. */
enum { BATCH = 64, IN_FIELDS = 3, OUT_FIELDS = 5 };

/* Nanoseconds after which the loop serves its other descriptors, and the most that a batch should take. */
enum { TURN = 2000000, BATCH_TIME = TURN / 2 };

/* glibc has it since 2.36 only (asm-generic/socket.h). */
#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

typedef struct {
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  struct sockaddr_in peers[BATCH];
} Messages;

typedef struct {
  napi_env env;
  uv_poll_t *poll; /* NULL once closed */
  napi_ref batch, sent, drain, error;
  napi_ref self; /* an open socket is not collected, nor the arrays that hang on its object */
  int fd;
  int events;      /* what the poll handle waits for */
  int most;        /* datagrams of the next batch: as many as are dealt with in BATCH_TIME */
  size_t slot;     /* bytes of the largest datagram */
  uint8_t *memory; /* BATCH slots for what arrives, then BATCH slots for the caller to write what is sent */
  int32_t *in;     /* size, address, port of each datagram that arrived */
  int32_t *out;    /* offset in memory, size, address, port, and then errno, of each datagram to send; last, how many they are */
  Messages receiving, sending;
} Udp;

static void poll_closed(uv_handle_t *handle) { free(handle); }

static void on_ready(uv_poll_t *handle, int status, int events);

static void set_events(Udp *udp, int events) {
  udp->events = events;
  uv_poll_start(udp->poll, events, on_ready);
}

static void drop(napi_env env, napi_ref *reference) {
  if (*reference != NULL) napi_delete_reference(env, *reference);
  *reference = NULL;
}

/* The poll handle's memory belongs to libuv until poll_closed; that its data is NULL says that the socket is closed. */
static void close_udp(Udp *udp) {
  if (udp->poll == NULL) return;
  uv_poll_stop(udp->poll);
  udp->poll->data = NULL;
  uv_close((uv_handle_t *)udp->poll, poll_closed);
  udp->poll = NULL;
  close(udp->fd);
  udp->fd = -1;
  drop(udp->env, &udp->batch);
  drop(udp->env, &udp->sent);
  drop(udp->env, &udp->drain);
  drop(udp->env, &udp->error);
  drop(udp->env, &udp->self);
}

static void prepare(Messages *messages) {
  for (int i = 0; i < BATCH; i++) {
    messages->headers[i].msg_hdr = (struct msghdr){
        .msg_name = &messages->peers[i],
        .msg_namelen = sizeof *messages->peers,
        .msg_iov = &messages->parts[i],
        .msg_iovlen = 1,
    };
  }
}

/* Receives up to `most` waiting datagrams into the slots; returns their number, or -1 with errno. */
static int receive(Udp *udp) {
  Messages *messages = &udp->receiving;
  int got;
  /* MSG_TRUNC asks for the real size of a datagram that is larger than its slot. */
  do {
    got = recvmmsg(udp->fd, messages->headers, (unsigned)udp->most, MSG_DONTWAIT | MSG_TRUNC, NULL);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
  for (int i = 0; i < got; i++) {
    int32_t *fields = udp->in + i * IN_FIELDS;
    fields[0] = (int32_t)messages->headers[i].msg_len;
    fields[1] = (int32_t)ntohl(messages->peers[i].sin_addr.s_addr);
    fields[2] = ntohs(messages->peers[i].sin_port);
  }
  return got;
}

/* Points the headers at the first `count` datagrams of the table; false if one is outside the memory. */
static bool address_outgoing(Udp *udp, int32_t count) {
  Messages *messages = &udp->sending;
  size_t size = 2 * BATCH * udp->slot;
  for (int32_t i = 0; i < count; i++) {
    const int32_t *fields = udp->out + i * OUT_FIELDS;
    if (fields[0] < 0 || fields[1] < 0 || (size_t)fields[0] + (size_t)fields[1] > size) return false;
    messages->parts[i] = (struct iovec){.iov_base = udp->memory + fields[0], .iov_len = (size_t)fields[1]};
    messages->peers[i] = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)fields[3]),
        .sin_addr.s_addr = htonl((uint32_t)fields[2]),
    };
  }
  return true;
}

/*
 * Sends the first `count` datagrams of the table, with the errno of each; returns how many were dealt with, sent or
 * failed.
 */
static int32_t send_table(Udp *udp, int32_t count, bool *failed) {
  int32_t done = 0;
  while (done < count) {
    int put = sendmmsg(udp->fd, udp->sending.headers + done, (unsigned)(count - done), MSG_DONTWAIT);
    if (put > 0) {
      for (int32_t end = done + put; done < end; done++) udp->out[done * OUT_FIELDS + 4] = 0;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      set_events(udp, UV_READABLE | UV_WRITABLE);
      break;
    } else if (errno != EINTR) {
      /* The error belongs to the first datagram: only that one is given up. */
      udp->out[done++ * OUT_FIELDS + 4] = errno;
      *failed = true;
    }
  }
  return done;
}

/* Sends what the handlers of a batch left in the table. JavaScript is told only if not all of it was taken. */
static void send_left(Udp *udp) {
  int32_t *count = udp->out + BATCH * OUT_FIELDS;
  /* If a handler has closed the socket, its table may have been collected by now. */
  if (udp->poll == NULL || *count < 1 || *count > BATCH || !address_outgoing(udp, *count)) return;
  bool failed = false;
  int32_t done = send_table(udp, *count, &failed);
  if (done == *count && !failed) {
    *count = 0;
    return;
  }
  napi_value number = hf_number(udp->env, done);
  hf_call(udp->env, udp->sent, 1, &number);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  Udp *udp = handle->data;
  if (udp == NULL) return;
  napi_env env = udp->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if ((events & UV_WRITABLE) != 0) {
    set_events(udp, UV_READABLE);
    hf_call(env, udp->drain, 0, NULL);
  } else if (status < 0) {
    /* libuv has stopped polling at EPOLLERR; receiving takes the error from the socket. */
    set_events(udp, udp->events);
  }
  /*
   * Handlers may take long (a broadcast to thousands), and a sender may never stop: time bounds a turn. Each handler
   * may close the socket.
   */
  for (uint64_t start = uv_hrtime(), now = start; handle->data != NULL && now - start < TURN;) {
    int most = udp->most, got = receive(udp);
    if (got == 0) break;
    napi_value number = hf_number(env, got > 0 ? got : errno);
    hf_call(env, got > 0 ? udp->batch : udp->error, 1, &number);
    send_left(udp);
    if (got < most) break;
    uint64_t then = now;
    now = uv_hrtime();
    if (now - then > BATCH_TIME) udp->most = most > 1 ? most / 2 : 1;
    else if (most < BATCH) udp->most = most * 2;
  }
  napi_close_handle_scope(env, scope);
}

static Udp *unwrap(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv) {
  napi_value self;
  void *udp = NULL;
  if (napi_get_cb_info(env, info, argc, argv, &self, NULL) != napi_ok || napi_unwrap(env, self, &udp) != napi_ok) {
    hf_throw_type(env, "not a UDP socket");
    return NULL;
  }
  return udp;
}

/* flush(): sends the table; how many were dealt with, fewer than it has when the socket is full, then drain follows */
static napi_value udp_flush(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Udp *udp = unwrap(env, info, &argc, NULL);
  if (udp == NULL) return NULL;
  int32_t count = udp->out[BATCH * OUT_FIELDS];
  bool failed;
  if (count < 0 || count > BATCH) return hf_throw_type(env, "flush: at most one batch");
  if (udp->poll == NULL) return hf_throw_errno(env, EBADF, "sendmmsg");
  if (!address_outgoing(udp, count)) return hf_throw_type(env, "flush: a datagram is outside of the memory");
  return hf_number(env, send_table(udp, count, &failed));
}

static napi_value udp_close(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Udp *udp = unwrap(env, info, &argc, NULL);
  if (udp != NULL) close_udp(udp);
  return NULL;
}

static napi_value udp_fd(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Udp *udp = unwrap(env, info, &argc, NULL);
  return udp == NULL ? NULL : hf_number(env, udp->fd);
}

/* From the socket itself and not with each datagram (SO_RXQ_OVFL), which would tell only with the next datagram. */
static napi_value udp_drops(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  uint32_t counters[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof counters;
  Udp *udp = unwrap(env, info, &argc, NULL);
  if (udp == NULL) return NULL;
  if (udp->poll != NULL && getsockopt(udp->fd, SOL_SOCKET, SO_MEMINFO, counters, &size) < 0) {
    return hf_throw_errno(env, errno, "getsockopt");
  }
  return hf_number(env, counters[SK_MEMINFO_DROPS]);
}

static napi_value udp_receive_buffer(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  int bytes = 0;
  socklen_t size = sizeof bytes;
  Udp *udp = unwrap(env, info, &argc, NULL);
  if (udp == NULL) return NULL;
  if (udp->poll != NULL && getsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &bytes, &size) < 0) {
    return hf_throw_errno(env, errno, "getsockopt");
  }
  return hf_number(env, bytes);
}

static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  close_udp(data);
  free(data);
}

/* Makes an array over new memory of its own. */
static bool make_array(napi_env env, napi_typedarray_type type, size_t length, size_t width, napi_value *array, void **memory) {
  napi_value buffer;
  return napi_create_arraybuffer(env, length * width, memory, &buffer) == napi_ok &&
         napi_create_typedarray(env, type, length, buffer, 0, array) == napi_ok;
}

/* Gives the socket its JavaScript side and its memory, which lives as long as the object that it hangs on. */
static napi_value wrap(napi_env env, Udp *udp) {
  napi_value object, memory, in, out;
  if (!make_array(env, napi_uint8_array, 2 * BATCH * udp->slot, 1, &memory, (void **)&udp->memory) ||
      !make_array(env, napi_int32_array, BATCH * IN_FIELDS, sizeof *udp->in, &in, (void **)&udp->in) ||
      !make_array(env, napi_int32_array, BATCH * OUT_FIELDS + 1, sizeof *udp->out, &out, (void **)&udp->out)) {
    return NULL;
  }
  /* Neither writable nor configurable: nobody can take them away from an open socket. */
  const napi_property_descriptor properties[] = {
      {.utf8name = "memory", .value = memory},
      {.utf8name = "received", .value = in},
      {.utf8name = "outgoing", .value = out},
      {.utf8name = "flush", .method = udp_flush},
      {.utf8name = "close", .method = udp_close},
      {.utf8name = "fd", .getter = udp_fd},
      {.utf8name = "drops", .getter = udp_drops},
      {.utf8name = "receiveBuffer", .getter = udp_receive_buffer},
  };
  if (napi_create_object(env, &object) != napi_ok ||
      napi_define_properties(env, object, sizeof properties / sizeof *properties, properties) != napi_ok ||
      napi_wrap(env, object, udp, finalize, NULL, NULL) != napi_ok) {
    return NULL;
  }
  for (int i = 0; i < BATCH; i++) {
    udp->receiving.parts[i] = (struct iovec){.iov_base = udp->memory + (size_t)i * udp->slot, .iov_len = udp->slot};
  }
  prepare(&udp->receiving);
  prepare(&udp->sending);
  return napi_create_reference(env, object, 1, &udp->self) == napi_ok ? object : NULL;
}

static bool int_property(napi_env env, napi_value object, const char *name, int32_t *value) {
  napi_value property;
  return napi_get_named_property(env, object, name, &property) == napi_ok &&
         napi_get_value_int32(env, property, value) == napi_ok;
}

static bool take_handler(napi_env env, napi_value handlers, const char *name, napi_ref *reference) {
  napi_value function;
  return napi_get_named_property(env, handlers, name, &function) == napi_ok && hf_keep_function(env, function, reference);
}

/* A size of 0 leaves the system's default. Root may exceed net.core.rmem_max; everybody else gets at most that. */
static void size_buffers(int fd, int32_t receive, int32_t send) {
  if (receive > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive, sizeof receive) < 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
  }
  if (send > 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send, sizeof send);
}

/* Makes a bound socket; -1 with errno. */
static int bind_socket(const struct sockaddr_in *address, int32_t receive_buffer, int32_t send_buffer) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  size_buffers(fd, receive_buffer, send_buffer);
  if (bind(fd, (const struct sockaddr *)address, sizeof *address) == 0) return fd;
  int saved = errno;
  close(fd);
  errno = saved;
  return -1;
}

/* openUdp({address, port, slot, receiveBuffer, sendBuffer}, {batch, sent, drain, error}) */
static napi_value open_udp(napi_env env, napi_callback_info info) {
  napi_value argv[2], text, object;
  char dotted[INET_ADDRSTRLEN + 1];
  size_t length;
  int32_t port, slot, receive_buffer, send_buffer;
  struct sockaddr_in address = {.sin_family = AF_INET};
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_named_property(env, argv[0], "address", &text) != napi_ok ||
      napi_get_value_string_utf8(env, text, dotted, sizeof dotted, &length) != napi_ok ||
      !int_property(env, argv[0], "port", &port) || port < 0 || port > 65535 ||
      !int_property(env, argv[0], "slot", &slot) || slot < 1 || slot > 65535 ||
      !int_property(env, argv[0], "receiveBuffer", &receive_buffer) ||
      !int_property(env, argv[0], "sendBuffer", &send_buffer)) {
    return hf_throw_type(env, "openUdp({address, port, slot, receiveBuffer, sendBuffer}, handlers)");
  }
  if (inet_pton(AF_INET, dotted, &address.sin_addr) != 1) return hf_throw_errno(env, EINVAL, "inet_pton");
  address.sin_port = htons((uint16_t)port);

  Udp *udp = calloc(1, sizeof *udp);
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL));
  int fd = udp == NULL || poll == NULL ? -1 : bind_socket(&address, receive_buffer, send_buffer);
  int status = fd < 0 ? -errno : uv_poll_init(hf_loop(env), poll, fd);
  if (status < 0) {
    if (fd >= 0) close(fd);
    free(udp);
    free(poll);
    return hf_throw_errno(env, -status, "bind");
  }
  *udp = (Udp){.env = env, .fd = fd, .poll = poll, .slot = (size_t)slot, .most = BATCH};
  poll->data = udp;
  if (take_handler(env, argv[1], "batch", &udp->batch) && take_handler(env, argv[1], "sent", &udp->sent) &&
      take_handler(env, argv[1], "drain", &udp->drain) && take_handler(env, argv[1], "error", &udp->error)) {
    object = wrap(env, udp);
    if (object != NULL) {
      set_events(udp, UV_READABLE);
      return object;
    }
  }
  close_udp(udp);
  /* Once it has its memory, it may have an object, which frees it when collected. */
  if (udp->memory == NULL) free(udp);
  return hf_throw_type(env, "openUdp: handlers are the functions batch, sent, drain and error");
}

void hf_register_udp(napi_env env, napi_value exports) { hf_export(env, exports, "openUdp", open_udp); }
