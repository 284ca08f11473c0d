/* realpath() is of the X/Open part of POSIX. */
#define _XOPEN_SOURCE 700

#include "studies/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/arena.h"
#include "sim/assert.h"

/*
 * Beside the target stands a hidden workshop ".NAME.partial-XXXXXX" with the new result, during the
 * exchange the old one, and a file whose lock tells that the process that made it is alive: the
 * system takes the lock back whatever ends the process, so what a killed one left can be told and
 * removed by the next that writes to the same target.
 */
struct study_folder {
    char *target;
    char *workshop;
    char *aside; /* the new result, in the workshop */
    int lock;
};

/* Folders within folders: the workshop's result, in it those of a comparison's configurations,
 * their charts, and the data of these. */
#define DEEPEST 4

static const char lock_name[] = "lock";
static const char new_name[] = "new";
static const char old_name[] = "old";

/* What sluice writes into a result folder. */
static const char *const own_names[] = {
    "scenario.yaml", "series.csv", "summary.csv", "summary.json", "channels.csv", "checkpoints.csv",
    "latency.csv",   "error.txt",  "charts",      "compare.csv",  "compare.json",
};

static bool is_own(const char *name)
{
    for (size_t i = 0; i < sizeof own_names / sizeof own_names[0]; i++) {
        if (strcmp(own_names[i], name) == 0) {
            return true;
        }
    }
    return strncmp(name, "config-", 7) == 0; /* of a comparison */
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Whether the folder may be replaced: empty, or a result and nothing else. */
static bool is_replaceable(const char *path, struct sim_err *err)
{
    DIR *entries = opendir(path);
    bool has_summary = false;
    bool is_empty = true;
    char foreign[256] = "";

    if (entries == NULL) {
        return sim_err_set_errno(err, errno, "cannot look into '%.300s'", path);
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (is_dot(entry->d_name)) {
            continue;
        }
        is_empty = false;
        has_summary = has_summary || strcmp(entry->d_name, "summary.json") == 0 ||
                      strcmp(entry->d_name, "compare.json") == 0;
        if (!is_own(entry->d_name)) {
            snprintf(foreign, sizeof foreign, "%s", entry->d_name);
        }
    }
    closedir(entries);
    if (foreign[0] != 0) {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "'%.300s' holds '%.100s', which is no part of a result: it is not "
                           "replaced; choose another folder with -o",
                           path, foreign);
    }
    if (!is_empty && !has_summary) {
        return sim_err_set(err, SIM_ERR_USAGE,
                           "'%.300s' is not a result folder (it has no summary.json): it is not "
                           "replaced; choose another folder with -o",
                           path);
    }
    return true;
}

/* Remove a folder and what is in it, never following links. */
static bool remove_tree(int parent, const char *name, unsigned depth)
{
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
    bool is_done = true;

    if (entries == NULL) {
        if (folder >= 0) {
            close(folder);
        }
        return false;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (is_dot(entry->d_name) || unlinkat(folder, entry->d_name, 0) == 0) {
            continue;
        }
        is_done = depth > 0 && remove_tree(folder, entry->d_name, depth - 1) && is_done;
    }
    closedir(entries);
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 && is_done;
}

/* Make all folders above the last part of `path`. */
static bool make_parents(const char *path, struct sim_err *err)
{
    char part[PATH_MAX];
    struct stat status;

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(part, 0777) != 0) {
            int why = errno; /* one that exists may say something else on a read-only disk */

            if (stat(part, &status) != 0) {
                return sim_err_set_errno(err, why, "cannot make the folder '%.300s'", part);
            }
            if (!S_ISDIR(status.st_mode)) {
                return sim_err_set(err, SIM_ERR_USAGE, "'%.300s' is not a folder", part);
            }
        }
        *slash = '/';
    }
    return true;
}

