/* Starts a child in a terminal of its own.
 *
 * The child is made with vfork(2) on a thread of libuv's pool. vfork, because fork(2) of a process of this size takes as long
 * as the whole rest of the start; on a pool thread, because vfork stops the thread that calls it until execve(2) is
 * through, and that may take for ever when the program lies on a server that does not answer. Until then the child shares
 * our memory: it may call nothing that takes a lock, allocates, or (as setuid(2) of the C library does) signals our other
 * threads. So it makes raw system calls on what was prepared before, and what fails it writes into the request. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { EXIT_FAILED = 255, MOST_LIMITS = 32, MOST_GROUPS = 1024 };

typedef enum { STEP_NONE, STEP_CGROUP, STEP_LIMITS, STEP_GROUPS, STEP_GID, STEP_UID, STEP_CHDIR, STEP_EXEC } Step;
static const char *const step_names[] = {"", "cgroup", "limits", "groups", "gid", "uid", "chdir", "exec"};

typedef struct {
  int resource;
  bool set_soft, set_hard;
  struct rlimit limit;
} Limit;

typedef struct {
  uv_work_t *work;
  napi_env env;
  napi_ref done;
  /* What to run. `programs` are the candidates of the PATH search, `shell_argv` is argv for a script without #! line. */
  char **programs, **argv, **shell_argv, **environment;
  char *cwd, *cgroup;
  int64_t umask, uid, gid; /* -1: leave */
  int group_count;         /* -1: leave */
  gid_t groups[MOST_GROUPS];
  int limit_count;
  Limit limits[MOST_LIMITS];
  struct winsize size;
  /* What came of it. `step` and `errnum` are written by the child, in our memory. */
  int master, slave;
  pid_t pid;
  const char *call; /* the call that left no child, with errnum */
  volatile Step step;
  volatile int errnum;
} Request;

/* --- in the child ------------------------------------------------------------------------------------------------ */

static _Noreturn void give_up(Request *request, Step step) {
  request->errnum = errno;
  request->step = step;
  _exit(EXIT_FAILED);
}

/* Closes every descriptor from 3 up; kernels before 5.9 have no close_range(2). */
static void close_inherited(void) {
  if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) return;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 65536) limit.rlim_cur = 65536;
  for (int fd = 3; fd < (int)limit.rlim_cur; fd++) close(fd);
}

/* execvp(3) over the prepared candidates: a directory that lacks the program is passed over, any other error counts. */
static void execute(Request *request) {
  int denied = 0;
  for (char **program = request->programs; *program != NULL; program++) {
    execve(*program, request->argv, request->environment);
    if (errno == ENOEXEC) {
      request->shell_argv[1] = *program;
      execve("/bin/sh", request->shell_argv, request->environment);
    }
    if (errno == EACCES) {
      denied = 1;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      return;
    }
  }
  if (denied) errno = EACCES;
}

static void join_cgroup(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "0", 1) < 0) {
    int saved = errno;
    close(fd);
    errno = saved;
  }
}

static bool set_limit(const Limit *wanted) {
  struct rlimit limit;
  if (getrlimit(wanted->resource, &limit) < 0) return false;
  if (wanted->set_soft) limit.rlim_cur = wanted->limit.rlim_cur;
  if (wanted->set_hard) limit.rlim_max = wanted->limit.rlim_max;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  return setrlimit(wanted->resource, &limit) == 0;
}

