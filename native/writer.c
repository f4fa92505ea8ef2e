/* A thread that writes to files, so that a disk that stalls stops it and nobody else. One queue, one order. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Bytes; microseconds. */
enum { STACK_SIZE = 64 * 1024, EXIT_PATIENCE = 100000 };

typedef struct Job {
  struct Job *next;
  int64_t ticket;
  int fd;
  bool sync;
  uint8_t *data;
  size_t length;
  napi_ref buffer; /* keeps `data` */
  size_t written;
  int errnum;
} Job;

typedef struct {
  Job *first, **last;
} Queue;

typedef struct {
  napi_env env;
  napi_ref done;
  napi_ref self;     /* an open writer is not collected, nor one whose thread still works */
  uv_async_t *async; /* NULL once its thread has ended */
  pthread_mutex_t lock;
  pthread_cond_t wanted, finished;
  Queue waiting, ready; /* jobs to do; jobs done, not yet reported */
  int64_t last_ticket, done_ticket;
  int64_t awaited; /* the ticket that the event loop stands still for; 0 when it does not */
  size_t unreported; /* jobs that JavaScript has not heard of: while there are any, the loop stays alive */
  bool closing;
  bool busy, over; /* the thread is in a system call; will touch nothing any more */
  bool reporting;
} Writer;

static void queue_init(Queue *queue) {
  queue->first = NULL;
  queue->last = &queue->first;
}

static void queue_add(Queue *queue, Job *job) {
  job->next = NULL;
  *queue->last = job;
  queue->last = &job->next;
}

static Job *queue_take(Queue *queue) {
  Job *job = queue->first;
  if (job != NULL && (queue->first = job->next) == NULL) queue->last = &queue->first;
  return job;
}

/* Does one job: everything, or up to the first error. */
static void perform(Job *job) {
  if (job->sync) {
    if (fdatasync(job->fd) < 0) job->errnum = errno;
    return;
  }
  while (job->written < job->length) {
    ssize_t put = write(job->fd, job->data + job->written, job->length - job->written);
    if (put >= 0) {
      job->written += (size_t)put;
    } else if (errno != EINTR) {
      job->errnum = errno;
      return;
    }
  }
}

/* The thread: one job after the other, until it is told to close and nothing is left. */
static void *work(void *data) {
  Writer *writer = data;
  pthread_mutex_lock(&writer->lock);
  for (;;) {
    Job *job = queue_take(&writer->waiting);
    if (job == NULL) {
      if (writer->closing) break;
      pthread_cond_wait(&writer->wanted, &writer->lock);
      continue;
    }
    writer->busy = true;
    pthread_mutex_unlock(&writer->lock);
    perform(job);
    pthread_mutex_lock(&writer->lock);
    writer->busy = false;
    writer->done_ticket = job->ticket;
    queue_add(&writer->ready, job);
    /* Who waits reports it himself: the loop need not be woken for it a second time. */
    if (writer->awaited >= job->ticket) {
      pthread_cond_signal(&writer->finished);
    } else if (writer->async != NULL) {
      uv_async_send(writer->async);
    }
  }
  writer->over = true;
  if (writer->async != NULL) uv_async_send(writer->async);
  pthread_mutex_unlock(&writer->lock);
  return NULL;
}

static void free_handle(uv_handle_t *handle) { free(handle); }

static void drop(napi_env env, napi_ref *reference) {
  if (*reference != NULL) napi_delete_reference(env, *reference);
  *reference = NULL;
}

/* Takes the thread's bell away: from here on it cannot reach the event loop. */
static void close_async(Writer *writer) {
  pthread_mutex_lock(&writer->lock);
  uv_async_t *async = writer->async;
  writer->async = NULL;
  pthread_mutex_unlock(&writer->lock);
  if (async == NULL) return;
  async->data = NULL;
  uv_close((uv_handle_t *)async, free_handle);
}

/* Tells JavaScript of one job, unless it was told to be silent, and lets go of its data. */
static void report_job(Writer *writer, Job *job) {
  napi_env env = writer->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value argv[3] = {hf_number(env, job->ticket), hf_number(env, (int64_t)job->written), hf_number(env, job->errnum)};
  drop(env, &job->buffer);
  free(job);
  if (--writer->unreported == 0 && writer->async != NULL) uv_unref((uv_handle_t *)writer->async);
  hf_call(env, writer->done, 3, argv);
  napi_close_handle_scope(env, scope);
}

