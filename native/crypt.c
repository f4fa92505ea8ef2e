/*
 * crypt(3) on a thread of the pool. libcrypt is loaded when first needed, so that neither the build nor the start
 * depends on it.
 */
#define _GNU_SOURCE
#include "holdfast.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* libxcrypt's form, which knows its own room; crypt_r(3) of older libraries needs less than OLD_ROOM. */
typedef char *CryptRa(const char *phrase, const char *setting, void **data, int *size);
typedef char *CryptR(const char *phrase, const char *setting, void *data);

enum { TEXT_ROOM = 1024, OLD_ROOM = 1 << 18 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CryptRa *crypt_ra_found;
static CryptR *crypt_r_found;

static void find_library(void) {
  void *library = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) library = dlopen("libcrypt.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  crypt_ra_found = (CryptRa *)dlsym(library, "crypt_ra");
  crypt_r_found = (CryptR *)dlsym(library, "crypt_r");
}

typedef struct {
  napi_async_work work;
  napi_deferred deferred;
  char phrase[TEXT_ROOM], setting[TEXT_ROOM], result[TEXT_ROOM];
  int errnum;
} Hashing;

static void hash(napi_env env, void *data) {
  (void)env;
  Hashing *hashing = data;
  void *room = NULL;
  int size = 0;
  char *result = NULL;
  pthread_once(&once, find_library);
  hashing->errnum = ENOSYS;
  if (crypt_ra_found != NULL) {
    errno = EINVAL;
    result = crypt_ra_found(hashing->phrase, hashing->setting, &room, &size);
    hashing->errnum = result == NULL ? errno : 0;
  } else if (crypt_r_found != NULL && (room = calloc(1, OLD_ROOM)) != NULL) {
    errno = EINVAL;
    result = crypt_r_found(hashing->phrase, hashing->setting, room);
    hashing->errnum = result == NULL ? errno : 0;
  }
  if (result != NULL) strncpy(hashing->result, result, sizeof hashing->result - 1);
  free(room);
}

static void hashed(napi_env env, napi_status status, void *data) {
  (void)status;
  Hashing *hashing = data;
  napi_value value;
  if (hashing->errnum != 0) {
    napi_reject_deferred(env, hashing->deferred, hf_error(env, hashing->errnum, "crypt"));
  } else if (napi_create_string_latin1(env, hashing->result, NAPI_AUTO_LENGTH, &value) == napi_ok) {
    napi_resolve_deferred(env, hashing->deferred, value);
  }
  napi_delete_async_work(env, hashing->work);
  /* The compiler may not drop the wiping of memory that is freed next. */
  explicit_bzero(hashing->phrase, sizeof hashing->phrase);
  free(hashing);
}

/* Copies a byte string into the buffer; false if it does not fit. */
static bool take_bytes(napi_env env, napi_value value, char *text) {
  size_t length;
  return napi_get_value_string_latin1(env, value, NULL, 0, &length) == napi_ok && length < TEXT_ROOM &&
         napi_get_value_string_latin1(env, value, text, TEXT_ROOM, &length) == napi_ok && strlen(text) == length;
}

/* crypt(phrase, setting) */
static napi_value crypt_later(napi_env env, napi_callback_info info) {
  napi_value argv[2], promise, name;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  Hashing *hashing = calloc(1, sizeof *hashing);
  if (hashing == NULL) return hf_throw_errno(env, ENOMEM, "crypt");
  if (!take_bytes(env, argv[0], hashing->phrase) || !take_bytes(env, argv[1], hashing->setting)) {
    free(hashing);
    return hf_throw_type(env, "crypt(phrase, setting): byte strings below 1024 bytes without NUL");
  }
  if (napi_create_promise(env, &hashing->deferred, &promise) != napi_ok ||
      napi_create_string_latin1(env, "crypt", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_async_work(env, NULL, name, hash, hashed, hashing, &hashing->work) != napi_ok ||
      napi_queue_async_work(env, hashing->work) != napi_ok) {
    free(hashing);
    return hf_throw_errno(env, ENOMEM, "crypt");
  }
  return promise;
}

void hf_register_crypt(napi_env env, napi_value exports) { hf_export(env, exports, "crypt", crypt_later); }
