/*
 * A spawn request, copied from a JavaScript object. An invalid property is refused: an ignored user id would leave the
 * child with ours.
 */
#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* Whether the property is present: neither undefined nor null. */
static bool has(napi_env env, napi_value object, const char *name, napi_value *value) {
  napi_valuetype type;
  return napi_get_named_property(env, object, name, value) == napi_ok && napi_typeof(env, *value, &type) == napi_ok &&
         type != napi_undefined && type != napi_null;
}

/* A whole number in [least, most]. */
static bool take_whole(napi_env env, napi_value value, int64_t least, int64_t most, int64_t *number) {
  double given;
  if (napi_get_value_double(env, value, &given) != napi_ok) return false;
  if (!(given >= (double)least && given <= (double)most)) return false;
  *number = (int64_t)given;
  return (double)*number == given;
}

/* Reads a property that is such a number; UNSET if it is absent. */
static bool take_number(napi_env env, napi_value object, const char *name, int64_t least, int64_t most,
                        int64_t *number) {
  napi_value value;
  *number = UNSET;
  return !has(env, object, name, &value) || take_whole(env, value, least, most, number);
}

/* Reads a property that is a string; NULL if it is absent. */
static bool take_text(napi_env env, napi_value object, const char *name, char **text) {
  napi_value value;
  *text = NULL;
  return !has(env, object, name, &value) || (*text = hf_copy_text(env, value)) != NULL;
}

static void free_words(char **words) {
  for (char **word = words; word != NULL && *word != NULL; word++) free(*word);
  free(words);
}

/* Copies an array of strings, with a NULL after the last; NULL if it is not one. */
static char **copy_words(napi_env env, napi_value array) {
  uint32_t count;
  if (napi_get_array_length(env, array, &count) != napi_ok) return NULL;
  char **words = calloc((size_t)count + 1, sizeof *words);
  for (uint32_t i = 0; words != NULL && i < count; i++) {
    napi_value value;
    if (napi_get_element(env, array, i, &value) != napi_ok || (words[i] = hf_copy_text(env, value)) == NULL) {
      free_words(words);
      return NULL;
    }
  }
  return words;
}

/* A copy of our environment, as JavaScript may change it while the start's thread reads. */
static char **copy_environment(void) {
  size_t count = 0;
  while (environ[count] != NULL) count++;
  char **copy = calloc(count + 1, sizeof *copy);
  for (size_t i = 0; copy != NULL && i < count; i++) {
    if ((copy[i] = strdup(environ[i])) == NULL) {
      free_words(copy);
      return NULL;
    }
  }
  return copy;
}

static bool take_groups(napi_env env, napi_value object, Request *request) {
  napi_value array, value;
  uint32_t count;
  request->group_count = -1;
  if (!has(env, object, "groups", &array)) return true;
  if (napi_get_array_length(env, array, &count) != napi_ok || count > MOST_GROUPS) return false;
  for (uint32_t i = 0; i < count; i++) {
    int64_t group;
    if (napi_get_element(env, array, i, &value) != napi_ok || !take_whole(env, value, 0, UINT32_MAX - 1, &group)) return false;
    request->groups[i] = (gid_t)group;
  }
  request->group_count = (int)count;
  return true;
}

/* One half of a limit: a number, -1 for no limit, null to leave it. */
static bool take_half(napi_env env, napi_value triple, uint32_t index, rlim_t *limit, bool *set) {
  napi_value value;
  napi_valuetype type;
  int64_t number;
  if (napi_get_element(env, triple, index, &value) != napi_ok || napi_typeof(env, value, &type) != napi_ok) return false;
  *set = type != napi_null;
  if (!*set) return true;
  if (!take_whole(env, value, -1, INT64_C(1) << 53, &number)) return false;
  *limit = number < 0 ? RLIM_INFINITY : (rlim_t)number;
  return true;
}

static bool take_limits(napi_env env, napi_value object, Request *request) {
  napi_value array, triple, value;
  uint32_t count;
  if (!has(env, object, "limits", &array)) return true;
  if (napi_get_array_length(env, array, &count) != napi_ok || count > MOST_LIMITS) return false;
  for (uint32_t i = 0; i < count; i++) {
    Limit *limit = &request->limits[i];
    int64_t resource;
    if (napi_get_element(env, array, i, &triple) != napi_ok || napi_get_element(env, triple, 0, &value) != napi_ok ||
        !take_whole(env, value, 0, RLIM_NLIMITS - 1, &resource) ||
        !take_half(env, triple, 1, &limit->limit.rlim_cur, &limit->set_soft) ||
        !take_half(env, triple, 2, &limit->limit.rlim_max, &limit->set_hard)) {
      return false;
    }
    limit->resource = (int)resource;
  }
  request->limit_count = (int)count;
  return true;
}

