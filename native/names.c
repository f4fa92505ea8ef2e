/* Names of users and groups, times as text, who is at the other end, and one datagram for sd_notify. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* The kernel takes 253 descriptors in one message (SCM_MAX_FD). */
enum { NAME_ROOM = 256, RECORD_ROOM = 4096, LARGEST_RECORD = 16 << 20, MOST_FDS = 253 };

/* Takes a name. One that does not fit becomes the empty name, which nobody has: its beginning may be somebody else's. */
static bool take_name(napi_env env, napi_value value, char *name) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return false;
  name[0] = '\0';
  return length >= NAME_ROOM || napi_get_value_string_utf8(env, value, name, NAME_ROOM, &length) == napi_ok;
}

/* Whether a look-up is to be tried with more room: groups of a large site do not fit into any fixed one. */
static bool more_room(int errnum, size_t *size, char **room) {
  if (errnum != ERANGE || *size >= LARGEST_RECORD) return false;
  char *grown = realloc(*room, *size *= 2);
  if (grown == NULL) return false;
  *room = grown;
  return true;
}

/* Of what getpwnam_r(3) gives where it finds nothing, these are no errors. */
static bool not_found(int errnum) {
  return errnum == 0 || errnum == ENOENT || errnum == ESRCH || errnum == EBADF || errnum == EPERM;
}

static void set_text(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) hf_set(env, object, name, value);
}

/* The entry as an object, undefined where there is none. */
static napi_value user_entry(napi_env env, const struct passwd *found) {
  napi_value user;
  if (found == NULL || napi_create_object(env, &user) != napi_ok) return hf_undefined(env);
  set_text(env, user, "name", found->pw_name);
  hf_set_number(env, user, "uid", found->pw_uid);
  hf_set_number(env, user, "gid", found->pw_gid);
  set_text(env, user, "home", found->pw_dir);
  set_text(env, user, "shell", found->pw_shell);
  return user;
}

/* userByName(name) */
static napi_value user_by_name(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  char name[NAME_ROOM];
  struct passwd entry, *found = NULL;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (!take_name(env, argv[0], name)) return hf_throw_type(env, "userByName(name)");
  char *room = malloc(RECORD_ROOM);
  if (room == NULL) return hf_throw_errno(env, ENOMEM, "getpwnam");
  size_t size = RECORD_ROOM;
  int errnum;
  do {
    errnum = getpwnam_r(name, &entry, room, size, &found);
  } while (more_room(errnum, &size, &room));
  napi_value user = found == NULL && !not_found(errnum) ? hf_throw_errno(env, errnum, "getpwnam") : user_entry(env, found);
  free(room);
  return user;
}

/* userById(uid) */
static napi_value user_by_id(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  uint32_t uid;
  struct passwd entry, *found = NULL;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_uint32(env, argv[0], &uid) != napi_ok) return hf_throw_type(env, "userById(uid)");
  char *room = malloc(RECORD_ROOM);
  if (room == NULL) return hf_throw_errno(env, ENOMEM, "getpwuid");
  size_t size = RECORD_ROOM;
  int errnum;
  do {
    errnum = getpwuid_r((uid_t)uid, &entry, room, size, &found);
  } while (more_room(errnum, &size, &room));
  napi_value user = found == NULL && !not_found(errnum) ? hf_throw_errno(env, errnum, "getpwuid") : user_entry(env, found);
  free(room);
  return user;
}

/* groupByName(name) */
static napi_value group_by_name(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  char name[NAME_ROOM];
  struct group entry, *found = NULL;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (!take_name(env, argv[0], name)) return hf_throw_type(env, "groupByName(name)");
  char *room = malloc(RECORD_ROOM);
  if (room == NULL) return hf_throw_errno(env, ENOMEM, "getgrnam");
  size_t size = RECORD_ROOM;
  int errnum;
  do {
    errnum = getgrnam_r(name, &entry, room, size, &found);
  } while (more_room(errnum, &size, &room));
  gid_t gid = found == NULL ? 0 : found->gr_gid;
  free(room);
  if (found != NULL) return hf_number(env, gid);
  return not_found(errnum) ? hf_undefined(env) : hf_throw_errno(env, errnum, "getgrnam");
}

/* groupsOf(name, gid) */
static napi_value groups_of(napi_env env, napi_callback_info info) {
  napi_value argv[2], array;
  char name[NAME_ROOM];
  int64_t gid;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (!take_name(env, argv[0], name) || napi_get_value_int64(env, argv[1], &gid) != napi_ok) {
    return hf_throw_type(env, "groupsOf(name, gid)");
  }
  int count = 64;
  gid_t *groups = malloc((size_t)count * sizeof *groups);
  while (groups != NULL && getgrouplist(name, (gid_t)gid, groups, &count) < 0) {
    gid_t *grown = realloc(groups, (size_t)count * sizeof *groups);
    if (grown == NULL) free(groups);
    groups = grown;
  }
  if (groups == NULL) return hf_throw_errno(env, ENOMEM, "getgrouplist");
  if (napi_create_array_with_length(env, (size_t)count, &array) == napi_ok) {
    for (int i = 0; i < count; i++) napi_set_element(env, array, (uint32_t)i, hf_number(env, groups[i]));
  }
  free(groups);
  return array;
}

/* strftime(format, seconds) */
static napi_value format_time(napi_env env, napi_callback_info info) {
  napi_value argv[2], result = NULL;
  char format[512], text[1024];
  int64_t seconds;
  size_t length;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_string_utf8(env, argv[0], format, sizeof format, &length) != napi_ok ||
      napi_get_value_int64(env, argv[1], &seconds) != napi_ok) {
    return hf_throw_type(env, "strftime(format, seconds)");
  }
  time_t when = (time_t)seconds;
  struct tm local;
  /* The process stays in the C locale that it begins with: nothing in Node calls setlocale(3). */
  /* localtime_r(3) alone looks at TZ once. */
  tzset();
  length = localtime_r(&when, &local) == NULL ? 0 : strftime(text, sizeof text, format, &local);
  napi_create_string_utf8(env, text, length, &result);
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

/* Copies the descriptors to send along; false when it is no array of them, or too many. */
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
  hf_export(env, exports, "userByName", user_by_name);
  hf_export(env, exports, "userById", user_by_id);
  hf_export(env, exports, "groupByName", group_by_name);
  hf_export(env, exports, "groupsOf", groups_of);
  hf_export(env, exports, "strftime", format_time);
  hf_export(env, exports, "peerCredentials", peer_credentials);
  hf_export(env, exports, "sendDatagram", send_datagram);
}
