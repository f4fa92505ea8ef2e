/* A thread that works on files, so that a stalled disk stops only this thread. One queue, in order. */
#define _GNU_SOURCE
#include "writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Bytes: modules of the name service are written for the stack of a main thread. Microseconds. */
enum { STACK_SIZE = 1 << 20, EXIT_PATIENCE = 100000 };

typedef struct Job {
  struct Job *next;
  int64_t ticket;
  int (*perform)(struct Job *job); /* an errno, or 0 */
  int fd;
  uint8_t *data;
  size_t length;
  int64_t position;
  napi_ref buffer; /* keeps `data` */
  int64_t result;  /* bytes, a descriptor */
  int errnum;
  HfErrand *errand; /* its own, of `ask` and `status` */
  int (*errand_of)(HfErrand *errand);
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
  int64_t awaited; /* the ticket that the event loop is blocked on; 0 if none */
  size_t unreported; /* unreported jobs: while there are any, the loop stays alive */
  bool closing;
  bool busy, over; /* the thread is in a system call; will touch nothing any more */
  bool reporting;
  bool forsaken; /* the loop does not stay alive for it */
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

/* Writes everything, or up to the first error. */
static int perform_write(Job *job) {
  while ((size_t)job->result < job->length) {
    ssize_t put = write(job->fd, job->data + job->result, job->length - (size_t)job->result);
    if (put >= 0) {
      job->result += put;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/* The result of one read. */
static int perform_read(Job *job) {
  ssize_t got;
  while ((got = pread(job->fd, job->data, job->length, job->position)) < 0 && errno == EINTR) continue;
  job->result = got < 0 ? 0 : got;
  return got < 0 ? errno : 0;
}

static int perform_sync(Job *job) { return fdatasync(job->fd) < 0 ? errno : 0; }

/* The kernel releases the descriptor even if it reports an error (NFS). */
static int perform_close(Job *job) { return close(job->fd) < 0 ? errno : 0; }

static int perform_status(Job *job) { return fstat(job->fd, &job->errand->found) < 0 ? errno : 0; }

static int perform_errand(Job *job) {
  int status = job->errand_of(job->errand);
  job->result = job->errand->result;
  return status;
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
    job->errnum = job->perform(job);
    pthread_mutex_lock(&writer->lock);
    writer->busy = false;
    writer->done_ticket = job->ticket;
    queue_add(&writer->ready, job);
    /* A blocked caller reports the result: the loop need not be woken. */
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

/* Takes the thread's async handle away: from here on it cannot wake the event loop. */
static void close_async(Writer *writer) {
  pthread_mutex_lock(&writer->lock);
  uv_async_t *async = writer->async;
  writer->async = NULL;
  pthread_mutex_unlock(&writer->lock);
  if (async == NULL) return;
  async->data = NULL;
  uv_close((uv_handle_t *)async, free_handle);
}

static void free_job(napi_env env, Job *job) {
  drop(env, &job->buffer);
  if (job->errand != NULL) hf_free_errand(job->errand);
  free(job);
}

/* Reports one job to JavaScript, unless it was silenced, and frees its data. */
static void report_job(Writer *writer, Job *job) {
  napi_env env = writer->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value argv[4] = {hf_number(env, job->ticket), hf_number(env, job->result), hf_number(env, job->errnum)};
  size_t argc = 3;
  if (job->errand != NULL) argv[argc++] = hf_errand_answer(env, job->errand);
  free_job(env, job);
  if (--writer->unreported == 0 && writer->async != NULL) uv_unref((uv_handle_t *)writer->async);
  hf_call(env, writer->done, argc, argv);
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
    free_job(env, job);
    return hf_throw_errno(env, EBADF, "write");
  }
  job->ticket = ++writer->last_ticket;
  if (writer->unreported++ == 0 && !writer->forsaken) uv_ref((uv_handle_t *)writer->async);
  pthread_mutex_lock(&writer->lock);
  queue_add(&writer->waiting, job);
  int64_t ticket = job->ticket;
  pthread_mutex_unlock(&writer->lock);
  /* After the unlock: a thread that woke before it would block on the lock at once. */
  pthread_cond_signal(&writer->wanted);
  return hf_number(env, ticket);
}

/* Makes a job on a descriptor; NULL after it has thrown. */
static Job *job_on(napi_env env, int (*perform)(Job *job), napi_value descriptor, const char *usage) {
  int32_t fd;
  Job *job = calloc(1, sizeof *job);
  if (job == NULL || napi_get_value_int32(env, descriptor, &fd) != napi_ok) {
    free(job);
    hf_throw_type(env, usage);
    return NULL;
  }
  job->perform = perform;
  job->fd = fd;
  return job;
}

/* Gives a job the memory of an array; false after it has thrown and freed the job. */
static bool give_memory(napi_env env, Job *job, napi_value array, const char *usage) {
  void *data;
  if (napi_get_typedarray_info(env, array, NULL, &job->length, &data, NULL, NULL) != napi_ok ||
      napi_create_reference(env, array, 1, &job->buffer) != napi_ok) {
    free_job(env, job);
    hf_throw_type(env, usage);
    return false;
  }
  job->data = data;
  return true;
}

/* write(fd, data): ticket */
static napi_value writer_write(napi_env env, napi_callback_info info) {
  static const char usage[] = "write(fd, data)";
  size_t argc = 2;
  napi_value argv[2];
  Writer *writer = unwrap(env, info, &argc, argv);
  Job *job = writer == NULL ? NULL : job_on(env, perform_write, argv[0], usage);
  if (job == NULL || !give_memory(env, job, argv[1], usage)) return NULL;
  return submit(env, writer, job);
}

/* read(fd, into, position): ticket */
static napi_value writer_read(napi_env env, napi_callback_info info) {
  static const char usage[] = "read(fd, into, position)";
  size_t argc = 3;
  napi_value argv[3];
  Writer *writer = unwrap(env, info, &argc, argv);
  Job *job = writer == NULL ? NULL : job_on(env, perform_read, argv[0], usage);
  if (job == NULL || !give_memory(env, job, argv[1], usage)) return NULL;
  if (napi_get_value_int64(env, argv[2], &job->position) != napi_ok) {
    free_job(env, job);
    return hf_throw_type(env, usage);
  }
  return submit(env, writer, job);
}

static napi_value submit_on(napi_env env, napi_callback_info info, int (*perform)(Job *job), const char *usage) {
  size_t argc = 1;
  napi_value argv[1];
  Writer *writer = unwrap(env, info, &argc, argv);
  Job *job = writer == NULL ? NULL : job_on(env, perform, argv[0], usage);
  if (job != NULL && perform == perform_status && (job->errand = calloc(1, sizeof *job->errand)) == NULL) {
    free_job(env, job);
    return hf_throw_errno(env, ENOMEM, usage);
  }
  return job == NULL ? NULL : submit(env, writer, job);
}

/* sync(fd): ticket */
static napi_value writer_sync(napi_env env, napi_callback_info info) {
  return submit_on(env, info, perform_sync, "sync(fd)");
}

/* closeFile(fd): ticket */
static napi_value writer_close_file(napi_env env, napi_callback_info info) {
  return submit_on(env, info, perform_close, "closeFile(fd)");
}

/* status(fd): ticket */
static napi_value writer_status(napi_env env, napi_callback_info info) {
  return submit_on(env, info, perform_status, "status(fd)");
}

/* ask({ verb, path, ... }): ticket */
static napi_value writer_ask(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  Writer *writer = unwrap(env, info, &argc, argv);
  Job *job = writer == NULL ? NULL : calloc(1, sizeof *job);
  if (job == NULL) return NULL;
  job->perform = perform_errand;
  job->errand = hf_new_errand(env, argv[0], &job->errand_of);
  if (job->errand == NULL) {
    free(job);
    return NULL;
  }
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

/* wait(ticket, micros): boolean; jobs done by then are reported before it returns */
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

/* The thread is told to finish, and is not waited for: it may hang in a write. The last report frees the rest. */
static void close_writer(Writer *writer) {
  if (writer->closing) return;
  pthread_mutex_lock(&writer->lock);
  writer->closing = true;
  pthread_cond_signal(&writer->wanted);
  pthread_mutex_unlock(&writer->lock);
  drop(writer->env, &writer->done);
}

/* The hung call no longer matters: the process may end. */
static napi_value writer_forsake(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Writer *writer = unwrap(env, info, &argc, NULL);
  if (writer == NULL) return NULL;
  writer->forsaken = true;
  if (writer->async != NULL) uv_unref((uv_handle_t *)writer->async);
  return NULL;
}

static napi_value writer_close(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  Writer *writer = unwrap(env, info, &argc, NULL);
  if (writer != NULL) close_writer(writer);
  return NULL;
}

/*
 * The process ends, and with it the memory of what is queued: the write in progress gets a moment, the rest is not
 * begun, so that nothing but the given data is ever written. A caller that needs more waits before.
 */
static void at_exit(void *data) {
  /* Shared by all writers. */
  static struct timespec until;
  Writer *writer = data;
  close_writer(writer);
  if (until.tv_sec == 0) until = after(EXIT_PATIENCE);
  pthread_mutex_lock(&writer->lock);
  queue_init(&writer->waiting);
  writer->awaited = writer->last_ticket;
  while (writer->busy && pthread_cond_timedwait(&writer->finished, &writer->lock, &until) == 0) continue;
  pthread_mutex_unlock(&writer->lock);
  close_async(writer);
}

/* The object is gone. If the process ends with a thread that hangs in a write, the memory stays with the thread. */
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

/* Makes a writer without a thread and without its JavaScript side; NULL with an errno. */
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
      {.utf8name = "read", .method = writer_read},
      {.utf8name = "sync", .method = writer_sync},
      {.utf8name = "closeFile", .method = writer_close_file},
      {.utf8name = "status", .method = writer_status},
      {.utf8name = "ask", .method = writer_ask},
      {.utf8name = "wait", .method = writer_wait},
      {.utf8name = "forsake", .method = writer_forsake},
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
  /* There is no thread that would report its end. */
  writer->over = true;
  report(writer);
  drop(env, &writer->done);
  if (!kept) free(writer);
  return kept ? hf_throw_errno(env, status, "pthread_create") : hf_throw_type(env, "openWriter(done)");
}

void hf_register_writer(napi_env env, napi_value exports) { hf_export(env, exports, "openWriter", open_writer); }
