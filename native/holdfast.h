/* Shared by the files of the addon: argument handling, errors, registration. */
#ifndef HOLDFAST_H
#define HOLDFAST_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <uv.h>

/* Reads exactly `count` arguments; false after it has thrown. */
bool hf_arguments(napi_env env, napi_callback_info info, napi_value *argv, size_t count);

/* Makes an Error with `code` (ENOENT), `errno` and the text of errno, naming the call. */
napi_value hf_error(napi_env env, int errnum, const char *call);

/* Throws that error, or a TypeError with the usage; both return NULL for the caller to return. */
napi_value hf_throw_errno(napi_env env, int errnum, const char *call);
napi_value hf_throw_type(napi_env env, const char *usage);

/* Keeps a JavaScript function; false if the value is not one. */
bool hf_keep_function(napi_env env, napi_value value, napi_ref *reference);

/* Symbol of an errno (ENOENT). */
const char *hf_errno_name(int errnum);

napi_value hf_number(napi_env env, int64_t value);
napi_value hf_undefined(napi_env env);
void hf_export(napi_env env, napi_value exports, const char *name, napi_callback function);
void hf_set(napi_env env, napi_value object, const char *name, napi_value value);
void hf_set_number(napi_env env, napi_value object, const char *name, int64_t value);

/* Calls a JavaScript function from the event loop; an exception is an uncaught one, as from any callback of Node. */
void hf_call(napi_env env, napi_ref function, size_t argc, napi_value *argv);

/* text.c: copies a string; NULL if it is not one, or has a NUL inside and would be another string in C. */
char *hf_copy_text(napi_env env, napi_value value);

/* The event loop of this environment. */
uv_loop_t *hf_loop(napi_env env);

/* sockets.c: takes the path of a unix socket, `@name` for the abstract name space; its size, 0 after it has thrown. */
socklen_t hf_unix_address(napi_env env, napi_value path, struct sockaddr_un *address);

/* thread.c: starts a detached thread; 0 or an errno. All signals are blocked on it: none of our handlers may run there. */
int hf_start_thread(size_t stack_size, void *(*work)(void *), void *data);

/* children.c: this pid is our child: its end is to be reported. */
void hf_watch_child(pid_t pid);
/* spawn.c: whether it may be the child of a start in progress. */
bool hf_may_be_starting(pid_t pid);

void hf_register_accounts(napi_env env, napi_value exports);
void hf_register_aside(napi_env env, napi_value exports);
void hf_register_children(napi_env env, napi_value exports);
void hf_register_exec(napi_env env, napi_value exports);
void hf_register_files(napi_env env, napi_value exports);
void hf_register_crypt(napi_env env, napi_value exports);
void hf_register_memory(napi_env env, napi_value exports);
void hf_register_names(napi_env env, napi_value exports);
void hf_register_pidfd(napi_env env, napi_value exports);
void hf_register_pty(napi_env env, napi_value exports);
void hf_register_serial(napi_env env, napi_value exports);
void hf_register_session(napi_env env, napi_value exports);
void hf_register_signals(napi_env env, napi_value exports);
void hf_register_sockets(napi_env env, napi_value exports);
void hf_register_spawn(napi_env env, napi_value exports);
void hf_register_title(napi_env env, napi_value exports);
void hf_register_udp(napi_env env, napi_value exports);
void hf_register_writer(napi_env env, napi_value exports);

#endif
