/*
 * Reports how our children ended. Only known pids are reaped: the runtime waits for its own children. As the first
 * process of a container (or a subreaper) we also get orphans, which nobody else would reap.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Milliseconds between checks for orphans hidden behind a child that somebody else is about to reap. */
enum { AGAIN = 20 };

/* Pids that are watched, in no order. */
static pid_t *watched;
static size_t watched_count, watched_room;

static napi_env children_env;
static napi_ref handler;
static uv_signal_t *child_signal;
/* Whether orphans are reaped; the timer runs while one may be hidden behind a child of the runtime. */
static bool collecting;
static uv_timer_t *again;

static int64_t micros(struct timeval time) { return (int64_t)time.tv_sec * 1000000 + time.tv_usec; }

/* Reports the end to JavaScript. */
static void report(pid_t pid, int status, const struct rusage *usage) {
  napi_env env = children_env;
  napi_value end, null, dumped;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_create_object(env, &end);
  napi_get_null(env, &null);
  napi_get_boolean(env, WIFSIGNALED(status) && WCOREDUMP(status), &dumped);
  hf_set_number(env, end, "pid", pid);
  hf_set(env, end, "code", WIFSIGNALED(status) ? null : hf_number(env, WEXITSTATUS(status)));
  hf_set(env, end, "signal", WIFSIGNALED(status) ? hf_number(env, WTERMSIG(status)) : null);
  hf_set(env, end, "coreDumped", dumped);
  hf_set_number(env, end, "maxRssKib", usage->ru_maxrss);
  hf_set_number(env, end, "userMicros", micros(usage->ru_utime));
  hf_set_number(env, end, "systemMicros", micros(usage->ru_stime));
  hf_call(env, handler, 1, &end);
  napi_close_handle_scope(env, scope);
}

/* Reaps watched[i] if it has ended; returns whether it had. Without a handler its end waits for one. */
static bool reap(size_t i) {
  if (handler == NULL) return false;
  int status;
  struct rusage usage;
  pid_t pid = watched[i];
  pid_t got = wait4(pid, &status, WNOHANG, &usage);
  if (got == 0 || (got < 0 && errno == EINTR)) return false;
  watched[i] = watched[--watched_count];
  /* ECHILD: somebody else has reaped it; its status is lost, but its waiter must not wait forever. */
  if (got < 0) status = 255 << 8;
  if (got < 0) usage = (struct rusage){0};
  report(pid, status, &usage);
  return true;
}

typedef struct {
  pid_t pid;
  bool found;
} Sought;

static void compare(uv_handle_t *handle, void *data) {
  Sought *sought = data;
  if (uv_handle_get_type(handle) == UV_PROCESS && uv_process_get_pid((uv_process_t *)handle) == sought->pid) sought->found = true;
}

/* Whether nobody waits for this child: neither the runtime, whose handles the loop knows, nor a start in progress. */
static bool is_orphan(pid_t pid) {
  Sought sought = {.pid = pid};
  uv_walk(hf_loop(children_env), compare, &sought);
  return !sought.found && !hf_may_be_starting(pid);
}

/*
 * Reaps by asking the kernel which child has ended, at no cost for the living ones. False: another waiter's child is
 * first, and the kernel would keep naming it.
 */
static bool reap_the_ended(void) {
  for (;;) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0) return true;
    size_t i = 0;
    while (i < watched_count && watched[i] != info.si_pid) i++;
    if (i < watched_count) {
      if (!reap(i)) return false;
    } else if (!collecting || !is_orphan(info.si_pid) || waitpid(info.si_pid, NULL, WNOHANG) != info.si_pid) {
      return false;
    }
  }
}

/* Looks at all children again, from the event loop and not in the middle of the caller. */
static void look_again(void) {
  if (child_signal != NULL) kill(getpid(), SIGCHLD);
}

static void look(void);

static void on_again(uv_timer_t *timer) {
  (void)timer;
  look();
}

