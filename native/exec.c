/*
 * Replaces this process by another program, with signals as after a login. Node's process.execve, still experimental,
 * passes on that Node ignores SIGPIPE and SIGXFSZ.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { LAST_SIGNAL = 64, FIRST_OWN_FD = 3, CLOSE_ON_EXEC = 4, MOST_WORDS = 1 << 16 };

extern char **environ;

static void free_texts(char **texts) {
  for (char **text = texts; text != NULL && *text != NULL; text++) free(*text);
  free(texts);
}

/* Copies into a NULL-terminated array; NULL if it is not an array of texts. */
static char **take_texts(napi_env env, napi_value array) {
  uint32_t count;
  if (napi_get_array_length(env, array, &count) != napi_ok || count > MOST_WORDS) return NULL;
  char **texts = calloc(count + 1, sizeof *texts);
  for (uint32_t i = 0; texts != NULL && i < count; i++) {
    napi_value element;
    if (napi_get_element(env, array, i, &element) != napi_ok || (texts[i] = hf_copy_text(env, element)) == NULL) {
      free_texts(texts);
      return NULL;
    }
  }
  return texts;
}

/* becomeProgram(file, argv, env): with an environment of null, in ours */
static napi_value become_program(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  if (!hf_arguments(env, info, argv, 3)) return NULL;
  char *file = hf_copy_text(env, argv[0]);
  char **words = take_texts(env, argv[1]);
  char **environment = take_texts(env, argv[2]);
  napi_valuetype type;
  bool same = napi_typeof(env, argv[2], &type) == napi_ok && type == napi_null;
  int errnum = EINVAL;
  if (file != NULL && words != NULL && (environment != NULL || same)) {
    for (int number = 1; number <= LAST_SIGNAL; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Node has set close-on-exec on them. */
    for (int fd = 0; fd < FIRST_OWN_FD; fd++) fcntl(fd, F_SETFD, 0);
    syscall(SYS_close_range, FIRST_OWN_FD, ~0U, CLOSE_ON_EXEC);
    execve(file, words, same ? environ : environment);
    errnum = errno;
  }
  free(file);
  free_texts(words);
  free_texts(environment);
  return hf_throw_errno(env, errnum, "execve");
}

/* limitDescriptors(soft); -1 is as many as the hard limit has. */
static napi_value limit_descriptors(napi_env env, napi_callback_info info) {
  napi_value argument;
  int64_t soft;
  struct rlimit limit;
  if (!hf_arguments(env, info, &argument, 1)) return NULL;
  if (napi_get_value_int64(env, argument, &soft) != napi_ok) return hf_throw_type(env, "limitDescriptors(soft)");
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return hf_throw_errno(env, errno, "getrlimit");
  limit.rlim_cur = soft < 0 || (rlim_t)soft > limit.rlim_max ? limit.rlim_max : (rlim_t)soft;
  if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return hf_throw_errno(env, errno, "setrlimit");
  return NULL;
}

/* exitNow(status): without a destructor, and without waiting for a thread. */
static napi_value exit_now(napi_env env, napi_callback_info info) {
  napi_value argument;
  int32_t status;
  if (!hf_arguments(env, info, &argument, 1)) return NULL;
  if (napi_get_value_int32(env, argument, &status) != napi_ok) return hf_throw_type(env, "exitNow(status)");
  _exit(status);
}

void hf_register_exec(napi_env env, napi_value exports) {
  hf_export(env, exports, "becomeProgram", become_program);
  hf_export(env, exports, "limitDescriptors", limit_descriptors);
  hf_export(env, exports, "exitNow", exit_now);
}
