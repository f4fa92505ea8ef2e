/* Users and groups from the name service (files, LDAP, SSSD...): plain C, for any thread, and as JavaScript has them. */
#ifndef HOLDFAST_ACCOUNTS_H
#define HOLDFAST_ACCOUNTS_H

#include "holdfast.h"

/* The texts are in `room`, which hf_free_account frees. */
typedef struct {
  bool found;
  uid_t uid;
  gid_t gid;
  const char *name, *home, *shell;
  char *room;
} Account;

/* By name, by id where `name` is NULL. 0 or an errno; a missing entry is not an error. */
int hf_find_user(const char *name, uid_t uid, Account *account);
void hf_free_account(Account *account);

/* 0 or an errno, as above. */
int hf_find_group(const char *name, bool *found, gid_t *gid);

/* The primary and all supplementary groups, to be freed; NULL without memory. */
gid_t *hf_find_groups(const char *name, gid_t gid, int *count);

/* The name of a group, to be freed; NULL if it has none, or without memory, or after an error. */
char *hf_group_name(gid_t gid);

/* {name, uid, gid, home, shell}, undefined if there is none. */
napi_value hf_account(napi_env env, const Account *account);
napi_value hf_group_list(napi_env env, const gid_t *groups, int count);

#endif
