/* Extended attributes, and mapped files, whose memory outlives the process that writes to it. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/xattr.h>

/* fileAttribute(path, name): string, or undefined if there is none */
static napi_value file_attribute(napi_env env, napi_callback_info info) {
  napi_value argv[2], value;
  char path[PATH_MAX], name[256], text[256];
  size_t length;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_string_utf8(env, argv[0], path, sizeof path, &length) != napi_ok ||
      napi_get_value_string_utf8(env, argv[1], name, sizeof name, &length) != napi_ok) {
    return hf_throw_type(env, "fileAttribute(path, name)");
  }
  ssize_t got = getxattr(path, name, text, sizeof text);
  if (got < 0) return hf_undefined(env);
  return napi_create_string_utf8(env, text, (size_t)got, &value) == napi_ok ? value : NULL;
}

static void unmap(napi_env env, void *data, void *length) {
  (void)env;
  munmap(data, (size_t)(uintptr_t)length);
}

/* mapFile(fd, length): ArrayBuffer */
static napi_value map_file(napi_env env, napi_callback_info info) {
  napi_value argv[2], buffer;
  int32_t fd;
  uint32_t length;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok || napi_get_value_uint32(env, argv[1], &length) != napi_ok) {
    return hf_throw_type(env, "mapFile(fd, length)");
  }
  void *data = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return hf_throw_errno(env, errno, "mmap");
  if (napi_create_external_arraybuffer(env, data, length, unmap, (void *)(uintptr_t)length, &buffer) == napi_ok) return buffer;
  munmap(data, length);
  return hf_throw_errno(env, ENOMEM, "mapFile");
}

void hf_register_files(napi_env env, napi_value exports) {
  hf_export(env, exports, "fileAttribute", file_attribute);
  hf_export(env, exports, "mapFile", map_file);
}
