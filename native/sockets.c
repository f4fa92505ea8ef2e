/*
 * Listening sockets as descriptors: so that a unix socket is never open to everybody, even briefly, no file is removed
 * by a runtime that does not know its owner, and a daemon can inherit sockets.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

/* Closes fd and throws errno as it was before, naming the call. */
static napi_value fail_closing(napi_env env, int fd, const char *call) {
  int saved = errno;
  close(fd);
  return hf_throw_errno(env, saved, call);
}

/* listenTcp(host, family, port, backlog): fd */
static napi_value listen_tcp(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  char host[INET6_ADDRSTRLEN + 1];
  int32_t family, port, backlog;
  size_t length;
  if (!hf_arguments(env, info, argv, 4)) return NULL;
  if (napi_get_value_string_utf8(env, argv[0], host, sizeof host, &length) != napi_ok ||
      napi_get_value_int32(env, argv[1], &family) != napi_ok || napi_get_value_int32(env, argv[2], &port) != napi_ok ||
      napi_get_value_int32(env, argv[3], &backlog) != napi_ok) {
    return hf_throw_type(env, "listenTcp(host, family, port, backlog)");
  }
  struct sockaddr_storage address = {0};
  socklen_t size;
  void *where;
  if (family == 6) {
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&address;
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)port);
    where = &in6->sin6_addr;
    size = sizeof *in6;
  } else {
    struct sockaddr_in *in = (struct sockaddr_in *)&address;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    where = &in->sin_addr;
    size = sizeof *in;
  }
  if (inet_pton(address.ss_family, host, where) != 1) return hf_throw_errno(env, EINVAL, "inet_pton");
  int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return hf_throw_errno(env, errno, "socket");
  int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) return fail_closing(env, fd, "setsockopt");
  if (family == 6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) {
    return fail_closing(env, fd, "setsockopt");
  }
  if (bind(fd, (struct sockaddr *)&address, size) < 0) return fail_closing(env, fd, "bind");
  if (listen(fd, backlog) < 0) return fail_closing(env, fd, "listen");
  return hf_number(env, fd);
}

socklen_t hf_unix_address(napi_env env, napi_value path, struct sockaddr_un *address) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  char *text = hf_copy_text(env, path);
  if (text == NULL) {
    hf_throw_type(env, "a path is a string");
    return 0;
  }
  size_t length = strlen(text);
  bool fits = length > 0 && length < sizeof address->sun_path;
  if (fits) memcpy(address->sun_path, text, length);
  free(text);
  if (!fits) {
    hf_throw_errno(env, length == 0 ? EINVAL : ENAMETOOLONG, "socket path");
    return 0;
  }
  /* '@' begins an abstract name, which has no NUL after it. */
  bool abstract = address->sun_path[0] == '@';
  if (abstract) address->sun_path[0] = '\0';
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1));
}

/* listenUnix(path, backlog): fd */
static napi_value listen_unix(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t backlog;
  struct sockaddr_un address;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  socklen_t size = hf_unix_address(env, argv[0], &address);
  if (size == 0) return NULL;
  if (napi_get_value_int32(env, argv[1], &backlog) != napi_ok) return hf_throw_type(env, "listenUnix(path, backlog)");
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return hf_throw_errno(env, errno, "socket");
  /*
   * The file that bind(2) makes gets its mode from the socket (and the umask): there is no moment in which everybody
   * may connect.
   */
  if (fchmod(fd, 0) < 0) return fail_closing(env, fd, "fchmod");
  if (bind(fd, (struct sockaddr *)&address, size) < 0) return fail_closing(env, fd, "bind");
  if (listen(fd, backlog) < 0) return fail_closing(env, fd, "listen");
  return hf_number(env, fd);
}

/* probeUnix(path): pid of the listener, or undefined */
static napi_value probe_unix(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  struct sockaddr_un address;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  socklen_t size = hf_unix_address(env, argv[0], &address);
  if (size == 0) return NULL;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return hf_throw_errno(env, errno, "socket");
  if (connect(fd, (struct sockaddr *)&address, size) < 0 && (errno == ECONNREFUSED || errno == ENOENT)) {
    close(fd);
    return hf_undefined(env);
  }
  /* A full backlog (EAGAIN) or a socket that we may not open (EACCES) has an owner too; then the pid is unknown. */
  struct ucred peer = {0};
  socklen_t length = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) peer.pid = 0;
  close(fd);
  return hf_number(env, peer.pid);
}

