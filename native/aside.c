/*
 * System calls that may block forever, each on a thread of its own: lookups in a user directory that does not answer,
 * files on a server that is away. Not on libuv's pool: four of these would stop everything else that the runtime does
 * there, and its end waits for its threads. How many there may be at a time is the caller's policy
 * (src/platform/aside.ts).
 */
#define _GNU_SOURCE
#include "accounts.h"
#include "completions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Bytes. Modules of the name service are written for the stack of a main thread. */
enum { STACK_SIZE = 1 << 20 };

typedef enum { USER, USER_ID, GROUP, GROUPS, MEMBERSHIPS, READ, LIST, OPEN, KINDS } Kind;

static const char *const kinds[KINDS] = {"user", "userId", "group", "groups", "memberships", "read", "list", "open"};

typedef struct Job {
  Completion completion;
  napi_env env;
  napi_ref done;
  Kind kind;
  char *text;     /* name or path */
  int64_t number; /* id, most bytes of a file, flags of open(2) */
  /* The result: the failed call with errnum, or all other fields. */
  const char *call;
  int errnum;
  Account account;
  bool found;
  gid_t gid;
  gid_t *groups;
  int group_count, fd;
  char *data;
  size_t size;
} Job;

static void finish(Completion *completion);
static Completions completions = HF_COMPLETIONS(finish);

/* --- on the job's thread ----------------------------------------------------------------------------------------- */

static void failed(Job *job, const char *call, int errnum) {
  job->call = call;
  job->errnum = errnum;
}

/* /dev/null is an empty file to everybody. */
static bool is_null(const struct stat *facts) {
  return S_ISCHR(facts->st_mode) && facts->st_rdev == makedev(1, 3);
}