/* Reports what is done. A handler may queue more, or wait and so come here again: then the outer call goes on. */
static void report(Writer *writer) {
  if (writer->reporting) return;
  writer->reporting = true;
  bool over = false;
  for (;;) {
    pthread_mutex_lock(&writer->lock);
    Job *job = queue_take(&writer->ready);
    over = writer->over;
    pthread_mutex_unlock(&writer->lock);
    if (job == NULL) break;
    report_job(writer, job);
  }
  writer->reporting = false;
  if (!over) return;
  close_async(writer);
  drop(writer->env, &writer->self);
}

static void on_async(uv_async_t *async) {
  if (async->data != NULL) report(async->data);
}

static Writer *unwrap(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv) {
  napi_value self;
  void *writer = NULL;
  if (napi_get_cb_info(env, info, argc, argv, &self, NULL) != napi_ok || napi_unwrap(env, self, &writer) != napi_ok) {
    hf_throw_type(env, "not a writer");
    return NULL;
  }
  return writer;
}

static napi_value submit(napi_env env, Writer *writer, Job *job) {
  if (writer->closing) {
    free(job);
    return hf_throw_errno(env, EBADF, "write");
  }
  job->ticket = ++writer->last_ticket;
  if (writer->unreported++ == 0) uv_ref((uv_handle_t *)writer->async);
  pthread_mutex_lock(&writer->lock);
  queue_add(&writer->waiting, job);
  int64_t ticket = job->ticket;
  pthread_mutex_unlock(&writer->lock);
  /* After the unlock: a thread that woke before would stand at the lock at once. */
  pthread_cond_signal(&writer->wanted);
  return hf_number(env, ticket);
}

/* write(fd, data): ticket */
static napi_value writer_write(napi_env env, napi_callback_info info) {
  size_t argc = 2, length;
  napi_value argv[2];
  int32_t fd;
  void *data;
  Writer *writer = unwrap(env, info, &argc, argv);
  if (writer == NULL) return NULL;
  if (argc < 2 || napi_get_value_int32(env, argv[0], &fd) != napi_ok ||
      napi_get_typedarray_info(env, argv[1], NULL, &length, &data, NULL, NULL) != napi_ok) {
    return hf_throw_type(env, "write(fd, data)");
  }
  Job *job = calloc(1, sizeof *job);
  if (job == NULL || napi_create_reference(env, argv[1], 1, &job->buffer) != napi_ok) {
    free(job);
    return hf_throw_errno(env, ENOMEM, "write");
  }
  job->fd = fd;
  job->data = data;
  job->length = length;
  return submit(env, writer, job);
}

/* sync(fd): ticket */
static napi_value writer_sync(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  int32_t fd;
  Writer *writer = unwrap(env, info, &argc, argv);
  if (writer == NULL) return NULL;
  Job *job = calloc(1, sizeof *job);
  if (argc < 1 || napi_get_value_int32(env, argv[0], &fd) != napi_ok || job == NULL) {
    free(job);
    return hf_throw_type(env, "sync(fd)");
  }
  job->fd = fd;
  job->sync = true;
  return submit(env, writer, job);
}

/* That many microseconds from now. */
static struct timespec after(int64_t micros) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += micros / 1000000;
  until.tv_nsec += micros % 1000000 * 1000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  return until;
}

/* wait(ticket, micros): boolean; what is done by then is reported before it returns */
static napi_value writer_wait(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value argv[2], result = NULL;
  int64_t ticket, micros;
  Writer *writer = unwrap(env, info, &argc, argv);
  if (writer == NULL) return NULL;
  if (argc < 2 || napi_get_value_int64(env, argv[0], &ticket) != napi_ok ||
      napi_get_value_int64(env, argv[1], &micros) != napi_ok) {
    return hf_throw_type(env, "wait(ticket, micros)");
  }
  struct timespec until = after(micros < 0 ? 0 : micros);
  pthread_mutex_lock(&writer->lock);
  writer->awaited = ticket;
  while (writer->done_ticket < ticket) {
    if (pthread_cond_timedwait(&writer->finished, &writer->lock, &until) != 0) break;
  }
  writer->awaited = 0;
  bool done = writer->done_ticket >= ticket;
  pthread_mutex_unlock(&writer->lock);
  report(writer);
  napi_get_boolean(env, done, &result);
  return result;
}