/* boundPort(fd): number */
static napi_value bound_port(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t fd;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "boundPort(fd)");
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) return hf_throw_errno(env, errno, "getsockname");
  in_port_t port = address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                 : ((struct sockaddr_in *)&address)->sin_port;
  return hf_number(env, ntohs(port));
}

/* Whether poll(2) reports one of `events` of the descriptor that is the only argument of `call`. */
static napi_value reports(napi_env env, napi_callback_info info, const char *call, short events) {
  napi_value argv[1], result;
  int32_t fd;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, call);
  struct pollfd asked = {.fd = fd, .events = events};
  int count = poll(&asked, 1, 0);
  if (napi_get_boolean(env, count > 0 && (asked.revents & events) != 0, &result) != napi_ok) return NULL;
  return result;
}

/* hungUp(fd): boolean */
static napi_value hung_up(napi_env env, napi_callback_info info) {
  return reports(env, info, "hungUp(fd)", POLLERR | POLLHUP | POLLNVAL);
}

/* halfClosed(fd): boolean */
static napi_value half_closed(napi_env env, napi_callback_info info) {
  return reports(env, info, "halfClosed(fd)", POLLRDHUP);
}

/* The two arguments of `call`; false after a TypeError. */
static bool take_bytes(napi_env env, napi_callback_info info, const char *call, int32_t *fd, void **data, size_t *length) {
  napi_value argv[2];
  if (!hf_arguments(env, info, argv, 2)) return false;
  if (napi_get_value_int32(env, argv[0], fd) == napi_ok &&
      napi_get_typedarray_info(env, argv[1], NULL, length, data, NULL, NULL) == napi_ok) {
    return true;
  }
  hf_throw_type(env, call);
  return false;
}

/* send(fd, data): bytes taken, 0 if the socket is full or broken */
static napi_value send_now(napi_env env, napi_callback_info info) {
  int32_t fd;
  size_t length;
  void *data;
  if (!take_bytes(env, info, "send(fd, data)", &fd, &data, &length)) return NULL;
  ssize_t put = send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  return hf_number(env, put < 0 ? 0 : put);
}

/* receive(fd, into): bytes read, 0 if there are none (yet, or any more) or the socket is broken */
static napi_value receive_now(napi_env env, napi_callback_info info) {
  int32_t fd;
  size_t length;
  void *data;
  if (!take_bytes(env, info, "receive(fd, into)", &fd, &data, &length)) return NULL;
  ssize_t got = recv(fd, data, length, MSG_DONTWAIT);
  return hf_number(env, got < 0 ? 0 : got);
}

/* offer(fd, data): bytes taken at once, 0 if none are taken */
static napi_value offer(napi_env env, napi_callback_info info) {
  int32_t fd;
  size_t length;
  void *data;
  if (!take_bytes(env, info, "offer(fd, data)", &fd, &data, &length)) return NULL;
  struct pollfd asked = {.fd = fd, .events = POLLOUT};
  if (poll(&asked, 1, 0) <= 0 || (asked.revents & POLLOUT) == 0) return hf_number(env, 0);
  ssize_t put = send(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL);
  /* A pipe that reports room takes this much without blocking. */
  if (put < 0 && errno == ENOTSOCK) put = write(fd, data, length < PIPE_BUF ? length : PIPE_BUF);
  return hf_number(env, put < 0 ? 0 : put);
}

/* mapsReturn(fd): boolean */
static napi_value maps_return(napi_env env, napi_callback_info info) {
  napi_value argv[1], result;
  int32_t fd;
  struct termios now;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "mapsReturn(fd)");
  /* Linux reports the terminal's settings on the master side too. */
  bool maps = tcgetattr(fd, &now) == 0 && (now.c_iflag & ICRNL) != 0 && (now.c_iflag & IGNCR) == 0;
  return napi_get_boolean(env, maps, &result) == napi_ok ? result : NULL;
}