static _Noreturn void be_the_child(Request *request) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int sig = 1; sig < NSIG; sig++) sigaction(sig, &standard, NULL);
  setsid();
  ioctl(request->slave, TIOCSCTTY, 0);
  for (int fd = 0; fd < 3; fd++) {
    if (dup2(request->slave, fd) < 0) give_up(request, STEP_EXEC);
  }
  close_inherited();
  if (request->cgroup != NULL) {
    errno = 0;
    join_cgroup(request->cgroup);
    if (errno != 0) give_up(request, STEP_CGROUP);
  }
  for (int i = 0; i < request->limit_count; i++) {
    if (!set_limit(&request->limits[i])) give_up(request, STEP_LIMITS);
  }
  if (request->group_count >= 0 && syscall(SYS_setgroups, request->group_count, request->groups) < 0) {
    give_up(request, STEP_GROUPS);
  }
  if (request->gid >= 0 && syscall(SYS_setresgid, (gid_t)request->gid, (gid_t)request->gid, (gid_t)request->gid) < 0) {
    give_up(request, STEP_GID);
  }
  if (request->uid >= 0 && syscall(SYS_setresuid, (uid_t)request->uid, (uid_t)request->uid, (uid_t)request->uid) < 0) {
    give_up(request, STEP_UID);
  }
  if (request->umask >= 0) umask((mode_t)request->umask);
  if (request->cwd != NULL && chdir(request->cwd) < 0) give_up(request, STEP_CHDIR);
  sigset_t none;
  sigemptyset(&none);
  /* pthread_sigmask would be the same system call, through a library that keeps state about threads. */
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, (size_t)(_NSIG / 8));
  execute(request);
  give_up(request, STEP_EXEC);
}

/* --- on the pool thread ------------------------------------------------------------------------------------------ */

