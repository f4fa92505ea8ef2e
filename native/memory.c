/* Releases memory that was needed only temporarily. */
#define _GNU_SOURCE
#include "holdfast.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Drops the pages of read-only segments of the program and its libraries: they come back from the page cache at the
 * price of a minor fault. Relocations are in writable segments, so nothing is lost.
 */
static int drop_read_only(struct dl_phdr_info *object, size_t size, void *page_size) {
  (void)size;
  uintptr_t page = *(uintptr_t *)page_size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
    uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
    if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

/* releaseMemory() */
static napi_value release_memory(napi_env env, napi_callback_info info) {
  (void)info;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  malloc_trim(0);
  dl_iterate_phdr(drop_read_only, &page);
  return hf_undefined(env);
}

void hf_register_memory(napi_env env, napi_value exports) { hf_export(env, exports, "releaseMemory", release_memory); }
