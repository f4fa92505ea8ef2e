/* holdfast-pam SERVICE MILLISECONDS [account]: asks PAM whether one user's password is right and the account good; with `account` only the
 * latter, of somebody who has logged in before.
 *
 * stdin: user, remote host, password (not looked at for an account), each closed by a NUL. stderr: the reason of a refusal, one line. Exit status: below.
 * A program of its own, since PAM modules may block, fork, and change the process they run in. An attempt that
 * exceeds its limit is killed with everything it has started, in whatever session. libpam is loaded at run time: its headers are not on
 * every host, its ABI has been the same since Linux-PAM 0.99. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum status { RIGHT, WRONG, UNABLE, NO_LIBRARY, LATE };
enum {
  PAM_SUCCESS = 0, PAM_BUF_ERR = 5, PAM_PERM_DENIED = 6, PAM_AUTH_ERR = 7, PAM_USER_UNKNOWN = 10, PAM_NEW_AUTHTOK_REQD = 12,
  PAM_ACCT_EXPIRED = 13, PAM_CONV_ERR = 19, PAM_AUTHTOK_EXPIRED = 27
};
enum { PAM_RHOST = 4, PAM_FAIL_DELAY = 10 };
enum { PAM_PROMPT_ECHO_OFF = 1, PAM_PROMPT_ECHO_ON = 2 };
enum { PAM_SILENT = 0x8000 };

typedef struct pam_handle pam_handle_t;
struct pam_message { int msg_style; const char *msg; };
struct pam_response { char *resp; int resp_retcode; };
struct pam_conv {
  int (*conv)(int, const struct pam_message **, struct pam_response **, void *);
  void *appdata_ptr;
};

static struct {
  int (*start)(const char *, const char *, const struct pam_conv *, pam_handle_t **);
  int (*set_item)(pam_handle_t *, int, const void *);
  int (*authenticate)(pam_handle_t *, int);
  int (*acct_mgmt)(pam_handle_t *, int);
  int (*end)(pam_handle_t *, int);
  const char *(*strerror)(pam_handle_t *, int);
} pam;

static char input[4096];
static const char *user, *host, *password;

static int find_library(void) {
  void *library = dlopen("libpam.so.0", RTLD_NOW | RTLD_GLOBAL);
  if (library == NULL) return 0;
  *(void **)&pam.start = dlsym(library, "pam_start");
  *(void **)&pam.set_item = dlsym(library, "pam_set_item");
  *(void **)&pam.authenticate = dlsym(library, "pam_authenticate");
  *(void **)&pam.acct_mgmt = dlsym(library, "pam_acct_mgmt");
  *(void **)&pam.end = dlsym(library, "pam_end");
  *(void **)&pam.strerror = dlsym(library, "pam_strerror");
  return pam.start != NULL && pam.set_item != NULL && pam.authenticate != NULL && pam.acct_mgmt != NULL &&
         pam.end != NULL && pam.strerror != NULL;
}

/* The three fields; a missing password, or one with a NUL in it, is invalid. */
static int read_input(void) {
  size_t used = 0;
  ssize_t got;
  while (used < sizeof input && (got = read(STDIN_FILENO, input + used, sizeof input - used)) > 0) used += (size_t)got;
  if (used == 0 || used == sizeof input || input[used - 1] != '\0') return 0;
  const char *end = input + used;
  user = input;
  host = user + strlen(user) + 1;
  if (host >= end) return 0;
  password = host + strlen(host) + 1;
  return password < end && password + strlen(password) + 1 == end;
}

/* Answers the module's prompts: the password without echo, the user's name with echo. */
static int converse(int count, const struct pam_message **messages, struct pam_response **answers, void *data) {
  (void)data;
  struct pam_response *made = count > 0 ? calloc((size_t)count, sizeof *made) : NULL;
  if (made == NULL) return PAM_CONV_ERR;
  for (int i = 0; i < count; i++) {
    const char *text = messages[i]->msg_style == PAM_PROMPT_ECHO_OFF  ? password
                       : messages[i]->msg_style == PAM_PROMPT_ECHO_ON ? user
                                                                      : NULL;
    if (text != NULL && (made[i].resp = strdup(text)) == NULL) {
      while (i-- > 0) free(made[i].resp);
      free(made);
      return PAM_BUF_ERR;
    }
  }
  *answers = made;
  return PAM_SUCCESS;
}