/* The thread is told to finish, and is not waited for: it may hang in a write. The last report lets go of the rest. */
static void close_writer(Writer *writer) {
  if (writer->closing) return;
  pthread_mutex_lock(&writer->lock);
  writer->closing = true;
  pthread_cond_signal(&writer->wanted);
  pthread_mutex_unlock(&writer->lock);
  drop(writer->env, &writer->done);
}

static napi_value writer_close(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Writer *writer = unwrap(env, info, &argc, NULL);
  if (writer != NULL) close_writer(writer);
  return NULL;
}

/* The process ends, and with it the memory of what is queued: the write that is under way gets a moment, the rest is not
 * begun, so that nothing but what was given is ever written. Whoever needs more waits before. */
static void at_exit(void *data) {
  Writer *writer = data;
  close_writer(writer);
  struct timespec until = after(EXIT_PATIENCE);
  pthread_mutex_lock(&writer->lock);
  queue_init(&writer->waiting);
  writer->awaited = writer->last_ticket;
  while (writer->busy && pthread_cond_timedwait(&writer->finished, &writer->lock, &until) == 0) continue;
  pthread_mutex_unlock(&writer->lock);
  close_async(writer);
}

/* The object is gone. Where the process ends with a thread that hangs in a write, the memory stays with the thread. */
static void finalize(napi_env env, void *data, void *hint) {
  Writer *writer = data;
  (void)hint;
  pthread_mutex_lock(&writer->lock);
  bool over = writer->over;
  pthread_mutex_unlock(&writer->lock);
  if (!over) return;
  napi_remove_env_cleanup_hook(env, at_exit, writer);
  pthread_mutex_destroy(&writer->lock);
  pthread_cond_destroy(&writer->wanted);
  pthread_cond_destroy(&writer->finished);
  free(writer);
}

/* A writer without thread and without JavaScript side; NULL with an errno. */
static Writer *new_writer(napi_env env) {
  Writer *writer = calloc(1, sizeof *writer);
  uv_async_t *async = calloc(1, uv_handle_size(UV_ASYNC));
  int status = writer == NULL || async == NULL ? UV_ENOMEM : uv_async_init(hf_loop(env), async, on_async);
  if (status < 0) {
    free(writer);
    free(async);
    errno = -status;
    return NULL;
  }
  async->data = writer;
  uv_unref((uv_handle_t *)async);
  writer->env = env;
  writer->async = async;
  queue_init(&writer->waiting);
  queue_init(&writer->ready);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_mutex_init(&writer->lock, NULL);
  pthread_cond_init(&writer->wanted, NULL);
  pthread_cond_init(&writer->finished, &monotonic);
  pthread_condattr_destroy(&monotonic);
  return writer;
}

/* Gives the writer its JavaScript side. */
static napi_value wrap(napi_env env, Writer *writer) {
  const napi_property_descriptor properties[] = {
      {.utf8name = "write", .method = writer_write},
      {.utf8name = "sync", .method = writer_sync},
      {.utf8name = "wait", .method = writer_wait},
      {.utf8name = "close", .method = writer_close},
  };
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_define_properties(env, object, sizeof properties / sizeof *properties, properties) != napi_ok ||
      napi_wrap(env, object, writer, finalize, NULL, NULL) != napi_ok) {
    return NULL;
  }
  return napi_create_reference(env, object, 1, &writer->self) == napi_ok ? object : NULL;
}

/* openWriter(done) */
static napi_value open_writer(napi_env env, napi_callback_info info) {
  napi_value argv[1], object;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  Writer *writer = new_writer(env);
  if (writer == NULL) return hf_throw_errno(env, errno, "openWriter");
  bool kept = hf_keep_function(env, argv[0], &writer->done) && (object = wrap(env, writer)) != NULL;
  int status = kept ? hf_start_thread(STACK_SIZE, work, writer) : 0;
  if (kept && status == 0) {
    napi_add_env_cleanup_hook(env, at_exit, writer);
    return object;
  }
  /* No thread will ever say that it is over. */
  writer->over = true;
  report(writer);
  drop(env, &writer->done);
  if (!kept) free(writer);
  return kept ? hf_throw_errno(env, status, "pthread_create") : hf_throw_type(env, "openWriter(done)");
}

void hf_register_writer(napi_env env, napi_value exports) { hf_export(env, exports, "openWriter", open_writer); }
