/* The master side of a terminal on the event loop: many small kernel reads make one call into JavaScript. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The kernel returns at most 4 KiB of a terminal per read; one wake-up takes up to this much. */
enum { SCRATCH_SIZE = 256 * 1024 };

static uint8_t *scratch;
static napi_ref terminal_class;

typedef struct {
  napi_env env;
  uv_poll_t *poll; /* NULL once closed */
  napi_ref data, end, drain;
  napi_ref self; /* an open terminal is not collected: that would hang up its child at a random moment */
  int fd;
  int events; /* what the poll handle waits for */
  bool ended; /* the other side is gone */
} Pty;

static void poll_closed(uv_handle_t *handle) { free(handle); }

static void on_ready(uv_poll_t *handle, int status, int events);

/* Tells libuv what to wait for. */
static void set_events(Pty *pty, int events) {
  pty->events = events;
  if (pty->poll == NULL) return;
  if (events == 0) {
    uv_poll_stop(pty->poll);
  } else {
    uv_poll_start(pty->poll, events, on_ready);
  }
}

/* Releases a handler, whose closure may refer to the terminal: together they would never be collected. */
static void drop(napi_env env, napi_ref *reference) {
  if (*reference != NULL) napi_delete_reference(env, *reference);
  *reference = NULL;
}

/* Stops polling. The handle's memory belongs to libuv until poll_closed. */
static void stop_polling(Pty *pty) {
  uv_poll_stop(pty->poll);
  pty->poll->data = NULL;
  uv_close((uv_handle_t *)pty->poll, poll_closed);
  pty->poll = NULL;
  drop(pty->env, &pty->data);
  drop(pty->env, &pty->end);
  drop(pty->env, &pty->drain);
}

/* Closes the descriptor, after which the object may be collected. */
static void close_pty(Pty *pty) {
  if (pty->poll == NULL) return;
  stop_polling(pty);
  close(pty->fd);
  pty->fd = -1;
  drop(pty->env, &pty->self);
}

