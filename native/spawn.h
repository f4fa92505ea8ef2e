/*
 * A start in progress: filled in on the event loop (request.c), worked on by a thread of its own (spawn.c) and the
 * child (child.c).
 */
#ifndef HOLDFAST_SPAWN_H
#define HOLDFAST_SPAWN_H

#include "completions.h"
#include "holdfast.h"

#include <sys/ioctl.h>
#include <sys/resource.h>

enum { MOST_LIMITS = 32, MOST_GROUPS = 1024 };

/* What the child does on its way, in order, with the name of each in JavaScript: a start fails at one of them. */
#define STEPS(step)                                                                                                    \
  step(NONE, "") step(CGROUP, "cgroup") step(LIMITS, "limits") step(GROUPS, "groups") step(GID, "gid") step(UID, "uid") \
  step(CHDIR, "chdir") step(EXEC, "exec")
#define STEP(name, text) STEP_##name,
typedef enum { STEPS(STEP) } Step;
#undef STEP

/* Whole numbers of a request, by their names in JavaScript, with the least and the largest value; UNSET: leave it. */
#define UNSET INT64_MIN
#define NUMBERS(number) number(umask, 0, 07777) number(uid, 0, UINT32_MAX - 1) number(gid, 0, UINT32_MAX - 1)

typedef struct {
  int resource;
  bool set_soft, set_hard;
  struct rlimit limit;
} Limit;

typedef struct Request {
  Completion completion;
  struct Request *before, *behind; /* among those in progress; of the event loop alone */
  napi_env env;
  napi_ref done;
  /* What to run. `programs` are the candidates of the PATH search, `shell_argv` is argv for a script without #! line. */
  char **programs, **argv, **shell_argv, **environment;
  char *cwd, *cgroup;
#define FIELD(name, least, most) int64_t name;
  NUMBERS(FIELD)
#undef FIELD
  int group_count; /* -1: leave */
  gid_t groups[MOST_GROUPS];
  int limit_count;
  Limit limits[MOST_LIMITS];
  struct winsize size;
  /* The result. `step` and `errnum` are written by the child, in our memory. */
  int master, slave;
  volatile pid_t pid; /* the child knows it first */
  const char *call; /* the call that left no child, with errnum */
  volatile Step step;
  volatile int errnum;
} Request;

/* request.c: makes a request from the object that spawn was given; NULL after it has thrown. */
Request *hf_take_request(napi_env env, napi_value object, napi_value done);
void hf_free_request(Request *request);

/* child.c: everything between vfork(2) and execve(2). */
_Noreturn void hf_be_the_child(Request *request);

#endif
