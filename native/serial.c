/* Serial lines: settings that Node does not have, the break, the flush. System calls only. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

/*
 * The kernel's structure has room for any rate, that of termios(3) only for those with a name. Its header,
 * <asm/termbits.h>, cannot be included beside <termios.h>, which comes with <uv.h>.
 */
struct termios2 {
  tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
  cc_t c_line, c_cc[19];
  speed_t c_ispeed, c_ospeed;
};
#ifndef CMSPAR
#define CMSPAR 010000000000
#endif
#define ANY_SPEED 0010000 /* BOTHER there */

static const struct {
  uint32_t baud;
  tcflag_t speed;
} SPEEDS[] = {
    {50, B50},           {75, B75},           {110, B110},         {134, B134},         {150, B150},
    {200, B200},         {300, B300},         {600, B600},         {1200, B1200},       {1800, B1800},
    {2400, B2400},       {4800, B4800},       {9600, B9600},       {19200, B19200},     {38400, B38400},
    {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000}, {1500000, B1500000},
    {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000}, {4000000, B4000000},
};

static bool take_number(napi_env env, napi_value settings, const char *name, uint32_t *number) {
  napi_value value;
  return napi_get_named_property(env, settings, name, &value) == napi_ok &&
         napi_get_value_uint32(env, value, number) == napi_ok;
}

/* A rate that has a name is set by name: stty(1) does not know the others. */
static bool take_speed(napi_env env, napi_value settings, struct termios2 *line) {
  tcflag_t speed = ANY_SPEED;
  uint32_t baud;
  if (!take_number(env, settings, "baud", &baud) || baud == 0) return false;
  for (size_t i = 0; i < sizeof SPEEDS / sizeof *SPEEDS; i++) {
    if (SPEEDS[i].baud == baud) speed = SPEEDS[i].speed;
  }
  line->c_cflag = (line->c_cflag & ~(tcflag_t)(CBAUD | CIBAUD)) | speed;
  line->c_ispeed = line->c_ospeed = baud;
  return true;
}

static bool take_bits(napi_env env, napi_value settings, struct termios2 *line) {
  static const tcflag_t SIZES[] = {CS5, CS6, CS7, CS8};
  uint32_t bits;
  if (!take_number(env, settings, "bits", &bits) || bits < 5 || bits > 8) return false;
  line->c_cflag |= SIZES[bits - 5];
  return true;
}

static bool take_parity(napi_env env, napi_value settings, struct termios2 *line) {
  static const struct {
    const char *name;
    tcflag_t flags;
  } PARITIES[] = {
      {"none", 0},
      {"even", PARENB},
      {"odd", PARENB | PARODD},
      {"mark", PARENB | PARODD | CMSPAR},
      {"space", PARENB | CMSPAR},
  };
  napi_value value;
  char name[8];
  size_t length;
  if (napi_get_named_property(env, settings, "parity", &value) != napi_ok ||
      napi_get_value_string_latin1(env, value, name, sizeof name, &length) != napi_ok) {
    return false;
  }
  for (size_t i = 0; i < sizeof PARITIES / sizeof *PARITIES; i++) {
    if (strcmp(PARITIES[i].name, name) == 0) {
      line->c_cflag |= PARITIES[i].flags;
      return true;
    }
  }
  return false;
}

static void take_option(napi_env env, napi_value settings, const char *name, tcflag_t *flags, tcflag_t flag) {
  napi_value value;
  bool on = false;
  if (napi_get_named_property(env, settings, name, &value) == napi_ok) napi_get_value_bool(env, value, &on);
  if (on) *flags |= flag;
}

/* setLine(fd, {baud, bits, parity, cstopb, crtscts, hupcl, ixon, ixoff, ixany}): every byte passes as it is */
static napi_value set_line(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t fd;
  struct termios2 line;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "setLine(fd, settings)");
  if (ioctl(fd, TCGETS2, &line) < 0) return hf_throw_errno(env, errno, "tcgetattr");
  line.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL);
  line.c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY | INPCK);
  line.c_oflag &= ~(tcflag_t)OPOST;
  line.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
  line.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CMSPAR | CSTOPB | CRTSCTS | HUPCL);
  line.c_cflag |= CREAD | CLOCAL;
  if (!take_speed(env, argv[1], &line) || !take_bits(env, argv[1], &line) || !take_parity(env, argv[1], &line)) {
    return hf_throw_errno(env, EINVAL, "setLine");
  }
  take_option(env, argv[1], "cstopb", &line.c_cflag, CSTOPB);
  take_option(env, argv[1], "crtscts", &line.c_cflag, CRTSCTS);
  take_option(env, argv[1], "hupcl", &line.c_cflag, HUPCL);
  take_option(env, argv[1], "ixon", &line.c_iflag, IXON);
  take_option(env, argv[1], "ixoff", &line.c_iflag, IXOFF);
  take_option(env, argv[1], "ixany", &line.c_iflag, IXANY);
  if (ioctl(fd, TCSETS2, &line) < 0) return hf_throw_errno(env, errno, "tcsetattr");
  return NULL;
}

/* setBreak(fd, on): false if output waits to be sent, since the kernel would wait for that without a limit */
static napi_value set_break(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int32_t fd;
  bool on;
  int waiting = 0;
  napi_value done;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok || napi_get_value_bool(env, argv[1], &on) != napi_ok) {
    return hf_throw_type(env, "setBreak(fd, on)");
  }
  if (on && ioctl(fd, TIOCOUTQ, &waiting) < 0) waiting = 0;
  if (waiting == 0 && ioctl(fd, on ? TIOCSBRK : TIOCCBRK) < 0) return hf_throw_errno(env, errno, "ioctl");
  napi_get_boolean(env, waiting == 0, &done);
  return done;
}

/* flushLine(fd) */
static napi_value flush_line(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int32_t fd;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_int32(env, argv[0], &fd) != napi_ok) return hf_throw_type(env, "flushLine(fd)");
  if (ioctl(fd, TCFLSH, TCIOFLUSH) < 0) return hf_throw_errno(env, errno, "tcflush");
  return NULL;
}

void hf_register_serial(napi_env env, napi_value exports) {
  hf_export(env, exports, "setLine", set_line);
  hf_export(env, exports, "setBreak", set_break);
  hf_export(env, exports, "flushLine", flush_line);
}
