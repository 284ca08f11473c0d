#include "scenarios/reader/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/text.h"

/* Read up to `limit` + 1 bytes; the number read, or -1 with errno. */
static ssize_t read_all(int file, char *bytes, size_t limit)
{
    size_t length = 0;
    while (length <= limit) {
        ssize_t count = read(file, bytes + length, limit + 1 - length);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return -1;
        }
        if (count == 0) {
            break;
        }
        length += (size_t)count;
    }
    return (ssize_t)length;
}

char *scn_file_read(struct sim_arena *arena, const char *path, size_t limit, size_t *length,
                    struct sim_err *err)
{
    char *result = NULL;
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        sim_err_set_errno(err, errno, "cannot open '%s'", path);
        return NULL;
    }
    struct stat status;
    if (fstat(file, &status) != 0) {
        sim_err_set_errno(err, errno, "cannot read '%s'", path);
        goto done;
    }
    if (!S_ISREG(status.st_mode)) {
        sim_err_set(err, SIM_ERR_SYSTEM, "'%s' is not a file", path);
        goto done;
    }
    if ((uintmax_t)status.st_size > limit) {
        sim_err_set(err, SIM_ERR_LIMIT, "'%s' has %ju bytes, the limit is %zu", path,
                    (uintmax_t)status.st_size, limit);
        goto done;
    }
    size_t size = (size_t)status.st_size;
    char *bytes = sim_arena_alloc(arena, size + 2, 1);
    ssize_t count = read_all(file, bytes, size);
    if (count < 0) {
        sim_err_set_errno(err, errno, "cannot read '%s'", path);
        goto done;
    }
    /* A file that grew meanwhile is taken as it was. */
    *length = (size_t)count > size ? size : (size_t)count;
    bytes[*length] = '\0';
    result = bytes;
done:
    close(file);
    return result;
}

char *scn_file_read_beside(struct sim_arena *arena, const char *directory, const char *name,
                           struct sim_err *err)
{
    if (!directory) {
        sim_err_set(err, SIM_ERR_INPUT, "a scenario without a file of its own cannot name files");
        return NULL;
    }
    struct sim_text path = {0};
    if (name[0] != '/') {
        sim_text_add(&path, "%s/", directory);
    }
    sim_text_add(&path, "%s", name);
    size_t length = 0;
    char *text = scn_file_read(arena, sim_text_get(&path), SCN_MAX_FILE, &length, err);
    sim_text_finish(&path);
    if (text && strlen(text) != length) {
        sim_err_set(err, SIM_ERR_INPUT, "'%s' is not a text file", name);
        return NULL;
    }
    return text;
}