/* The target without slashes at its end, and with links resolved when it exists. */
static bool settle_target(const char *given, char path[PATH_MAX], struct sim_err *err)
{
    size_t length = strlen(given);
    struct stat status;
    const char *last;

    if (length == 0 || length >= PATH_MAX - 64) {
        return sim_err_set(err, SIM_ERR_USAGE, "the name of the result folder is %s",
                           length == 0 ? "empty" : "too long");
    }
    snprintf(path, PATH_MAX, "%s", given);
    while (length > 1 && path[length - 1] == '/') {
        path[--length] = 0;
    }
    last = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    if (last[0] == 0 || is_dot(last)) {
        return sim_err_set(err, SIM_ERR_USAGE, "'%.300s' cannot be a result folder", given);
    }
    if (stat(path, &status) != 0) {
        return true;
    }
    if (!S_ISDIR(status.st_mode)) {
        return sim_err_set(err, SIM_ERR_USAGE, "'%.300s' exists and is not a folder", path);
    }
    if (!is_replaceable(path, err)) {
        return false;
    }
    char *resolved = realpath(path, NULL);
    if (resolved == NULL || strlen(resolved) >= PATH_MAX - 64) {
        free(resolved);
        return sim_err_set(err, SIM_ERR_SYSTEM, "cannot resolve '%.300s'", path);
    }
    snprintf(path, PATH_MAX, "%s", resolved);
    free(resolved);
    return true;
}

static char *copy(const char *text)
{
    char *result = sim_alloc(strlen(text) + 1, 1);

    return strcpy(result, text);
}

static void join(char path[PATH_MAX], const char *folder, const char *name)
{
    snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 64, folder, name);
}

/* Split a target into the folder that it lies in and what its workshops' names begin with. */
static void name_workshop(const char *target, char parent[PATH_MAX], char prefix[160])
{
    const char *slash = strrchr(target, '/');
    const char *name = slash != NULL ? slash + 1 : target;

    snprintf(parent, PATH_MAX, "%s", slash != NULL ? target : ".");
    if (slash != NULL && (size_t)(slash - target) < PATH_MAX) {
        parent[slash == target ? 1 : slash - target] = '\0';
    }
    snprintf(prefix, 160, ".%.100s.partial-", name);
}

/*
 * Make the lock of a workshop, held. It appears under its name only when it is held, so that nobody
 * takes a workshop that is just being made for one that was left. Returns the descriptor or -1.
 */
static int make_lock(const char *workshop)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[PATH_MAX];
    char hidden[PATH_MAX];
    int lock;

    join(path, workshop, lock_name);
    join(hidden, workshop, ".lock");
    lock = open(hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (lock >= 0 && (fcntl(lock, F_SETLK, &whole) != 0 || rename(hidden, path) != 0)) {
        int why = errno;

        close(lock);
        errno = why;
        return -1;
    }
    return lock;
}

/* Whether the workshop belongs to nobody that is alive. Without a lock it is left alone. */
static bool is_left(int parent, const char *name)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    char path[PATH_MAX];
    bool result;
    int lock;

    join(path, name, lock_name);
    lock = openat(parent, path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0) {
        return false;
    }
    result = fcntl(lock, F_SETLK, &whole) == 0;
    close(lock);
    return result;
}

/* Undo an exchange that was cut short: put the old result back at the target. Returns false when it
 * cannot be put there. */
