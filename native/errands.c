/* Operations on log files by name, on a writer's thread: open, check, rotate, list, read. */
#define _GNU_SOURCE
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 8, GROUP_SIZE = 16 * 1024 };

/* `name`, its suffix and a number: ".3.gz". */
static void numbered(const HfPlace *place, char *name, int number, const char *end) {
  char suffix[32];
  snprintf(suffix, sizeof suffix, ".%d%s", number, end);
  snprintf(name, PATH_MAX, "%.*s%s", (int)(PATH_MAX - sizeof suffix), place->name, suffix);
}

static void suffixed(const HfErrand *errand, const HfPlace *place, char *name) {
  snprintf(name, PATH_MAX, "%.*s%s", (int)(PATH_MAX - 64), place->name, errand->suffix);
}

static int64_t milliseconds(struct statx_timestamp time) { return time.tv_sec * 1000 + time.tv_nsec / 1000000; }

/* When a file was created; if the file system does not know, its ctime. */
static int64_t begun(int fd) {
  struct statx found;
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME | STATX_CTIME, &found) < 0) return 0;
  return milliseconds(found.stx_mask & STATX_BTIME ? found.stx_btime : found.stx_ctime);
}

/* Finds the number of a group, by name or number; false if there is none. */
static bool group_of(const char *name, gid_t *gid) {
  char *end, *text;
  unsigned long number = strtoul(name, &end, 10);
  if (*name != '\0' && *end == '\0') {
    *gid = (gid_t)number;
    return true;
  }
  struct group entry, *found = NULL;
  if ((text = malloc(GROUP_SIZE)) == NULL) return false;
  bool known = getgrnam_r(name, &entry, text, GROUP_SIZE, &found) == 0 && found != NULL;
  if (known) *gid = found->gr_gid;
  free(text);
  return known;
}

/* Sets mode and group of a file of ours, if the errand has them. */
static int own(HfErrand *errand, int fd, const struct stat *found) {
  gid_t gid = found->st_gid;
  if (!errand->exact || !S_ISREG(found->st_mode) || found->st_uid != geteuid() || found->st_nlink != 1) return 0;
  if (errand->group != NULL && !group_of(errand->group, &gid)) {
    errand->refused = "no-group";
    return EINVAL;
  }
  /* The group first: changing it would clear bits of the mode. */
  if (gid != found->st_gid && fchown(fd, (uid_t)-1, gid) < 0) {
    errand->refused = "not-our-group";
    return errno;
  }
  return (found->st_mode & 07777) != errand->mode && fchmod(fd, errand->mode) < 0 ? errno : 0;
}

