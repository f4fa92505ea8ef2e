/*
 * The steps that make a process a daemon, except fork(2), which a JavaScript runtime does not survive: `bin/launch`
 * does that.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* newSession() */
static napi_value new_session(napi_env env, napi_callback_info info) {
  (void)info;
  return setsid() < 0 ? hf_throw_errno(env, errno, "setsid") : NULL;
}

/* leaveStandard(): puts /dev/null in the place of descriptors 0, 1 and 2 */
static napi_value leave_standard(napi_env env, napi_callback_info info) {
  (void)info;
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return hf_throw_errno(env, errno, "open");
  int put = 0;
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO && put >= 0; fd++) put = dup2(null, fd);
  int saved = errno;
  if (null > STDERR_FILENO) close(null);
  return put < 0 ? hf_throw_errno(env, saved, "dup2") : NULL;
}

void hf_register_session(napi_env env, napi_value exports) {
  hf_export(env, exports, "newSession", new_session);
  hf_export(env, exports, "leaveStandard", leave_standard);
}
