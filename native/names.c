/* Times as text, peer credentials, and datagrams for sd_notify. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Since Linux 6.5; the headers of a machine need not have it. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* The kernel takes 253 descriptors in one message (SCM_MAX_FD). */
enum { MOST_FDS = 253 };

/* strftime(format, seconds): a Buffer */
static napi_value format_time(napi_env env, napi_callback_info info) {
  napi_value argv[2], result = NULL;
  char text[1024];
  int64_t seconds;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  char *format = hf_copy_text(env, argv[0]);
  if (format == NULL || napi_get_value_int64(env, argv[1], &seconds) != napi_ok) {
    free(format);
    return hf_throw_type(env, "strftime(format, seconds)");
  }
  time_t when = (time_t)seconds;
  struct tm local;
  /* The process stays in the C locale that it begins with: nothing in Node calls setlocale(3). */
  /* localtime_r(3) alone looks at TZ once. */
  tzset();
  size_t length = localtime_r(&when, &local) == NULL ? 0 : strftime(text, sizeof text, format, &local);
  free(format);
  napi_create_buffer_copy(env, length, text, NULL, &result);
  return result;
}

/* peerCredentials(fd) */
static napi_value peer_credentials(napi_env env, napi_callback_info info) {
  napi_value argv[1], result;
  int32_t fd;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "peerCredentials(fd)");
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return hf_throw_errno(env, errno, "getsockopt");
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  hf_set_number(env, result, "pid", peer.pid);
  hf_set_number(env, result, "uid", peer.uid);
  hf_set_number(env, result, "gid", peer.gid);
  return result;
}

/* peerLives(fd): the pidfd of the peer becomes readable with its end. */
static napi_value peer_lives(napi_env env, napi_callback_info info) {
  napi_value argv[1], result;
  int32_t fd;
  int pidfd = -1;
  socklen_t size = sizeof pidfd;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "peerLives(fd)");
  bool lives;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0) {
    lives = errno == ENOPROTOOPT;
  } else {
    struct pollfd end = {.fd = pidfd, .events = POLLIN};
    lives = poll(&end, 1, 0) == 0;
    close(pidfd);
  }
  napi_get_boolean(env, lives, &result);
  return result;
}

/* Copies the descriptors to send along; false if it is not an array of them, or there are too many. */
static bool take_fds(napi_env env, napi_value array, int *fds, uint32_t *count) {
  napi_value value;
  napi_valuetype type;
  *count = 0;
  if (napi_typeof(env, array, &type) != napi_ok) return false;
  if (type == napi_undefined) return true;
  if (napi_get_array_length(env, array, count) != napi_ok || *count > MOST_FDS) return false;
  for (uint32_t i = 0; i < *count; i++) {
    if (napi_get_element(env, array, i, &value) != napi_ok || napi_get_value_int32(env, value, &fds[i]) != napi_ok) {
      return false;
    }
  }
  return true;
}

/* Sends one message from a socket of its own; 0 or an errno. */
static int send_message(const struct msghdr *message) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  int errnum = sendmsg(fd, message, MSG_NOSIGNAL) < 0 ? errno : 0;
  close(fd);
  return errnum;
}

/* sendDatagram(path, data, fds?) */
static napi_value send_datagram(napi_env env, napi_callback_info info) {
  size_t argc = 3, size;
  napi_value argv[3];
  void *data;
  int fds[MOST_FDS];
  uint32_t count;
  struct sockaddr_un address;
  /* Arguments that are not given are undefined. */
  if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
      napi_get_typedarray_info(env, argv[1], NULL, &size, &data, NULL, NULL) != napi_ok ||
      !take_fds(env, argv[2], fds, &count)) {
    return hf_throw_type(env, "sendDatagram(path, data, fds?)");
  }
  socklen_t address_size = hf_unix_address(env, argv[0], &address);
  if (address_size == 0) return NULL;
  char control[CMSG_SPACE(sizeof fds)] __attribute__((aligned(sizeof(size_t)))) = {0};
  struct iovec part = {.iov_base = data, .iov_len = size};
  struct msghdr message = {.msg_name = &address, .msg_namelen = address_size, .msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof *fds);
    memcpy(CMSG_DATA(header), fds, count * sizeof *fds);
  }
  int errnum = send_message(&message);
  return errnum == 0 ? NULL : hf_throw_errno(env, errnum, "sendmsg");
}

void hf_register_names(napi_env env, napi_value exports) {
  hf_export(env, exports, "strftime", format_time);
  hf_export(env, exports, "peerCredentials", peer_credentials);
  hf_export(env, exports, "peerLives", peer_lives);
  hf_export(env, exports, "sendDatagram", send_datagram);
}