/* Reads until the terminal is empty or the scratch is full. */
static void read_all(Pty *pty) {
  size_t length = 0;
  bool ended = false;
  while (length < SCRATCH_SIZE) {
    ssize_t got = read(pty->fd, scratch + length, SCRATCH_SIZE - length);
    if (got > 0) {
      length += (size_t)got;
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else {
      /* EIO means that nobody has the other side of the terminal open any more. */
      ended = got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
      break;
    }
  }
  napi_env env = pty->env;
  if (ended) {
    pty->ended = true;
    set_events(pty, 0);
  }
  if (length > 0) {
    napi_value count = hf_number(env, (int64_t)length);
    hf_call(env, pty->data, 1, &count);
  }
  if (ended && pty->poll != NULL) hf_call(env, pty->end, 0, NULL);
}

static void on_ready(uv_poll_t *handle, int status, int events) {
  Pty *pty = handle->data;
  if (pty == NULL) return;
  napi_env env = pty->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if ((events & UV_WRITABLE) != 0) {
    set_events(pty, pty->events & ~UV_WRITABLE);
    hf_call(env, pty->drain, 0, NULL);
  }
  /*
   * The drain handler may have closed or paused it. libuv reports EPOLLERR as a status: reading finds out what it
   * means.
   */
  bool reading = handle->data != NULL && (pty->events & UV_READABLE) != 0;
  if (reading && (status < 0 || (events & UV_READABLE) != 0)) read_all(pty);
  napi_close_handle_scope(env, scope);
}

static Pty *unwrap(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv) {
  napi_value self;
  void *pty = NULL;
  if (napi_get_cb_info(env, info, argc, argv, &self, NULL) != napi_ok || napi_unwrap(env, self, &pty) != napi_ok) {
    hf_throw_type(env, "not a terminal");
    return NULL;
  }
  return pty;
}

/* write(data): bytes taken, -1 when the other side is gone */
static napi_value pty_write(napi_env env, napi_callback_info info) {
  size_t argc = 1, length;
  napi_value argv[1];
  void *data;
  Pty *pty = unwrap(env, info, &argc, argv);
  if (pty == NULL) return NULL;
  if (argc < 1 || napi_get_typedarray_info(env, argv[0], NULL, &length, &data, NULL, NULL) != napi_ok) {
    return hf_throw_type(env, "write(bytes)");
  }
  if (pty->poll == NULL || pty->ended) return hf_number(env, -1);
  size_t taken = 0;
  while (taken < length) {
    ssize_t put = write(pty->fd, (uint8_t *)data + taken, length - taken);
    if (put >= 0) {
      taken += (size_t)put;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      set_events(pty, pty->events | UV_WRITABLE);
      break;
    } else if (errno != EINTR) {
      return hf_number(env, -1);
    }
  }
  return hf_number(env, (int64_t)taken);
}

static napi_value pty_pause(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Pty *pty = unwrap(env, info, &argc, NULL);
  if (pty != NULL) set_events(pty, pty->events & ~UV_READABLE);
  return NULL;
}

static napi_value pty_resume(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Pty *pty = unwrap(env, info, &argc, NULL);
  if (pty != NULL && !pty->ended) set_events(pty, pty->events | UV_READABLE);
  return NULL;
}

static napi_value pty_resize(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value argv[2];
  int32_t columns, rows;
  Pty *pty = unwrap(env, info, &argc, argv);
  if (pty == NULL) return NULL;
  if (argc < 2 || napi_get_value_int32(env, argv[0], &columns) != napi_ok ||
      napi_get_value_int32(env, argv[1], &rows) != napi_ok) {
    return hf_throw_type(env, "resize(columns, rows)");
  }
  struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  if (pty->poll != NULL && ioctl(pty->fd, TIOCSWINSZ, &size) < 0) return hf_throw_errno(env, errno, "ioctl");
  return NULL;
}

/* revive(): boolean */
static napi_value pty_revive(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  napi_value result = NULL;
  Pty *pty = unwrap(env, info, &argc, NULL);
  if (pty == NULL) return NULL;
  if (pty->poll != NULL && pty->ended) {
    struct pollfd asked = {.fd = pty->fd, .events = POLLIN};
    pty->ended = poll(&asked, 1, 0) > 0 && (asked.revents & POLLHUP) != 0 && (asked.revents & POLLIN) == 0;
    if (!pty->ended) set_events(pty, UV_READABLE);
  }
  napi_get_boolean(env, pty->poll != NULL && !pty->ended, &result);
  return result;
}

static napi_value pty_readable(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  napi_value result = NULL;
  Pty *pty = unwrap(env, info, &argc, NULL);
  if (pty == NULL) return NULL;
  /* Not FIONREAD, which does not count bytes that the kernel is about to hand from one side to the other. */
  struct pollfd asked = {.fd = pty->fd, .events = POLLIN};
  bool some = pty->poll != NULL && poll(&asked, 1, 0) > 0 && (asked.revents & POLLIN) != 0;
  napi_get_boolean(env, some, &result);
  return result;
}

static napi_value pty_close(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Pty *pty = unwrap(env, info, &argc, NULL);
  if (pty != NULL) close_pty(pty);
  return NULL;
}

static napi_value pty_fd(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Pty *pty = unwrap(env, info, &argc, NULL);
  return pty == NULL ? NULL : hf_number(env, pty->fd);
}

/* Only a closed terminal is collected, so only its memory is left; at the end of the process, it may be open. */
static void finalize(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  close_pty(data);
  free(data);
}

static bool take_handler(napi_env env, napi_value handlers, const char *name, napi_ref *reference) {
  napi_value function;
  return napi_get_named_property(env, handlers, name, &function) == napi_ok && hf_keep_function(env, function, reference);
}

/* Gives the terminal its JavaScript side. */
static napi_value wrap(napi_env env, Pty *pty) {
  napi_value class, object;
  if (napi_get_reference_value(env, terminal_class, &class) != napi_ok ||
      napi_new_instance(env, class, 0, NULL, &object) != napi_ok ||
      napi_wrap(env, object, pty, finalize, NULL, NULL) != napi_ok) {
    return NULL;
  }
  return napi_create_reference(env, object, 1, &pty->self) == napi_ok ? object : NULL;
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self = NULL;
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  return self;
}

/* One class for all: methods of their own cost each terminal 5 kB. */
static bool define_class(napi_env env) {
  const napi_property_descriptor properties[] = {
      {.utf8name = "write", .method = pty_write},     {.utf8name = "pause", .method = pty_pause},
      {.utf8name = "resume", .method = pty_resume},   {.utf8name = "resize", .method = pty_resize},
      {.utf8name = "close", .method = pty_close},     {.utf8name = "fd", .getter = pty_fd},
      {.utf8name = "revive", .method = pty_revive},   {.utf8name = "readable", .getter = pty_readable},
  };
  napi_value class;
  return napi_define_class(env, "Terminal", NAPI_AUTO_LENGTH, construct, NULL, sizeof properties / sizeof *properties,
                           properties, &class) == napi_ok &&
         napi_create_reference(env, class, 1, &terminal_class) == napi_ok;
}

/* openPty(fd, {data, end, drain}); if it throws, the descriptor is still the caller's */
static napi_value open_pty(napi_env env, napi_callback_info info) {
  napi_value argv[2], object;
  int32_t fd;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "openPty(fd, handlers)");
  Pty *pty = calloc(1, sizeof *pty);
  /* Asked of libuv at run time: the size may differ between the versions that one binary runs with. */
  uv_poll_t *poll = calloc(1, uv_handle_size(UV_POLL));
  int status = pty == NULL || poll == NULL ? UV_ENOMEM : uv_poll_init(hf_loop(env), poll, fd);
  if (status < 0) {
    free(pty);
    free(poll);
    return hf_throw_errno(env, -status, "openPty");
  }
  *pty = (Pty){.env = env, .fd = fd, .poll = poll};
  poll->data = pty;
  if (!take_handler(env, argv[1], "data", &pty->data) || !take_handler(env, argv[1], "end", &pty->end) ||
      !take_handler(env, argv[1], "drain", &pty->drain) || (object = wrap(env, pty)) == NULL) {
    stop_polling(pty);
    if (pty->self == NULL) free(pty);
    return hf_throw_type(env, "openPty: handlers are the functions data, end and drain");
  }
  set_events(pty, UV_READABLE);
  return object;
}

void hf_register_pty(napi_env env, napi_value exports) {
  napi_value buffer, array;
  void *memory;
  if (napi_create_arraybuffer(env, SCRATCH_SIZE, &memory, &buffer) != napi_ok ||
      napi_create_typedarray(env, napi_uint8_array, SCRATCH_SIZE, buffer, 0, &array) != napi_ok) {
    return;
  }
  napi_ref kept;
  if (napi_create_reference(env, array, 1, &kept) != napi_ok || !define_class(env)) return;
  scratch = memory;
  hf_set(env, exports, "scratch", array);
  hf_export(env, exports, "openPty", open_pty);
}
