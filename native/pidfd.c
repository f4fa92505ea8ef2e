/* Processes that are not our children, held by a descriptor (pidfd): whether one lives, and how it ended. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* As in <linux/pidfd.h> since 6.15, which the headers of a machine need not have: its first 64 bytes. */
typedef struct {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ids[8];
  int32_t exit_code;
} PidfdInfo;

#define GET_INFO _IOWR(0xFF, 11, PidfdInfo)
#define INFO_EXIT (UINT64_C(1) << 3)

/* openPidfd(pid): fd */
static napi_value open_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t pid;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &pid) != napi_ok || pid <= 0) return hf_throw_type(env, "openPidfd(pid)");
  long fd = syscall(SYS_pidfd_open, (pid_t)pid, 0U);
  return fd < 0 ? hf_throw_errno(env, errno, "pidfd_open") : hf_number(env, fd);
}

/* pidfdExit(fd): {code, signal, coreDumped}; null: not told yet; undefined: this kernel never tells */
static napi_value pidfd_exit(napi_env env, napi_callback_info info) {
  napi_value argv[1], null, end, dumped;
  int32_t fd;
  PidfdInfo found = {.mask = INFO_EXIT};
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "pidfdExit(fd)");
  /* ESRCH: ended and reaped, on a kernel that keeps nothing of it (6.13 and 6.14). */
  if (ioctl(fd, GET_INFO, &found) < 0) return hf_undefined(env);
  if (napi_get_null(env, &null) != napi_ok || (found.mask & INFO_EXIT) == 0) return null;
  int status = found.exit_code;
  if (napi_create_object(env, &end) != napi_ok ||
      napi_get_boolean(env, WIFSIGNALED(status) && WCOREDUMP(status), &dumped) != napi_ok) {
    return NULL;
  }
  hf_set(env, end, "code", WIFSIGNALED(status) ? null : hf_number(env, WEXITSTATUS(status)));
  hf_set(env, end, "signal", WIFSIGNALED(status) ? hf_number(env, WTERMSIG(status)) : null);
  hf_set(env, end, "coreDumped", dumped);
  return end;
}

typedef struct {
  napi_env env;
  napi_ref ended;
} Watch;

static void watch_closed(uv_handle_t *handle) { free(handle); }

static void on_end(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  Watch *watch = poll->data;
  napi_env env = watch->env;
  napi_ref ended = watch->ended;
  uv_poll_stop(poll);
  uv_close((uv_handle_t *)poll, watch_closed);
  free(watch);
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  hf_call(env, ended, 0, NULL);
  napi_delete_reference(env, ended);
  napi_close_handle_scope(env, scope);
}

/* watchPidfd(fd, ended) */
static napi_value watch_pidfd(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t fd;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "watchPidfd(fd, ended)");
  Watch *watch = calloc(1, sizeof *watch);
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL));
  int status = watch == NULL || poll == NULL ? UV_ENOMEM : uv_poll_init(hf_loop(env), poll, fd);
  if (status < 0) {
    free(watch);
    free(poll);
    return hf_throw_errno(env, -status, "watchPidfd");
  }
  *watch = (Watch){.env = env};
  poll->data = watch;
  if (!hf_keep_function(env, argv[1], &watch->ended)) {
    uv_close((uv_handle_t *)poll, watch_closed);
    free(watch);
    return hf_throw_type(env, "watchPidfd(fd, ended)");
  }
  uv_poll_start(poll, UV_READABLE, on_end);
  return NULL;
}

void hf_register_pidfd(napi_env env, napi_value exports) {
  hf_export(env, exports, "openPidfd", open_pidfd);
  hf_export(env, exports, "pidfdExit", pidfd_exit);
  hf_export(env, exports, "watchPidfd", watch_pidfd);
}