/* Opens the file, or creates it. Non-blocking, so that a FIFO without a reader is an error and not a wait. */
static int open_there(HfErrand *errand, const HfPlace *place) {
  int flags = O_WRONLY | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | (place->follow ? 0 : O_NOFOLLOW);
  for (int try = 0; try < TRIES; try++) {
    struct stat there;
    if (place->loose && fstatat(place->dir, place->name, &there, AT_SYMLINK_NOFOLLOW) == 0) {
      int status = hf_check_file(errand, place, &there);
      if (status != 0) {
        errno = status;
        return -1;
      }
    }
    int fd = openat(place->dir, place->name, flags);
    if (fd >= 0 || errno != ENOENT) return fd;
    /* It is not readable by others before it has its group and mode. */
    fd = openat(place->dir, place->name, flags | O_CREAT | O_EXCL, errand->exact ? errand->mode & 0600 : errand->mode);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
  return -1;
}

static int open_log(HfErrand *errand) {
  HfPlace place;
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  int fd = open_there(errand, &place);
  status = fd < 0 || fstat(fd, &errand->found) < 0 ? errno : hf_check_file(errand, &place, &errand->found);
  if (status == 0) status = own(errand, fd, &errand->found);
  if (status == 0) {
    errand->result = fd;
    errand->begun = begun(fd);
    errand->plain = S_ISREG(errand->found.st_mode) && !place.follow;
  } else if (fd >= 0) {
    close(fd);
  }
  hf_close_place(&place);
  return status;
}

static bool same(const struct stat *one, const struct stat *other) {
  return one->st_ino == other->st_ino && one->st_dev == other->st_dev;
}

/* Whether the open file is still the one of its name: 0 if so, 1: it is elsewhere, 2: it no longer has a name. */
static int look(HfErrand *errand) {
  HfPlace place;
  struct stat there;
  /* ESTALE: another machine has deleted it. */
  if (fstat(errand->fd, &errand->found) < 0 || errand->found.st_nlink == 0) {
    errand->result = 2;
    return 0;
  }
  errand->result = 1;
  if (hf_find_place(errand, &place) != 0) return 0;
  int flags = place.follow ? 0 : AT_SYMLINK_NOFOLLOW;
  if (fstatat(place.dir, place.name, &there, flags) == 0 && same(&there, &errand->found)) errand->result = 0;
  hf_close_place(&place);
  return 0;
}

/* Renames one file of a log; anything but a file is left alone. */
static void shift(const HfPlace *place, int number, const char *end) {
  char from[PATH_MAX], to[PATH_MAX];
  struct stat there;
  numbered(place, from, number, end);
  numbered(place, to, number + 1, end);
  if (fstatat(place->dir, from, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(there.st_mode)) {
    renameat(place->dir, from, place->dir, to);
  }
}

/*
 * `log` becomes `log` with the suffix; without one `log.1`, of which the old one becomes `log.2`, and so on. ESTALE
 * if the name no longer belongs to the open file, EINVAL for anything but a regular file.
 */
static int rotate_in(const HfErrand *errand, const HfPlace *place) {
  char name[PATH_MAX];
  struct stat here, there;
  if (fstat(errand->fd, &here) < 0) return errno;
  if (!S_ISREG(here.st_mode)) return EINVAL;
  if (place->follow || fstatat(place->dir, place->name, &there, AT_SYMLINK_NOFOLLOW) < 0 || !same(&here, &there)) {
    return ESTALE;
  }
  if (*errand->suffix != '\0') {
    suffixed(errand, place, name);
    return renameat(place->dir, place->name, place->dir, name) < 0 ? errno : 0;
  }
  for (int packed = 0; packed < 2; packed++) {
    const char *end = packed ? ".gz" : "";
    numbered(place, name, errand->keep, end);
    unlinkat(place->dir, name, 0);
    for (int number = errand->keep - 1; number >= 1; number--) shift(place, number, end);
  }
  numbered(place, name, 1, "");
  return renameat(place->dir, place->name, place->dir, name) < 0 ? errno : 0;
}

static int rotate(HfErrand *errand) {
  HfPlace place;
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  status = rotate_in(errand, &place);
  hf_close_place(&place);
  return status;
}

/* Opens a file of the log to read: without waiting for the writer of a FIFO, and only a regular file. */
static int open_part(HfErrand *errand, const HfPlace *place, const char *name) {
  int fd = openat(place->dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (place->follow ? 0 : O_NOFOLLOW));
  int status = fd < 0 || fstat(fd, &errand->found) < 0 ? errno : 0;
  if (status == 0 && !S_ISREG(errand->found.st_mode)) {
    errand->refused = "no-file";
    status = EINVAL;
  }
  if (status == 0) status = hf_check_file(errand, place, &errand->found);
  if (status == 0) {
    errand->result = fd;
  } else if (fd >= 0) {
    close(fd);
  }
  return status;
}

/* Finds an unused name that tells when the file was last changed: `log_20261129_170000`, `log_20261129_170000_2`... */
static int rename_to_time(const HfPlace *place, const struct stat *found) {
  char stamp[32], name[PATH_MAX];
  struct tm time;
  localtime_r(&found->st_mtim.tv_sec, &time);
  strftime(stamp, sizeof stamp, "%Y%m%d_%H%M%S", &time);
  for (int number = 1;; number++) {
    char more[16] = "";
    if (number > 1) snprintf(more, sizeof more, "_%d", number);
    snprintf(name, sizeof name, "%.*s_%s%s", (int)(PATH_MAX - 64), place->name, stamp, more);
    if (faccessat(place->dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) continue;
    return renameat(place->dir, place->name, place->dir, name) < 0 ? errno : 0;
  }
}

/* Keeps an old log under another name; an empty or missing one is left alone. */
static int save(HfErrand *errand) {
  HfPlace place;
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  if (fstatat(place.dir, place.name, &errand->found, place.follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
    status = errno == ENOENT ? 0 : errno;
  } else if (place.follow || !S_ISREG(errand->found.st_mode)) {
    errand->refused = "no-file";
    status = EINVAL;
  } else if (errand->found.st_size > 0) {
    status = rename_to_time(&place, &errand->found);
  }
  hf_close_place(&place);
  return status;
}

/* Cuts a file of the log to `size`. */
static int cut(HfErrand *errand) {
  HfPlace place;
  char name[PATH_MAX];
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  suffixed(errand, &place, name);
  int fd = openat(place.dir, name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW);
  status = fd < 0 || fstat(fd, &errand->found) < 0 ? errno : hf_check_file(errand, &place, &errand->found);
  if (status == 0 && ftruncate(fd, errand->size) < 0) status = errno;
  if (fd >= 0) close(fd);
  hf_close_place(&place);
  return status;
}

static int fetch(HfErrand *errand) {
  HfPlace place;
  char name[PATH_MAX];
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  suffixed(errand, &place, name);
  status = open_part(errand, &place, name);
  hf_close_place(&place);
  return status;
}

/* Opens `log.1` to be compressed into `log.1.gz.tmp`, which is created anew, as readable as `log.1`. */
static int pack_in(HfErrand *errand, const HfPlace *place) {
  char name[PATH_MAX];
  numbered(place, name, 1, "");
  int status = open_part(errand, place, name);
  if (status != 0) return status;
  numbered(place, name, 1, ".gz.tmp");
  unlinkat(place->dir, name, 0);
  int target = openat(place->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const struct stat *found = &errand->found;
  /* If we are not in the group, we cannot give it away: then it stays ours. */
  if (target < 0 || (fchown(target, (uid_t)-1, found->st_gid) < 0 && errno != EPERM) ||
      fchmod(target, found->st_mode & 0777) < 0) {
    status = errno;
    if (target >= 0) close(target);
    close((int)errand->result);
    return status;
  }
  errand->target = target;
  return 0;
}

static int pack(HfErrand *errand) {
  HfPlace place;
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  status = pack_in(errand, &place);
  hf_close_place(&place);
  return status;
}

/* The compressed file is whole: it takes its name, and the plain one goes. */
static int packed(HfErrand *errand) {
  HfPlace place;
  char from[PATH_MAX], to[PATH_MAX];
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  numbered(&place, from, 1, ".gz.tmp");
  numbered(&place, to, 1, ".gz");
  if (renameat(place.dir, from, place.dir, to) < 0) status = errno;
  numbered(&place, from, 1, "");
  if (status == 0 && unlinkat(place.dir, from, 0) < 0) status = errno;
  hf_close_place(&place);
  return status;
}

/* Lists the files of the log: the suffixes of their names, the empty one for the log itself. */
static int list_in(HfErrand *errand, const HfPlace *place) {
  size_t length = strlen(place->name);
  int fd = openat(place->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = fd < 0 ? NULL : fdopendir(fd);
  if (folder == NULL) {
    int status = errno;
    if (fd >= 0) close(fd);
    return status;
  }
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    size_t size = strlen(entry->d_name) + 1 - length;
    if (strncmp(entry->d_name, place->name, length) != 0 || errand->listed + size > HF_LIST_SIZE) continue;
    memcpy(errand->list + errand->listed, entry->d_name + length, size);
    errand->listed += size;
  }
  closedir(folder);
  return 0;
}

static int list(HfErrand *errand) {
  HfPlace place;
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  errand->list = malloc(HF_LIST_SIZE);
  status = errand->list == NULL ? ENOMEM : list_in(errand, &place);
  hf_close_place(&place);
  return status;
}

/* Identifies the file that has this name now. */
static int identify(HfErrand *errand) {
  HfPlace place;
  char name[PATH_MAX];
  int status = hf_find_place(errand, &place);
  if (status != 0) return status;
  suffixed(errand, &place, name);
  if (fstatat(place.dir, name, &errand->found, place.follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) status = errno;
  hf_close_place(&place);
  return status;
}

/* Free space of a folder's file system: `result` bytes of `target`. */
static int space(HfErrand *errand) {
  struct statvfs left;
  if (statvfs(errand->path, &left) < 0) return errno;
  errand->result = (int64_t)(left.f_bavail * left.f_frsize);
  errand->target = (int64_t)(left.f_blocks * left.f_frsize);
  errand->plain = access(errand->path, W_OK) == 0;
  return 0;
}

/* Creates a folder and its parents. */
static int folder(HfErrand *errand) {
  struct stat found;
  char *path = errand->path;
  for (char *end = path + 1; *path != '\0' && (end = strchr(end, '/')) != NULL; end++) {
    *end = '\0';
    int status = mkdir(path, 0755) < 0 && errno != EEXIST ? errno : 0;
    *end = '/';
    /* A folder that we may not write to, or may not see, may still contain the next one. */
    if (status != 0 && status != EROFS && status != EACCES) return status;
  }
  if (mkdir(path, errand->mode) == 0) return 0;
  int status = errno;
  return stat(path, &found) == 0 && S_ISDIR(found.st_mode) ? 0 : status;
}

static const struct {
  const char *verb;
  int (*perform)(HfErrand *errand);
} VERBS[] = {
    {"open", open_log}, {"look", look}, {"rotate", rotate},     {"pack", pack},   {"packed", packed},
    {"list", list},     {"fetch", fetch}, {"identify", identify}, {"space", space},
    {"folder", folder},   {"cut", cut},   {"save", save},
};

/* Copies a string property; NULL if it is absent or not a string. */
static char *text_of(napi_env env, napi_value asked, const char *name) {
  napi_value value;
  return napi_get_named_property(env, asked, name, &value) == napi_ok ? hf_copy_text(env, value) : NULL;
}

static int64_t number_of(napi_env env, napi_value asked, const char *name, int64_t otherwise) {
  napi_value value;
  int64_t number;
  bool given = napi_get_named_property(env, asked, name, &value) == napi_ok &&
               napi_get_value_int64(env, value, &number) == napi_ok;
  return given ? number : otherwise;
}

static bool flag_of(napi_env env, napi_value asked, const char *name) {
  napi_value value;
  bool flag = false;
  return napi_get_named_property(env, asked, name, &value) == napi_ok &&
         napi_get_value_bool(env, value, &flag) == napi_ok && flag;
}

HfErrand *hf_new_errand(napi_env env, napi_value asked, int (**perform)(HfErrand *errand)) {
  char *verb = text_of(env, asked, "verb");
  HfErrand *errand = calloc(1, sizeof *errand);
  *perform = NULL;
  for (size_t i = 0; verb != NULL && i < sizeof VERBS / sizeof *VERBS; i++) {
    if (strcmp(VERBS[i].verb, verb) == 0) *perform = VERBS[i].perform;
  }
  free(verb);
  if (errand != NULL) {
    errand->path = text_of(env, asked, "path");
    errand->suffix = text_of(env, asked, "suffix");
    if (errand->suffix == NULL) errand->suffix = calloc(1, 1);
    errand->user = text_of(env, asked, "user");
    errand->group = text_of(env, asked, "group");
    errand->fd = (int)number_of(env, asked, "fd", -1);
    errand->keep = (int)number_of(env, asked, "keep", 1);
    errand->size = number_of(env, asked, "size", 0);
    errand->mode = (mode_t)number_of(env, asked, "mode", 0640) & 0777;
    errand->exact = flag_of(env, asked, "exact");
    errand->anybodys = flag_of(env, asked, "anybodys");
  }
  if (*perform != NULL && errand != NULL && errand->path != NULL && errand->suffix != NULL) return errand;
  if (errand != NULL) hf_free_errand(errand);
  hf_throw_type(env, "ask({ verb, path, ... })");
  return NULL;
}

void hf_free_errand(HfErrand *errand) {
  free(errand->path);
  free(errand->suffix);
  free(errand->user);
  free(errand->group);
  free(errand->list);
  free(errand);
}

static void set_text(napi_env env, napi_value answer, const char *name, const char *text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) hf_set(env, answer, name, value);
}

void hf_set_stat(napi_env env, napi_value answer, const struct stat *found) {
  char identity[64], device[32];
  snprintf(device, sizeof device, "%u:%u", major(found->st_dev), minor(found->st_dev));
  snprintf(identity, sizeof identity, "%s:%llu", device, (unsigned long long)found->st_ino);
  set_text(env, answer, "device", device);
  set_text(env, answer, "identity", identity);
  hf_set_number(env, answer, "size", found->st_size);
  hf_set_number(env, answer, "modified", (int64_t)found->st_mtim.tv_sec * 1000 + found->st_mtim.tv_nsec / 1000000);
}

napi_value hf_errand_answer(napi_env env, const HfErrand *errand) {
  napi_value answer, plain, list, name;
  if (napi_create_object(env, &answer) != napi_ok) return hf_undefined(env);
  hf_set_stat(env, answer, &errand->found);
  hf_set_number(env, answer, "target", errand->target);
  hf_set_number(env, answer, "begun", errand->begun);
  if (napi_get_boolean(env, errand->plain, &plain) == napi_ok) hf_set(env, answer, "plain", plain);
  if (errand->refused != NULL) {
    set_text(env, answer, "refused", errand->refused);
    set_text(env, answer, "where", errand->where);
    hf_set_number(env, answer, "owner", errand->owner);
  }
  if (errand->list == NULL || napi_create_array(env, &list) != napi_ok) return answer;
  uint32_t count = 0;
  for (size_t at = 0; at < errand->listed; at += strlen(errand->list + at) + 1) {
    if (napi_create_string_utf8(env, errand->list + at, NAPI_AUTO_LENGTH, &name) == napi_ok) {
      napi_set_element(env, list, count++, name);
    }
  }
  hf_set(env, answer, "list", list);
  return answer;
}