/* Opens both sides of a terminal; false with `call` and `errnum`. */
static bool open_terminal(Request *request) {
  request->call = "posix_openpt";
  request->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (request->master < 0) return false;
  request->call = "unlockpt";
  if (grantpt(request->master) < 0 || unlockpt(request->master) < 0) return false;
  request->call = "open terminal";
  request->slave = ioctl(request->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (request->slave < 0) {
    char name[64];
    if (ptsname_r(request->master, name, sizeof name) != 0) return false;
    request->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (request->slave < 0) return false;
  }
  return ioctl(request->master, TIOCSWINSZ, &request->size) == 0;
}

static void start(uv_work_t *work) {
  Request *request = work->data;
  if (!open_terminal(request)) {
    request->errnum = errno;
    return;
  }
  /* A signal must not run one of our handlers in the child, while it has our memory. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) be_the_child(request);
  int saved = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(request->slave);
  request->slave = -1;
  if (pid < 0) {
    request->call = "vfork";
    request->errnum = saved;
    return;
  }
  request->pid = pid;
  request->call = NULL;
}

/* --- on the event loop ------------------------------------------------------------------------------------------- */

static void free_words(char **words) {
  for (char **word = words; word != NULL && *word != NULL; word++) free(*word);
  free(words);
}

static void free_request(Request *request) {
  if (request->done != NULL) napi_delete_reference(request->env, request->done);
  free_words(request->programs);
  free_words(request->argv);
  free(request->shell_argv); /* its words belong to argv and programs */
  free_words(request->environment);
  free(request->cwd);
  free(request->cgroup);
  free(request->work);
  free(request);
}

static napi_value failure_of(napi_env env, const Request *request) {
  napi_value failure, text;
  if (napi_create_object(env, &failure) != napi_ok) return NULL;
  napi_create_string_utf8(env, step_names[request->step], NAPI_AUTO_LENGTH, &text);
  hf_set(env, failure, "step", text);
  hf_set_number(env, failure, "errno", request->errnum);
  napi_create_string_utf8(env, hf_errno_name(request->errnum), NAPI_AUTO_LENGTH, &text);
  hf_set(env, failure, "code", text);
  napi_create_string_utf8(env, strerror(request->errnum), NAPI_AUTO_LENGTH, &text);
  hf_set(env, failure, "message", text);
  return failure;
}

static void finished(uv_work_t *work, int status) {
  Request *request = work->data;
  napi_env env = request->env;
  napi_handle_scope scope;
  napi_value argv[2];
  if (status < 0) {
    request->call = "spawn";
    request->errnum = -status;
  }
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (request->call != NULL) {
    if (request->master >= 0) close(request->master);
    argv[0] = hf_error(env, request->errnum, request->call);
    argv[1] = hf_undefined(env);
  } else {
    napi_get_null(env, &argv[0]);
    napi_create_object(env, &argv[1]);
    hf_set_number(env, argv[1], "pid", request->pid);
    hf_set_number(env, argv[1], "fd", request->master);
    if (request->step != STEP_NONE) hf_set(env, argv[1], "failure", failure_of(env, request));
  }
  pid_t pid = request->call == NULL ? request->pid : 0;
  hf_call(env, request->done, 2, argv);
  napi_close_handle_scope(env, scope);
  /* After the callback: whoever asked for the child hears of it before he hears of its end. */
  if (pid > 0) hf_watch_child(pid);
  free_request(request);
}

/* Copies a string; NULL when it is none. */
static char *take_string(napi_env env, napi_value value) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
  char *text = malloc(length + 1);
  if (text != NULL) napi_get_value_string_utf8(env, value, text, length + 1, &length);
  return text;
}

static bool take_property(napi_env env, napi_value object, const char *name, napi_value *value) {
  napi_valuetype type;
  return napi_get_named_property(env, object, name, value) == napi_ok && napi_typeof(env, *value, &type) == napi_ok &&
         type != napi_undefined && type != napi_null;
}

static char *take_text(napi_env env, napi_value object, const char *name) {
  napi_value value;
  return take_property(env, object, name, &value) ? take_string(env, value) : NULL;
}

static int64_t take_integer(napi_env env, napi_value object, const char *name, int64_t fallback) {
  napi_value value;
  int64_t number;
  if (!take_property(env, object, name, &value) || napi_get_value_int64(env, value, &number) != napi_ok) return fallback;
  return number;
}

/* Copies an array of strings, with a NULL behind the last; NULL when it is none. */
static char **take_words(napi_env env, napi_value array) {
  uint32_t count;
  if (napi_get_array_length(env, array, &count) != napi_ok) return NULL;
  char **words = calloc(count + 1, sizeof *words);
  for (uint32_t i = 0; words != NULL && i < count; i++) {
    napi_value value;
    if (napi_get_element(env, array, i, &value) != napi_ok || (words[i] = take_string(env, value)) == NULL) {
      free_words(words);
      return NULL;
    }
  }
  return words;
}

static void take_groups(napi_env env, napi_value object, Request *request) {
  napi_value array, value;
  uint32_t count;
  request->group_count = -1;
  if (!take_property(env, object, "groups", &array) || napi_get_array_length(env, array, &count) != napi_ok) return;
  request->group_count = 0;
  for (uint32_t i = 0; i < count && i < MOST_GROUPS; i++) {
    int64_t group;
    if (napi_get_element(env, array, i, &value) != napi_ok || napi_get_value_int64(env, value, &group) != napi_ok) return;
    request->groups[request->group_count++] = (gid_t)group;
  }
}

/* One of the two numbers of a limit; false: leave it as it is. */
static bool take_limit(napi_env env, napi_value triple, uint32_t index, rlim_t *limit) {
  napi_value value;
  int64_t number;
  if (napi_get_element(env, triple, index, &value) != napi_ok || napi_get_value_int64(env, value, &number) != napi_ok) {
    return false;
  }
  *limit = number < 0 ? RLIM_INFINITY : (rlim_t)number;
  return true;
}

static void take_limits(napi_env env, napi_value object, Request *request) {
  napi_value array, triple, value;
  uint32_t count;
  if (!take_property(env, object, "limits", &array) || napi_get_array_length(env, array, &count) != napi_ok) return;
  for (uint32_t i = 0; i < count && i < MOST_LIMITS; i++) {
    Limit *limit = &request->limits[request->limit_count];
    int32_t resource;
    if (napi_get_element(env, array, i, &triple) != napi_ok || napi_get_element(env, triple, 0, &value) != napi_ok ||
        napi_get_value_int32(env, value, &resource) != napi_ok) {
      return;
    }
    limit->resource = resource;
    limit->set_soft = take_limit(env, triple, 1, &limit->limit.rlim_cur);
    limit->set_hard = take_limit(env, triple, 2, &limit->limit.rlim_max);
    request->limit_count++;
  }
}

/* The value of PATH in the child's environment. */
static const char *path_of(char **environment) {
  for (char **entry = environment; *entry != NULL; entry++) {
    if (strncmp(*entry, "PATH=", 5) == 0) return *entry + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

/* All that execvp(3) would try, as full names: the child may not build them. */
static char **candidates(const char *file, char **environment) {
  const char *path = strchr(file, '/') != NULL || *file == '\0' ? "" : path_of(environment);
  size_t count = 1;
  for (const char *at = path; *at != '\0'; at++) count += *at == ':';
  char **programs = calloc(count + 1, sizeof *programs);
  if (programs == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    size_t length = strcspn(path, ":");
    if (asprintf(&programs[i], "%.*s%s%s", (int)length, path, length > 0 ? "/" : "", file) < 0) programs[i] = NULL;
    path += length + (path[length] == ':');
  }
  return programs;
}

/* sh, the script, and what followed argv[0]. */
static char **shell_words(char **argv) {
  size_t count = 0;
  while (argv[count] != NULL) count++;
  char **words = calloc(count + 3, sizeof *words);
  if (words == NULL) return NULL;
  words[0] = "/bin/sh";
  for (size_t i = 1; i < count; i++) words[i + 1] = argv[i];
  return words;
}

extern char **environ;

/* A copy, as JavaScript may change the environment while the pool thread reads it. */
static char **copy_environment(void) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  char **copy = calloc(count + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++) copy[i] = strdup(environ[i]);
  return copy;
}

/* spawn(request, done) */
static napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value argv[2], value;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  Request *request = calloc(1, sizeof *request);
  if (request == NULL) return hf_throw_errno(env, ENOMEM, "spawn");
  request->env = env;
  request->master = request->slave = -1;
  char *file = take_text(env, argv[0], "file");
  if (take_property(env, argv[0], "argv", &value)) request->argv = take_words(env, value);
  request->environment = take_property(env, argv[0], "env", &value) ? take_words(env, value) : copy_environment();
  if (file != NULL && request->argv != NULL && request->argv[0] != NULL && request->environment != NULL) {
    request->programs = candidates(file, request->environment);
    request->shell_argv = shell_words(request->argv);
  }
  free(file);
  request->work = calloc(1, uv_req_size(UV_WORK));
  if (request->programs == NULL || request->shell_argv == NULL || request->work == NULL ||
      napi_create_reference(env, argv[1], 1, &request->done) != napi_ok) {
    free_request(request);
    return hf_throw_type(env, "spawn({file, argv, ...}, done)");
  }
  request->cwd = take_text(env, argv[0], "cwd");
  request->cgroup = take_text(env, argv[0], "cgroupProcs");
  request->umask = take_integer(env, argv[0], "umask", -1);
  request->uid = take_integer(env, argv[0], "uid", -1);
  request->gid = take_integer(env, argv[0], "gid", -1);
  request->size.ws_col = (unsigned short)take_integer(env, argv[0], "columns", 0);
  request->size.ws_row = (unsigned short)take_integer(env, argv[0], "rows", 0);
  take_groups(env, argv[0], request);
  take_limits(env, argv[0], request);
  request->work->data = request;
  int status = uv_queue_work(hf_loop(env), request->work, start, finished);
  if (status < 0) {
    free_request(request);
    return hf_throw_errno(env, -status, "uv_queue_work");
  }
  return NULL;
}

void hf_register_spawn(napi_env env, napi_value exports) {
  static const struct {
    const char *name;
    int resource;
  } limits[] = {{"as", RLIMIT_AS},           {"core", RLIMIT_CORE},     {"cpu", RLIMIT_CPU},       {"data", RLIMIT_DATA},
                {"fsize", RLIMIT_FSIZE},     {"locks", RLIMIT_LOCKS},   {"memlock", RLIMIT_MEMLOCK},
                {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},   {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC},
                {"rss", RLIMIT_RSS},         {"rtprio", RLIMIT_RTPRIO}, {"rttime", RLIMIT_RTTIME},
                {"sigpending", RLIMIT_SIGPENDING}, {"stack", RLIMIT_STACK}};
  napi_value object;
  if (napi_create_object(env, &object) == napi_ok) {
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) hf_set_number(env, object, limits[i].name, limits[i].resource);
    hf_set(env, exports, "rlimit", object);
  }
  hf_export(env, exports, "spawn", spawn);
}