static void look(void) {
  if (reap_the_ended()) return;
  for (size_t i = watched_count; i-- > 0;) {
    if (i < watched_count) reap(i);
  }
  /* No signal will report that it is gone. */
  if (again != NULL) uv_timer_start(again, on_again, AGAIN, 0);
}

static void on_child_signal(uv_signal_t *handle, int signum) {
  (void)handle;
  (void)signum;
  look();
}

/* Adds a pid to those that are watched; false if there is no memory for it. */
static bool watch(pid_t pid) {
  if (watched_count == watched_room) {
    size_t room = watched_room == 0 ? 64 : watched_room * 2;
    pid_t *grown = realloc(watched, room * sizeof *watched);
    if (grown == NULL) return false;
    watched = grown;
    watched_room = room;
  }
  watched[watched_count++] = pid;
  return true;
}

void hf_watch_child(pid_t pid) {
  /* It may have ended before it was registered here, its signal already consumed. */
  if (watch(pid) && child_signal != NULL) reap(watched_count - 1);
}

/* adopt(pid) */
static napi_value adopt(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t pid;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &pid) != napi_ok || pid <= 0) return hf_throw_type(env, "adopt(pid)");
  if (!watch(pid)) return hf_throw_errno(env, ENOMEM, "adopt");
  look_again();
  return NULL;
}

static void close_handle(uv_handle_t *handle) { free(handle); }

static void at_exit(void *data) {
  (void)data;
  uv_close((uv_handle_t *)child_signal, close_handle);
  child_signal = NULL;
  if (again != NULL) uv_close((uv_handle_t *)again, close_handle);
  again = NULL;
}

/* Begins to listen for SIGCHLD; 0 or a libuv error. */
static int listen_for_ends(napi_env env) {
  uv_signal_t *signal = calloc(1, uv_handle_size(UV_SIGNAL));
  if (signal == NULL) return UV_ENOMEM;
  int status = uv_signal_init(hf_loop(env), signal);
  if (status < 0) {
    free(signal);
    return status;
  }
  status = uv_signal_start(signal, on_child_signal, SIGCHLD);
  if (status < 0) {
    uv_close((uv_handle_t *)signal, close_handle);
    return status;
  }
  uv_unref((uv_handle_t *)signal);
  child_signal = signal;
  children_env = env;
  napi_add_env_cleanup_hook(env, at_exit, NULL);
  return 0;
}

/* onChildEnd(handler): sets the handler, and begins to listen the first time */
static napi_value on_child_end(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  napi_ref next;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (!hf_keep_function(env, argv[0], &next)) return hf_throw_type(env, "onChildEnd(handler)");
  bool first = handler == NULL;
  if (!first) napi_delete_reference(env, handler);
  handler = next;
  if (!first) return NULL;
  int status = child_signal == NULL ? listen_for_ends(env) : 0;
  if (status < 0) return hf_throw_errno(env, -status, "onChildEnd");
  /* Children may have ended since they were started. */
  look_again();
  return NULL;
}

/* collectOrphans() */
static napi_value collect_orphans(napi_env env, napi_callback_info info) {
  (void)info;
  if (collecting) return NULL;
  uv_timer_t *timer = calloc(1, uv_handle_size(UV_TIMER));
  if (timer == NULL) return hf_throw_errno(env, ENOMEM, "collectOrphans");
  int status = child_signal == NULL ? listen_for_ends(env) : 0;
  if (status == 0) status = uv_timer_init(hf_loop(env), timer);
  if (status < 0) {
    free(timer);
    return hf_throw_errno(env, -status, "collectOrphans");
  }
  uv_unref((uv_handle_t *)timer);
  again = timer;
  collecting = true;
  look_again();
  return NULL;
}

void hf_register_children(napi_env env, napi_value exports) {
  hf_export(env, exports, "onChildEnd", on_child_end);
  hf_export(env, exports, "adopt", adopt);
  hf_export(env, exports, "collectOrphans", collect_orphans);
}
