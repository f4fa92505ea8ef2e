/* Work of a writer's thread besides writing: errands to paths and descriptors that may hang (errands.c, place.c). */
#ifndef WRITER_H
#define WRITER_H

#include "holdfast.h"

#include <limits.h>
#include <sys/stat.h>

/* Longest list of rotated files that is reported, bytes. */
enum { HF_LIST_SIZE = 16 * 1024 };

/* A question about a path, and its answer. The strings are the errand's own. */
typedef struct {
  char *path;
  char *suffix; /* behind the last name of the path: ".1.gz"; never NULL */
  char *user;   /* who may write to the folders beside root; NULL: nobody */
  char *group;  /* whose a new file is; NULL: ours */
  int fd;       /* the file as it is open */
  int keep;
  int64_t size;
  mode_t mode;
  bool exact;     /* the mode is that, also of a file of ours that was there; else it is less the umask, of a new one only */
  bool anybodys;  /* folders of anybody are worked in, as in the user's own */
  /* Answers. */
  int64_t result, target;
  struct stat found;
  int64_t begun;      /* milliseconds since 1970 */
  bool plain;         /* a regular file that has this name: it may be rotated */
  const char *refused; /* why it was not touched, one word, NULL: it was not refused */
  char where[PATH_MAX];
  unsigned owner;
  char *list;         /* strings, one behind the other */
  size_t listed;
} HfErrand;

/*
 * errands.c: reads `{ verb, path, ... }`; NULL after it has thrown. `perform` gets the function that does it, which
 * returns an errno, or 0.
 */
HfErrand *hf_new_errand(napi_env env, napi_value asked, int (**perform)(HfErrand *errand));
napi_value hf_errand_answer(napi_env env, const HfErrand *errand);
void hf_free_errand(HfErrand *errand);
/* dev:ino, size and time of a file, for an answer. */
void hf_set_stat(napi_env env, napi_value answer, const struct stat *found);

/*
 * The place that a path leads to, by descriptor: work there cannot end up elsewhere if somebody swaps a folder for a
 * link.
 */
typedef struct {
  int dir;
  char name[PATH_MAX]; /* in `dir`; with slashes where it is below /proc */
  bool follow;         /* a link of /proc to what is open: it is not a name of the file */
  bool loose;          /* others than root may write to the folder: what is there need not be ours */
  uid_t folder;        /* whose folder it is */
} HfPlace;

/*
 * place.c: an errno, or 0; EPERM with `refused` set if a folder or a link cannot be trusted. Close it if the result was
 * 0.
 */
int hf_find_place(HfErrand *errand, HfPlace *place);
void hf_close_place(HfPlace *place);
/* Whether a file of a loose folder may be read and written: regular, with one name, root's or the user's. */
int hf_check_file(HfErrand *errand, const HfPlace *place, const struct stat *found);

#endif
