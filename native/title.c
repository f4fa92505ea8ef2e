/* Sets how this process appears in /proc/PID/cmdline. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Fields of /proc/PID/stat after the name: proc(5) counts from 1, the name is the second. */
enum { ARG_START = 48, ARG_END = 49, FIRST_BEHIND_NAME = 3, STAT_ROOM = 2048 };

/* The place of our arguments in memory; false if the kernel does not say. */
static bool find_arguments(unsigned long *start, unsigned long *end) {
  char text[STAT_ROOM];
  FILE *file = fopen("/proc/self/stat", "re");
  if (file == NULL) return false;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  char *field = strrchr(text, ')');
  *start = *end = 0;
  for (int number = FIRST_BEHIND_NAME; field != NULL && number <= ARG_END; number++) {
    field = strchr(field + 1, ' ');
    if (field != NULL && number == ARG_START) *start = strtoul(field, NULL, 10);
    if (field != NULL && number == ARG_END) *end = strtoul(field, NULL, 10);
  }
  return *start != 0 && *end > *start;
}

/* setCommandLine(words): boolean */
static napi_value set_command_line(napi_env env, napi_callback_info info) {
  napi_value words, element, result;
  uint32_t count;
  unsigned long start, end;
  if (!hf_arguments(env, info, &words, 1)) return NULL;
  if (napi_get_array_length(env, words, &count) != napi_ok) return hf_throw_type(env, "setCommandLine(words)");
  char *line = NULL;
  size_t length = 0;
  bool whole = true;
  for (uint32_t i = 0; i < count && whole; i++) {
    char *word = napi_get_element(env, words, i, &element) == napi_ok ? hf_copy_text(env, element) : NULL;
    size_t size = word == NULL ? 0 : strlen(word) + 1;
    char *longer = word == NULL ? NULL : realloc(line, length + size);
    whole = longer != NULL;
    if (whole) {
      line = longer;
      memcpy(line + length, word, size);
      length += size;
    }
    free(word);
  }
  bool done = whole && find_arguments(&start, &end) && length <= end - start;
  if (done) {
    memset((char *)start, 0, end - start);
    memcpy((char *)start, line, length);
    /* Without the right to do that, NULs follow the words. */
    prctl(PR_SET_MM, PR_SET_MM_ARG_END, start + length, 0, 0);
  }
  free(line);
  return napi_get_boolean(env, done, &result) == napi_ok ? result : NULL;
}

void hf_register_title(napi_env env, napi_value exports) { hf_export(env, exports, "setCommandLine", set_command_line); }