/* A FIFO or a device would be read forever: O_NONBLOCK gets past open(2), then the type is checked. */
static void read_file(Job *job) {
  struct stat facts;
  int fd = open(job->text, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return failed(job, "open", errno);
  if (fstat(fd, &facts) < 0) {
    failed(job, "fstat", errno);
  } else if (S_ISDIR(facts.st_mode)) {
    failed(job, "read", EISDIR);
  } else if (!S_ISREG(facts.st_mode) && !is_null(&facts)) {
    failed(job, "not a regular file", EINVAL);
  } else {
    size_t room = 0;
    while (job->call == NULL) {
      if (job->size == room) {
        char *grown = realloc(job->data, room = room == 0 ? 4096 : room * 2);
        if (grown == NULL) {
          failed(job, "read", ENOMEM);
          break;
        }
        job->data = grown;
      }
      ssize_t count = read(fd, job->data + job->size, room - job->size);
      if (count == 0) break;
      if (count > 0) job->size += (size_t)count;
      if (count < 0 && errno != EINTR) failed(job, "read", errno);
      if (job->size > (size_t)job->number) failed(job, "read", EFBIG);
    }
  }
  close(fd);
}

/* Whether a file is below a folder of this one; false with `call` set if that is unknown. */
static bool has_file(Job *job, int folder, const char *name, const char *file) {
  char path[PATH_MAX];
  if (*file == '\0') return true;
  if (snprintf(path, sizeof path, "%s/%s", name, file) >= (int)sizeof path) return false;
  if (faccessat(folder, path, F_OK, 0) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR && errno != EACCES && errno != ELOOP && errno != ENAMETOOLONG) {
    failed(job, "access", errno);
  }
  return false;
}

/* Adds a name and the NUL that ends it to the data. */
static bool add_name(Job *job, size_t *room, const char *name) {
  size_t length = strlen(name) + 1;
  if (job->size + length > *room) {
    char *grown = realloc(job->data, *room = (*room + length) * 2);
    if (grown == NULL) return false;
    job->data = grown;
  }
  memcpy(job->data + job->size, name, length);
  job->size += length;
  return true;
}

/* `FOLDER//FILE`: the names in the folder that have the file below them; without FILE all names. */
static void list_folder(Job *job) {
  size_t room = 0;
  char *file = strstr(job->text, "//");
  if (file != NULL) {
    *file = '\0';
    file += 2;
  }
  DIR *folder = opendir(*job->text == '\0' ? "/" : job->text);
  if (folder == NULL) return failed(job, "open", errno);
  while (job->call == NULL) {
    errno = 0;
    struct dirent *entry = readdir(folder);
    if (entry == NULL) {
      if (errno != 0) failed(job, "read", errno);
      break;
    }
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    if (has_file(job, dirfd(folder), name, file == NULL ? "" : file) && !add_name(job, &room, name)) {
      failed(job, "read", ENOMEM);
    }
  }
  closedir(folder);
}

/* The names of all groups of a user; none for an unknown user. */
static void find_memberships(Job *job) {
  size_t room = 0;
  int errnum = hf_find_user(job->text, 0, &job->account);
  if (errnum != 0) return failed(job, "getpwnam", errnum);
  if (!job->account.found) return;
  job->groups = hf_find_groups(job->text, job->account.gid, &job->group_count);
  if (job->groups == NULL) return failed(job, "getgrouplist", ENOMEM);
  for (int i = 0; i < job->group_count && job->call == NULL; i++) {
    char *name = hf_group_name(job->groups[i]);
    if (name != NULL && !add_name(job, &room, name)) failed(job, "getgrgid", ENOMEM);
    free(name);
  }
}

static void do_job(Job *job) {
  int errnum = 0;
  switch (job->kind) {
  case USER:
    if ((errnum = hf_find_user(job->text, 0, &job->account)) != 0) failed(job, "getpwnam", errnum);
    break;
  case USER_ID:
    if ((errnum = hf_find_user(NULL, (uid_t)job->number, &job->account)) != 0) failed(job, "getpwuid", errnum);
    break;
  case GROUP:
    if ((errnum = hf_find_group(job->text, &job->found, &job->gid)) != 0) failed(job, "getgrnam", errnum);
    break;
  case GROUPS:
    job->groups = hf_find_groups(job->text, (gid_t)job->number, &job->group_count);
    if (job->groups == NULL) failed(job, "getgrouplist", ENOMEM);
    break;
  case MEMBERSHIPS:
    find_memberships(job);
    break;
  case READ:
    read_file(job);
    break;
  case LIST:
    list_folder(job);
    break;
  default:
    if ((job->fd = open(job->text, (int)job->number | O_CLOEXEC)) < 0) failed(job, "open", errno);
  }
}

static void *work(void *data) {
  Job *job = data;
  do_job(job);
  hf_complete(&completions, &job->completion);
  return NULL;
}

/* --- on the event loop ------------------------------------------------------------------------------------------- */

static napi_value result_of(Job *job) {
  napi_value result = NULL;
  switch (job->kind) {
  case USER:
  case USER_ID:
    return hf_account(job->env, &job->account);
  case GROUP:
    return job->found ? hf_number(job->env, job->gid) : hf_undefined(job->env);
  case GROUPS:
    return hf_group_list(job->env, job->groups, job->group_count);
  case MEMBERSHIPS:
  case READ:
  case LIST:
    napi_create_buffer_copy(job->env, job->size, job->size == 0 ? "" : job->data, NULL, &result);
    return result;
  default:
    return hf_number(job->env, job->fd);
  }
}

static void free_job(Job *job) {
  if (job->done != NULL) napi_delete_reference(job->env, job->done);
  hf_free_account(&job->account);
  free(job->groups);
  free(job->data);
  free(job->text);
  free(job);
}

static void finish(Completion *completion) {
  Job *job = (Job *)completion;
  napi_handle_scope scope;
  napi_value argv[2];
  if (napi_open_handle_scope(job->env, &scope) == napi_ok) {
    if (job->call != NULL) {
      argv[0] = hf_error(job->env, job->errnum, job->call);
      argv[1] = hf_undefined(job->env);
    } else {
      napi_get_null(job->env, &argv[0]);
      argv[1] = result_of(job);
    }
    hf_call(job->env, job->done, 2, argv);
    napi_close_handle_scope(job->env, scope);
  }
  free_job(job);
}

static bool take_kind(napi_env env, napi_value value, Kind *kind) {
  char name[16];
  size_t length;
  if (napi_get_value_string_utf8(env, value, name, sizeof name, &length) != napi_ok) return false;
  for (*kind = 0; *kind < KINDS; (*kind)++) {
    if (strcmp(kinds[*kind], name) == 0) return true;
  }
  return false;
}

/* aside(kind, text, number, done) */
static napi_value aside(napi_env env, napi_callback_info info) {
  static const char usage[] = "aside(kind, text, number, done)";
  napi_value argv[4];
  if (!hf_arguments(env, info, argv, 4)) return NULL;
  Job *job = calloc(1, sizeof *job);
  if (job == NULL) return hf_throw_errno(env, ENOMEM, "aside");
  job->env = env;
  if (!take_kind(env, argv[0], &job->kind) || (job->text = hf_copy_text(env, argv[1])) == NULL ||
      napi_get_value_int64(env, argv[2], &job->number) != napi_ok || !hf_keep_function(env, argv[3], &job->done)) {
    free_job(job);
    return hf_throw_type(env, usage);
  }
  int status = hf_start_thread(STACK_SIZE, work, job);
  if (status != 0) {
    free_job(job);
    return hf_throw_errno(env, status, "pthread_create");
  }
  hf_await(&completions);
  return NULL;
}

void hf_register_aside(napi_env env, napi_value exports) {
  if (hf_open_completions(env, &completions)) hf_export(env, exports, "aside", aside);
}