static bool put_back(int parent, const char *name, const char *target)
{
    char old[PATH_MAX];
    char new[PATH_MAX];
    struct stat status;

    join(old, name, old_name);
    join(new, name, new_name);
    return fstatat(parent, old, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
           fstatat(parent, new, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
           (stat(target, &status) != 0 && renameat(parent, old, AT_FDCWD, target) == 0);
}

/*
 * Remove what killed processes left beside the target; a result that one of them was just replacing
 * is put back. Nothing depends on it, so it fails in silence.
 */
static void remove_left(const char *target)
{
    char parent_path[PATH_MAX];
    char prefix[160];
    DIR *entries;

    name_workshop(target, parent_path, prefix);
    entries = opendir(parent_path);
    if (entries == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        int parent = dirfd(entries);

        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 && is_left(parent, entry->d_name) &&
            put_back(parent, entry->d_name, target)) {
            remove_tree(parent, entry->d_name, DEEPEST);
        }
    }
    closedir(entries);
}

static void end(struct study_folder *folder)
{
    remove_tree(AT_FDCWD, folder->workshop, DEEPEST);
    if (folder->lock >= 0) {
        close(folder->lock);
    }
    free(folder->target);
    free(folder->workshop);
    free(folder->aside);
    free(folder);
}

struct study_folder *study_folder_create(const char *given, struct sim_err *err)
{
    char target[PATH_MAX];
    char path[PATH_MAX];
    char workshop[PATH_MAX];
    char prefix[160];
    struct study_folder *folder;

    if (!settle_target(given, target, err) || !make_parents(target, err)) {
        return NULL;
    }
    remove_left(target);
    name_workshop(target, path, prefix);
    snprintf(workshop, sizeof workshop, "%.*s/%sXXXXXX", PATH_MAX - 200, path, prefix);
    if (mkdtemp(workshop) == NULL) {
        sim_err_set_errno(err, errno, "cannot make a folder beside '%.300s'", target);
        return NULL;
    }
    join(path, workshop, new_name);
    folder = sim_alloc(1, sizeof *folder);
    folder->target = copy(target);
    folder->workshop = copy(workshop);
    folder->aside = copy(path);
    folder->lock = make_lock(workshop);
    if (folder->lock < 0 || mkdir(path, 0777) != 0) {
        sim_err_set_errno(err, errno, "cannot write beside '%.300s'", target);
        end(folder);
        return NULL;
    }
    return folder;
}

const char *study_folder_path(const struct study_folder *folder)
{
    return folder->aside;
}

FILE *study_folder_open(struct study_folder *folder, const char *name, struct sim_err *err)
{
    char path[PATH_MAX];
    FILE *file;

    sim_assert(NULL, is_own(name)); /* or the next run would refuse to replace the folder */
    snprintf(path, sizeof path, "%s/%.60s", folder->aside, name);
    file = fopen(path, "w");
    if (file == NULL) {
        sim_err_set_errno(err, errno, "cannot write '%.60s' for '%.300s'", name, folder->target);
    }
    return file;
}

bool study_folder_close(struct study_folder *folder, FILE *file, const char *name,
                        struct sim_err *err)
{
    bool has_failed;
    int why;

    errno = 0;
    has_failed = ferror(file) != 0 || fflush(file) != 0 || fsync(fileno(file)) != 0;
    why = errno;
    if (fclose(file) != 0 && !has_failed) {
        has_failed = true;
        why = errno;
    }
    if (has_failed) {
        return sim_err_set_errno(err, why != 0 ? why : EIO, "cannot write '%.60s' for '%.300s'",
                                 name, folder->target);
    }
    return true;
}

bool study_folder_commit(struct study_folder *folder, struct sim_err *err)
{
    char old[PATH_MAX];
    struct stat status;
    bool is_there = stat(folder->target, &status) == 0;
    int why = 0;

    /* What stands there now may have changed while the run went on. */
    if (is_there && !is_replaceable(folder->target, err)) {
        end(folder);
        return false;
    }
    join(old, folder->workshop, old_name);
    if (is_there && rename(folder->target, old) != 0) {
        why = errno;
    } else if (rename(folder->aside, folder->target) != 0) {
        why = errno;
        if (is_there && rename(old, folder->target) != 0) {
            return sim_err_set_errno(
                err, why, "cannot put the result at '%.300s'; the old one is in '%.300s'",
                folder->target, old); /* keep what cannot be put back */
        }
    }
    if (why != 0) {
        sim_err_set_errno(err, why, "cannot put the result at '%.300s'", folder->target);
    }
    end(folder);
    return why == 0;
}

void study_folder_discard(struct study_folder *folder)
{
    if (folder != NULL) {
        end(folder);
    }
}

void study_folder_default(char *path, size_t size, const char *name)
{
    size_t length;

    snprintf(path, size, "results/%.100s", name[0] != 0 ? name : "scenario");
    length = strlen(path);
    for (size_t i = sizeof "results/" - 1; i < length; i++) {
        char byte = path[i];
        bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                        (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' ||
                        (byte == '.' && i > sizeof "results/" - 1);

        if (!is_plain) {
            path[i] = '-';
        }
    }
}
