/*
 * Opens the folder of a file safely: root must not write, read or rename through a link that an unprivileged user has
 * put there. Folders are opened one inside the other; a link is followed only if root alone can have made it.
 */
#define _GNU_SOURCE
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { MOST_LINKS = 40, ENTRY_SIZE = 16 * 1024 };

/* ROOTS: only root may change its contents. STICKY: everybody may add to it. SHARED: the user may change it too. */
typedef enum { ROOTS, STICKY, SHARED } Trust;

typedef struct {
  bool asked, known;
  uid_t uid;
  gid_t gid;
} User;

typedef struct {
  HfErrand *errand;
  HfPlace *place;
  Trust trust;
  bool grouped; /* the folder is a group's, too */
  gid_t group;
  User user;
  char rest[PATH_MAX]; /* what is still to be walked */
} Walk;

static int refuse(HfErrand *errand, const char *why, const char *where, uid_t owner) {
  errand->refused = why;
  errand->owner = owner;
  snprintf(errand->where, sizeof errand->where, "%s", where);
  return EPERM;
}

/* Looked up only where it matters: a name service may be slow. */
static const User *user_of(Walk *walk) {
  User *user = &walk->user;
  const char *name = walk->errand->user;
  if (user->asked || name == NULL) return user;
  user->asked = true;
  struct passwd entry, *found = NULL;
  char *text = malloc(ENTRY_SIZE), *end;
  if (text == NULL) return user;
  unsigned long number = strtoul(name, &end, 10);
  bool numeric = *name != '\0' && *end == '\0';
  int status = numeric ? getpwuid_r((uid_t)number, &entry, text, ENTRY_SIZE, &found)
                       : getpwnam_r(name, &entry, text, ENTRY_SIZE, &found);
  user->known = status == 0 && (found != NULL || numeric);
  if (user->known) user->uid = found != NULL ? found->pw_uid : (uid_t)number;
  /* No private group: (gid_t)-1 matches none. */
  if (user->known) user->gid = found != NULL ? found->pw_gid : (gid_t)-1;
  free(text);
  return user;
}

/* The path of a descriptor, for a message. */
static void name_of(int fd, char *path) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = '\0';
}

/* Whether we may work in the folder that the walk has reached, and how far its entries can be trusted. */
static int judge(Walk *walk) {
  HfErrand *errand = walk->errand;
  struct stat folder;
  char path[PATH_MAX];
  walk->trust = ROOTS;
  walk->grouped = false;
  if (geteuid() != 0) return 0;
  if (fstat(walk->place->dir, &folder) < 0) return errno;
  walk->place->folder = folder.st_uid;
  bool everybody = (folder.st_mode & S_IWOTH) != 0, group = (folder.st_mode & S_IWGRP) != 0;
  if (folder.st_uid == 0 && !everybody && !group) return 0;
  walk->trust = folder.st_uid == 0 && (folder.st_mode & S_ISVTX) != 0 ? STICKY : SHARED;
  if (walk->trust == STICKY || errand->anybodys) return 0;
  const User *user = folder.st_uid != 0 || group ? user_of(walk) : &walk->user;
  name_of(walk->place->dir, path);
  if (folder.st_uid != 0 && !(user->known && user->uid == folder.st_uid)) return refuse(errand, "owner", path, folder.st_uid);
  if (everybody) return refuse(errand, "everybody", path, folder.st_uid);
  /* A group with the same number as the user is private to that user. */
  bool own = user->known && user->gid == folder.st_gid && user->gid == user->uid;
  walk->grouped = group && folder.st_gid != 0 && !own;
  walk->group = folder.st_gid;
  return 0;
}

/*
 * A group may own a folder on the way (/var/log of Ubuntu): a replacement for the next one that it could put there
 * would not be root's or the user's, or would be a link. It may not own the folder with the log.
 */
static int judge_last(Walk *walk) {
  char path[PATH_MAX];
  if (!walk->grouped) return 0;
  name_of(walk->place->dir, path);
  return refuse(walk->errand, "group", path, walk->group);
}

/* Opens a folder in the one that the walk has reached. Without permission to list it we may still pass through. */
static int enter(Walk *walk, int from, const char *name) {
  int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int next = openat(from, name, O_RDONLY | O_NONBLOCK | flags);
  if (next < 0 && errno == EACCES) next = openat(from, name, O_PATH | flags);
  if (next < 0) return errno;
  if (walk->place->dir >= 0) close(walk->place->dir);
  walk->place->dir = next;
  return judge(walk);
}

