/* Signals that Node leaves blocked: SIGUSR1, where --disable-sigusr1 keeps it from opening a debugger's port. */
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

void hf_register_signals(napi_env env, napi_value exports) { hf_export(env, exports, "unblockSignal", unblock_signal); }
