/*
 * Text between JavaScript and the system. Bytes that are not UTF-8 are lone surrogates, U+DC80 to U+DCFF, in JavaScript
 * (src/model/byte-text.ts); Node-API would make replacement characters of them.
 */
#include "holdfast.h"

#include <stdlib.h>
#include <string.h>

enum { ESCAPE = 0xDC00, FIRST_ESCAPED = 0xDC80, LAST_ESCAPED = 0xDCFF };

static bool is_escape(char16_t unit) { return unit >= FIRST_ESCAPED && unit <= LAST_ESCAPED; }

/* A surrogate pair has two units: the second one alone is an escape. */
static bool is_pair(const char16_t *units, size_t at, size_t count) {
  return units[at] >= 0xD800 && units[at] <= 0xDBFF && at + 1 < count && units[at + 1] >= 0xDC00 && units[at + 1] <= 0xDFFF;
}

static size_t put(char *to, uint32_t code) {
  if (code < 0x80) {
    to[0] = (char)code;
    return 1;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  to[0] = (char)((0xFF00 >> (more + 1)) | (code >> (6 * more)));
  for (int i = 1; i <= more; i++) to[i] = (char)(0x80 | ((code >> (6 * (more - i))) & 0x3F));
  return (size_t)more + 1;
}

char *hf_copy_text(napi_env env, napi_value value) {
  size_t count;
  if (napi_get_value_string_utf16(env, value, NULL, 0, &count) != napi_ok) return NULL;
  char16_t *units = malloc((count + 1) * sizeof *units);
  char *text = malloc(3 * count + 1);
  size_t length = 0;
  if (units == NULL || text == NULL || napi_get_value_string_utf16(env, value, units, count + 1, &count) != napi_ok) {
    free(units);
    free(text);
    return NULL;
  }
  for (size_t at = 0; at < count; at++) {
    if (is_pair(units, at, count)) {
      length += put(text + length, 0x10000 + (((uint32_t)units[at] - 0xD800) << 10) + (units[at + 1] - 0xDC00u));
      at++;
    } else if (is_escape(units[at])) {
      text[length++] = (char)(units[at] - ESCAPE);
    } else {
      length += put(text + length, units[at]);
    }
  }
  free(units);
  text[length] = '\0';
  if (strlen(text) == length) return text;
  free(text);
  return NULL;
}
