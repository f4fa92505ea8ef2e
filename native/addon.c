/* The addon's entry, and the helpers that all its files use. System calls only: no policy lives here. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

bool hf_arguments(napi_env env, napi_callback_info info, napi_value *argv, size_t count) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, argv, NULL, NULL) != napi_ok || given < count) {
    hf_throw_type(env, "too few arguments");
    return false;
  }
  return true;
}

bool hf_keep_function(napi_env env, napi_value value, napi_ref *reference) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function &&
         napi_create_reference(env, value, 1, reference) == napi_ok;
}

/*
 * Weak, as glibc has had it only since 2.32, and RHEL 8 is older. libuv's table lacks some errors of file servers
 * (ESTALE).
 */
extern const char *strerrorname_np(int errnum) __attribute__((weak));

const char *hf_errno_name(int errnum) {
  const char *name = strerrorname_np != NULL ? strerrorname_np(errnum) : uv_err_name(-errnum);
  return name != NULL ? name : "EUNKNOWN";
}

napi_value hf_error(napi_env env, int errnum, const char *call) {
  char text[256];
  napi_value code, message, error;
  snprintf(text, sizeof text, "%s: %s", call, strerror(errnum));
  if (napi_create_string_utf8(env, hf_errno_name(errnum), NAPI_AUTO_LENGTH, &code) != napi_ok ||
      napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message) != napi_ok ||
      napi_create_error(env, code, message, &error) != napi_ok) {
    return NULL;
  }
  hf_set_number(env, error, "errno", errnum);
  return error;
}

/* errorText(errno) */
static napi_value error_text(napi_env env, napi_callback_info info) {
  napi_value argv[1], text = NULL;
  int32_t errnum;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &errnum) != napi_ok) return hf_throw_type(env, "errorText(errno)");
  napi_create_string_utf8(env, strerror(errnum), NAPI_AUTO_LENGTH, &text);
  return text;
}

napi_value hf_throw_errno(napi_env env, int errnum, const char *call) {
  napi_value error = hf_error(env, errnum, call);
  if (error) napi_throw(env, error);
  return NULL;
}

napi_value hf_throw_type(napi_env env, const char *usage) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", usage);
  return NULL;
}

napi_value hf_number(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value hf_undefined(napi_env env) {
  napi_value result = NULL;
  napi_get_undefined(env, &result);
  return result;
}

void hf_set(napi_env env, napi_value object, const char *name, napi_value value) {
  napi_set_named_property(env, object, name, value);
}

void hf_set_number(napi_env env, napi_value object, const char *name, int64_t value) {
  hf_set(env, object, name, hf_number(env, value));
}

void hf_export(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value) == napi_ok) {
    hf_set(env, exports, name, value);
  }
}

void hf_call(napi_env env, napi_ref function, size_t argc, napi_value *argv) {
  napi_value callee, global, result;
  if (function == NULL || napi_get_reference_value(env, function, &callee) != napi_ok || callee == NULL ||
      napi_get_global(env, &global) != napi_ok) {
    return;
  }
  if (napi_make_callback(env, NULL, global, callee, argc, argv, &result) == napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
}

uv_loop_t *hf_loop(napi_env env) {
  struct uv_loop_s *loop = NULL;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

/*
 * SIGCHLD, the children and the read buffer belong to the process, so the addon serves one thread of it: the first that
 * loads it, which is the main one. A worker gets an error instead of taking them over.
 */
static atomic_flag loaded = ATOMIC_FLAG_INIT;

NAPI_MODULE_INIT() {
  if (atomic_flag_test_and_set(&loaded)) {
    napi_throw_error(env, "ERR_HOLDFAST_LOADED", "the addon is loaded already, and serves one thread of a process");
    return NULL;
  }
  hf_export(env, exports, "errorText", error_text);
  hf_register_accounts(env, exports);
  hf_register_aside(env, exports);
  hf_register_children(env, exports);
  hf_register_exec(env, exports);
  hf_register_files(env, exports);
  hf_register_crypt(env, exports);
  hf_register_memory(env, exports);
  hf_register_names(env, exports);
  hf_register_pidfd(env, exports);
  hf_register_pty(env, exports);
  hf_register_serial(env, exports);
  hf_register_session(env, exports);
  hf_register_signals(env, exports);
  hf_register_sockets(env, exports);
  hf_register_spawn(env, exports);
  hf_register_title(env, exports);
  hf_register_udp(env, exports);
  hf_register_writer(env, exports);
  return exports;
}