/* The caller spaces out attempts per peer and user; a delay here would only keep processes waiting. */
static void no_delay(int status, unsigned microseconds, void *data) {
  (void)status, (void)microseconds, (void)data;
}

/* What is said against an account. A password that has to be changed is nothing against it; a directory that cannot be asked says nothing. */
static enum status standing(int status) {
  switch (status) {
    case PAM_SUCCESS:
    case PAM_NEW_AUTHTOK_REQD: return RIGHT;
    case PAM_PERM_DENIED:
    case PAM_AUTH_ERR:
    case PAM_USER_UNKNOWN:
    case PAM_ACCT_EXPIRED:
    case PAM_AUTHTOK_EXPIRED: return WRONG;
    default: return UNABLE;
  }
}

static enum status ask(const char *service, int account_only) {
  if (!read_input()) {
    fputs("user, host and password do not come as they should\n", stderr);
    return UNABLE;
  }
  if (!find_library()) {
    fputs("libpam.so.0 is not on this machine\n", stderr);
    return NO_LIBRARY;
  }
  pam_handle_t *handle = NULL;
  struct pam_conv conversation = {converse, NULL};
  int status = pam.start(service, user, &conversation, &handle);
  if (status != PAM_SUCCESS) {
    fprintf(stderr, "pam_start: %s\n", pam.strerror(handle, status));
    return UNABLE;
  }
  pam.set_item(handle, PAM_FAIL_DELAY, (const void *)no_delay);
  if (*host != '\0') pam.set_item(handle, PAM_RHOST, host);
  if (!account_only) status = pam.authenticate(handle, PAM_SILENT);
  if (status == PAM_SUCCESS) status = pam.acct_mgmt(handle, PAM_SILENT);
  if (status != PAM_SUCCESS) fprintf(stderr, "%s\n", pam.strerror(handle, status));
  pam.end(handle, status);
  explicit_bzero(input, sizeof input);
  return account_only ? standing(status) : status == PAM_SUCCESS ? RIGHT : WRONG;
}

/* As we are the subreaper of all descendants, those whose parent was killed become our children: none escapes. */
static void kill_descendants(void) {
  for (;;) {
    FILE *children = fopen("/proc/thread-self/children", "r");
    int pid, found = 0;
    while (children != NULL && fscanf(children, "%d", &pid) == 1) found += kill(pid, SIGKILL) == 0;
    if (children != NULL) fclose(children);
    if (found == 0 || (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)) return;
  }
}

/* The worker's status, or LATE. */
static enum status await(pid_t worker, long milliseconds, const sigset_t *child_ends) {
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000;
  for (;;) {
    int status;
    pid_t ended;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended == worker) return WIFEXITED(status) ? (enum status)WEXITSTATUS(status) : UNABLE;
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long left = (end.tv_sec - now.tv_sec) * 1000000000LL + end.tv_nsec - now.tv_nsec;
    if (left <= 0) return LATE;
    sigtimedwait(child_ends, NULL, &(struct timespec){left / 1000000000, left % 1000000000});
  }
}

int main(int argc, char **argv) {
  /* Neither a core file nor a debugger may find the password. */
  prctl(PR_SET_DUMPABLE, 0);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  int account_only = argc == 4 && strcmp(argv[3], "account") == 0;
  long milliseconds = argc == 3 || account_only ? atol(argv[2]) : 0;
  if (milliseconds <= 0) {
    fputs("usage: holdfast-pam SERVICE MILLISECONDS [account], with user, host and password on stdin, a NUL behind each\n", stderr);
    return UNABLE;
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t child_ends, before;
  sigemptyset(&child_ends);
  sigaddset(&child_ends, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child_ends, &before);
  pid_t worker = fork();
  if (worker < 0) {
    perror("fork");
    return UNABLE;
  }
  if (worker == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return ask(argv[1], account_only);
  }
  enum status status = await(worker, milliseconds, &child_ends);
  if (status == LATE) kill_descendants();
  /* An account that nobody has said anything about is not refused. */
  return status == LATE && account_only ? UNABLE : status;
}
