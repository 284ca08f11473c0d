#ifndef STUDIES_FOLDER_H
#define STUDIES_FOLDER_H
/*
 * A result folder that is there whole or not at all.
 *
 * Files are written into a hidden folder beside the target; study_folder_commit() puts it in the
 * target's place by a rename. Whatever happens before (a full disk, an interrupt, a kill), the
 * target stays as it was. What a killed process left beside a target is removed by the next one
 * that writes there; it is told from the work of a process that is alive by a lock (so a process
 * may work on one result at a target at a time). An older result is replaced; a folder that holds
 * anything that sluice did not write is not touched.
 */
#include <stdbool.h>
#include <stdio.h>

#include "sim/error.h"

struct study_folder;

/*
 * Begin a result that is to stand at `target`; folders above it are made. NULL with SIM_ERR_USAGE
 * when something else stands there, with SIM_ERR_SYSTEM when the disk says no. The caller ends it
 * by study_folder_commit() or study_folder_discard().
 */
struct study_folder *study_folder_create(const char *target, struct sim_err *err);

/* Where the files are while they are being written. Borrowed. */
const char *study_folder_path(const struct study_folder *folder);

/* Begin a file of the folder, one of those in docs/result-folder.md; NULL on failure. It must be
 * ended by study_folder_close(). */
FILE *study_folder_open(struct study_folder *folder, const char *name, struct sim_err *err);

/* End a file: false when not all of it has reached the disk. */
bool study_folder_close(struct study_folder *folder, FILE *file, const char *name,
                        struct sim_err *err);

/* Put the folder in its place, and end it. On failure nothing is left and the target is as it was.
 */
bool study_folder_commit(struct study_folder *folder, struct sim_err *err);

/* Remove what was written, and end it. NULL is fine. */
void study_folder_discard(struct study_folder *folder);

/* Turn any name into that of a folder: "results/<name>" with odd characters as '-'. */
void study_folder_default(char *path, size_t size, const char *name);

#endif
