/*
 * Signals that Node leaves blocked (SIGUSR1, where --disable-sigusr1 keeps it from opening a debugger's port), and
 * signals that would end a process by default.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <signal.h>

/* unblockSignal(number) */
static napi_value unblock_signal(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t number;
  sigset_t set;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  sigemptyset(&set);
  if (napi_get_value_int32(env, argv[0], &number) != napi_ok || sigaddset(&set, number) < 0) {
    return hf_throw_type(env, "unblockSignal(number)");
  }
  int errnum = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return errnum == 0 ? NULL : hf_throw_errno(env, errnum, "pthread_sigmask");
}

static void do_nothing(int signum) { (void)signum; }

/* passOver(numbers) */
static napi_value pass_over(napi_env env, napi_callback_info info) {
  napi_value argv[1], value;
  uint32_t count;
  int32_t number;
  sigset_t set;
  /*
   * A handler and not SIG_IGN: ignored signals stay ignored after execve(2), and Node resets only the first 31 signals
   * in its children.
   */
  struct sigaction action = {.sa_flags = SA_RESTART};
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_array_length(env, argv[0], &count) != napi_ok) return hf_throw_type(env, "passOver(numbers)");
  sigemptyset(&set);
  for (uint32_t i = 0; i < count; i++) {
    if (napi_get_element(env, argv[0], i, &value) != napi_ok || napi_get_value_int32(env, value, &number) != napi_ok) {
      return hf_throw_type(env, "passOver(numbers)");
    }
    /* Sent by a terminal to a background process because of a call, which is restarted when a handler returns. */
    action.sa_handler = number == SIGTTIN || number == SIGTTOU ? SIG_IGN : do_nothing;
    if (sigaction(number, &action, NULL) < 0) return hf_throw_errno(env, errno, "sigaction");
    sigaddset(&set, number);
  }
  int errnum = pthread_sigmask(SIG_UNBLOCK, &set, NULL);
  return errnum == 0 ? NULL : hf_throw_errno(env, errnum, "pthread_sigmask");
}

void hf_register_signals(napi_env env, napi_value exports) {
  hf_export(env, exports, "unblockSignal", unblock_signal);
  hf_export(env, exports, "passOver", pass_over);
  /* Functions of the C library, which keeps the first real-time signals for itself. */
  hf_set_number(env, exports, "firstRealTimeSignal", SIGRTMIN);
  hf_set_number(env, exports, "lastRealTimeSignal", SIGRTMAX);
}
