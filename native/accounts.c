/*
 * Users and groups from the name service. A site's directory may take seconds per lookup: servers ask aside (aside.c).
 */
#define _GNU_SOURCE
#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 256, RECORD_ROOM = 4096, LARGEST_RECORD = 16 << 20 };

/*
 * Takes a name. One that does not fit becomes the empty name, which nobody has: truncated, it might be somebody else's.
 */
static bool take_name(napi_env env, napi_value value, char *name) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return false;
  name[0] = '\0';
  return length >= NAME_ROOM || napi_get_value_string_utf8(env, value, name, NAME_ROOM, &length) == napi_ok;
}

/* Whether to retry a lookup with more room: groups of a large site do not fit into any fixed buffer. */
static bool more_room(int errnum, size_t *size, char **room) {
  if (errnum != ERANGE || *size >= LARGEST_RECORD) return false;
  char *grown = realloc(*room, *size *= 2);
  if (grown == NULL) return false;
  *room = grown;
  return true;
}

/* Results of getpwnam_r(3) that mean "not found" rather than an error. */
static bool not_found(int errnum) {
  return errnum == 0 || errnum == ENOENT || errnum == ESRCH || errnum == EBADF || errnum == EPERM;
}

int hf_find_user(const char *name, uid_t uid, Account *account) {
  struct passwd entry, *found = NULL;
  size_t size = RECORD_ROOM;
  int errnum;
  *account = (Account){.room = malloc(size)};
  if (account->room == NULL) return ENOMEM;
  do {
    errnum = name == NULL ? getpwuid_r(uid, &entry, account->room, size, &found)
                          : getpwnam_r(name, &entry, account->room, size, &found);
  } while (more_room(errnum, &size, &account->room));
  if (found == NULL) return not_found(errnum) ? 0 : errnum;
  account->found = true;
  account->uid = entry.pw_uid;
  account->gid = entry.pw_gid;
  account->name = entry.pw_name;
  account->home = entry.pw_dir;
  account->shell = entry.pw_shell;
  return 0;
}

void hf_free_account(Account *account) {
  free(account->room);
  account->room = NULL;
}

int hf_find_group(const char *name, bool *found, gid_t *gid) {
  struct group entry, *group = NULL;
  size_t size = RECORD_ROOM;
  char *room = malloc(size);
  int errnum;
  *found = false;
  if (room == NULL) return ENOMEM;
  do {
    errnum = getgrnam_r(name, &entry, room, size, &group);
  } while (more_room(errnum, &size, &room));
  if (group != NULL) {
    *found = true;
    *gid = group->gr_gid;
  }
  free(room);
  return group != NULL || not_found(errnum) ? 0 : errnum;
}

gid_t *hf_find_groups(const char *name, gid_t gid, int *count) {
  *count = 64;
  gid_t *groups = malloc((size_t)*count * sizeof *groups);
  while (groups != NULL && getgrouplist(name, gid, groups, count) < 0) {
    gid_t *grown = realloc(groups, (size_t)*count * sizeof *groups);
    if (grown == NULL) free(groups);
    groups = grown;
  }
  return groups;
}

char *hf_group_name(gid_t gid) {
  struct group entry, *group = NULL;
  size_t size = RECORD_ROOM;
  char *room = malloc(size), *name = NULL;
  if (room == NULL) return NULL;
  while (more_room(getgrgid_r(gid, &entry, room, size, &group), &size, &room)) continue;
  if (group != NULL) name = strdup(group->gr_name);
  free(room);
  return name;
}

static void set_text(napi_env env, napi_value object, const char *name, const char *text) {
  napi_value value;
  if (napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok) hf_set(env, object, name, value);
}

napi_value hf_account(napi_env env, const Account *account) {
  napi_value user;
  if (!account->found || napi_create_object(env, &user) != napi_ok) return hf_undefined(env);
  set_text(env, user, "name", account->name);
  hf_set_number(env, user, "uid", account->uid);
  hf_set_number(env, user, "gid", account->gid);
  set_text(env, user, "home", account->home);
  set_text(env, user, "shell", account->shell);
  return user;
}

napi_value hf_group_list(napi_env env, const gid_t *groups, int count) {
  napi_value array;
  if (napi_create_array_with_length(env, (size_t)count, &array) != napi_ok) return NULL;
  for (int i = 0; i < count; i++) napi_set_element(env, array, (uint32_t)i, hf_number(env, groups[i]));
  return array;
}

static napi_value user(napi_env env, const char *name, uid_t uid) {
  Account account;
  int errnum = hf_find_user(name, uid, &account);
  napi_value result = errnum == 0 ? hf_account(env, &account)
                                  : hf_throw_errno(env, errnum, name == NULL ? "getpwuid" : "getpwnam");
  hf_free_account(&account);
  return result;
}

/* userByName(name) */
static napi_value user_by_name(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  char name[NAME_ROOM];
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (!take_name(env, argv[0], name)) return hf_throw_type(env, "userByName(name)");
  return user(env, name, 0);
}

/* userById(uid) */
static napi_value user_by_id(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  uint32_t uid;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (napi_get_value_uint32(env, argv[0], &uid) != napi_ok) return hf_throw_type(env, "userById(uid)");
  return user(env, NULL, (uid_t)uid);
}

/* groupByName(name) */
static napi_value group_by_name(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  char name[NAME_ROOM];
  bool found;
  gid_t gid;
  if (!hf_arguments(env, info, argv, 1)) return NULL;
  if (!take_name(env, argv[0], name)) return hf_throw_type(env, "groupByName(name)");
  int errnum = hf_find_group(name, &found, &gid);
  if (errnum != 0) return hf_throw_errno(env, errnum, "getgrnam");
  return found ? hf_number(env, gid) : hf_undefined(env);
}

/* groupsOf(name, gid) */
static napi_value groups_of(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  char name[NAME_ROOM];
  int64_t gid;
  int count;
  if (!hf_arguments(env, info, argv, 2)) return NULL;
  if (!take_name(env, argv[0], name) || napi_get_value_int64(env, argv[1], &gid) != napi_ok) {
    return hf_throw_type(env, "groupsOf(name, gid)");
  }
  gid_t *groups = hf_find_groups(name, (gid_t)gid, &count);
  if (groups == NULL) return hf_throw_errno(env, ENOMEM, "getgrouplist");
  napi_value array = hf_group_list(env, groups, count);
  free(groups);
  return array;
}

void hf_register_accounts(napi_env env, napi_value exports) {
  hf_export(env, exports, "userByName", user_by_name);
  hf_export(env, exports, "userById", user_by_id);
  hf_export(env, exports, "groupByName", group_by_name);
  hf_export(env, exports, "groupsOf", groups_of);
}