/* The value of PATH in the child's environment. */
static const char *path_of(char **environment) {
  for (char **entry = environment; *entry != NULL; entry++) {
    if (strncmp(*entry, "PATH=", 5) == 0) return *entry + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

/* Every path that execvp(3) would try: the child may not build them. None for the empty name. */
static char **candidates(const char *file, char **environment) {
  const char *path = strchr(file, '/') != NULL ? "" : path_of(environment);
  size_t count = 1;
  for (const char *at = path; *at != '\0'; at++) count += *at == ':';
  char **programs = calloc(count + 1, sizeof *programs);
  if (programs == NULL || *file == '\0') return programs;
  for (size_t i = 0; i < count; i++) {
    size_t length = strcspn(path, ":");
    if (asprintf(&programs[i], "%.*s%s%s", (int)length, path, length > 0 ? "/" : "", file) < 0) {
      programs[i] = NULL;
      free_words(programs);
      return NULL;
    }
    path += length + (path[length] == ':');
  }
  return programs;
}

/* sh, room for the script, and the words after argv[0], which still belong to argv. */
static char **shell_words(char **argv) {
  size_t count = 0;
  while (argv[count] != NULL) count++;
  char **words = calloc(count + 2, sizeof *words);
  if (words == NULL) return NULL;
  words[0] = "/bin/sh";
  for (size_t i = 1; i < count; i++) words[i + 1] = argv[i];
  return words;
}

/* Reads the words of the command: argv, environment, and what is derived from them. */
static bool take_command(napi_env env, napi_value object, Request *request) {
  napi_value value;
  char *file;
  if (!take_text(env, object, "file", &file)) return false;
  if (has(env, object, "argv", &value)) request->argv = copy_words(env, value);
  request->environment = has(env, object, "env", &value) ? copy_words(env, value) : copy_environment();
  if (file != NULL && request->argv != NULL && request->argv[0] != NULL && request->environment != NULL) {
    request->programs = candidates(file, request->environment);
    request->shell_argv = shell_words(request->argv);
  }
  free(file);
  return request->programs != NULL && request->shell_argv != NULL;
}

/* Reads where, and as which user, it runs. */
static bool take_surroundings(napi_env env, napi_value object, Request *request) {
  int64_t columns, rows, master, slave;
  bool good = take_text(env, object, "cwd", &request->cwd) && take_text(env, object, "cgroupProcs", &request->cgroup) &&
#define TAKE(name, least, most) take_number(env, object, #name, least, most, &request->name) &&
              NUMBERS(TAKE)
#undef TAKE
              take_number(env, object, "columns", 0, UINT16_MAX, &columns) &&
              take_number(env, object, "rows", 0, UINT16_MAX, &rows) && columns != UNSET && rows != UNSET &&
              take_number(env, object, "master", 0, INT32_MAX, &master) &&
              take_number(env, object, "slave", 0, INT32_MAX, &slave) && (master == UNSET) == (slave == UNSET) &&
              take_groups(env, object, request) && take_limits(env, object, request);
  if (!good) return false;
  if (master != UNSET) {
    request->master = (int)master;
    request->slave = (int)slave;
  }
  request->size = (struct winsize){.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  return true;
}

Request *hf_take_request(napi_env env, napi_value object, napi_value done) {
  Request *request = calloc(1, sizeof *request);
  if (request == NULL) {
    hf_throw_errno(env, ENOMEM, "spawn");
    return NULL;
  }
  request->env = env;
  request->master = request->slave = -1;
  if (take_command(env, object, request) && take_surroundings(env, object, request) &&
      hf_keep_function(env, done, &request->done)) {
    return request;
  }
  hf_free_request(request);
  hf_throw_type(env, "spawn({file, argv, columns, rows, ...}, done): a property is missing, or not of its type or range");
  return NULL;
}

void hf_free_request(Request *request) {
  if (request->done != NULL) napi_delete_reference(request->env, request->done);
  free_words(request->programs);
  free_words(request->argv);
  free(request->shell_argv);
  free_words(request->environment);
  free(request->cwd);
  free(request->cgroup);
  free(request);
}