static bool in_proc(int dir) {
  struct statfs system;
  return fstatfs(dir, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

/* Prepends the target of a link to the rest of the walk. */
static int follow(Walk *walk, const char *name, const char *behind, const struct stat *link) {
  char target[PATH_MAX], path[PATH_MAX], rest[PATH_MAX];
  int dir = walk->place->dir;
  bool roots = walk->trust == ROOTS || (walk->trust == STICKY && link->st_uid == 0);
  if (!roots) {
    name_of(dir, path);
    int length = snprintf(rest, sizeof rest, "%s/%s", path, name);
    return length < 0 || (size_t)length >= sizeof rest ? ENAMETOOLONG : refuse(walk->errand, "link", rest, link->st_uid);
  }
  ssize_t length = readlinkat(dir, name, target, sizeof target - 1);
  if (length < 0) return errno;
  target[length] = '\0';
  int whole = snprintf(rest, sizeof rest, "%s%s%s", target, *behind == '\0' ? "" : "/", behind);
  if (whole < 0 || (size_t)whole >= sizeof rest) return ENAMETOOLONG;
  memcpy(walk->rest, rest, (size_t)whole + 1);
  return target[0] == '/' ? enter(walk, AT_FDCWD, "/") : 0;
}

static int walk_on(Walk *walk) {
  HfPlace *place = walk->place;
  for (int links = 0;;) {
    char *name = walk->rest + strspn(walk->rest, "/");
    char *behind = name + strcspn(name, "/");
    bool last = behind[strspn(behind, "/")] == '\0';
    struct stat found;
    if (*name == '\0' || (last && *behind != '\0')) return EISDIR;
    if (*behind != '\0') *behind++ = '\0';
    if (fstatat(place->dir, name, &found, AT_SYMLINK_NOFOLLOW) < 0) {
      if (!last || errno != ENOENT) return errno;
    } else if (S_ISLNK(found.st_mode)) {
      if (in_proc(place->dir)) {
        snprintf(place->name, sizeof place->name, "%s%s%s", name, last ? "" : "/", last ? "" : behind);
        place->follow = true;
        return 0;
      }
      if (++links > MOST_LINKS) return ELOOP;
      int status = follow(walk, name, last ? "" : behind, &found);
      if (status != 0) return status;
      continue;
    }
    if (last) {
      strcpy(place->name, name);
      place->loose = walk->trust != ROOTS;
      return judge_last(walk);
    }
    int status = enter(walk, place->dir, name);
    if (status != 0) return status;
    memmove(walk->rest, behind, strlen(behind) + 1);
  }
}

int hf_find_place(HfErrand *errand, HfPlace *place) {
  if (strlen(errand->path) >= PATH_MAX) return ENAMETOOLONG;
  Walk *walk = calloc(1, sizeof *walk);
  if (walk == NULL) return ENOMEM;
  memset(place, 0, sizeof *place);
  place->dir = -1;
  walk->errand = errand;
  walk->place = place;
  strcpy(walk->rest, errand->path);
  int status = enter(walk, AT_FDCWD, errand->path[0] == '/' ? "/" : ".");
  if (status == 0) status = walk_on(walk);
  if (status != 0) hf_close_place(place);
  free(walk);
  return status;
}

void hf_close_place(HfPlace *place) {
  if (place->dir >= 0) close(place->dir);
  place->dir = -1;
}

int hf_check_file(HfErrand *errand, const HfPlace *place, const struct stat *found) {
  if (!place->loose) return 0;
  if (!S_ISREG(found->st_mode)) return refuse(errand, "kind", errand->path, found->st_uid);
  /* A file with another name elsewhere may be a hard link to an important file (/etc/shadow). */
  if (found->st_nlink > 1) return refuse(errand, "names", errand->path, found->st_uid);
  if (found->st_uid == geteuid() || (errand->anybodys && found->st_uid == place->folder)) return 0;
  Walk walk = {.errand = errand};
  const User *user = user_of(&walk);
  return user->known && user->uid == found->st_uid ? 0 : refuse(errand, "stranger", errand->path, found->st_uid);
}
