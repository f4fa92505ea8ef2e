/* Starts a child in a terminal of its own.
 *
 * The child is made with vfork(2) on a thread that lives as long as the start. vfork, because fork(2) of a process of this
 * size takes as long as the whole rest of the start; on a thread, because vfork suspends its caller until execve(2)
 * completes, which may take forever if the program is on a server that does not answer. Not a thread of libuv's pool:
 * four such starts would stop all others, and whatever else of the runtime uses the pool. */
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Bytes: the child stands on it too, until execve(2). */
enum { STACK_SIZE = 128 * 1024 };

static void finish(Completion *completion);
static Completions completions = HF_COMPLETIONS(finish);
/* Starts in progress; of the event loop alone. */
static Request *first_starting;

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

#define NAME(name, text) text,
static const char *const step_names[] = {STEPS(NAME)};
#undef NAME

/* --- on the start's thread --------------------------------------------------------------------------------------- */

/* Opens the child's side. By number and not by name, where the kernel can (4.13): /dev may be another one in a container. */
static int open_slave(int master) {
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  char name[64];
  if (slave < 0 && ptsname_r(master, name, sizeof name) == 0) slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0 || slave > 2) return slave;
  /* If this process has no descriptor 0, 1 or 2, dup2(2) onto itself would leave it close-on-exec. */
  int higher = fcntl(slave, F_DUPFD_CLOEXEC, 3);
  int saved = errno;
  close(slave);
  errno = saved;
  return higher;
}

/* Opens both sides of a terminal; false with `call` and errno. */
static bool open_terminal(Request *request) {
  request->call = "posix_openpt";
  request->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (request->master < 0) return false;
  request->call = "unlockpt";
  if (grantpt(request->master) < 0 || unlockpt(request->master) < 0) return false;
  request->call = "open terminal";
  request->slave = open_slave(request->master);
  if (request->slave < 0) return false;
  request->call = "fchown terminal";
  /*
   * The terminal is the user's, as after a login: otherwise the child could not open /dev/stderr. Without the right to
   * give it away, the child fails to become that user, which is reported instead.
   */
  if (request->uid >= 0 && fchown(request->slave, (uid_t)request->uid, (gid_t)-1) < 0 && errno != EPERM) return false;
  request->call = "set window size";
  return ioctl(request->master, TIOCSWINSZ, &request->size) == 0;
}

/* Creates the child and blocks until it runs its program, or has failed to. */
static void start(Request *request) {
  if (request->master < 0 && !open_terminal(request)) {
    request->errnum = errno;
    return;
  }
  pid_t pid = vfork();
  if (pid == 0) hf_be_the_child(request);
  if (pid < 0) {
    request->call = "vfork";
    request->errnum = errno;
    return;
  }
  request->pid = pid;
  request->call = NULL;
}

static void *work(void *data) {
  Request *request = data;
  start(request);
  hf_complete(&completions, &request->completion);
  return NULL;
}

/* --- on the event loop ------------------------------------------------------------------------------------------- */

static void set_text(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) hf_set(env, object, name, value);
}

/* {step, errno, code, message} */
static napi_value failure_of(napi_env env, const Request *request) {
  napi_value failure = NULL;
  if (napi_create_object(env, &failure) != napi_ok) return NULL;
  set_text(env, failure, "step", step_names[request->step]);
  hf_set_number(env, failure, "errno", request->errnum);
  set_text(env, failure, "code", hf_errno_name(request->errnum));
  set_text(env, failure, "message", strerror(request->errnum));
  return failure;
}

/* {pid, fd, failure?} */
static napi_value result_of(napi_env env, const Request *request) {
  napi_value result = NULL;
  if (napi_create_object(env, &result) != napi_ok) return NULL;
  hf_set_number(env, result, "pid", request->pid);
  hf_set_number(env, result, "fd", request->master);
  if (request->step != STEP_NONE) hf_set(env, result, "failure", failure_of(env, request));
  return result;
}

/* Reports the result to JavaScript. */
static void tell(napi_env env, const Request *request) {
  napi_handle_scope scope;
  napi_value argv[2];
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (request->call != NULL) {
    argv[0] = hf_error(env, request->errnum, request->call);
    argv[1] = hf_undefined(env);
  } else {
    napi_get_null(env, &argv[0]);
    argv[1] = result_of(env, request);
  }
  hf_call(env, request->done, 2, argv);
  napi_close_handle_scope(env, scope);
}

static void begin(Request *request) {
  request->behind = first_starting;
  if (first_starting != NULL) first_starting->before = request;
  first_starting = request;
}

static void end(Request *request) {
  if (request->before != NULL) request->before->behind = request->behind;
  if (request->behind != NULL) request->behind->before = request->before;
  if (first_starting == request) first_starting = request->behind;
}

bool hf_may_be_starting(pid_t pid) {
  for (const Request *request = first_starting; request != NULL; request = request->behind) {
    if (request->pid == 0 || request->pid == pid) return true;
  }
  return false;
}

static void finish(Completion *completion) {
  Request *request = (Request *)completion;
  end(request);
  if (request->slave >= 0) close(request->slave);
  if (request->call != NULL && request->master >= 0) close(request->master);
  tell(request->env, request);
  /*
   * After the callback: the caller learns of the child before its end. The garbage collector cannot run in between: it
   * uses this thread too.
   */
  if (request->call == NULL) hf_watch_child(request->pid);
  hf_free_request(request);
}

/* spawn(request, done) */
static napi_value spawn(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  Request *request = hf_take_request(env, argv[0], argv[1]);
  if (request == NULL) return NULL;
  /* Its signals are blocked: no handler of ours may run in the child while it has our memory. */
  begin(request);
  int status = hf_start_thread(STACK_SIZE, work, request);
  if (status != 0) {
    end(request);
    hf_free_request(request);
    return hf_throw_errno(env, status, "pthread_create");
  }
  hf_await(&completions);
  return NULL;
}

/* openTerminal(columns, rows, uid): {master, slave}, for a spawn that comes later; uid -1: nobody's in particular */
static napi_value open_terminal_now(napi_env env, napi_callback_info info) {
  napi_value argv[3], both;
  int32_t columns, rows;
  Request request = {.master = -1, .slave = -1};
  if (!hf_arguments(env, info, argv, 3)) return NULL;
  if (napi_get_value_int32(env, argv[0], &columns) != napi_ok || napi_get_value_int32(env, argv[1], &rows) != napi_ok ||
      napi_get_value_int64(env, argv[2], &request.uid) != napi_ok) {
    return hf_throw_type(env, "openTerminal(columns, rows, uid)");
  }
  request.size = (struct winsize){.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  if (!open_terminal(&request)) {
    int saved = errno;
    if (request.slave >= 0) close(request.slave);
    if (request.master >= 0) close(request.master);
    return hf_throw_errno(env, saved, request.call);
  }
  if (napi_create_object(env, &both) != napi_ok) return NULL;
  hf_set_number(env, both, "master", request.master);
  hf_set_number(env, both, "slave", request.slave);
  return both;
}

/* terminalSession(fd): the leader of the session on the other side of a terminal, or undefined */
static napi_value terminal_session(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t fd;
  pid_t session;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "terminalSession(fd)");
  return ioctl(fd, TIOCGSID, &session) < 0 ? hf_undefined(env) : hf_number(env, session);
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
  hf_export(env, exports, "openTerminal", open_terminal_now);
  hf_export(env, exports, "terminalSession", terminal_session);
  if (hf_open_completions(env, &completions)) hf_export(env, exports, "spawn", spawn);
}
