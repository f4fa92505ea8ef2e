/* Jobs done by threads of their own and finished on the event loop, in the order of their completion. */
#ifndef HF_COMPLETIONS_H
#define HF_COMPLETIONS_H

#include "holdfast.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* The first member of a job. */
typedef struct Completion {
  struct Completion *next;
} Completion;

typedef struct Completions {
  pthread_mutex_t lock;
  Completion *newest; /* done, the newest first */
  uv_async_t *bell;   /* NULL once the loop is gone */
  size_t pending;     /* jobs not yet finished; of the event loop alone */
  void (*finish)(Completion *completion);
} Completions;

#define HF_COMPLETIONS(finish) {PTHREAD_MUTEX_INITIALIZER, NULL, NULL, 0, finish}

/* No job may begin before; false if the loop has no handle left. */
bool hf_open_completions(napi_env env, Completions *completions);

/* A thread has begun a job: the loop stays alive until it is finished. On the event loop. */
void hf_await(Completions *completions);

/* The job is done; `finish` follows on the event loop, which frees it. On the job's thread. */
void hf_complete(Completions *completions, Completion *completion);

#endif
