#include "completions.h"

#include <stdlib.h>

void hf_complete(Completions *completions, Completion *completion) {
  pthread_mutex_lock(&completions->lock);
  completion->next = completions->newest;
  completions->newest = completion;
  if (completions->bell != NULL) uv_async_send(completions->bell);
  pthread_mutex_unlock(&completions->lock);
}

static Completion *take_oldest_first(Completions *completions) {
  pthread_mutex_lock(&completions->lock);
  Completion *newest = completions->newest, *oldest = NULL;
  completions->newest = NULL;
  pthread_mutex_unlock(&completions->lock);
  while (newest != NULL) {
    Completion *next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  return oldest;
}

static void on_bell(uv_async_t *bell) {
  Completions *completions = bell->data;
  Completion *completion = take_oldest_first(completions);
  while (completion != NULL) {
    Completion *next = completion->next;
    if (--completions->pending == 0) uv_unref((uv_handle_t *)bell);
    completions->finish(completion);
    completion = next;
  }
}

static void free_handle(uv_handle_t *handle) { free(handle); }

/* The loop ends: hung jobs are abandoned until the process ends. */
static void at_exit(void *data) {
  Completions *completions = data;
  pthread_mutex_lock(&completions->lock);
  uv_async_t *bell = completions->bell;
  completions->bell = NULL;
  pthread_mutex_unlock(&completions->lock);
  uv_close((uv_handle_t *)bell, free_handle);
}

bool hf_open_completions(napi_env env, Completions *completions) {
  /* Asked of libuv at run time: the size may differ between the versions that one binary runs with. */
  uv_async_t *bell = calloc(1, uv_handle_size(UV_ASYNC));
  if (bell == NULL || uv_async_init(hf_loop(env), bell, on_bell) < 0) {
    free(bell);
    return false;
  }
  bell->data = completions;
  uv_unref((uv_handle_t *)bell);
  completions->bell = bell;
  napi_add_env_cleanup_hook(env, at_exit, completions);
  return true;
}

void hf_await(Completions *completions) {
  if (completions->pending++ == 0) uv_ref((uv_handle_t *)completions->bell);
}
