/* The numbered lines that flood.c writes and read.c checks: 12 digits, a blank, then fill up to `length` characters. */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

#define NUMBER_DIGITS 12
#define LINE_LIMIT 8192

static inline void fill_line(char *line, size_t length) {
  for (size_t i = NUMBER_DIGITS + 1; i < length; i++) line[i] = (char)('!' + i % 90);
  line[NUMBER_DIGITS] = ' ';
}

static inline void number_line(char *line, uint64_t number) {
  for (int i = NUMBER_DIGITS - 1; i >= 0; i--, number /= 10) line[i] = (char)('0' + number % 10);
}

#endif