/* consoleMode(fd): the settings before, as bytes */
static napi_value console_mode(napi_env env, napi_callback_info info) {
  napi_value argv[1], buffer, array;
  int32_t fd;
  void *data;
  struct termios now, wanted;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "consoleMode(fd)");
  if (tcgetattr(fd, &now) < 0) return hf_throw_errno(env, errno, "tcgetattr");
  wanted = now;
  wanted.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  wanted.c_iflag &= ~(tcflag_t)IXON;
  wanted.c_cc[VMIN] = 1;
  wanted.c_cc[VTIME] = 0;
  if (tcsetattr(fd, TCSANOW, &wanted) < 0) return hf_throw_errno(env, errno, "tcsetattr");
  if (napi_create_arraybuffer(env, sizeof now, &data, &buffer) != napi_ok) return NULL;
  memcpy(data, &now, sizeof now);
  if (napi_create_typedarray(env, napi_uint8_array, sizeof now, buffer, 0, &array) != napi_ok) return NULL;
  return array;
}

/* Sets one input flag of `wanted` from a boolean property; absent leaves it. */
static void take_flag(napi_env env, napi_value modes, const char *name, tcflag_t flag, struct termios *wanted) {
  napi_value value;
  bool on;
  if (napi_get_named_property(env, modes, name, &value) != napi_ok || napi_get_value_bool(env, value, &on) != napi_ok) return;
  wanted->c_iflag = on ? wanted->c_iflag | flag : wanted->c_iflag & ~flag;
}

/* Sets one control character from a number property; absent leaves it. */
static void take_key(napi_env env, napi_value modes, const char *name, int which, struct termios *wanted) {
  napi_value value;
  uint32_t key;
  if (napi_get_named_property(env, modes, name, &value) != napi_ok || napi_get_value_uint32(env, value, &key) != napi_ok) return;
  wanted->c_cc[which] = (cc_t)key;
}

/* setModes(fd, modes) */
static napi_value set_modes(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t fd;
  struct termios wanted;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "setModes(fd, modes)");
  if (tcgetattr(fd, &wanted) < 0) return hf_throw_errno(env, errno, "tcgetattr");
  take_flag(env, argv[1], "ixon", IXON, &wanted);
  take_flag(env, argv[1], "ixoff", IXOFF, &wanted);
  take_flag(env, argv[1], "ixany", IXANY, &wanted);
  take_key(env, argv[1], "erase", VERASE, &wanted);
  take_key(env, argv[1], "kill", VKILL, &wanted);
  if (tcsetattr(fd, TCSANOW, &wanted) < 0) return hf_throw_errno(env, errno, "tcsetattr");
  return NULL;
}

/* restoreTerminal(fd, state) */
static napi_value restore_terminal(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t fd;
  void *data;
  size_t length;
  struct termios state;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok ||
      napi_get_typedarray_info(env, argv[1], NULL, &length, &data, NULL, NULL) != napi_ok || length != sizeof state) {
    return hf_throw_type(env, "restoreTerminal(fd, state)");
  }
  memcpy(&state, data, sizeof state);
  if (tcsetattr(fd, TCSANOW, &state) < 0) return hf_throw_errno(env, errno, "tcsetattr");
  return hf_undefined(env);
}

void hf_register_sockets(napi_env env, napi_value exports) {
  hf_export(env, exports, "listenTcp", listen_tcp);
  hf_export(env, exports, "listenUnix", listen_unix);
  hf_export(env, exports, "probeUnix", probe_unix);
  hf_export(env, exports, "boundPort", bound_port);
  hf_export(env, exports, "hungUp", hung_up);
  hf_export(env, exports, "halfClosed", half_closed);
  hf_export(env, exports, "send", send_now);
  hf_export(env, exports, "receive", receive_now);
  hf_export(env, exports, "offer", offer);
  hf_export(env, exports, "mapsReturn", maps_return);
  hf_export(env, exports, "consoleMode", console_mode);
  hf_export(env, exports, "restoreTerminal", restore_terminal);
  hf_export(env, exports, "setModes", set_modes);
}
