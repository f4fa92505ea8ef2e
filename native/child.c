/* The child between vfork(2) and execve(2).
 *
 * Until execve it runs in our memory, on the stack of a suspended thread: it must not call anything that takes a lock,
 * allocates, or (as setuid(2) of the C library does) signals our other threads. So it makes raw system calls on data
 * prepared before, and reports a failure in the request, which is in our memory too. */
#define _GNU_SOURCE
#include "spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

enum { EXIT_FAILED = 255 };

/* Records what failed, and exits. */
static _Noreturn void give_up(Request *request, Step step) {
  request->errnum = errno;
  request->step = step;
  _exit(EXIT_FAILED);
}

/* The number of a name in /proc/self/fd; -1 for `.` and `..`. */
static int number_of(const char *name) {
  int number = 0;
  if (*name == '\0') return -1;
  for (; *name != '\0'; name++) {
    if (*name < '0' || *name > '9') return -1;
    number = number * 10 + (*name - '0');
  }
  return number;
}

/*
 * Closes what /proc/self/fd lists from 3 up; false if there is no such list. The kernel continues after the last number
 * it returned, so closing on the way skips none. opendir(3) would allocate.
 */
static bool close_listed(void) {
  char room[1024] __attribute__((aligned(__alignof__(struct dirent64))));
  int list = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (list < 0) return false;
  long got;
  while ((got = syscall(SYS_getdents64, list, room, sizeof room)) > 0) {
    for (long at = 0; at < got;) {
      const struct dirent64 *entry = (const struct dirent64 *)(room + at);
      int fd = number_of(entry->d_name);
      if (fd > 2 && fd != list) close(fd);
      at += entry->d_reclen;
    }
  }
  close(list);
  return got == 0;
}

/*
 * Closes every descriptor from 3 up. Kernels before 5.9 have no close_range(2); without /proc, the limit says how far
 * to go, although descriptors may exist above a lowered limit.
 */
static void close_inherited(void) {
  if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0 || close_listed()) return;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 1048576) limit.rlim_cur = 1048576;
  for (int fd = 3; fd < (int)limit.rlim_cur; fd++) close(fd);
}

/*
 * Whether the search of execvp(3) continues in the next folder: this one lacks the program, or is on a server that is
 * gone.
 */
static bool passed_over(int errnum) {
  return errnum == ENOENT || errnum == ENOTDIR || errnum == ESTALE || errnum == ENODEV || errnum == ETIMEDOUT;
}

/* execvp(3) over the prepared candidates. EACCES is reported if none can be executed. */
static void execute(Request *request) {
  bool denied = false;
  errno = ENOENT;
  for (char **program = request->programs; *program != NULL; program++) {
    execve(*program, request->argv, request->environment);
    if (errno == ENOEXEC) {
      request->shell_argv[1] = *program;
      execve("/bin/sh", request->shell_argv, request->environment);
      return;
    }
    if (errno == EACCES) {
      denied = true;
    } else if (!passed_over(errno)) {
      return;
    }
  }
  if (denied) errno = EACCES;
}

/* Writes itself ("0") into a cgroup.procs file. */
static bool join_cgroup(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  return fd >= 0 && write(fd, "0", 1) == 1;
}

/*
 * Sets the given halves of a limit. A soft limit above the hard one is reduced to it: the caller may not know the hard
 * one.
 */
static bool set_limit(const Limit *wanted) {
  struct rlimit limit;
  if (getrlimit(wanted->resource, &limit) < 0) return false;
  if (wanted->set_soft) limit.rlim_cur = wanted->limit.rlim_cur;
  if (wanted->set_hard) limit.rlim_max = wanted->limit.rlim_max;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  return setrlimit(wanted->resource, &limit) == 0;
}

/* Groups before the user: afterwards it would no longer be permitted. */
static void change_user(Request *request) {
  if (request->group_count >= 0 && syscall(SYS_setgroups, request->group_count, request->groups) < 0) {
    give_up(request, STEP_GROUPS);
  }
  gid_t gid = (gid_t)request->gid;
  if (request->gid >= 0 && syscall(SYS_setresgid, gid, gid, gid) < 0) give_up(request, STEP_GID);
  uid_t uid = (uid_t)request->uid;
  if (request->uid >= 0 && syscall(SYS_setresuid, uid, uid, uid) < 0) give_up(request, STEP_UID);
}

/* A session of its own, on the terminal. */
static void take_terminal(Request *request) {
  if (setsid() < 0 || ioctl(request->slave, TIOCSCTTY, 0) < 0) give_up(request, STEP_EXEC);
  for (int fd = 0; fd < 3; fd++) {
    if (dup2(request->slave, fd) < 0) give_up(request, STEP_EXEC);
  }
}

/*
 * Ignored signals would stay ignored after execve. vfork gave the child its own dispositions: the parent keeps its
 * handlers. Not sigaction(3), which refuses the two signals that the C library keeps for itself and a parent may have
 * ignored.
 */
static void reset_signals(void) {
  /* The kernel's struct sigaction differs by machine; all zeros mean SIG_DFL on all of them. */
  static const unsigned char standard[64] __attribute__((aligned(16)));
  for (int sig = 1; sig < _NSIG; sig++) syscall(SYS_rt_sigaction, sig, standard, NULL, (size_t)(_NSIG / 8));
}

_Noreturn void hf_be_the_child(Request *request) {
  request->pid = (pid_t)syscall(SYS_getpid);
  reset_signals();
  take_terminal(request);
  close_inherited();
  if (request->cgroup != NULL && !join_cgroup(request->cgroup)) give_up(request, STEP_CGROUP);
  for (int i = 0; i < request->limit_count; i++) {
    if (!set_limit(&request->limits[i])) give_up(request, STEP_LIMITS);
  }
  change_user(request);
  if (request->umask >= 0) umask((mode_t)request->umask);
  if (request->cwd != NULL && chdir(request->cwd) < 0) give_up(request, STEP_CHDIR);
  sigset_t none;
  sigemptyset(&none);
  /* pthread_sigmask would be the same system call, but through a library that keeps state about threads. */
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, (size_t)(_NSIG / 8));
  execute(request);
  give_up(request, STEP_EXEC);
}
